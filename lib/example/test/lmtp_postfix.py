#!/usr/bin/env python3
"""lmtp_postfix.py AGENT SERVERS: a real Postfix hands its mail to lmtp_agent, whose Maildirs are compared octet for octet with what was sent.
SERVERS is conformance/servers, whose recipe of Postfix is used. 77: it cannot run here."""
import os
import smtplib
import sys

from postfix import Postfix, alone
from relay_peers import Folder, message, until
from servers import Server

agent, servers = sys.argv[1:3]
alone(servers)


def mail_of(folder, name, count):
    place, begun = f"{folder}/{name}/new", f"{folder}/{name}/tmp"
    # A file leaves tmp/ only when the last mailbox has it: after it was seen here.
    until(lambda: len(os.listdir(place)) >= count and not os.listdir(begun), f"{count} messages to {name}, and none begun")
    found = []
    for each in os.listdir(place):
        with open(f"{place}/{each}", "rb") as file:
            found.append(file.read())
    assert len(found) == count, (name, count, len(found))
    return sorted(found)


with Folder() as folder:
    boxes = folder.new("boxes")
    for name in "ann", "bob":
        for part in "tmp", "new", "cur":
            os.makedirs(f"{boxes}/{name}/{part}")
    os.chmod(boxes, 0o755)
    running = Server([agent, "example.org", "0", boxes])
    try:
        postfix = Postfix(folder, servers, f"lmtp:inet:127.0.0.1:{running.ports[0]}")
        try:
            postfix.start()
            sent = [message(str(i), body) for i, body in enumerate(
                [b"", b".\r\n..\r\n.x\r\n", b"x" * 900 + b"\r\n", b"".join(b".%d\r\n" % i for i in range(20000))])]
            for octets in sent:
                with smtplib.SMTP("127.0.0.1", postfix.port, local_hostname="client.example", timeout=60) as session:
                    session.sendmail("eve@client.example", ["ann@example.org", "bob@example.org"], octets)
            for name in "ann", "bob":
                came = mail_of(boxes, name, len(sent))
                for octets in sent:
                    (there,) = [each for each in came if each.replace(b"\r\n", b"\n").endswith(octets.replace(b"\r\n", b"\n"))]
                    fields = there[:len(there.replace(b"\r\n", b"\n")) - len(octets.replace(b"\r\n", b"\n"))]
                    assert fields.startswith(b"Return-Path: <eve@client.example>") and b" with LMTP" in fields, fields
            # Bob's mailbox goes: ann still gets hers, and the answers are told apart (RFC 2033 4.2).
            os.rename(f"{boxes}/bob", f"{boxes}/gone")
            with smtplib.SMTP("127.0.0.1", postfix.port, local_hostname="client.example", timeout=60) as session:
                session.sendmail("eve@client.example", ["ann@example.org", "bob@example.org"], message("half"))
            mail_of(boxes, "ann", len(sent) + 1)
            until(lambda: "to=<bob@example.org>" in postfix.log() and "status=bounced" in postfix.log(), "the refusal of bob")
            print(f"{len(sent) + 1} messages came as they were sent")
        except AssertionError:
            print(postfix.log(), file=sys.stderr)
            raise
        finally:
            postfix.stop()
    finally:
        running.kill()  # it serves until it is killed
