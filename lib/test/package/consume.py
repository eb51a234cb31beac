#!/usr/bin/env python3
"""consume.py SOURCE BUILD COMPILER: uses the library as strangers do (installed, with pkg-config, as a subdirectory), in fresh folders."""
import os
import pathlib
import subprocess
import sys
import tempfile

source, build, compiler = sys.argv[1:]
here = pathlib.Path(__file__).parent


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    prefix = folder / "prefix"
    run("cmake", "--install", build, "--prefix", prefix)

    def consume(kind, *options):
        out = folder / f"{kind}{len(options)}"
        run("cmake", "-G", "Ninja", "-S", here / kind, "-B", out, f"-DCMAKE_CXX_COMPILER={compiler}", *options)
        run("cmake", "--build", out)
        run(out / "consumer")
        print(kind, *options, "ok")

    consume("find_package", f"-DCMAKE_PREFIX_PATH={prefix}")
    consume("find_package", f"-DCMAKE_PREFIX_PATH={prefix}", "-DWITH_GRAMMAR=ON")
    consume("add_subdirectory", f"-DPOSTEL_SOURCE={source}")

    pkgconfig = next(prefix.rglob("postel.pc")).parent
    flags = run("pkg-config", "--define-variable=prefix=" + str(prefix), "--cflags", "--libs", "postel",
                env=os.environ | {"PKG_CONFIG_PATH": str(pkgconfig)}).split()
    run(compiler, "-std=c++20", here / "consumer.cpp", *flags, "-o", folder / "consumer")
    run(folder / "consumer")
    print("pkg-config ok")
