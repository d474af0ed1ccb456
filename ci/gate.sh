# shellcheck shell=bash
# Shared by the scripts of the workflows. This file is to be sourced; the sourcing script has set
# `root`.

# An existing perfgate, else the one that ci/perfgate builds.
# shellcheck disable=SC2034  # of the sourcing script
perfgate=${PERFGATE:-$root/ci/perfgate}

# Prints an error that GitHub shows at the job, too. The exit code is 3 (no verdict), never 1, which
# is a regression. The text may be foreign: GitHub unescapes %25 and the like.
no_verdict() {
  local text="${0##*/}: $*"
  text=${text//'%'/%25} text=${text//$'\r'/%0D} text=${text//$'\n'/%0A}
  if [[ ${GITHUB_ACTIONS:-} == true ]]; then echo "::error title=perfgate::$text" >&2; fi
  echo "${0##*/}: $*" >&2
  exit 3
}

# Ids become parts of paths, branch names and artifact names.
require_gpu_id() {
  [[ $1 =~ ^[a-z0-9][a-z0-9-]{0,63}$ ]] ||
    no_verdict "gpu is '$1': expected an id such as h100 (a-z, 0-9, -)"
}

# require_switch NAME VALUE: the value must be true or false, as GitHub's inputs are.
require_switch() {
  [[ $2 == true || $2 == false ]] || no_verdict "$1 is '$2': expected true or false"
}
