#!/usr/bin/env python3
"""consume.py SOURCE BUILD COMPILER: uses the library as strangers do (installed, with pkg-config, as a subdirectory), in fresh folders."""
import pathlib
import subprocess
import sys
import tempfile

from strangers import check, configure, flags, run

source, build, compiler = sys.argv[1:]
here = pathlib.Path(__file__).parent

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    prefix = folder / "prefix"
    run("cmake", "--install", build, "--prefix", prefix)

    def consume(kind, *options):
        out = folder / f"{kind}{len(options)}"
        configure(here / kind, out, compiler, *options)
        run("cmake", "--build", out)
        run(out / "consumer")
        print(kind, *options, "ok")
        return out

    consume("find_package", f"-DCMAKE_PREFIX_PATH={prefix}")
    consume("find_package", f"-DCMAKE_PREFIX_PATH={prefix}", "-DWITH_GRAMMAR=ON")
    embedded = consume("add_subdirectory", f"-DPOSTEL_SOURCE={source}")
    run("cmake", "--install", embedded, "--prefix", folder / "theirs")
    check("what a project that embeds this one installs", [*(folder / "theirs").rglob("*")], [])

    # The package may be moved behind the back of all who configured it.
    for moved in (prefix, folder / "moved"):
        prefix.rename(moved)
        prefix = moved
        words = flags(prefix)
        for word in words:
            if word[:2] in ("-I", "-L") and not pathlib.Path(word[2:]).resolve().is_relative_to(prefix.resolve()):
                sys.exit(f"postel.pc in {prefix} points at {word}")
        run(compiler, "-std=c++20", here / "consumer.cpp", *words, "-o", folder / "consumer")
        run(folder / "consumer")
    print("pkg-config ok")

    # The tool finds its cases there too. Without them it says what to do; and it knows nothing of where it was built.
    tool = next(prefix.rglob("bin/postel"))
    check("cases found", "rfc5321/" in run(tool, "check", "--list"), True)
    next(prefix.rglob("postel/cases")).rename(folder / "cases")
    for arguments in (["check", "--list"], ["check", "--list", "--client", "true"]):
        lost = subprocess.run([tool, *arguments], capture_output=True, text=True)
        check("exit status without cases", lost.returncode, 64)
        check("remedy in " + lost.stderr, "--cases DIR" in lost.stderr, True)
    check("--cases", "rfc5321/" in run(tool, "check", "--list", "--cases", folder / "cases"), True)
    for place in (source, build):
        check(f"{place} in the tool", str(place).encode() in tool.read_bytes(), False)
    print("tool ok")
