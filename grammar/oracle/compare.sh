#!/usr/bin/env bash
# compare.sh FOLDER ARGUMENT...: oracle.mjs with ARGUMENTs and the apg-js that package.json names, which is fetched into FOLDER once.
# Without node, without npm to fetch it, or with another package than expected, it fails: what was not compared has not passed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift

for program in node npm; do
  command -v $program >/dev/null || { echo "compare.sh: no $program (Debian: nodejs, npm)" >&2; exit 1; }
done
named() { node -p "require('$here/package.json').$1['apg-js']"; }
version=$(named dependencies)
package=$folder/apg-js-$version

# Two runs may want it at once: the second waits, and finds it.
exec 9>"$folder/.lock"
flock 9
if [[ ! -d $package ]]; then
  fresh=$(mktemp -d "$folder/fetch.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  (cd "$fresh" && npm pack --silent --cache "$fresh/cache" "apg-js@$version" >/dev/null)
  tarball=("$fresh"/*.tgz)
  found=sha512-$(node -p "crypto.createHash('sha512').update(fs.readFileSync('${tarball[0]}')).digest('base64')")
  if [[ $found != "$(named integrity)" ]]; then
    echo "compare.sh: apg-js $version is not the package that package.json names: $found" >&2
    exit 1
  fi
  tar -xzf "${tarball[0]}" -C "$fresh"
  mv "$fresh/package" "$package"
  rm -rf "$fresh"
fi
exec 9>&-

exec node "$here/oracle.mjs" --apg "$package" "$@"
