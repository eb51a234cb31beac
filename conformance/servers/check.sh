#!/usr/bin/env bash
# check.sh POSTEL NAME [OPTION...]: starts the server NAME, plays the cases against it, compares the verdicts with NAME/expected and, if
# there is one, NAME/expected.RELEASE, and ends the server. The exit code is that of POSTEL; 77 where the recipe cannot run for lack of root.
set -euo pipefail
servers=$(cd "$(dirname "$0")" && pwd)
postel=$(realpath "${1:?usage: check.sh POSTEL NAME}")
name=${2:?usage: check.sh POSTEL NAME}

# What is peculiar to the server.
export POSTEL_PASSWORD=secret # in every recipe, and in no list of processes
needs_root='' rcpt='' unknown='' foreign='' options=()
# shellcheck source=/dev/null
. "$servers/$name/target"
if [[ $needs_root && $(id -u) != 0 ]]; then
  echo "skipped: the recipe of $name switches users and needs root" >&2
  exit 77
fi

# The packages come from the network, and the rest does without: where the system permits it, everything runs in a network of its
# own with nothing but a loopback interface, so that no mail can leave and no port is taken; and among processes of its own, so that
# none outlives this script, however it ends.
if [[ -z ${POSTEL_ALONE:-} ]]; then
  "$servers/fetch.sh" "$name"
  alone=(unshare --net --pid --fork --kill-child --mount-proc)
  if "${alone[@]}" true 2> /dev/null; then
    POSTEL_ALONE=yes exec "${alone[@]}" "$0" "$@"
  fi
else
  ip link set lo up
fi
shift 2

POSTEL_RUN=$(mktemp -d "${TMPDIR:-/tmp}/postel-run.XXXXXX")
export POSTEL_RUN
port=
trap '[[ -z $port ]] || "$servers/$name/stop.sh" "$port"; rm -rf "$POSTEL_RUN"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# And what the server of this Debian release does otherwise.
expected=(--expect "$servers/$name/expected")
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
[[ ! -f $servers/$name/expected.$release ]] || expected+=(--expect "$servers/$name/expected.$release")

# A port may be taken by somebody else: then the server does not start, and another is tried.
for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 10000))
  if "$servers/$name/start.sh" "$port"; then
    "$postel" check "127.0.0.1:$port" --rcpt "$rcpt" --unknown "$unknown" --foreign "$foreign" "${options[@]}" \
      "${expected[@]}" "$@"
    exit
  fi
done
echo "$name could not be started" >&2
exit 1
