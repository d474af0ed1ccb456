# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A newcomer's machine in $work, for the tests that play one: the programs in place of a GPU measure a
# scripted program. To be sourced, with $build and $work set.
set -euo pipefail
: "${build:?}" "${work:?}"

fail() {
  echo "FAIL  $*" >&2
  exit 1
}

# make_tarball: prints its path.
make_tarball() {
  cpack --config "$build/CPackConfig.cmake" -G TGZ -B "$work/package" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  echo "$work"/package/perfgate-*.tar.gz
}

# add_fakes PREFIX: the component cuda of an installation is scripted.
add_fakes() {
  mkdir -p "$1/lib/perfgate"
  cp "$build/bin/fake-runner" "$1/bin/perfgate-runner"
  cp "$build/bin/fake-program" "$1/lib/perfgate/libperfgate-inject.so"
}

# A user without settings, on a machine with one H200.
use_machine() {
  unset CI GITHUB_ACTIONS GITHUB_SHA GITHUB_EVENT_PATH PERFGATE_CONFIG CUDA_VISIBLE_DEVICES
  mkdir "$work/state"
  export PERFGATE_STATE_DIR=$work/state PERFGATE_FAKE_RUNNER_STATE=$work/state/runner
  export PERFGATE_NVML=$build/tests/libfake-nvml.so FAKE_NVML_GPUS='NVIDIA H200|GPU-aaaa'
  export FAKE_PROGRAM=$build/bin/fake-program HOME=$work GIT_CONFIG_NOSYSTEM=1
  git config --global user.name acme
  git config --global user.email acme@localhost
}

# make_repository FOLDER: a repository of theirs, with a subfolder and a benchmark.
make_repository() {
  git init -q -b main "$1"
  (
    cd "$1"
    mkdir -p src/attention bench
    touch src/attention/decode.cu
    cat >bench/bench_decode <<'PROGRAM'
#!/bin/sh
# torch.cuda.nvtx.range_push(f"my_decode_{step}_5")
exec "$FAKE_PROGRAM" "slow:$(cat bench/factor)"
PROGRAM
    chmod +x bench/bench_decode
    echo 1 >bench/factor
    git add -A && git commit -qm 'Their kernels'
  )
}
