# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Functions that the scripts here share. This file is to be sourced from the repository's root.

# Prints why there is no GPU to run on; prints nothing when there is one.
why_no_gpu() {
  if compgen -G '/dev/nvidia[0-9]*' >/dev/null || nvidia-smi -L 2>/dev/null | grep -q '^GPU'; then
    return
  fi
  if [[ -e /proc/driver/nvidia/version ]] || command -v nvidia-smi >/dev/null; then
    echo "an NVIDIA driver, but no GPU"
  else
    echo "no NVIDIA driver"
  fi
}

# Prints the name of the variable by which a CI system shows itself; prints nothing outside of one.
ci_mark() {
  local name
  for name in CI GITHUB_ACTIONS TF_BUILD TEAMCITY_VERSION CODEBUILD_BUILD_ID JENKINS_URL; do
    if [[ -n ${!name:-} ]]; then echo "$name" && return; fi
  done
}

# Whether build/PRESET is fully configured, at this path and with the generator of the presets.
is_configured() {
  local tree=build/$1 home
  [[ -e $tree/CMakeCache.txt && -e $tree/build.ninja ]] || return 1
  grep -qx 'CMAKE_GENERATOR:INTERNAL=Ninja' "$tree/CMakeCache.txt" || return 1
  home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$tree/CMakeCache.txt")
  [[ -n $home && $home -ef . ]]
}

# Several files are compiled as one: half of the time where all files are new, and then precompiled
# headers save nothing more.
# shellcheck disable=SC2034  # for who sources this
fast=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON)

# configure PRESET [CMAKE ARGUMENTS]: uses ccache if present. A build folder that was moved here, or
# that another generator configured, is created again.
configure() {
  local arguments=(--preset "$1" "${@:2}")
  is_configured "$1" || arguments+=(--fresh)
  local environment=()
  if command -v ccache >/dev/null; then
    environment=(CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_CUDA_COMPILER_LAUNCHER=ccache)
  fi
  env "${environment[@]}" cmake "${arguments[@]}"
}

# Prints the nvcc that CMake will take; fails when there is none.
find_nvcc() {
  local nvcc=/usr/local/cuda/bin/nvcc
  if [[ -n ${CUDACXX:-} ]]; then
    echo "$CUDACXX"
  elif [[ -x $nvcc ]]; then
    echo "$nvcc"
  else
    command -v nvcc
  fi
}

# Prints why perfgate-runner cannot be built here; prints nothing when it can.
why_no_cuda() {
  local nvcc release
  nvcc=$(find_nvcc) || { echo "no CUDA toolkit" && return; }
  release=$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
  if [[ $(printf '%s\n' 12.8 "$release" | sort -V | head -n 1) != 12.8 ]]; then
    echo "CUDA toolkit ${release:-of an unknown version}, 12.8 is needed"
  fi
}
