# shellcheck shell=bash
# To be sourced.

# The tool $1 in version 14, under whichever name; fails when there is none.
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
