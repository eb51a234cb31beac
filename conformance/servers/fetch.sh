#!/usr/bin/env bash
# fetch.sh NAME...: downloads the Debian packages that NAME/packages lists and unpacks them into .roots/NAME, once. Nothing is
# installed or configured, no dependency is followed, no maintainer script runs.
set -euo pipefail
servers=$(cd "$(dirname "$0")" && pwd)
roots=$servers/.roots
mkdir -p "$roots"

# apt as root would download as a user that cannot write here.
download() { apt-get -qq -o APT::Sandbox::User=root download "$@"; }

# The package lists may be missing or too old. Another apt may hold their lock, the network may falter: that passes.
get() {
  download "$@" && return
  for pause in 0 5 20; do
    sleep "$pause"
    apt-get -qq update && download "$@" && return
  done
  return 1
}

for name; do
  [[ -d $roots/$name ]] && continue
  # Two runs may want the same packages at once: the second waits, and finds them.
  exec 9> "$roots/.lock"
  flock 9
  if [[ ! -d $roots/$name ]]; then
    fresh=$roots/$name.new
    rm -rf "$fresh"
    mkdir -p "$fresh/debs" "$fresh/root"
    mapfile -t packages < <(grep -v '^#' "$servers/$name/packages")
    (cd "$fresh/debs" && get "${packages[@]}") >&2
    for deb in "$fresh"/debs/*.deb; do dpkg-deb -x "$deb" "$fresh/root"; done
    mv "$fresh/root" "$roots/$name"
    rm -rf "$fresh"
  fi
  exec 9>&-
done
