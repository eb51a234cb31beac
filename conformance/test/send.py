#!/usr/bin/env python3
"""send.py POSTEL EXAMPLE: `postel send`, and over TLS lib/example/send.cpp, against a server that does what each case says: outcomes, exit
statuses, secrets, what it never does."""
import base64
import hashlib
import hmac
import json
import os
import pty
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import termios
import threading
import time

from checks import check, finish

POSTEL, EXAMPLE = sys.argv[1:3]
FOLDER = tempfile.TemporaryDirectory()
PLAIN = ("PIPELINING", "8BITMIME", "SIZE", "SMTPUTF8", "DSN")
CHUNKS = PLAIN + ("CHUNKING",)
TEXT = b"Subject: x\n\n.dot\n..\nlast"


def path(name, content=None):
    full = os.path.join(FOLDER.name, name)
    if content is not None:
        with open(full, "wb") as file:
            file.write(content)
    return full


def certificate(name="cert.pem", *options):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", *options, "-keyout", path("key.pem"), "-out", path(name)], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path(name), path("key.pem"))
    return context


class Scram:
    """The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), written from the RFC alone."""

    def __init__(self, password, honest=True, iterations=4096):
        self.password, self.honest, self.iterations = password.encode(), honest, iterations

    def first(self, message):
        self.bare = message.split(",", 2)[2]
        nonce = dict(each.split("=", 1) for each in self.bare.split(","))["r"] + "server"
        self.salt = b"0123456789abcdef"
        self.challenge = f"r={nonce},s={base64.b64encode(self.salt).decode()},i={self.iterations}"
        return self.challenge

    def final(self, message):
        without, proof = message.rsplit(",p=", 1)
        salted = hashlib.pbkdf2_hmac("sha256", self.password, self.salt, self.iterations)
        mac = lambda key, text: hmac.new(key, text, "sha256").digest()
        key = mac(salted, b"Client Key")
        signed = ",".join([self.bare, self.challenge, without]).encode()
        right = bytes(a ^ b for a, b in zip(key, mac(hashlib.sha256(key).digest(), signed)))
        if base64.b64decode(proof) != right:
            return None
        signature = mac(mac(salted, b"Server Key"), signed)
        return "v=" + base64.b64encode(signature if self.honest else b"x" * 32).decode()


class Server(threading.Thread):
    """So many connections, one after the other. replies: what a verb is answered with instead, "" for nothing. cut: the verb behind which,
    unanswered, the connection is closed; "connect" before the greeting, "text" amid the message, "end" behind it. most: messages in a connection,
    behind which MAIL is answered 421."""

    def __init__(self, offers=PLAIN, tls=None, tls_offers=None, from_start=False, replies=None, cut=None, recipients=None, auth=None,
                 lmtp=None, interrupts=None, iterations=4096, connections=1, most=1000):
        super().__init__(daemon=True)
        self.offers, self.tls_offers, self.tls, self.from_start = offers, tls_offers, tls, from_start
        self.replies, self.cut, self.recipients, self.auth, self.lmtp = replies or {}, cut, recipients or {}, auth, lmtp
        self.interrupts, self.iterations, self.connections, self.most = interrupts, iterations, connections, most
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.commands, self.messages, self.encrypted, self.octets_in_clear = [], [], False, b""
        self.start()

    def run(self):
        for self.number in range(self.connections):
            try:
                self.connection, _ = self.listener.accept()
            except OSError:  # nobody has come
                return
            if self.number + 1 == self.connections:
                self.listener.close()
            self.serve()

    def serve(self):
        self.encrypted = False
        try:
            if self.from_start:
                self.handshake()
            self.file = self.connection.makefile("rb")
            self.talk()
        except (OSError, ssl.SSLError):
            pass
        finally:
            self.file = None
            self.connection.close()

    def handshake(self):
        self.connection = self.tls.wrap_socket(self.connection, server_side=True)
        self.encrypted = True

    def say(self, line):
        self.connection.sendall(line.encode() + b"\r\n")

    def read_line(self):
        line = self.file.readline()
        assert not line or line.endswith(b"\r\n"), line
        return line.decode()[:-2]

    def answer(self, verb, usual):
        said = self.replies.get(verb, usual)
        if said:
            self.say(said)
        return said

    def talk(self):
        if self.cut == "connect":
            return
        self.answer("connect", "220 mx.example.org ESMTP")
        accepted, mails = [], 0
        while line := self.read_line():
            self.commands.append(line)
            verb = line.split()[0].upper()
            if verb == self.cut:
                return
            if verb in ("EHLO", "LHLO"):
                offers = self.tls_offers if self.encrypted and self.tls_offers is not None else self.offers
                self.answer(verb, "\r\n".join(["250-mx.example.org"] + ["250-" + each for each in offers] + ["250 HELP"]))
            elif verb == "STARTTLS":
                if self.answer(verb, "220 go ahead").startswith("220"):
                    self.handshake()
                    self.file = self.connection.makefile("rb")
            elif verb == "AUTH":
                self.authenticate(line)
            elif verb == "RCPT":
                reply = self.recipients.get(line.split("<")[1].split(">")[0], "250 2.1.5 fine")
                if reply.startswith("2"):
                    accepted.append(line)
                self.say(reply)
            elif verb == "DATA":
                if self.answer(verb, "354 go ahead").startswith("354"):
                    if not self.read_text():
                        return
                    self.end(accepted)
            elif verb == "BDAT":
                size = int(line.split()[1])
                if self.cut == "text" or self.interrupts:
                    return self.interrupt()
                self.messages.append(self.file.read(size))
                assert line.endswith(" LAST"), line
                if self.cut == "end":
                    return
                self.end(accepted)
            elif verb == "QUIT":
                self.answer(verb, "221 bye")
                return
            else:
                if verb in ("MAIL", "RSET"):
                    accepted = []
                mails += verb == "MAIL"
                if mails > self.most:
                    self.say("421 4.7.0 enough")
                    return
                if self.answer(verb, "250 2.0.0 fine").startswith("421"):
                    return

    def read_text(self):
        if self.cut == "text" or self.interrupts:
            return self.interrupt()
        text = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                return False
            assert line.endswith(b"\r\n") and line.count(b"\r") == 1, line
            text.append(line[line.startswith(b"."):])
        self.messages.append(b"".join(text))
        return self.cut != "end"

    def interrupt(self):
        self.file.read(100000)
        if callable(self.interrupts):
            self.interrupts()
            while self.file.read(65536):
                pass
        elif self.interrupts:
            self.say(self.interrupts)
            self.connection.shutdown(socket.SHUT_WR)
            while self.file.read(65536):
                pass
        return False

    def end(self, accepted):
        for reply in self.lmtp[:len(accepted)] if self.lmtp else [None]:
            self.answer("end", reply or "250 2.6.0 taken")

    def authenticate(self, line):
        mechanism, *initial = line.split()[1:]
        decode = lambda text: base64.b64decode(text, validate=True).decode()

        def ask(text):
            self.say("334 " + base64.b64encode(text.encode()).decode())
            return self.read_line()

        self.auth_used = mechanism
        if "AUTH" in self.replies:
            self.say(self.replies["AUTH"])
            return
        right = False
        if mechanism == "PLAIN":
            right = decode(initial[0] if initial else ask("")) == "\0ann\0secret"
        elif mechanism == "LOGIN":
            right = decode(ask("User Name")) == "ann"
            right = decode(ask("Password")) == "secret" and right
        elif mechanism == "CRAM-MD5":
            proof = hmac.new(b"secret", b"<1@mx>", "md5").hexdigest()
            if self.auth == "obliging":
                self.say("334 not*base64")
                assert self.read_line() == "*"
                self.say("235 2.7.0 welcome all the same")
                return
            right = decode(ask("<1@mx>")) == "ann " + proof
        elif mechanism == "SCRAM-SHA-256":
            scram = Scram("secret", self.auth != "impostor", self.iterations)
            if self.auth == "mute":
                self.say("235 2.7.0 welcome")
                return
            proof = ask(scram.first(decode(initial[0])))
            if proof == "*":
                self.say("501 5.7.0 cancelled")
                return
            final = scram.final(decode(proof))
            right = final is not None
            if right and ask(final) == "*":
                self.say("501 5.7.0 cancelled")
                return
        elif mechanism == "XOAUTH2":
            right = decode(initial[0]) == "user=ann\x01auth=Bearer secret\x01\x01"
            if not right:
                ask('{"status":"401"}')
        elif mechanism == "OAUTHBEARER":
            right = decode(initial[0]) == f"n,a=ann,\x01host=localhost\x01port={self.port}\x01auth=Bearer secret\x01\x01"
        self.say("235 2.7.0 welcome" if right else "535 5.7.8 wrong")


def send(*options, text=TEXT, to=("bob@example.org",), peer=None, environment=None, stdin=None, host="127.0.0.1", files=()):
    path("mail", text)
    command = [POSTEL, "send", *options, "--from", "ann@example.org"]
    for each in to:
        command += ["--to", each]
    command += [f"{host}:{peer.port}", *(files or ["-" if stdin is not None else path("mail")])]
    done = subprocess.run(command, capture_output=True, timeout=120, input=stdin, env={**os.environ, **(environment or {})},
                          start_new_session=True)
    if peer.connections != 1 and peer.is_alive():
        try:
            peer.listener.shutdown(socket.SHUT_RDWR)  # nobody else comes
        except OSError:  # nor could
            pass
    peer.join(60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def wire(text):
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


# ---- what arrives
texts = {"dots": TEXT, "empty": b"", "8 bits": b"Subject: x\n\n\xe4\xff\x80\n", "long line": b"a: b\n\n" + b"x" * 100000 + b"\n",
         "crlf": b"a: b\r\n\r\n.\r\n..x\r\n", "large": b"a: b\n\n" + (b"0123456789" * 7 + b"\n") * 440000}
for name, text in texts.items():
    for offers in (PLAIN, CHUNKS):
        peer = Server(offers)
        status, out, err = send(text=text, peer=peer)
        check(f"{name} status", (status, out), (0, "bob@example.org: delivered (250 2.6.0 taken)\n"))
        expected = wire(text) + (b"" if text.endswith(b"\n") or not text else b"\r\n")
        if offers is CHUNKS and wire(text) == text:
            expected = text
        check(name, [each == expected for each in peer.messages], [True])
peer = Server()
check("standard input", send(peer=peer, stdin=b"a: b\n\n" + b"y" * 3_000_000)[0], 0)
check("standard input", peer.messages, [b"a: b\r\n\r\n" + b"y" * 3_000_000 + b"\r\n"])
peer = Server(CHUNKS)
check("strict", send("--strict-line-ends", text=b"a\r\n", peer=peer)[0], 0)
peer = Server(CHUNKS)
check("no chunking", send("--no-chunking", text=b"a\r\n", peer=peer)[0], 0)
check("no chunking", [each[:4] for each in peer.commands], ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"])
peer = Server()
check("strict", send("--strict-line-ends", text=b"a\n", peer=peer)[:2],
      (65, "bob@example.org: refused (LF without CR)\n"))
check("strict", [each[:4] for each in peer.commands], ["EHLO", "QUIT"])

# A server that knows no EHLO; HELO takes no address literal.
for name, said in (("me.example", "me.example"), ("[192.0.2.1]", "localhost")):
    peer = Server(replies={"EHLO": "500 what"})
    check(f"HELO {name}", (send("--helo", name, peer=peer, text=b"x\r\n")[0], peer.commands),
          (0, ["EHLO " + name, "HELO " + said, "MAIL FROM:<ann@example.org>", "RCPT TO:<bob@example.org>", "DATA", "QUIT"]))

# ---- parameters
peer = Server()
send("--ret", "hdrs", "--envid", "a=b c", "--notify", "success,delay", "--orcpt", "bob+x@example.com", "--helo", "me.example", peer=peer,
     text=b"x\r\n")
check("parameters", peer.commands,
      ["EHLO me.example", "MAIL FROM:<ann@example.org> SIZE=3 RET=HDRS ENVID=a+3Db+20c",
       "RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob+2Bx@example.com", "DATA", "QUIT"])

# ---- who gets it
two = ("bob@example.org", "eve@example.org")
for recipients, status in (({}, 0), ({two[1]: "550 5.1.1 nobody"}, 69), ({two[1]: "450 4.2.1 later"}, 75),
                           ({two[0]: "550 nobody", two[1]: "550 nobody"}, 69), ({two[0]: "550 no", two[1]: "450 later"}, 75)):
    peer = Server(recipients=recipients)
    got, out, err = send("--json", peer=peer, to=two)
    lines = [json.loads(each) for each in out.splitlines()]
    check(f"{recipients} status", got, status)
    names = {"2": "delivered", "5": "refused", "4": "temporary"}
    check(f"{recipients} outcomes", [(each["recipient"], each["outcome"]) for each in lines],
          [(each, names[recipients.get(each, "2")[0]]) for each in two])
    check(f"{recipients} messages", [each for each in peer.messages if each], [] if len(recipients) == 2 else [wire(TEXT) + b"\r\n"])
for replies, status in (({"MAIL": "550 5.7.1 not you"}, 69), ({"MAIL": "451 4.3.0 later"}, 75), ({"DATA": "554 no"}, 69),
                        ({"DATA": "451 no"}, 75), ({"end": "554 5.7.1 spam"}, 69), ({"end": "452 full"}, 75), ({"end": "421 no"}, 75),
                        ({"connect": "554 no"}, 69), ({"connect": "421 busy"}, 75), ({"connect": "hello"}, 75), ({"end": "xyz"}, 74)):
    peer = Server(replies=replies)
    check(f"{replies}", send(peer=peer)[0], status)
check("LMTP", send("--lmtp", peer=Server(lmtp=["250 2.0.0 yes", "552 5.2.2 full"]), to=two)[:2],
      (69, "bob@example.org: delivered (250 2.0.0 yes)\neve@example.org: refused (552 5.2.2 full)\n"))
check("a reply is safe on a terminal", send(peer=Server(replies={"end": "550-a\x1b[2J\r\n550 b"}))[1].count("\x1b"), 0)

# ---- several messages
names = [path(f"{i}.eml", b"Subject: %d\r\n\r\n%s\r\n" % (i, b"x" * 1000 * i)) for i in range(1, 5)]
whole = [open(each, "rb").read() for each in names]
for offers, lost in ((PLAIN, None), (CHUNKS, None), ((), None), (PLAIN + ("LIMITS MAILMAX=2",), 2), (PLAIN, 3)):
    # One connection, if it takes them all; each message once, and in order.
    peer = Server(offers, connections=3, most=lost or 1000)
    status, out, err = send("--json", files=names, peer=peer)
    check(f"several {offers} {lost}", (status, [each == one for each, one in zip(peer.messages, whole)]), (0, [True] * 4))
    check(f"several {offers} {lost}, connections", sum(each.startswith("EHLO") for each in peer.commands), 2 if lost else 1)
    check(f"several {offers} {lost}, QUIT", peer.commands[-1], "QUIT")
    lines = [json.loads(each) for each in out.splitlines()]
    check(f"several {offers} {lost}, outcomes", [(each["file"], each["outcome"]) for each in lines], [(each, "delivered") for each in names])
check("several with RSET", send(files=names[:2], peer=(peer := Server(("8BITMIME",), recipients={two[1]: "550 5.1.1 nobody"})), to=two[1:])[:2],
      (69, "".join(f"{each}: eve@example.org: refused (550 5.1.1 nobody)\n" for each in names[:2])))
check("several with RSET", [each[:4] for each in peer.commands], ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "QUIT"])
# The message that one connection is lost with is not sent again; the others go over the next one.
for cut, status, what in (("end", 74, "unknown"), ("DATA", 75, "temporary")):
    peer = Server(cut=cut, connections=4)
    got, out, err = send(files=names[:3], peer=peer)
    check(f"several, cut at {cut}", (got, [each.split(": ")[2].split(" (")[0] for each in out.splitlines()]), (status, [what] * 3))
    check(f"several, cut at {cut}, connections", sum(each.startswith("EHLO") for each in peer.commands), 3)
# Who turns us away is asked once.
peer = Server(replies={"connect": "554 no"}, connections=4)
check("several, turned away", send(files=names, peer=peer)[:2],
      (69, "".join(f"{each}: bob@example.org: refused (554 no)\n" for each in names)))
check("several, turned away", peer.number, 1)
peer = Server()
peer.listener.settimeout(2)
check("several, one of them missing", (send(files=[names[0], path("missing")], peer=peer)[0], peer.commands), (66, []))

# ---- addresses beyond ASCII
for offered, to, said, status in (
        (False, "bob@b\u00fccher.example", "bob@xn--bcher-kva.example", 0),
        (True, "bob@b\u00fccher.example", "bob@b\u00fccher.example", 0),
        (False, "j\u00f6rg@b\u00fccher.example", None, 65)):
    peer = Server(PLAIN if offered else ("8BITMIME",))
    check(f"U-labels {to} {offered}", (send("--helo", "me.example", to=(to,), peer=peer)[0], peer.commands[1:3]),
          (status, [f"MAIL FROM:<ann@example.org>{' SIZE=30 SMTPUTF8' if offered else ''}", f"RCPT TO:<{said}>"] if said else ["QUIT"]))

# ---- STARTTLS that is declined is no want of permission, where it was not asked for
for declined in ("454 4.7.0 not now", "501 5.5.4 what", "502 5.5.1 what", "503 5.5.1 not here"):
    for replies, recipients, to, status in (
            ({}, {}, two, 0), ({}, {two[0]: "550 5.1.1 nobody", two[1]: "550 5.1.1 nobody"}, two, 69),
            ({}, {two[1]: "550 5.1.1 nobody"}, two, 69), ({"end": "552 5.3.4 too large"}, {}, two, 69),
            ({"MAIL": "550 5.7.1 not you"}, {}, two, 69), ({"end": "451 4.3.0 later"}, {}, two, 75),
            ({}, {}, ("j\u00f6rg@example.org",), 65), ({}, {}, (two[0], "j\u00f6rg@example.org"), 65),
            ({"MAIL": "530 5.7.0 STARTTLS first"}, {}, two, 77), ({}, {two[0]: "530 5.7.1 AUTH first"}, two[:1], 77),
            ({}, {two[0]: "530 5.7.1 AUTH first"}, two, 69)):
        peer = Server(("8BITMIME", "STARTTLS"), replies={**replies, "STARTTLS": declined}, recipients=recipients)
        check(f"{declined}, then {replies} {recipients} {to}", send(to=to, peer=peer)[0], status)
check("530 in clear", send(peer=Server(replies={"MAIL": "530 5.7.0 authentication required"}))[0], 77)

# ---- the server disappears
long = b"a: b\r\n\r\n" + b"z" * 20_000_000 + b"\r\n"
for offers in (PLAIN, CHUNKS):
    for cut in ("connect", "EHLO", "MAIL", "RCPT", "BDAT" if offers is CHUNKS else "DATA", "text", "end", "QUIT"):
        status, out, err = send(peer=Server(offers, cut=cut), text=long if cut in ("text", "BDAT") else b"x\r\n")
        expected = {"end": (74, "unknown"), "QUIT": (0, "delivered")}.get(cut, (75, "temporary"))
        check(f"cut at {cut}", (status, out.split(" (")[0]), (expected[0], "bob@example.org: " + expected[1]))
for verb, status, what in (("EHLO", 75, "temporary"), ("end", 74, "unknown")):
    got, out, err = send("--timeout", "1", peer=Server(replies={verb: ""}))
    check(f"no reply to {verb}", (got, out), (status, f"bob@example.org: {what} (no reply in time)\n"))

# One that answers amid the message, and closes.
for said, expected in (("552 5.3.4 too large", (69, "refused")), ("421 4.3.2 going down", (75, "temporary"))):
    for offers in (PLAIN, CHUNKS):
        peer = Server(offers, interrupts=said)
        status, out, err = send(peer=peer, text=long)
        check(f"{said} amid the message", (status, out), (expected[0], f"bob@example.org: {expected[1]} ({said})\n"))

# ---- TLS
named = ("-addext", "subjectAltName=DNS:localhost")
context = certificate("cert.pem", *named)
ca = ("--ca", path("cert.pem"))
offers = PLAIN + ("STARTTLS",)
for options, host, server, status in (
        ((), "127.0.0.1", {}, 0),
        (("--verify",), "localhost", {}, 77),
        # Nothing goes in clear for who asks for a good certificate.
        (("--verify",), "localhost", {"offers": PLAIN}, 77),
        (ca, "localhost", {"offers": PLAIN}, 77),
        (ca, "localhost", {"replies": {"STARTTLS": "502 no"}}, 77),
        (ca, "localhost", {}, 0),
        (("--tls", "required"), "localhost", {}, 77),
        (("--tls", "required", "--insecure"), "localhost", {}, 0),
        (("--tls", "required", *ca), "localhost", {}, 0),
        (("--tls", "required", *ca), "127.0.0.1", {}, 77),  # another name
        (("--tls", "required", *ca), "localhost", {"offers": PLAIN}, 77),
        (("--tls", "required", *ca), "localhost", {"cut": "EHLO"}, 75),
        (("--tls", "required", *ca), "localhost", {"cut": "STARTTLS"}, 75),
        (("--tls", "required", *ca), "localhost", {"replies": {"connect": "554 no"}}, 69),
        (("--tls", "required", *ca), "localhost", {"replies": {"STARTTLS": "554 no"}}, 77),
        (("--tls", "required", *ca), "localhost", {"replies": {"STARTTLS": "454 not now"}}, 75),
        (("--tls", "none"), "localhost", {}, 0),
        (("--tls", "implicit", *ca), "localhost", {"from_start": True}, 0),
        (("--tls", "implicit"), "localhost", {"from_start": True}, 77)):
    peer = Server(**{"offers": offers, "tls_offers": CHUNKS, "tls": context, **server})
    got, out, err = send(*options, peer=peer, host=host, text=TEXT)
    check(f"TLS {options} {host} {server}", got, status)
    check(f"TLS {options} {host} {server}, mail", len(peer.messages), 1 if status == 0 else 0)
    check(f"TLS {options} {host}, encrypted", peer.encrypted, "none" not in options and status == 0)
peer = Server(offers=offers, tls=context)
check("large over TLS", send(*ca, host="localhost", peer=peer, text=texts["large"])[0], 0)
check("large over TLS", [each == wire(texts["large"]) for each in peer.messages], [True])
# What is said in clear behind the reply to STARTTLS is never taken for something said in TLS (RFC 3207 6).
peer = Server(offers=offers, tls=context, replies={"STARTTLS": "220 go ahead\r\n250 injected"})
check("injection", send("--tls", "required", "--insecure", peer=peer)[0], 75)
check("injection", (peer.messages, peer.commands[-1]), ([], "STARTTLS"))
check("nothing in clear without TLS", [each[:4] for each in peer.commands], ["EHLO", "STAR"])
# RFC 9525 2: a name in the certificate's subject is none. The tool, the example, and postel check.
for only_subject in (False, True):
    other = certificate("other.pem", *(() if only_subject else named))
    peer = Server(offers=offers, tls=other)
    got, out, err = send("--tls", "required", "--ca", path("other.pem"), host="localhost", peer=peer)
    check(f"a name in the subject, {only_subject}", (got, len(peer.messages)), (77, 0) if only_subject else (0, 1))
    trusting = {**os.environ, "SSL_CERT_FILE": path("other.pem")}
    peer = Server(offers=offers, tls=other)
    done = subprocess.run([EXAMPLE, "-t", "localhost", str(peer.port), "ann@example.org", path("mail", b"x\r\n"), "bob@example.org"],
                          capture_output=True, timeout=60, env=trusting)
    peer.join(60)
    check(f"a name in the subject, example, {only_subject}", done.returncode, 75 if only_subject else 0)
    peer = Server(offers=PLAIN, tls=other, from_start=True, connections=1)
    done = subprocess.run([POSTEL, "check", "--tls", "--verify", "--timeout", "1", "--only", "rfc5321/4.1.1.9/*", f"localhost:{peer.port}"],
                          capture_output=True, timeout=60, env=trusting)
    check(f"a name in the subject, check, {only_subject}", b"certificate verify failed" in done.stdout + done.stderr, only_subject)
# RFC 8689 4.2.1: over TLS with whoever it is, REQUIRETLS is not asked for.
peer = Server(offers=offers, tls=context, tls_offers=PLAIN + ("REQUIRETLS",))
peer.listener.settimeout(2)
check("REQUIRETLS and any certificate", (send("--require-tls", "--insecure", host="localhost", peer=peer)[0], peer.commands), (64, []))
# The file is cut short while it is sent: what was sent of it is no message.
for options, server in ((("--tls", "none"), {}), (("--tls", "required", *ca), {"offers": offers, "tls": context, "tls_offers": CHUNKS})):
    peer = Server(**server, interrupts=lambda: os.truncate(path("mail"), 4096))
    check(f"a file cut short, {options}", (send(*options, peer=peer, host="localhost", text=long * 3)[0], peer.messages), (75, []))

# The example, which is tried in clear beside it.
for options, host, trusted, status in (((), "127.0.0.1", False, 0), (("-t",), "localhost", True, 0), (("-t",), "localhost", False, 75),
                                       (("-t",), "127.0.0.1", True, 75)):
    for text in (b"x\r\n" * 1000, texts["large"]):
        peer = Server(offers=offers, tls=context, tls_offers=CHUNKS)
        environment = {**os.environ, "SSL_CERT_FILE": path("cert.pem") if trusted else "/dev/null"}
        done = subprocess.run([EXAMPLE, *options, host, str(peer.port), "ann@example.org", path("mail", text), "bob@example.org"],
                              capture_output=True, timeout=60, env=environment)
        peer.join(60)
        check(f"example {options} {host}", (done.returncode, peer.encrypted), (status, status == 0))
        check(f"example {options} {host}", [each == wire(text) for each in peer.messages], [True] if status == 0 else [])

# ---- AUTH
secret = {"PW": "secret"}
user = ("--user", "ann", "--password-env", "PW", *ca)


def with_mechanisms(text):
    return {"offers": offers, "tls": context, "tls_offers": PLAIN + ("AUTH " + text,)}


for offered, options, used, status in (
        ("PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", (), "SCRAM-SHA-256", 0),
        ("PLAIN LOGIN CRAM-MD5", (), "CRAM-MD5", 0),
        ("LOGIN PLAIN", (), "PLAIN", 0),
        ("LOGIN", (), "LOGIN", 0),
        ("PLAIN SCRAM-SHA-256", ("--mechanism", "PLAIN"), "PLAIN", 0),
        ("PLAIN XOAUTH2 OAUTHBEARER", ("--mechanism", "XOAUTH2"), "XOAUTH2", 0),
        ("PLAIN XOAUTH2 OAUTHBEARER", ("--mechanism", "OAUTHBEARER"), "OAUTHBEARER", 0),
        ("XOAUTH2 GSSAPI", (), None, 77),
        ("PLAIN", ("--mechanism", "CRAM-MD5"), None, 77)):
    for environment in (secret, {"PW": "wrong"}):
        peer = Server(**with_mechanisms(offered))
        got, out, err = send(*user, "--transcript", *options, peer=peer, host="localhost", environment=environment)
        expected = 77 if environment is not secret else status
        check(f"AUTH {offered} {options} {environment}", (got, getattr(peer, "auth_used", None)), (expected, used))
        check(f"AUTH {offered}, mail", len(peer.messages), 1 if expected == 0 else 0)
        for each in ("secret", base64.b64encode(b"secret").decode(), base64.b64encode(b"\0ann\0secret").decode()):
            check("the transcript shows no password", each in err + out, False)
# A server that does not know the password: it proves nothing, or something wrong.
# Why we cancelled is said beside the reply, which does not know it.
for auth, said in (("mute", "the server has not proved that it knows the password"),
                   ("impostor", "501 5.7.0 cancelled; the server's proof that it knows the password is wrong")):
    peer = Server(**with_mechanisms("SCRAM-SHA-256"), auth=auth)
    status, out, err = send(*user, "--transcript", peer=peer, host="localhost", environment=secret)
    check(f"{auth}", (status, out, peer.messages, peer.commands[-1]), (77, f"bob@example.org: refused ({said})\n", [], "QUIT"))
    check(f"{auth}, transcript", said.split("; ")[-1] in err, True)
# One that says yes to who has cancelled.
peer = Server(**with_mechanisms("CRAM-MD5"), auth="obliging")
status, out, err = send(*user, peer=peer, host="localhost", environment=secret)
check("235 to *", (status, peer.messages, peer.commands[-1]), (77, [], "QUIT"))
check("235 to *, why", out, "bob@example.org: refused (a challenge is no base64)\n")
# One that wants a password that is cheap to guess, or to keep us busy.
for iterations, status in ((4095, 77), (1, 77), (2000000000, 77), (20000, 0)):
    peer = Server(**with_mechanisms("SCRAM-SHA-256"), iterations=iterations)
    begun = time.monotonic()
    got, out, err = send(*user, peer=peer, host="localhost", environment=secret)
    check(f"{iterations} iterations", (got, len(peer.messages), peer.commands[-1]), (status, 1 if status == 0 else 0, "QUIT"))
    check(f"{iterations} iterations, why", f"the server asks for {iterations} iterations" in out, status == 77)
    check(f"{iterations} iterations, time", time.monotonic() - begun < 20, True)


# ---- where the password comes from
def at_terminal(peer, typed):
    """With a terminal: what it showed, and the exit status. typed: behind the question; bytes."""
    path("mail", TEXT)
    child, terminal = pty.fork()
    if child == 0:
        os.execv(POSTEL, [POSTEL, "send", "--from", "ann@example.org", "--to", "bob@example.org", *user[:2], *ca, f"localhost:{peer.port}",
                          path("mail")])
    shown = b""
    try:
        while part := os.read(terminal, 4096):
            shown += part
            if typed and b"Password of ann: " in shown:
                # The terminal is silent before the question is put.
                check("the terminal is silent", termios.tcgetattr(terminal)[3] & termios.ECHO, 0)
                os.write(terminal, typed)
                typed = b""
    except OSError:  # it has ended
        pass
    status = os.waitpid(child, 0)[1]
    os.close(terminal)
    return shown.decode(), status


for typed, expected in ((b"secret\n", 0), (b"guess\n", 77)):
    peer = Server(**with_mechanisms("PLAIN"))
    shown, status = at_terminal(peer, typed)
    peer.join(60)
    check(f"asked for, {typed}", (os.waitstatus_to_exitcode(status), len(peer.messages)), (expected, 1 if expected == 0 else 0))
    check("what is typed is not shown", (shown.count("Password"), typed.strip().decode() in shown), (1, False))
# Ctrl-D, and Ctrl-C, which ends the program by its signal; nothing is said to anybody.
for typed, expected in ((b"\x04", 64), (b"\x03", -signal.SIGINT)):
    peer = Server(**with_mechanisms("PLAIN"))
    check(f"no password is typed, {typed}", os.waitstatus_to_exitcode(at_terminal(peer, typed)[1]), expected)
    peer.listener.close()
for options, status in ((("--password-file", path("password", b"secret\r\nmore\n")), 0), (("--password-file", path("wrong", b"\n")), 77),
                        (("--password-env", "PW"), 0), (("--password", "secret"), 0), (("--password", "guess"), 77)):
    peer = Server(**with_mechanisms("PLAIN"))
    got, out, err = send(*user[:2], *ca, *options, peer=peer, host="localhost", environment=secret)
    check(f"a password by {options}", (got, "list of processes" in err), (status, options[0] == "--password"))
check("454 to AUTH", send(*user, peer=Server(**with_mechanisms("PLAIN"), replies={"AUTH": "454 4.7.0 later"}), host="localhost",
                          environment=secret)[0], 75)
# STARTTLS that is refused for now decides nothing about permission; one that is refused does (RFC 3207 4, RFC 4954 6).
for declined, later in (("454 4.7.0 not now", True), ("501 5.5.4 what", False), ("502 5.5.1 what", False), ("554 5.7.0 no", False)):
    for offered, password, replies, status in ((("AUTH PLAIN",), "secret", {}, 75 if later else 77), ((), "secret", {}, 75 if later else 77),
                                               (("AUTH CRAM-MD5",), "secret", {}, 0), (("AUTH CRAM-MD5",), "wrong", {}, 77),
                                               (("AUTH CRAM-MD5",), "secret", {"AUTH": "538 5.7.11 TLS first"}, 77)):
        peer = Server(PLAIN + ("STARTTLS",) + offered, replies={**replies, "STARTTLS": declined})
        got, out, err = send(*user[:4], "--tls", "starttls", peer=peer, environment={"PW": password})
        what = f"{declined}, then AUTH {offered} {password} {replies}"
        check(what, (got, len(peer.messages)), (status, 1 if status == 0 else 0))
        check(f"{what}, outcome", out.split(" ")[1], {0: "delivered", 75: "temporary", 77: "refused"}[status])
        if offered == ("AUTH PLAIN",):
            check(f"{what}, reason", out.endswith(f"; STARTTLS was answered with {declined})\n"), True)
# No password in clear, whatever is asked for; what does not show it may be used.
for options, offered, status in ((("--tls", "none"), "PLAIN LOGIN", 77), (("--tls", "none", "--mechanism", "PLAIN"), "PLAIN", 77),
                                 (("--tls", "starttls"), "PLAIN", 77), (("--tls", "none"), "PLAIN CRAM-MD5", 0),
                                 ((), "PLAIN", 77)):
    peer = Server(offers=PLAIN + ("AUTH " + offered,))
    got, out, err = send(*user[:4], *options, peer=peer, host="localhost", environment=secret)
    check(f"AUTH in clear {options} {offered}", got, status)
    check(f"AUTH in clear {options} {offered}", [each for each in peer.commands if each.startswith("AUTH PLAIN")], [])
    check(f"AUTH in clear {options} {offered}", len(peer.messages), 1 if status == 0 else 0)

# ---- REQUIRETLS
peer = Server(offers=offers, tls=context, tls_offers=PLAIN + ("REQUIRETLS",))
check("REQUIRETLS", send("--require-tls", *ca, host="localhost", peer=peer)[0], 0)
check("REQUIRETLS", [each for each in peer.commands if each.startswith("MAIL")], ["MAIL FROM:<ann@example.org> SIZE=30 REQUIRETLS"])
peer = Server(offers=offers, tls=context)
check("REQUIRETLS not offered", (send("--require-tls", *ca, host="localhost", peer=peer)[0], peer.messages), (65, []))

# ---- without a server
with socket.create_server(("127.0.0.1", 0)) as taken:
    free = taken.getsockname()[1]
base = [POSTEL, "send", "--from", "ann@example.org", "--to", "bob@example.org"]


def run(*arguments, env=None):
    done = subprocess.run([*base, *arguments], capture_output=True, timeout=60, env=env, start_new_session=True)
    return done.returncode, done.stdout.decode()


path("mail", b"x\n")
peer = Server()
check("host and port", run("--host", "127.0.0.1", "--port", str(peer.port), path("mail")),
      (0, "bob@example.org: delivered (250 2.6.0 taken)\n"))
check("nobody listens", run(f"127.0.0.1:{free}", path("mail")), (75, "bob@example.org: temporary (Connection refused)\n"))
check("no file", run("127.0.0.1:1", path("none"))[0], 66)
check("a folder", run("127.0.0.1:1", FOLDER.name)[0], 66)
for wrong in (["127.0.0.1:1"], ["a", "-", "-"], ["--host", "", "a"], ["--orcpt", "", "a", "b"], ["a\u00fc..b", "c"], ["--tls", "maybe", "a", "b"], ["--user", "x", "a", "b"], ["--from", "ann@", "a", "b"],
              ["--to", "<>", "a", "b"], ["--notify", "never,success", "a", "b"], ["--lmtp", "a", "b"], 
              ["--port", "1", "a:2", "b"], ["--envid", "", "a", "b"], ["--mechanism", "NONE", "--user", "x", "--password-env", "HOME", "a", "b"],
              ["--require-tls", "--tls", "none", "a", "b"], ["--convert-line-ends", "--strict-line-ends", "a", "b"],
              ["--verify", "--insecure", "a", "b"], ["--verify", "--tls", "starttls", "a", "b"], ["--verify", "--tls", "none", "a", "b"],
              ["--ca", "c", "--tls", "starttls", "a", "b"], ["--ca", "c", "--tls", "none", "a", "b"],
              ["--verify", "--user", "x", "--tls", "starttls", "a", "b"], ["--password", "x", "a", "b"], ["--user", "", "--password", "x", "a", "b"],
              ["--user", "x", "--password", "x", "--password-env", "HOME", "a", "b"], ["--user", "x", "--password-file", path("none"), "a", "b"], ["--helo", "a b", "a", "b"], ["--password-env", "NO_SUCH_VARIABLE", "--user", "x", "a", "b"],
              ["--orcpt", "a", "--orcpt", "b", "a", "b"], ["--timeout", "0", "a", "b"]):
    check(f"usage {wrong}", run(*wrong)[0], 64)
dry = subprocess.run([*base, "--dry-run", "--user", "ann", "--password-env", "PW", "--ret", "full", "mx.example.org", path("mail")],
                     capture_output=True, env={**os.environ, **secret})
said = [each[3:] for each in dry.stdout.decode().splitlines() if each.startswith("C: ")]
check("dry run", dry.returncode, 0)
check("dry run", said[-5:], ["RCPT TO:<bob@example.org>", "DATA", "x", ".", "QUIT"])
check("dry run", said[1:2] + said[3:4], ["STARTTLS", "AUTH SCRAM-SHA-256 (response not shown)"])
FOLDER.cleanup()
finish()
