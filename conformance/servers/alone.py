"""Where a test in Python runs a recipe, as check.sh does: its packages fetched, and no mail able to leave."""
import os
import subprocess
import sys

CANNOT_RUN_HERE = 77  # ctest: skipped


def go_alone(recipes, server, needs_root):
    """Fetches the packages of a recipe. Then, where the system permits it, starts the program again in a network of its own with nothing but
    a loopback interface, among processes that end with it. Ends with CANNOT_RUN_HERE where the recipe needs root and this is not root."""
    if needs_root and os.geteuid() != 0:
        print(f"skipped: the recipe of {server} switches users and needs root")
        sys.exit(CANNOT_RUN_HERE)
    if "POSTEL_ALONE" in os.environ:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    subprocess.run([os.path.join(recipes, "fetch.sh"), server], check=True)
    alone = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*alone, "true"], stderr=subprocess.DEVNULL).returncode == 0:
        os.environ["POSTEL_ALONE"] = "yes"
        os.execvp(alone[0], [*alone, sys.executable, "-B", *sys.argv])
