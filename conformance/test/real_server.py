"""A real server for the tests of `postel send`: a recipe of conformance/servers, copied, and changed so that it keeps its mail."""
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "servers"))
from alone import go_alone


def run(main, recipes, server, needs_root):
    """Calls main with a folder of its own that goes with it."""
    go_alone(os.path.realpath(recipes), server, needs_root)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        main(folder)


class RealServer:
    """Runs until stop(). port: its own; work: the folder that the recipe has for it.

    changes: of recipes, by name: for each file the texts to replace, each of which stands there once.
    """

    def __init__(self, folder, recipes, server, changes):
        self.server = server
        self.recipes = copied(folder, os.path.realpath(recipes), changes)
        os.environ["POSTEL_RUN"] = os.path.join(folder, "run")
        for _ in range(5):
            self.port = random.randrange(20000, 30000)
            if subprocess.run([f"{self.recipes}/{server}/start.sh", str(self.port)]).returncode == 0:
                with open(f"{folder}/run/{server}-{self.port}") as state:
                    self.work = state.read().split()[1]
                return
        sys.exit(f"{server} could not be started")

    def stop(self):
        subprocess.run([f"{self.recipes}/{self.server}/stop.sh", str(self.port)], check=True)

    def send(self, postel, *texts, options=(), to=("ann@example.org",), environment=None):
        """The exit status of `postel send`, and all that it printed."""
        names = [f"{self.work}/message{i}" for i in range(len(texts))]
        for name, text in zip(names, texts):
            with open(name, "wb") as file:
                file.write(text)
        command = [postel, "send", "--from", "eve@client.example", *options]
        for each in to:
            command += ["--to", each]
        done = subprocess.run([*command, f"localhost:{self.port}", *names], capture_output=True, timeout=300,
                              env={**os.environ, **(environment or {})})
        return done.returncode, done.stdout.decode() + done.stderr.decode()


def copied(folder, own, changes):
    """The recipes with the changes; the packages are shared."""
    recipes = os.path.join(folder, "servers")
    os.makedirs(os.path.join(own, ".roots"), exist_ok=True)
    shutil.copytree(own, recipes, ignore=shutil.ignore_patterns(".roots"))
    os.symlink(os.path.join(own, ".roots"), os.path.join(recipes, ".roots"))
    for name, files in changes.items():
        for file, replaced in files.items():
            path = os.path.join(recipes, name, file)
            with open(path) as source:
                text = source.read()
            for old, new in replaced:
                assert text.count(old) == 1, f"{path} has changed: {old!r}"
                text = text.replace(old, new)
            with open(path, "w") as target:
                target.write(text)
    return recipes
