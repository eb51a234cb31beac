#!/usr/bin/env bash
# compare.sh FOLDER ARGUMENT...: oracle.mjs with ARGUMENTs and the apg-js that package.json names, which is fetched into FOLDER once.
# Without node, or with another package than expected, it fails: what was not compared has not passed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
command -v node >/dev/null || { echo "compare.sh: no node (Debian: nodejs)" >&2; exit 1; }
package=$(python3 "$here/fetch.py" "$1")
shift
exec node "$here/oracle.mjs" --apg "$package" "$@"
