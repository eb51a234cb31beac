#!/usr/bin/env python3
"""relay_postfix.py PROGRAM SERVERS: swaks into the relay, the relay into a real Postfix, and its Maildir compared octet for octet with what was
sent. SERVERS is conformance/servers, whose recipe of Postfix is used, with mailboxes instead of its discard. 77: it cannot run here."""
import email
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

from relay_peers import Folder, Relay, accepted, free_port, message, until, without_trace

program, servers = sys.argv[1:3]
if os.geteuid() != 0:
    print("skipped: Postfix switches users and needs root")
    sys.exit(77)
subprocess.run([servers + "/fetch.sh", "postfix"], check=True)
# A network of its own, with nothing but a loopback interface: no mail can leave.
if not os.environ.get("POSTEL_ALONE"):
    alone = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*alone, "true"], stderr=subprocess.DEVNULL).returncode == 0:
        os.environ["POSTEL_ALONE"] = "yes"
        os.execvp(alone[0], [*alone, sys.executable, "-B", *sys.argv])
else:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

mailboxes = """
# Mailboxes: the files that are compared.
virtual_transport = virtual
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
    def __init__(self, folder):
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
                text += "virtual unix - n n - - virtual\n"
            for old, new in ("@WORK@", self.work), ("@ROOT@", root), ("@PORT@", str(self.port)):
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
            self.process.wait(timeout=20)
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


with Folder() as folder:
    postfix = Postfix(folder)
    try:
        relay = Relay(program, folder.new("spool"), postfix.port, "--retry", "0.1", "--retry-maximum", "0.4")
        bodies = [b"", b".\r\n..\r\n...\r\n", b"x" * 900 + b"\r\n", b"\xc3\xa4\xc3\xb6\r\n", b"From here\r\n\r\n",
                  b"".join(b".%d\r\n" % i for i in range(50000))]
        sent = [message(str(i), body) for i, body in enumerate(bodies)]
        # Postfix is down when they come.
        for octets in sent[:3]:
            accepted(relay.send("ann@example.org", ["bob@example.org"], octets, ["BODY=8BITMIME"]))
        until(lambda: relay.logged("put off"), "an attempt that failed")
        assert len(relay.waiting()) == 3
        postfix.start()
        relay.drained()
        for octets in sent[3:]:
            accepted(relay.send("ann@example.org", ["bob@example.org"], octets, ["BODY=8BITMIME"]))
        came = sorted(without_trace(behind_postfix(each)) for each in postfix.mail_of("bob", len(sent)))
        for here, there in zip(came, sorted(sent)):
            assert here == there, (here[:1000], there[:1000])

        data = folder.new("swaks.txt")
        text = message("swaks", b".dots\r\n..\r\nend\r\n").replace(b"\r\n", b"\n")
        with open(data, "wb") as file:
            file.write(text)
        subprocess.run(["swaks", "--server", f"127.0.0.1:{relay.port}", "--helo", "client.example", "--from", "ann@example.org",
                        "--to", "bob@example.org", "--data", "@" + data, "--silent", "2"], check=True)
        (swaks,) = [each for each in postfix.mail_of("bob", len(sent) + 1) if b"X-Id: swaks" in each]
        # swaks adds an empty line behind its data.
        assert without_trace(behind_postfix(swaks)).rstrip(b"\r\n") == text.replace(b"\n", b"\r\n").rstrip(b"\r\n"), swaks

        # One recipient that is there, one that is not: Postfix's own reason comes back to the sender.
        accepted(relay.send("ann@example.org", ["bob@example.org", "nobody@example.org"], message("half"), ["ENVID=half"]))
        postfix.mail_of("bob", len(sent) + 2)
        (bounce,) = postfix.mail_of("ann", 1)
        assert bounce.startswith(b"Return-Path: <>\r\n"), bounce
        report = email.message_from_bytes(bounce)
        status = report.get_payload()[1].get_payload()
        assert report.get_content_type() == "multipart/report" and len(status) == 2, bounce
        assert status[0]["Original-Envelope-Id"] == "half", bounce
        assert (status[1]["Final-Recipient"], status[1]["Status"]) == ("rfc822;nobody@example.org", "5.1.1"), bounce
        assert status[1]["Diagnostic-Code"].startswith("smtp;550 5.1.1 <nobody@example.org>"), bounce

        # And a report that has no sender ends here.
        accepted(relay.send("", ["nobody@example.org"], message("null")))
        until(lambda: relay.logged("nobody is to be told"), "the end of the null sender's message")
        relay.drained()
        relay.stop()
        postfix.mail_of("ann", 1)
        print(f"{len(sent) + 2} messages and a report came as they were sent")
    finally:
        postfix.stop()
