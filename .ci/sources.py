#!/usr/bin/env python3
"""sources.py FROM TO FILE...: what apt's sources (both formats) say of the Debian release FROM, said of the release TO, as deb822.
sources.py --first FIELD: the first word of the field's first value in deb822 on standard input.

What is not of that release, such as the packages of third parties, is left out. Exits with 1 if nothing is left.
"""
import os
import re
import sys

ALIASES = ("stable", "oldstable", "testing")
OPTION_NAMES = {"arch": "Architectures", "lang": "Languages", "target": "Targets", "pdiffs": "PDiffs"}
ONE_LINE = re.compile(r"(deb)\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)")


def of_lines(text):
    """The format of sources.list."""
    for line in text.splitlines():
        found = ONE_LINE.fullmatch(line.split("#")[0].strip())
        if found:
            kind, options, uri, suite, components = found.groups()
            yield {"Types": kind, "URIs": uri, "Suites": suite, "Components": components} | {
                OPTION_NAMES.get(name, "-".join(word.capitalize() for word in name.split("-"))): value.replace(",", " ")
                for name, value in (option.split("=", 1) for option in (options or "").split())}


def of_stanzas(text):
    """The format of *.sources: fields, whose continuation lines (a key may stand there) begin with a blank; a value keeps them."""
    for stanza in re.split(r"\n\s*\n", text):
        fields, name = {}, None
        for line in stanza.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in " \t":
                fields[name] += "\n" + line
            else:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
        if "deb" in fields.get("Types", "").split() and fields.get("Enabled", "yes").lower() not in ("no", "false", "0"):
            yield fields | {"Types": "deb"}


def adapted(entries, old, new):
    """Those of the release, with the new name in the place of the old one."""
    release = re.compile(rf"(?:{'|'.join(map(re.escape, (old, *ALIASES)))})((?:-\S+|/\S+)?)")
    for fields in entries:
        suites = [found for found in map(release.fullmatch, fields.get("Suites", "").split()) if found]
        uris = [uri for uri in fields.get("URIs", "").split() if not uri.startswith("cdrom:")]
        if suites and uris:
            yield fields | {"URIs": " ".join(uris), "Suites": " ".join(new + found[1] for found in suites)}


if sys.argv[1] == "--first":
    found = re.search(rf"(?m)^{sys.argv[2]}: *(\S+)", sys.stdin.read())
    sys.exit(print(found[1]) if found else None)

old, new, *files = sys.argv[1:]
entries = []
for file in filter(os.path.exists, files): # apt has not all of them everywhere, and a pattern may match none
    with open(file, encoding="utf-8") as source:
        entries += (of_stanzas if file.endswith(".sources") else of_lines)(source.read())
stanzas = list(adapted(entries, old, new))
# Updates and security fixes need a release below them: that comes first.
stanzas.sort(key=lambda fields: new not in fields["Suites"].split())
if not stanzas:
    sys.exit(1)
print("\n\n".join("\n".join(f"{name}: {value}" for name, value in fields.items()) for fields in stanzas))
