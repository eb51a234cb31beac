#!/usr/bin/env python3
"""send_text.py POSTEL: `postel send` to servers whose replies hold what no grammar has: the code counts (RFC 5321 4.2), what an EHLO response
offers counts however it is written, and nothing of it reaches the terminal unescaped."""
import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unicodedata

from checks import check, finish

POSTEL = sys.argv[1]
TEXTS = [b"re\xc3\xa7u", b"re\xe7u", b"\xc3\xdc\xc2\xeb\xb4\xed", b"cut \xc3", b"\xc2\x9b2J\xe2\x80\xa8", b"\a\x1b[2J\x7f", b"a\0b", b"a\rb",
         b"ok\r", b"x" * 600, b""]


class Server(threading.Thread):
    """One connection. replies: octets that answer a verb, or "greeting" or "end", in turn; the last one stays."""

    replies_to_message = 1

    def __init__(self, replies, offers=()):
        super().__init__(daemon=True)
        self.replies = {verb: list(each) for verb, each in replies.items()}
        self.offers = offers
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.commands = []
        self.start()

    def answer(self, verb, usual):
        said = self.replies.get(verb, [usual])
        return said.pop(0) if len(said) > 1 else said[0]

    def run(self):
        connection, _ = self.listener.accept()
        self.listener.close()
        with connection, connection.makefile("rb") as lines:
            def say(verb, usual):
                said = self.answer(verb, usual)
                connection.sendall(said + b"\r\n")
                return said

            say("greeting", b"220 mx.example.org")
            for line in lines:
                self.commands.append(line.rstrip(b"\r\n").decode())
                verb = line.split()[0].decode().upper()
                if verb in ("EHLO", "LHLO"):
                    say(verb, b"\r\n".join([b"250-mx.example.org"] + [b"250-" + each for each in self.offers] + [b"250 HELP"]))
                elif verb == "DATA":
                    if say(verb, b"354 go ahead").startswith(b"354"):
                        while lines.readline() not in (b".\r\n", b""):
                            pass
                        for _ in range(self.replies_to_message):
                            say("end", b"250 2.0.0 taken")
                elif verb in ("QUIT", "STARTTLS"): # a handshake is not needed to see that one was wanted
                    say(verb, b"220 bye")
                    return
                else:
                    say(verb, b"250 2.0.0 fine")


class Lmtp(Server):
    replies_to_message = 2


class Challenger(Server):
    """Answers AUTH with challenges, and what comes behind the last of them with a verdict."""

    def __init__(self, challenges, verdict, offers):
        self.challenges, self.verdict = challenges, verdict
        super().__init__({"AUTH": [b"334 " + challenges[0]]}, offers)

    def answer(self, verb, usual):
        # A response is no verb that anybody knows.
        known = verb in ("AUTH", "MAIL", "RCPT", "RSET", "QUIT", "EHLO", "DATA", "greeting", "end", "NOOP")
        return super().answer(verb, usual if known else self.verdict)


def send(server, *options, to=("ann@example.org",)):
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"Subject: x\n\ntext\n")
        file.flush()
        command = [POSTEL, "send", f"127.0.0.1:{server.port}", "--timeout", "20", "--transcript", "--from", "bob@example.org", *options]
        for each in to:
            command += ["--to", each]
        done = subprocess.run([*command, file.name], capture_output=True, timeout=60, env={**os.environ, "PW": "secret"})
    server.join(20)
    for name, text in ("standard output", done.stdout), ("standard error", done.stderr):
        check(f"{name} is safe for a terminal", [c for c in text.decode() if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")], [])
    return done


def in_json(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def octets_of(value):
    """What the server sent, whether that was UTF-8 or not."""
    return value.encode() if isinstance(value, str) else bytes.fromhex(value["hex"])


def same_outcome_with_any_text():
    # The place, the code, and what becomes of the message.
    places = [("greeting", b"220 ", 0, "delivered"), ("EHLO", b"250 ", 0, "delivered"), ("MAIL", b"250 ", 0, "delivered"),
              ("RCPT", b"250 ", 0, "delivered"), ("DATA", b"354 ", 0, "delivered"), ("end", b"250 ", 0, "delivered"),
              ("QUIT", b"221 ", 0, "delivered"), ("greeting", b"554 ", 69, "refused"), ("MAIL", b"550 5.7.1 ", 69, "refused"),
              ("RCPT", b"550 5.1.1 ", 69, "refused"), ("RCPT", b"421 ", 75, "temporary"), ("DATA", b"451 ", 75, "temporary"),
              ("end", b"550 ", 69, "refused"), ("end", b"452 ", 75, "temporary"), ("end", b"421 ", 75, "temporary")]
    for place, code, status, outcome in places:
        for text in TEXTS:
            what = f"{code + text!r} at {place}"
            done = send(Server({place: [code + text]}), "--json")
            check(f"status, {what}", done.returncode, status)
            (line,) = in_json(done)
            check(f"outcome, {what}", line["outcome"], outcome)
            if status:
                check(f"code, {what}", line["code"], int(code[:3]))
                check(f"text, {what}", octets_of(line["text"]), code[4:] + text)
    for text in TEXTS:
        done = send(Server({"RCPT": [b"550-5.1.1 " + text + b"\r\n550 5.1.1 " + text]}))
        check(f"without JSON, {text!r}", done.returncode, 69)
        check(f"the line, {text!r}", done.stdout.startswith(b"ann@example.org: refused (550 5.1.1 "), True)


def second_reply_of_lmtp():
    for text in TEXTS:
        done = send(Lmtp({"end": [b"250 2.0.0 " + text, b"550 5.1.1 " + text]}), "--lmtp", "--json", to=("ann@example.org", "eve@example.org"))
        check(f"LMTP, {text!r}", [line["outcome"] for line in in_json(done)], ["delivered", "refused"])


def different_codes():
    server = Server({"greeting": [b"220-caf\xe9\r\n521 no"]})
    done = send(server)
    check("status", done.returncode, 75)
    check("both codes are told", b"different codes: 220, then 521" in done.stdout, True)
    check("and shown", b"S: 220-caf\\xE9\nS: 521 no\n" in done.stderr, True)


def offers_in_white_space():
    for line in b"STARTTLS ", b"STARTTLS\t", b" STARTTLS", b"STARTTLS\r":
        server = Server({}, offers=[line])
        done = send(server)
        check(f"{line!r} is an offer", "STARTTLS" in server.commands, True)
        check(f"and nothing goes in clear behind it, {line!r}", done.returncode in (75, 77), True)
        check(f"no MAIL, {line!r}", [each for each in server.commands if each.startswith("MAIL")], [])
    server = Server({}, offers=[b"8BITMIME ", b"SIZE  5 "])
    check("SIZE counts", send(server).returncode, 65)


def authentication():
    challenge = base64.b64encode(b"<1@mx.example.org>")
    login = ["--tls", "none", "--user", "ann", "--password-env", "PW"]
    for line in b"AUTH CRAM-MD5 ", b"AUTH  A.B PLAIN\tCRAM-MD5  ABCDEFGHIJKLMNOPQRSTUVWX ":
        server = Challenger([challenge], b"235 2.7.0 \xe7a va", offers=[line])
        check(f"status, {line!r}", send(server, *login).returncode, 0)
    for text in TEXTS:
        done = send(Challenger([challenge], b"535 5.7.8 " + text, offers=[b"AUTH CRAM-MD5"]), *login)
        check(f"status of a 535, {text!r}", done.returncode, 77)
        check(f"which is told, {text!r}", b"535" in done.stdout, True)
    # RFC 4954 4: a challenge has up to 12288 octets with its 334 and CRLF, whatever the line of a reply has elsewhere.
    for octets in 572, 9000, 12280: # multiples of 4, as base64 is
        server = Challenger([b"A" * octets], b"235 2.7.0 good", offers=[b"AUTH CRAM-MD5"])
        check(f"status, a challenge of {octets} octets", send(server, *login).returncode, 0)


for each in same_outcome_with_any_text, second_reply_of_lmtp, different_codes, offers_in_white_space, authentication:
    each()
finish()
