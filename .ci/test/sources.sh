#!/usr/bin/env bash
# That sources.py says of another release what apt's sources say of this one, in both formats, and leaves out what is not of it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cat >"$place/one.list" <<'TEXT'
# deb http://commented.example/debian bookworm main
deb [arch=amd64,i386 signed-by=/keys/one.gpg] https://mirror.example/debian bookworm main contrib # why
deb-src https://mirror.example/debian bookworm main
deb http://security.example/debian stable-security main
deb http://third.example/packages nodistro main
deb http://third.example/packages bookwormish main
deb cdrom:[Disk]/ bookworm main
TEXT
cat >"$place/two.sources" <<'TEXT'
Types: deb deb-src
# a comment
URIs: http://two.example/debian
Suites: bookworm-updates other bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://third.example/packages
Suites: nodistro
Components: main
TEXT
cat >"$place/wanted" <<'TEXT'
Types: deb
URIs: https://mirror.example/debian
Suites: trixie
Components: main contrib
Architectures: amd64 i386
Signed-By: /keys/one.gpg

Types: deb
URIs: http://two.example/debian
Suites: trixie-updates trixie
Components: main
Signed-By: 
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://security.example/debian
Suites: trixie-security
Components: main
TEXT
"$here/../sources.py" bookworm trixie "$place/one.list" "$place/no-such-file" "$place/two.sources" >"$place/is"
diff "$place/wanted" "$place/is"
[[ $("$here/../sources.py" --first URIs <"$place/is") = https://mirror.example/debian ]]
[[ $("$here/../sources.py" --first Signed-By <"$place/is") = /keys/one.gpg ]]

# Sources of another release say nothing of this one.
printf 'deb http://mirror.example/debian sid main\n' >"$place/sid.list"
if "$here/../sources.py" bookworm trixie "$place/sid.list"; then exit 1; fi
echo 'sources ok'
