#!/usr/bin/env python3
"""variants.py SOURCE COMPILER: what distributors choose: a shared library, places of their own, the tool without tests."""
import os
import pathlib
import re
import sys
import tempfile

from strangers import check, configure, flags, run

source, compiler = sys.argv[1:]
here = pathlib.Path(__file__).parent

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)

    # Nothing said: the library and the tool, optimised. Neither GoogleTest nor Python is looked for.
    out = folder / "plain"
    configure(source, out, compiler)
    cache = (out / "CMakeCache.txt").read_text()
    check("build type", re.search(r"CMAKE_BUILD_TYPE:\w+=(\w*)", cache)[1], "Release")
    for name in ("GTest", "Python3"):
        check(f"{name} is looked for", name in cache, False)
    targets = run("cmake", "--build", out, "--target", "help")
    check("the tool is built", "postel_tool:" in targets, True)
    check("tests are built", "lib_test" in targets, False)
    configure(source, out, compiler, "-DPOSTEL_TOOL=OFF")
    check("the tool is built", "postel_tool:" in run("cmake", "--build", out, "--target", "help"), False)

    # A shared library, in a place of its own that is absolute.
    out, prefix, libraries = folder / "shared", folder / "prefix", folder / "libraries"
    configure(source, out, compiler, "-DBUILD_SHARED_LIBS=ON", "-DPOSTEL_TOOL=OFF", f"-DCMAKE_INSTALL_LIBDIR={libraries}")
    run("cmake", "--build", out)
    run("cmake", "--install", out, "--prefix", prefix)
    words = flags(libraries)
    check("folders of postel.pc", [word for word in words if word[:2] in ("-I", "-L")], [f"-I{prefix}/include", f"-L{libraries}"])
    library = libraries / "libpostel.so"
    version = re.search(r"project\(postel VERSION (\d+\.\d+)", (pathlib.Path(source) / "CMakeLists.txt").read_text())[1]
    check("soname", re.search(r"SONAME\s+(\S+)", run("objdump", "-p", library))[1], f"libpostel.so.{version}")
    # What leaves it: what the headers declare, each of which says so of its namespace, and no rule, no instance of PEGTL's templates.
    for header in sorted((pathlib.Path(source) / "lib/include/postel").glob("*.hpp")):
        opened = re.findall(r"(?m)^namespace (.*)postel\b.*\{$", header.read_text())
        # postel.hpp declares nothing itself.
        check(f"namespaces of {header.name}", set(opened), {'[[gnu::visibility("default")]] '} if header.name != "postel.hpp" else set())
    symbols = [line.split(maxsplit=2)[2] for line in run("nm", "-DC", "--defined-only", library).splitlines()]
    unduly = [name for name in symbols if re.search(r"tao::|pegtl|postel::grammar|\(anonymous namespace\)|^postel::detail", name)]
    check("what leaves the library unduly", unduly, [])
    own = [name for name in symbols if name.startswith("postel::")]
    check("what leaves the library", "postel::parse_command" in " ".join(own) and len(own) > 50, True)
    run(compiler, "-std=c++20", here / "consumer.cpp", *words, "-o", folder / "consumer")
    run(folder / "consumer", env=os.environ | {"LD_LIBRARY_PATH": str(libraries)})
    print(f"{len(symbols)} symbols, {len(own)} of them in namespace postel")
