"""Starts and ends the examples, for all tests here; what they stored; the messages that are sent."""
import os
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DOMAIN = "mx.example.org"
SENDER = "ann@client.example"
RECIPIENT = "bob@" + DOMAIN
HEADER = b"From: <ann@client.example>\r\nSubject: %s\r\n\r\n"


def fail(text):
    sys.exit("FAILED: " + text)


def check(condition, text):
    if not condition:
        fail(text)


def dotted(total, seed=1982):
    """Lines of many lengths, most with dots in front, so that dots lie at all places of anybody's buffers."""
    dice = random.Random(seed)
    parts, size = [], 0
    while size < total:
        parts.append(b"." * dice.choice([0, 1, 1, 2]) + bytes(dice.choices(b"abc .", k=dice.randint(1, 150))) + b"\r\n")
        size += len(parts[-1])
    return b"".join(parts)


def thirty_mebioctets():
    """Below the 32 MiB that the servers announce."""
    part = dotted(1 << 20)
    return HEADER % b"30 MiB" + part * (30 * (1 << 20) // len(part))


# What every client can send, whatever it does to its input.
MESSAGES = {
    "short": HEADER % b"short" + b"text\r\n",
    "dots": HEADER % b"dots" + b".\r\n..\r\n.x\r\n...\r\n\r\n.\r\n.x.\r\nx.\r\n.\r\n",
    "line-of-998": HEADER % b"998" + b"x" * 998 + b"\r\nend\r\n",
    "line-of-100000": HEADER % b"long lines" + b"y" * 100000 + b"\r\n." + b"z" * 5000 + b"\r\n",
    "empty-lines": HEADER % b"empty" + b"\r\n\r\n\r\nx\r\n\r\n\r\n",
    "eight-bit": HEADER % b"eight bit" + bytes(range(128, 256)) + b"\r\n.\xff\r\n\xff.\r\n",
    "one-mebioctet": HEADER % b"large" + dotted(1 << 20),
}
# Those that begin with a dot, and hold NUL and other controls.
RAW_MESSAGES = {**MESSAGES, "first-line-a-dot": b".\r\ntext\r\n", "only-a-dot": b".\r\n", "empty": b"",
                "controls": HEADER % b"controls" + bytes(c for c in range(128) if c not in b"\r\n") + b"\r\n"}


def stuffed(message):
    lines = message.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\r\n"


class Server:
    """A program that is running, under a tracer perhaps. `with` ends it with SIGTERM, and it must end well."""

    def __init__(self, command, where=r"on [0-9.]+:(\d+)", ports=1, under=(), **popen):
        self.log = tempfile.TemporaryFile()
        if under: # there the leak sanitizer does not run
            popen["env"] = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
        self.process = subprocess.Popen([*under, *command], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **popen)
        for _ in range(1200):
            self.ports = [int(port) for port in re.findall(where, self.said())]
            if len(self.ports) >= ports:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.025)
        self.kill()
        fail(f"{command[0]} does not start: {self.said()}")

    def said(self):
        return os.pread(self.log.fileno(), 1 << 20, 0).decode(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, expected=0):
        self.process.send_signal(signal.SIGTERM)
        try:
            ended = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()
            fail("does not end on SIGTERM")
        check(ended == expected, f"ended with {ended}: {self.said()}")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()
            sys.stderr.write(self.said())


def certificate(folder):
    """A key and a certificate for localhost, in one file."""
    file = Path(folder) / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2",
                    "-keyout", file, "-out", str(file) + ".crt"], check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + Path(str(file) + ".crt").read_bytes())
    return file


# Two trace fields in front, and nothing else, is added. The name of the client, the protocol, and the recipient, if it is one.
TRACE = re.compile(
    rb"Return-Path: (?P<path><[^\r\n]*>)\r\n"
    rb"Received: FROM (?P<hello>\S+) \((?P<tcp>[^)]*)\) BY (?P<by>\S+)(?: \(\))? WITH (?P<with>\w+) ID (?P<id>[^ ;]+)"
    rb"(?: FOR (?P<for>\S+))?\s*; (?P<date>[^\r\n]*)\r\n", re.IGNORECASE)


def make_mailbox(root, name):
    for part in ("tmp", "new", "cur"):
        (Path(root) / name / part).mkdir(parents=True, exist_ok=True)


class Maildirs:
    """The mailboxes under a folder. Files that were seen are not told again."""

    def __init__(self, root):
        self.root = Path(root)
        self.seen = set()

    def new(self, user):
        """The files that came into new/ of this user since the last time: (trace fields, message)."""
        found = []
        for file in sorted((self.root / user / "new").iterdir()):
            if file in self.seen:
                continue
            self.seen.add(file)
            octets = file.read_bytes()
            trace = TRACE.match(octets)
            if not trace:
                fail(f"no trace fields: {octets[:300]!r}")
            found.append((trace.groupdict(), octets[trace.end():]))
        return found

    def left_behind(self):
        return [str(file) for file in self.root.glob("*/tmp/*")]


class Storing(Server):
    """A server with mailboxes under self.root."""

    def __init__(self, command, keep=False, **more):
        self.keep = keep
        self.store = Maildirs(self.root)
        super().__init__(command, **more)
        self.port = self.ports[0]

    mailbox = "bob"  # whose messages messages() gives

    def messages(self):
        """Those that came since it was asked the last time."""
        return [message for _, message in self.store.new(self.mailbox)]

    def __exit__(self, kind, value, trace):
        for _ in range(500): # what clients have given up goes when the server hears of it
            if kind is not None or self.keep or not self.store.left_behind():
                break
            time.sleep(0.01)
        super().__exit__(kind, value, trace)
        if not self.keep:
            if kind is None:
                check(not self.store.left_behind(), f"left in tmp: {self.store.left_behind()}")
            shutil.rmtree(self.folder)


class Epoll(Storing):
    """epoll_server, which has one mailbox for all."""
    mailbox = "all"

    def __init__(self, program, *options, folder=None, **more):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="postel-epoll-"))
        self.root = self.folder / "mail"
        make_mailbox(self.root, "all")
        super().__init__([program, DOMAIN, more.pop("port", "0"), self.root / "all", *options], keep=folder is not None, **more)


class Small(Epoll):
    """small_server, which stores likewise. SIGTERM kills it."""

    def stop(self, expected=-signal.SIGTERM):
        super().stop(expected)


class Lmtp(Storing):
    """lmtp_agent with mailboxes for bob and carol. SIGTERM kills it."""

    def __init__(self, program, *options, folder=None, users=("bob", "carol"), **more):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="postel-lmtp-"))
        self.root = self.folder / "mail"
        for user in users:
            make_mailbox(self.root, user)
        super().__init__([program, DOMAIN, more.pop("port", "0"), self.root, *options], keep=folder is not None, **more)

    def stop(self, expected=-signal.SIGTERM):
        super().stop(expected)


class Asio(Storing):
    """asio_server with mailboxes for bob and carol, TLS, and the user ann with the password "secret"."""

    def __init__(self, program, *options, folder=None, users=("bob", "carol"), **more):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="postel-asio-"))
        self.root = self.folder / "mail"
        for user in users:
            make_mailbox(self.root, user)
        self.certificate = self.folder / "certificate.pem"
        if not self.certificate.exists():
            certificate(self.folder)
            made = subprocess.run(["openssl", "passwd", "-6", "secret"], check=True, capture_output=True)
            (self.folder / "users").write_bytes(b"ann:" + made.stdout)
        super().__init__([program, "--host", DOMAIN, "--smtp", more.pop("port", "0"), "--submission", more.pop("submission", "0"),
                          "--certificate", self.certificate, "--users", self.folder / "users", *options, self.root],
                         keep=folder is not None, ports=2, **more)
        self.submission = self.ports[1]


class Session:
    """A client of a plain socket, for what no library would do."""

    def __init__(self, port, chunk=None, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(60)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.socket.makefile("rb")
        self.chunk = chunk

    def send(self, octets):
        if not self.chunk:
            return self.socket.sendall(octets)
        for at in range(0, len(octets), self.chunk):
            self.socket.sendall(octets[at:at + self.chunk])
        return None

    def reply(self):
        lines = [self.replies.readline()]
        while lines[-1][3:4] == b"-":
            lines.append(self.replies.readline())
        return b"".join(lines)

    def expect(self, *codes):
        """Reads one reply for each code; gives the last."""
        got = b""
        for code in codes:
            got = self.reply()
            if not got.split(b"\r\n")[-2:][0].startswith(code.encode()):
                fail(f"expected {code}, got {got!r}")
        return got

    def say(self, text, *codes):
        self.send(text if isinstance(text, bytes) else text.encode() + b"\r\n")
        return self.expect(*codes)

    def expect_end(self):
        rest = self.replies.read()
        check(rest == b"", f"expected the end of the connection, got {rest!r}")

    def start_tls(self):
        self.say("STARTTLS", "220")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)
        self.replies = self.socket.makefile("rb")

    def close(self):
        self.replies.close()
        self.socket.close()
