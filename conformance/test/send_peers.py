#!/usr/bin/env python3
"""send_peers.py POSTEL RECIPES SERVER: `postel send` to a real server, whose mailbox is then compared octet for octet. 77 without root.
The recipe of conformance/servers is copied and changed in one point: it keeps its mail."""
import os
import sys
import time

from checks import check, finish
from real_server import RealServer, run

POSTEL, RECIPES, SERVER = sys.argv[1:4]
# What each recipe throws away, and what keeps it instead, as a maildir or folder @WORK@/mail.
KEEPS = {
    "postfix": {
        "main.cf": [("virtual_transport = discard:", "virtual_transport = virtual:\nvirtual_mailbox_base = @WORK@\n"
                     "virtual_uid_maps = static:8\nvirtual_gid_maps = static:8\nvirtual_minimum_uid = 1\n"
                     "message_size_limit = 50000000\nvirtual_mailbox_limit = 0")],
        "master.cf": [("discard   unix", "virtual   unix - n n - - virtual\ndiscard   unix")],
        "start.sh": [("'%s here\\n'", "'%s mail/\\n'"), ('mkdir -p "$work/conf/sasl"', 'mkdir -p "$work/mail" "$work/conf/sasl"'),
                     ('chown mail:mail "$work/data"', 'chown mail:mail "$work/data" "$work/mail"')]},
    "exim": {"exim.conf": [("  file = /dev/null\n", "  directory = @WORK@/mail\n  maildir_format\n")]},
    "opensmtpd": {"smtpd.conf": [('mda "/bin/cat > /dev/null"', 'maildir "@WORK@/mail"')],
                  "start.sh": [("add_user vmail 61027\n", 'add_user vmail 61027\nmkdir "$work/mail"\nchown 61027:61027 "$work/mail"\n')]},
    "aiosmtpd": {"server.py": [("class Handler(Sink):\n", '''class Handler(Sink):
    async def handle_DATA(self, server, session, envelope):
        import os, tempfile
        os.makedirs(sys.argv[3] + "/mail/new", exist_ok=True)
        for _ in envelope.rcpt_tos:
            with tempfile.NamedTemporaryFile(dir=sys.argv[3], delete=False) as file:
                file.write(envelope.content)
            os.rename(file.name, sys.argv[3] + "/mail/new/" + os.path.basename(file.name))
        return "250 kept" if not isinstance(server, LMTP) else "\\r\\n".join(["250 kept"] * len(envelope.rcpt_tos))

''')]},
}
KEEPS["aiosmtpd-lmtp"] = {}
HAS_TLS = {"postfix": ("user@mx.example.org", ("CRAM-MD5", "PLAIN", "LOGIN")), "exim": ("user", ("PLAIN", "LOGIN")),
           "aiosmtpd": ("user", ("PLAIN", "LOGIN"))}
NEEDS_ROOT = ("postfix", "exim", "opensmtpd")


class Peer(RealServer):
    def __init__(self, folder):
        # The recipe of aiosmtpd-lmtp runs aiosmtpd's program.
        super().__init__(folder, RECIPES, SERVER, {name: KEEPS[name] for name in (SERVER, "aiosmtpd")})
        self.mail = self.work + "/mail/new"

    def kept(self, count):
        """So many messages, as soon as they are there."""
        for _ in range(1200):
            names = sorted(os.listdir(self.mail)) if os.path.isdir(self.mail) else []
            if len(names) >= count:
                break
            time.sleep(0.05)
        found = []
        for name in names:
            with open(f"{self.mail}/{name}", "rb") as file:
                found.append(file.read().replace(b"\r\n", b"\n"))
            os.unlink(f"{self.mail}/{name}")
        return found

    def send(self, *texts, options=(), **more):
        lmtp = ("--lmtp",) if SERVER.endswith("lmtp") else ()
        return super().send(POSTEL, *texts, options=(*options, *lmtp), **more)


def main(folder):
    peer = Peer(folder)
    try:
        head = b"Subject: the test\n\n"
        texts = {
            "dots": head + b".\n..\n...\n.x\ny.\n.\n",
            "no line end": head + b"the last line",
            "CRLF": (head + b".dot\n\n\nend\n").replace(b"\n", b"\r\n"),
            "8 bits": head + "\u00e4\u20ac\n".encode() + bytes(range(128, 256)) + b"\n",
            "long lines": head + b"x" * 998 + b"\n." + b"y" * 997 + b"\n",
            "CR alone": head + b"one\rtwo\n",
            "header only": b"Subject: the test\n",
            "empty": b"",
            "30 MiB": head + (b"." * 75 + b"\n") * (30 * 1024 * 1024 // 76),
            "30 MiB CRLF": (head + (b"." * 74 + b"\n") * (30 * 1024 * 1024 // 76)).replace(b"\n", b"\r\n"),
        }
        ways = [("--tls", "none"), ("--tls", "none", "--no-chunking")]
        if SERVER in HAS_TLS:
            ways += [("--tls", "required", "--ca", f"{peer.work}/cert.pem"), ()]
        for way in ways:
            for name, text in texts.items():
                if name.startswith("30 MiB") and way not in (ways[0], ways[-1]):
                    continue
                status, said = peer.send(text, options=way)
                check(f"{name} {way}", (status, said.split(" (")[0]), (0, "ann@example.org: delivered"))
                if status != 0:
                    print(said)
                    continue
                found = peer.kept(1)
                expected = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
                expected += b"" if expected.endswith(b"\n") else b"\n"
                # Servers add header fields of their own, before and behind those that are there. Behind BDAT no line end is added to the text, and
                # who stores it need not either.
                header, _, body = found[0].partition(b"\n\n")
                wanted, _, text_wanted = expected.partition(b"\n\n")
                check(f"{name} {way}, header", (len(found), header.count(b"Subject: the test")), (1, wanted.count(b"Subject: the test")))
                text_wanted = text_wanted.removesuffix(b"\n")
                check(f"{name} {way}, text", body.removesuffix(b"\n") == text_wanted, True)
                if body.removesuffix(b"\n") != text_wanted:
                    print(len(body), len(text_wanted), body[:100], text_wanted[:100])
        both = ("ann@example.org", "postmaster@example.org")
        check("two recipients", peer.send(texts["dots"], to=both)[0], 0)
        # A file for each, one soon after the other: to look as soon as the first is there would leave the second to the next check.
        check("two recipients", len(peer.kept(len(both))), len(both))
        status, said = peer.send(texts["dots"], to=("nobody@example.org", "ann@example.org"))
        check("one is refused", (status, [each.split(" (")[0] for each in said.splitlines()]),
              (69, ["nobody@example.org: refused", "ann@example.org: delivered"]))
        check("one is refused", len(peer.kept(1)), 1)
        check("all are refused", peer.send(texts["dots"], to=("nobody@example.org", "eve@example.org"))[0], 69)
        # Several messages over one connection, and those that nobody takes.
        for way in ways:
            three = [head + b"message %d\n" % i for i in range(3)]
            status, said = peer.send(*three, options=(*way, "--transcript"))
            check(f"three messages {way}", (status, said.count(": delivered ("), said.count("C: EHLO") + said.count("C: LHLO")), (0, 3, 1 + said.count("C: STARTTLS")))
            bodies = [each.partition(b"\n\n")[2] for each in peer.kept(3)]
            check(f"three messages {way}", sorted(bodies), [b"message 0\n", b"message 1\n", b"message 2\n"])
        status, said = peer.send(*three[:2], options=("--transcript",), to=("nobody@example.org",))
        check("two messages for nobody", (status, said.count("C: RSET"), said.count(": refused (")), (69, 1, 2))
        check("another certificate", peer.send(texts["dots"], options=("--tls", "required"))[0], 77)
        if SERVER in HAS_TLS:
            user, mechanisms = HAS_TLS[SERVER]
            sign_on = ("--user", user, "--password-env", "PW", "--ca", f"{peer.work}/cert.pem")
            for mechanism in (None, *mechanisms):
                options = (*sign_on, *(("--mechanism", mechanism) if mechanism else ()))
                check(f"AUTH {mechanism}", peer.send(texts["dots"], options=options, environment={"PW": "secret"})[0], 0)
                check(f"AUTH {mechanism}", len(peer.kept(1)), 1)
                check(f"AUTH {mechanism}, wrong", peer.send(texts["dots"], options=options, environment={"PW": "wrong"})[0], 77)
            check("AUTH without TLS", peer.send(texts["dots"], options=(*sign_on[:4], "--tls", "none"), environment={"PW": "secret"})[0], 77)
        check("nothing else has arrived", os.listdir(peer.mail), [])
    finally:
        peer.stop()


run(main, RECIPES, SERVER, needs_root=SERVER in NEEDS_ROOT)
finish()
