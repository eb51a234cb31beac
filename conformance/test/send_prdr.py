#!/usr/bin/env python3
"""send_prdr.py POSTEL RECIPES: `postel send --prdr` to a real Exim that takes a message for one recipient and not for the others. 77 without
root. The recipe of conformance/servers is copied; it then offers PRDR, has three mailboxes, and keeps its mail."""
import os
import shutil
import sys
import time

from checks import check, finish
from real_server import RealServer, run

POSTEL, RECIPES = sys.argv[1:3]
CHANGES = [
    ("acl_smtp_rcpt = recipient\n", "acl_smtp_rcpt = recipient\nprdr_enable = true\nacl_smtp_data_prdr = content\n"),
    ("  accept domains = example.org\n         local_parts = ann\n", "  accept domains = example.org\n         local_parts = ann : bob : carl\n"),
    ("begin routers\n", "content:\n  deny local_parts = bob\n       message = not for Bob\n  defer local_parts = carl\n        message = not now\n"
     "  accept\n\nbegin routers\n"),
    ("  local_parts = ann : postmaster\n", "  local_parts = ann : bob : carl : postmaster\n"),
    ("  file = /dev/null\n", "  directory = @WORK@/mail/$local_part_data\n  maildir_format\n"),
]


def main(folder):
    server = RealServer(folder, RECIPES, "exim", {"exim": {"exim.conf": CHANGES}})
    mail = f"{server.work}/mail"

    def send(to, *options):
        """How each recipient fared, and what was said."""
        addresses = [f"{each}@example.org" for each in to]
        _, said = server.send(POSTEL, b"Subject: the test\r\n\r\ntext\r\n", options=("--tls", "none", "--transcript", *options), to=addresses)
        fates = {line.split("@")[0]: line.split(": ")[1].split(" ")[0] for line in said.splitlines() if "@example.org: " in line}
        return fates, said

    def kept(count):
        """Who has got mail, as soon as so many have, and a moment later."""
        found = []
        for attempt in range(1200):
            time.sleep(0.05)
            found = [who for who in ("ann", "bob", "carl") if os.path.isdir(f"{mail}/{who}/new") for _ in os.listdir(f"{mail}/{who}/new")]
            if len(found) >= count:
                break
        time.sleep(0.5)
        shutil.rmtree(mail, ignore_errors=True)
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
        server.stop()


run(main, RECIPES, "exim", needs_root=True)
finish()
