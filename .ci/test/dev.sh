#!/usr/bin/env bash
# What ./dev says and does where packages are missing, tried with a PATH of stand-ins: it must name them all, and what it is about.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
cp "$source/dev" "$place/dev"
mkdir -p "$place/bin" "$place/build/release/conformance"
for program in bash env dirname sed sort comm cat; do ln -s "$(type -P "$program")" "$place/bin/$program"; done
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"$1" && chmod 755 "$1"; }

# run COMMAND...: ./dev as somebody who is not root. Leaves status, out and err.
somebody=()
[[ $EUID -ne 0 ]] || somebody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
run() {
  status=0
  out=$("${somebody[@]}" env -i PATH="$place/bin" "$place/bin/bash" "$place/dev" "$@" 2>"$place/err") || status=$?
  err=$(<"$place/err")
}
says() { [[ $1 = *"$2"* ]] || { printf 'it should say: %s\nit says (%s): %s\n' "$2" "$status" "$1" >&2; exit 1; }; }

# Without apt.
run check
says "$status" 69
says "$err" 'there is no apt-get'
for package in g++ cmake tao-pegtl-dev libcli11-dev; do says "$err" "$package"; done
[[ -z $out ]]

# With it, but neither root nor sudo.
stand_in "$place/bin/apt-get" 'exit 99'
for command in check test fuzz lint 'bare trixie'; do
  # shellcheck disable=SC2086
  run $command
  says "$status" 69
  says "$err" 'there is no sudo. As root:'
  says "$err" 'apt-get install --no-install-recommends '
done
run test
for package in tao-pegtl-dev clang-19 swaks; do says "$err" "$package"; done

# With sudo: all of it, and a line for each phase though no terminal is there.
stand_in "$place/bin/sudo" 'echo "$@" >&2; exec "$@"'
stand_in "$place/bin/apt-get" 'exit 0'
stand_in "$place/bin/cmake" 'exit 0'
stand_in "$place/build/release/conformance/postel" 'echo "report $*"'
run check mx.example
says "$status" 0
says "$err" 'apt-get -qq install -y --no-install-recommends '
for phase in 'installing: ' 'configuring release' 'building release: postel_tool' 'checking mx.example'; do says "$err" "== $phase"; done
[[ $out = 'report check mx.example' ]]

# One that fails ends it, and is heard.
# shellcheck disable=SC2016
stand_in "$place/bin/cmake" 'case $1 in --build) echo "no such luck"; exit 1;; esac'
run check
[[ $status -eq 1 ]]
says "$err" 'no such luck'
echo 'dev ok'
