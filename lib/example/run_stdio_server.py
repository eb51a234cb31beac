#!/usr/bin/env python3
"""run_stdio_server.py PROGRAM: talks to the example as a client would and compares what it answers."""
import subprocess
import sys

dialogue = [
    ("EHLO client.example", ["250-mx.example.org", "250-PIPELINING", "250-SIZE 33554432", "250-8BITMIME",
                             "250-ENHANCEDSTATUSCODES", "250-SMTPUTF8", "250 HELP"]),
    ("MAIL FROM:<ann@client.example>", ["250 2.1.0 OK"]),
    ("RCPT TO:<bob@example.org>", ["250 2.1.5 OK"]),
    ("RCPT TO:<eve@elsewhere.example>", ["550 5.0.0 No such user"]),
    ("DATA", ["354 Start mail input; end with <CRLF>.<CRLF>"]),
    ("hello\r\n..dots\r\n.", ["250 2.6.0 OK"]),
    ("QUIT", ["221 2.0.0 Bye"]),
]
said = "".join(command + "\r\n" for command, _ in dialogue)
expected = "220 mx.example.org ESMTP\r\n" + "".join(line + "\r\n" for _, reply in dialogue for line in reply)
done = subprocess.run([sys.argv[1]], input=said.encode(), capture_output=True, timeout=30, check=True)
if done.stdout.decode() != expected:
    sys.exit(f"answered\n{done.stdout.decode()}\nexpected\n{expected}")
if done.stderr.decode() != "14 octets of mail\n":
    sys.exit(f"got {done.stderr.decode()}")
