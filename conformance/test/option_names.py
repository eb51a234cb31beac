#!/usr/bin/env python3
"""option_names.py FOLDER: each option that the sources name for CLI11 has a name that every version of it takes. Newer ones abort on others."""
import pathlib
import re
import sys

OPTION = re.compile(r"-[A-Za-z]|--[a-z][a-z0-9-]+")
POSITIONAL = re.compile(r"[A-Z]+")

names = [
    (source.name, name)
    for source in sorted(pathlib.Path(sys.argv[1]).rglob("*.cpp"))
    for names in re.findall(r'add_(?:(?:option|flag|argument)\(|(?:texts?|number)\((?:\*\w+|command),)\s*"([^"]*)"', source.read_text())
    for name in names.split(",")
]
if len(names) < 40:
    sys.exit(f"only {len(names)} options were found")
wrong = [f"{source}: no name for an option: {name!r}" for source, name in names
         if not OPTION.fullmatch(name) and not POSITIONAL.fullmatch(name)]
if wrong:
    sys.exit("\n".join(wrong))
print(f"{len(names)} options")
