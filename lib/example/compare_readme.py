#!/usr/bin/env python3
"""compare_readme.py README: fails unless each C++ block of the README is, word for word, the marked region of an example."""
import pathlib
import re
import sys
import textwrap

regions = {"parse.cpp": "parse", "stdio_server.cpp": "embed"}
here = pathlib.Path(__file__).parent
blocks = re.findall(r"```cpp\n(.*?)```", pathlib.Path(sys.argv[1]).read_text(), re.S)
expected = []
for source, marker in regions.items():
    parts = re.split(rf"^ *// \[{marker}\]\n", (here / source).read_text(), flags=re.M)
    if len(parts) != 3:
        sys.exit(f"{source} has no region {marker}")
    expected.append(textwrap.dedent(parts[1]))
for block in expected:
    if block not in blocks:
        sys.exit("the README does not show this region:\n" + block)
for block in blocks:
    if block not in expected:
        sys.exit("the README shows code that no example holds:\n" + block)
print(f"{len(blocks)} blocks compared")
