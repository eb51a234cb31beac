#!/usr/bin/env python3
"""send_prdr.py POSTEL RECIPES: `postel send --prdr` to a real Exim that takes a message for one recipient and not for the others. 77 without
root. The recipe of conformance/servers is copied; it then offers PRDR, has three mailboxes, and keeps its mail."""
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

POSTEL, RECIPES = sys.argv[1:3]
OWN = os.path.realpath(RECIPES)
CHANGES = [
    ("acl_smtp_rcpt = recipient\n", "acl_smtp_rcpt = recipient\nprdr_enable = true\nacl_smtp_data_prdr = content\n"),
    ("  accept domains = example.org\n         local_parts = ann\n", "  accept domains = example.org\n         local_parts = ann : bob : carl\n"),
    ("begin routers\n", "content:\n  deny local_parts = bob\n       message = not for Bob\n  defer local_parts = carl\n        message = not now\n"
     "  accept\n\nbegin routers\n"),
    ("  local_parts = ann : postmaster\n", "  local_parts = ann : bob : carl : postmaster\n"),
    ("  file = /dev/null\n", "  directory = @WORK@/mail/$local_part_data\n  maildir_format\n"),
]
failures = 0


def check(what, got, expected):
    global failures
    if got != expected:
        failures += 1
        print(f"{what}:\n  got      {got!r:.500}\n  expected {expected!r:.500}")


def copied(folder):
    recipes = os.path.join(folder, "servers")
    os.makedirs(os.path.join(OWN, ".roots"), exist_ok=True)
    shutil.copytree(OWN, recipes, ignore=shutil.ignore_patterns(".roots"))
    os.symlink(os.path.join(OWN, ".roots"), os.path.join(recipes, ".roots"))
    path = os.path.join(recipes, "exim", "exim.conf")
    with open(path) as source:
        text = source.read()
    for old, new in CHANGES:
        assert text.count(old) == 1, f"{path} has changed: {old!r}"
        text = text.replace(old, new)
    with open(path, "w") as target:
        target.write(text)
    return recipes


def main(folder):
    recipes = copied(folder)
    os.environ["POSTEL_RUN"] = os.path.join(folder, "run")
    for _ in range(5):
        port = random.randrange(20000, 30000)
        if subprocess.run([f"{recipes}/exim/start.sh", str(port)]).returncode == 0:
            break
    else:
        sys.exit("Exim could not be started")
    with open(f"{folder}/run/exim-{port}") as state:
        work = state.read().split()[1]
    with open(f"{work}/message", "wb") as file:
        file.write(b"Subject: the test\r\n\r\ntext\r\n")

    def send(to, *options):
        """How each recipient fared, and what was said."""
        command = [POSTEL, "send", "--from", "eve@client.example", "--tls", "none", "--transcript", *options]
        for each in to:
            command += ["--to", f"{each}@example.org"]
        done = subprocess.run([*command, f"localhost:{port}", f"{work}/message"], capture_output=True, timeout=300)
        said = done.stdout.decode() + done.stderr.decode()
        fates = {line.split("@")[0]: line.split(": ")[1].split(" ")[0] for line in done.stdout.decode().splitlines() if "@example.org: " in line}
        return fates, said

    def kept(count):
        """Who has got mail, as soon as so many have, and a moment later."""
        found = []
        for attempt in range(1200):
            time.sleep(0.05)
            found = [who for who in ("ann", "bob", "carl") if os.path.isdir(f"{work}/mail/{who}/new") for _ in os.listdir(f"{work}/mail/{who}/new")]
            if len(found) >= count:
                break
        time.sleep(0.5)
        shutil.rmtree(f"{work}/mail", ignore_errors=True)
        return found

    try:
        for chunking in ((), ("--no-chunking",)):
            fates, said = send(["bob", "ann", "carl"], "--prdr", *chunking)
            check("mixed", fates, {"bob": "refused", "ann": "delivered", "carl": "temporary"})
            check("mixed", [text in said for text in (" PRDR", "353 ", "not for Bob")], [True] * 3)
            check("mixed, kept", kept(1), ["ann"])
        fates, said = send(["bob", "carl"], "--prdr")
        check("nobody", fates, {"bob": "refused", "carl": "temporary"})
        # Exim does not use it for one recipient, and nobody is asked who does not ask.
        fates, said = send(["bob"], "--prdr")
        check("one", (fates, " PRDR" in said, "353 " in said), ({"bob": "delivered"}, True, False))
        check("one, kept", kept(1), ["bob"])
        fates, said = send(["bob", "ann"])
        check("unasked", (fates, " PRDR\n" in said.replace("\r", ""), "353 " in said), ({"bob": "delivered", "ann": "delivered"}, False, False))
        check("unasked, kept", kept(2), ["ann", "bob"])
    finally:
        subprocess.run([f"{recipes}/exim/stop.sh", str(port)], check=True)


if os.geteuid() != 0:
    print("skipped: the recipe of Exim needs root")
    sys.exit(77)
# The packages come from the network; the rest runs where there is none but the loopback interface, if the system permits that.
if "POSTEL_ALONE" not in os.environ:
    subprocess.run([f"{OWN}/fetch.sh", "exim"], check=True)
    alone = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*alone, "true"], stderr=subprocess.DEVNULL).returncode == 0:
        os.environ["POSTEL_ALONE"] = "yes"
        os.execvp(alone[0], [*alone, sys.executable, *sys.argv])
else:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    main(folder)
sys.exit(1 if failures else 0)
