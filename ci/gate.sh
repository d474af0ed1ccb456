# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Shared by the scripts of the workflows. This file is to be sourced; the sourcing script has set
# `root`.

# An existing perfgate, else the one that ci/perfgate builds.
# shellcheck disable=SC2034  # of the sourcing script
perfgate=${PERFGATE:-$root/ci/perfgate}

# What may hold a secret in a step of a workflow; as arguments of env.
# shellcheck disable=SC2034  # of the sourcing script
without_secrets=(-u GITHUB_TOKEN -u GH_TOKEN -u GITHUB_ENTERPRISE_TOKEN -u GH_ENTERPRISE_TOKEN
  -u ACTIONS_ID_TOKEN_REQUEST_TOKEN -u ACTIONS_ID_TOKEN_REQUEST_URL -u ACTIONS_RUNTIME_TOKEN)

# Prints an error that GitHub shows at the job, too. The exit code is 3 (no verdict), never 1, which
# is a regression. The text may be foreign: GitHub unescapes %25 and the like, and takes a line that
# begins with :: for a command.
no_verdict() {
  local plain="${0##*/}: $*" text
  text=${plain//'%'/%25} text=${text//$'\r'/%0D} text=${text//$'\n'/%0A}
  plain=${plain//[[:cntrl:]]/ }
  if [[ ${GITHUB_ACTIONS:-} == true ]]; then echo "::error title=perfgate::$text" >&2; fi
  echo "${plain//'##['/'??['}" >&2
  exit 3
}

# Whatever fails without a word of its own is no verdict either.
set -E
trap 'no_verdict "line $LINENO: a command failed (exit code $?)"' ERR

# Ids become parts of paths, branch names and artifact names.
require_gpu_id() {
  [[ $1 =~ ^[a-z0-9][a-z0-9-]{0,63}$ ]] ||
    no_verdict "gpu is '$1': expected an id such as h100 (a-z, 0-9, -)"
}

# require_switch NAME VALUE: the value must be true or false, as GitHub's inputs are.
require_switch() {
  [[ $2 == true || $2 == false ]] || no_verdict "$1 is '$2': expected true or false"
}

# Prints the folder of the baselines in the repository that is the current folder, as perfgate finds
# it: of a user's repository, or of this one.
baselines_here() {
  if [[ -e perfgate.toml ]]; then echo perfgate/baselines; else echo baselines; fi
}

# Prints why a path below a folder that somebody else filled must not be opened; prints nothing for a
# regular file of at most LARGEST bytes that has no other name and lies in folders, not behind links.
#   why_unsafe FOLDER PATH LARGEST
why_unsafe() {
  local at=$1 part parts kind links bytes
  [[ -d $at ]] || { echo "there is no folder $at" && return; }
  IFS=/ read -ra parts <<<"$2"
  for part in "${parts[@]}"; do
    # A link is not followed, so the folder that was asked last is the one that holds this part.
    [[ -d $at && (! -L $at || $at == "$1") ]] || { echo "$at is no folder" && return; }
    at=$at/$part
    [[ -e $at || -L $at ]] || { echo "there is no $at" && return; }
  done
  IFS='|' read -r kind links bytes < <(stat --format '%F|%h|%s' -- "$at")
  if [[ $kind != "regular file" && $kind != "regular empty file" ]]; then
    echo "$at is a $kind, not a regular file"
  elif ((links != 1)); then
    echo "$at has another name (a hard link)"
  elif ((bytes > $3)); then
    echo "$at has $bytes bytes, more than $3"
  fi
}

# copy_foreign FOLDER PATH LARGEST COPY: takes a file that somebody else may have put there; no
# verdict, and nothing of it is printed, when why_unsafe says why not.
copy_foreign() {
  local why
  why=$(why_unsafe "$1" "$2" "$3")
  [[ -z $why ]] || no_verdict "$why"
  dd if="$1/$2" of="$4" iflag=nofollow,nonblock,fullblock,count_bytes count="$3" status=none ||
    no_verdict "cannot copy $1/$2"
}
