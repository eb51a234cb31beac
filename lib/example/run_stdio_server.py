#!/usr/bin/env python3
"""run_stdio_server.py PROGRAM: talks to the example as a client would, and compares what it answers and what it keeps."""
import pathlib
import subprocess
import sys
import tempfile

offer = ["250-mx.example.org", "250-PIPELINING", "250-SIZE 33554432", "250-8BITMIME", "250-ENHANCEDSTATUSCODES",
         "250-SMTPUTF8", "250 HELP"]
ok, to_follow = ["250 2.1.0 OK"], ["354 Start mail input; end with <CRLF>.<CRLF>"]
dialogue = [
    ("EHLO client.example", offer),
    ("MAIL FROM:<ann@client.example>", ok),
    ("RCPT TO:<bob@example.org>", ["250 2.1.5 OK"]),
    ("RCPT TO:<bob@EXAMPLE.org>", ["250 2.1.5 OK"]),
    ("RCPT TO:<postMASTER>", ["250 2.1.5 OK"]),
    ("RCPT TO:<eve@elsewhere.example>", ["550 5.0.0 No such user"]),
    ("DATA", to_follow),
    ("hello\r\n..dots\r\n.", ["250 2.6.0 OK"]),
    ("MAIL FROM:<ann@client.example>", ok),
    ("RCPT TO:<bob@example.org>", ["250 2.1.5 OK"]),
    ("DATA", to_follow),
    ("refused\rfor this\r\n.", ["554 5.6.0 CR without LF"]),
    ("MAIL FROM:<>", ok),
    ("RCPT TO:<Postmaster>", ["250 2.1.5 OK"]),
    ("DATA", to_follow),
    ("another\r\n.", ["250 2.6.0 OK"]),
    ("QUIT", ["221 2.0.0 Bye"]),
]


def compare(program, folder, lines):
    said = "".join(command + "\r\n" for command, _ in lines)
    expected = "220 mx.example.org ESMTP\r\n" + "".join(line + "\r\n" for _, reply in lines for line in reply)
    done = subprocess.run([program, folder], input=said.encode(), capture_output=True, timeout=30, check=True)
    if done.stdout.decode() != expected:
        sys.exit(f"answered\n{done.stdout.decode()}\nexpected\n{expected}")


with tempfile.TemporaryDirectory() as folder:
    for part in ("tmp", "new"):
        (pathlib.Path(folder) / part).mkdir()
    compare(sys.argv[1], folder, dialogue)
    kept = sorted(file.read_bytes() for file in (pathlib.Path(folder) / "new").iterdir())
    if kept != [b"another\r\n", b"hello\r\n.dots\r\n"]:
        sys.exit(f"kept {kept}")
    # Where nothing can be kept nothing is promised.
    one = dialogue[:3] + [("DATA", to_follow), ("lost\r\n.", ["452 4.0.0 Can't keep it now"])]
    compare(sys.argv[1], folder + "/nowhere", one)
