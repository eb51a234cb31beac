"""A real Postfix with mailboxes for the tests of the examples: the recipe of conformance/servers, with mailboxes instead of its discard."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from relay_peers import free_port, until

sys.path.append(str(Path(__file__).resolve().parents[3] / "conformance/servers"))
from alone import go_alone


def alone(servers):
    go_alone(servers, "postfix", needs_root=True)


mailboxes = """
# Mailboxes: the files that are compared.
virtual_transport = @TRANSPORT@
virtual_mailbox_base = @WORK@/mail
virtual_uid_maps = static:8
virtual_gid_maps = static:8
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
message_size_limit = 0
smtpd_client_connection_count_limit = 0
# It adds what a header lacks to the mail of its own machine, and we are on it.
local_header_rewrite_clients =
"""


class Postfix:
    def __init__(self, folder, servers, transport="virtual"):
        """Mailboxes of ann and bob at example.org; transport: what takes their mail."""
        self.work, self.port = folder.new("postfix"), free_port()
        root = os.path.join(servers, ".roots/postfix")
        for name in "conf", "data", "queue", "mail":
            os.makedirs(os.path.join(self.work, name))
        for name in "main.cf", "master.cf":
            with open(os.path.join(servers, "postfix", name)) as template:
                text = template.read()
            if name == "main.cf":
                text = text.replace("virtual_transport = discard:\n", "") + mailboxes
            else:
                text += "virtual unix - n n - - virtual\nlmtp unix - - n - - lmtp\n"
            for old, new in ("@WORK@", self.work), ("@ROOT@", root), ("@PORT@", str(self.port)), ("@TRANSPORT@", transport):
                text = text.replace(old, new)
            with open(os.path.join(self.work, "conf", name), "w") as file:
                file.write(text)
        with open(os.path.join(self.work, "mailboxes"), "w") as file:
            file.write("ann@example.org ann/\nbob@example.org bob/\n")
        # As the recipe does: what the package's maintainer script would have made.
        for name in ("active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public pid").split():
            path = os.path.join(self.work, "queue", name)
            os.mkdir(path)
            if name != "pid":
                shutil.chown(path, "mail", "games" if name in ("maildrop", "public") else None)
            os.chmod(path, {"maildrop": 0o730, "public": 0o710, "pid": 0o755}.get(name, 0o700))
        for name in "data", "mail":
            shutil.chown(os.path.join(self.work, name), "mail", "mail")
        self.command = [root + "/usr/lib/postfix/sbin/master", "-c", self.work + "/conf", "-d"]
        self.environment = dict(os.environ, MAIL_CONFIG=self.work + "/conf", LD_LIBRARY_PATH=root + "/usr/lib/postfix")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, env=self.environment, start_new_session=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

        def answers():
            assert self.process.poll() is None, self.log()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        until(answers, "Postfix")

    def stop(self):
        if self.process is None:
            return
        for how in signal.SIGTERM, signal.SIGKILL:
            try:
                os.killpg(self.process.pid, how)
            except ProcessLookupError:
                break
            self.process.wait(timeout=60)
            time.sleep(0.1)
        self.process = None

    def log(self):
        try:
            with open(self.work + "/server.log", errors="replace") as file:
                return file.read()[-3000:]
        except OSError as why:
            return str(why)

    def mail_of(self, name, count):
        """The messages of a mailbox, whose trace fields are Postfix's until the relay's; line ends as they were on the wire."""
        place = f"{self.work}/mail/{name}/new"
        try:
            until(lambda: os.path.isdir(place) and len(os.listdir(place)) >= count, f"{count} messages to {name}")
        except AssertionError as why:
            raise AssertionError(f"{why}\n{self.log()}") from None
        found = []
        for each in sorted(os.listdir(place)):
            with open(os.path.join(place, each), "rb") as file:
                found.append(file.read().replace(b"\n", b"\r\n"))
        assert len(found) == count, (name, count, len(found))
        return found


def behind_postfix(octets):
    """Without Return-Path, X-Original-To, Delivered-To and the Received of Postfix, each of which stands there once."""
    for field in b"Return-Path:", b"X-Original-To:", b"Delivered-To:", b"Received:":
        assert octets.startswith(field), (field, octets[:500])
        end = octets.index(b"\r\n")
        while octets[end + 2:end + 3] in (b" ", b"\t"):
            end = octets.index(b"\r\n", end + 2)
        octets = octets[end + 2:]
    return octets
