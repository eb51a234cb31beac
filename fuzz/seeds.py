#!/usr/bin/env python3
"""What the client says in each conformance case, as a file of corpus/server.

fuzz/seeds.py           writes corpus/server/case-*.bin anew
fuzz/seeds.py --check   fails if that would change a file
"""

import base64
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "conformance" / "cases"
SEEDS = ROOT / "corpus" / "server"

# Repetitions are cut short: a fuzzer wants small inputs, and one octet over a limit is as good as a million.
LONGEST_REPETITION = 1100

VARIABLES = {
    "client": b"client.example",
    "sender": b"ann@client.example",
    "rcpt": b"Postmaster",
    "rcpt_local": b"Postmaster",
    "rcpt_domain": b"mx.example",
    "unknown": b"nobody@mx.example",
    "foreign": b"bob@elsewhere.example",
    "size": b"33554432",
    "hello": b"EHLO",
    "user": b"user",
    "password": b"secret",
    "hold_for": b"86400",
}

PRELUDE = re.compile(r"prelude (\S+)\s+(\S+)")
USE = re.compile(r"\s*use (\S+)")
HEADER = re.compile(r"== (\S+)\s+\S+\s+(\S+)")
STEP = re.compile(r"\s*C(!?)(?:/\d+)?: ?(.*)")
ESCAPES = {"r": b"\r", "n": b"\n", "0": b"\0", "t": b"\t", "s": b" ", "\\": b"\\", "{": b"{", "}": b"}"}


def unescape(text):
    """The octets that text stands for, and whether each octet is literal (not an unescaped brace)."""
    octets = bytearray()
    at = 0
    while at < len(text):
        if text[at] != "\\":
            octets += text[at].encode()
            at += 1
        elif text[at + 1] == "x":
            octets.append(int(text[at + 2 : at + 4], 16))
            at += 4
        else:
            octets += ESCAPES[text[at + 1]]
            at += 2
    return bytes(octets)


# Text without braces; {base64:...}, in which variables may stand; {variable} or {repetition*N}.
ITEM = re.compile(r"((?:[^\\{]|\\.)+)|\{base64:((?:[^\\{}]|\\.|\{\w+\})*)\}|\{((?:[^\\}]|\\.)*)\}")


def expand(text):
    """The octets of a step: escapes, {variables}, {base64:...} and {repetitions*N}."""
    octets = bytearray()
    for item in ITEM.finditer(text):
        plain, encoded, inside = item.groups()
        if plain is not None:
            octets += unescape(plain)
        elif encoded is not None:
            octets += base64.b64encode(expand(encoded))
        elif inside in VARIABLES:
            octets += VARIABLES[inside]
        else:
            repeated, times = inside.rsplit("*", 1)
            once = unescape(repeated)
            octets += once * min(int(times), max(1, LONGEST_REPETITION // len(once)))
    return bytes(octets)


def preludes():
    """The lines of each prelude for servers, with those that it uses."""
    made = {}
    name = None
    for line in (CASES / "preludes").read_text(encoding="utf-8").splitlines():
        if header := PRELUDE.match(line):
            name = header[1] if header[2] == "server" else None
            if name:
                made[name] = []
        elif name and (used := USE.match(line)):
            made[name] += made[used[1]]
        elif name:
            made[name].append(line)
    return made


def seeds():
    """The seeds of all cases: file name to octets."""
    made = {}
    known = preludes()
    for file in sorted(CASES.rglob("*.case")):
        name = None
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if header := HEADER.match(line):
                identity, role = header.groups()
                name = "case-" + identity.replace("/", "-") + ".bin"
                VARIABLES["hello"] = b"LHLO" if role == "lmtp" else b"EHLO"
                continue
            try:
                used = USE.match(line)
                for step in map(STEP.match, known[used[1]] if used else [line]):
                    if not step:
                        continue
                    bare, text = step.groups()
                    made[name] = made.get(name, b"") + expand(text) + (b"" if bare else b"\r\n")
            except (KeyError, ValueError, IndexError) as error:
                sys.exit(f"{file}:{number}: not understood: {error!r}")
    if not made:
        sys.exit(f"no cases in {CASES}")
    return made


def main():
    made = seeds()
    there = {file.name: file.read_bytes() for file in SEEDS.glob("case-*.bin")}
    if sys.argv[1:] == ["--check"]:
        stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
        for name in stale:
            print(f"corpus/server/{name} is not what its case says: run fuzz/seeds.py")
        sys.exit(1 if stale else 0)
    for name in there.keys() - made.keys():
        (SEEDS / name).unlink()
    for name, octets in made.items():
        (SEEDS / name).write_bytes(octets)
    print(f"{len(made)} seeds")


main()
