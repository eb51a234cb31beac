#!/usr/bin/env python3
"""run_send.py PROGRAM: the example delivers files to a server that writes down what comes, and that fails where it is told to."""
import os
import socket
import subprocess
import sys
import tempfile
import threading


class Server(threading.Thread):
    """One connection. fails: the command behind which the connection is cut; "end" for the end of the message, "text" in it."""

    def __init__(self, offers, refused=(), fails=None):
        super().__init__(daemon=True)
        self.offers, self.refused, self.fails = offers, refused, fails
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.commands, self.message = [], None
        self.start()

    def run(self):
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rb") as file:
            def say(line):
                connection.sendall(line.encode() + b"\r\n")

            say("220 mx.example.org ESMTP")
            while line := file.readline():
                assert line.endswith(b"\r\n"), line
                command = line[:-2].decode()
                self.commands.append(command)
                verb = command[:4].upper()
                if verb == "EHLO":
                    say("\r\n".join(["250-mx.example.org"] + ["250-" + each for each in self.offers] + ["250 HELP"]))
                elif verb == "RCPT" and any(each in command for each in self.refused):
                    say("550 5.1.1 nobody here")
                elif verb == "DATA":
                    say("354 go ahead")
                    self.message = b""
                    if self.fails == "text":
                        file.read(100000)
                        return
                    while (text := file.readline()) != b".\r\n":
                        if not text:
                            return
                        assert text.endswith(b"\r\n"), text
                        self.message += text[text.startswith(b"."):]
                    verb = "end"
                    if self.fails != "end":
                        say("250 2.0.0 taken")
                elif verb == "BDAT":
                    assert command.endswith(" LAST"), command
                    self.message = file.read(100000 if self.fails == "text" else int(command.split()[1]))
                    if self.fails == "text":
                        return
                    say("250 2.0.0 taken")
                elif verb == "QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 ok")
                if verb == self.fails:
                    return


def send(program, text, to, **server):
    peer = Server(**server)
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(text)
    try:
        done = subprocess.run([program, "127.0.0.1", str(peer.port), "ann@example.org", file.name, *to],
                              capture_output=True, timeout=60)
    finally:
        os.unlink(file.name)
    peer.join(60)
    return done.returncode, done.stdout.decode(), peer


def check(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r:.300} instead of {expected!r:.300}")


program = sys.argv[1]
plain, chunks = ["PIPELINING", "8BITMIME", "SIZE"], ["CHUNKING", "8BITMIME"]
texts = {
    "lines": (b"a: b\n\n.\n..two\n.three\n", b"a: b\r\n\r\n.\r\n..two\r\n.three\r\n"),
    "no end": (b"a: b\r\n\r\nlast line", b"a: b\r\n\r\nlast line\r\n"),
    "empty": (b"", b""),
    "large": (b"a: b\n\n" + b"0123456789" * 7 + b"\n." * 200000 + b"\xe4\n", None),
}
for name, (text, wire) in texts.items():
    wire = text.replace(b"\n", b"\r\n") if wire is None else wire
    for offers in (plain, chunks):
        status, out, peer = send(program, text, ["bob@example.org"], offers=offers)
        check(f"{name}, status", status, 0)
        check(f"{name}, output", out, "bob@example.org delivered 250 2.0.0 taken\n")
        # A chunk needs no line end at its end.
        check(name, peer.message.removesuffix(b"\r\n"), wire.removesuffix(b"\r\n"))

to = ["bob@example.org", "nobody@example.org"]
status, out, peer = send(program, b"x\n", to, offers=plain, refused=["nobody"])
check("partial", (status, out), (69, "bob@example.org delivered 250 2.0.0 taken\n"
                                     "nobody@example.org refused 550 5.1.1 nobody here\n"))
for fails in ("EHLO", "MAIL", "RCPT"):
    status, out, peer = send(program, b"x\n", to[:1], offers=plain, fails=fails)
    check(fails, (status, out), (75, "bob@example.org temporary 0 the connection was lost\n"))
status, out, peer = send(program, b"x\n", to[:1], offers=plain, fails="end")
check("end", (status, out), (75, "bob@example.org unknown 0 the connection was lost\n"))
# Not written to the end: it can't have been delivered.
for offers in (plain, chunks):
    status, out, peer = send(program, b"x" * 70 + b"\r\n" + b"y" * 30_000_000, to[:1], offers=offers, fails="text")
    check("text", (status, out), (75, "bob@example.org temporary 0 the connection was lost\n"))
check("nobody listens", subprocess.run([program, "127.0.0.1", "1", "", "/dev/null", "a@b"], capture_output=True).returncode, 75)
check("usage", subprocess.run([program], capture_output=True).returncode, 64)
