#!/usr/bin/env python3
"""send_peers.py POSTEL RECIPES SERVER: `postel send` to a real server, whose mailbox is then compared octet for octet. 77 without root.
The recipe of conformance/servers is copied and changed in one point: it keeps its mail."""
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

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
OWN = os.path.realpath(RECIPES)
failures = 0


def check(what, got, expected):
    global failures
    if got != expected:
        failures += 1
        print(f"{SERVER}: {what}:\n  got      {got!r:.300}\n  expected {expected!r:.300}")


def copied(folder):
    """The recipes, of which SERVER keeps its mail; the packages are shared."""
    recipes = os.path.join(folder, "servers")
    os.makedirs(os.path.join(OWN, ".roots"), exist_ok=True)
    shutil.copytree(OWN, recipes, ignore=shutil.ignore_patterns(".roots"))
    os.symlink(os.path.join(OWN, ".roots"), os.path.join(recipes, ".roots"))
    for name in (SERVER, "aiosmtpd"):
        for file, changes in KEEPS[name].items():
            path = os.path.join(recipes, name, file)
            with open(path) as source:
                text = source.read()
            for old, new in changes:
                assert text.count(old) == 1, f"{path} has changed: {old!r}"
                text = text.replace(old, new)
            with open(path, "w") as target:
                target.write(text)
        if name == SERVER == "aiosmtpd":
            break
    return recipes


class Peer:
    def __init__(self, folder):
        self.recipes = copied(folder)
        os.environ["POSTEL_RUN"] = os.path.join(folder, "run")
        for _ in range(5):
            self.port = random.randrange(20000, 30000)
            if subprocess.run([f"{self.recipes}/{SERVER}/start.sh", str(self.port)]).returncode == 0:
                with open(f"{folder}/run/{SERVER}-{self.port}") as state:
                    self.work = state.read().split()[1]
                self.mail = self.work + "/mail/new"
                return
        sys.exit(f"{SERVER} could not be started")

    def stop(self):
        subprocess.run([f"{self.recipes}/{SERVER}/stop.sh", str(self.port)], check=True)

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

    def send(self, *texts, options=(), to=("ann@example.org",), environment=None):
        names = [f"{self.work}/message{i}" for i in range(len(texts))]
        for name, text in zip(names, texts):
            with open(name, "wb") as file:
                file.write(text)
        command = [POSTEL, "send", "--from", "eve@client.example", *options]
        if SERVER.endswith("lmtp"):
            command.append("--lmtp")
        for each in to:
            command += ["--to", each]
        done = subprocess.run([*command, f"localhost:{self.port}", *names], capture_output=True, timeout=300,
                              env={**os.environ, **(environment or {})})
        return done.returncode, done.stdout.decode() + done.stderr.decode()


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


if SERVER in NEEDS_ROOT and os.geteuid() != 0:
    print(f"skipped: the recipe of {SERVER} needs root")
    sys.exit(77)
# The packages come from the network; the rest runs where there is none but the loopback interface, if the system permits that.
if "POSTEL_ALONE" not in os.environ:
    subprocess.run([f"{OWN}/fetch.sh", SERVER], check=True)
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
