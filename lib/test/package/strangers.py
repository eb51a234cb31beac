"""What the tests of the package share: commands that must succeed, and pkg-config asked of one folder."""
import os
import shutil
import subprocess
import sys


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}:\n  is     {got!r}\n  wanted {wanted!r}")


def flags(folder):
    """What pkg-config says of the postel.pc below folder, and of no other, with nothing redefined."""
    found = next(folder.rglob("postel.pc")).parent
    environment = os.environ | {"PKG_CONFIG_LIBDIR": str(found), "PKG_CONFIG_PATH": ""}
    return run("pkg-config", "--cflags", "--libs", "postel", env=environment).split()


def configure(source, out, compiler, *options):
    launcher = [f"-DCMAKE_CXX_COMPILER_LAUNCHER={cache}"] if (cache := shutil.which("ccache")) else []
    run("cmake", "-G", "Ninja", "-S", source, "-B", out, f"-DCMAKE_CXX_COMPILER={compiler}", *launcher, *options)
