# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests that are scripts share. To be sourced.

# skip WHY: ends a test that can't run here. CMake knows the exit code as SKIP_RETURN_CODE, and
# tests/summary shows the reason.
skip() {
  echo "skipped: $*"
  exit 77
}
