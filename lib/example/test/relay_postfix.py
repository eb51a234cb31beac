#!/usr/bin/env python3
"""relay_postfix.py PROGRAM SERVERS: swaks into the relay, the relay into a real Postfix, and its Maildir compared octet for octet with what was
sent. SERVERS is conformance/servers, whose recipe of Postfix is used. 77: it cannot run here."""
import email
import subprocess
import sys

from postfix import Postfix, alone, behind_postfix
from relay_peers import Folder, Relay, accepted, message, until, without_trace

program, servers = sys.argv[1:3]
alone(servers)

with Folder() as folder:
    postfix = Postfix(folder, servers)
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
