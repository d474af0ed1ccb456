# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# This file is to be sourced.

# Prints the name under which version 14 of the tool $1 is installed; fails when there is none.
version_14() {
  local name
  for name in "$1-14" "$1"; do
    if command -v "$name" >/dev/null && "$name" --version | grep -q 'version 14\.'; then
      echo "$name"
      return
    fi
  done
  return 1
}
