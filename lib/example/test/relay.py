#!/usr/bin/env python3
"""relay.py PROGRAM FAULTS [TEST...]: the relay against a smarthost that the test drives: what it passes on, puts off, returns and refuses.
FAULTS is the library of faults.cpp, which lets the disk refuse."""
import base64
import email
import email.policy
import errno
import os
import re
import select
import socket
import subprocess
import sys
import time
import traceback

from relay_peers import Folder, Relay, Smarthost, accepted, free_port, identity_of, message, ours, until, without_trace

program, faults = sys.argv[1:3]
hurry = ["--retry", "0.1", "--retry-maximum", "0.4"]
tests = []


def test(function):
    tests.append(function)
    return function


def returned(smarthost, count=1):
    """The reports that the smarthost was handed, parsed: the message itself and its delivery status, by recipient."""
    def reports():
        return [each for each in smarthost.taken if each[1].startswith("MAIL FROM:<>")]
    until(lambda: len(reports()) >= count, "a report")
    result = []
    for _, _, recipients, octets in reports():
        whole = email.message_from_bytes(octets, policy=email.policy.default)
        assert whole.get_content_type() == "multipart/report" and whole.get_param("report-type") == "delivery-status", whole
        assert whole["Auto-Submitted"] == "auto-replied" and whole["Message-ID"] and whole["Date"], whole
        parts = list(whole.iter_parts())
        assert len(parts) == 3 and parts[0].get_content_type() == "text/plain", whole
        assert not whole.defects and not any(part.defects for part in parts), (whole.defects, [p.defects for p in parts])
        result.append((recipients, parts[1].get_payload(), parts[2], octets))
    return result


def decoded(part):
    """The content of a part that Python takes for a message or leaves encoded."""
    encoded = part.as_bytes(policy=email.policy.SMTP).partition(b"\r\n\r\n")[2]
    return base64.b64decode(encoded) if part["Content-Transfer-Encoding"] == "base64" else encoded


@test
def octets_pass_unchanged(folder):
    """Every kind of line, by DATA and by BDAT, plain and through swaks."""
    bodies = [b"", b".\r\n", b"..\r\n.\r\n", b"x" * 990 + b"\r\n", b"\xc3\xa4\xff\r\n", b"\0\r\n", b"\r\n\r\n.\r\n\r\n",
              b"".join(b".%d\r\n" % i for i in range(100000)), b"From here\r\n", b"z" * 3_000_000 + b"\r\n"]
    for chunking in False, True:
        smarthost = Smarthost(chunking=chunking)
        relay = Relay(program, folder.new(f"spool{chunking}"), smarthost.port, *hurry)
        sent = []
        for i, body in enumerate(bodies):
            octets = message(f"{i}", body)
            replies = relay.send("ann@client.example", ["bob@example.org"], octets, ["BODY=8BITMIME"])
            assert accepted(replies) and b"Queued as" in replies[-1][1]
            sent.append(octets)
        # The same in chunks that are cut anywhere.
        for body in bodies[:6]:
            octets = message("chunk", body)
            with relay.client() as client:
                client.ehlo()
                client.mail("ann@client.example", ["BODY=8BITMIME"])
                client.rcpt("bob@example.org")
                for begin in range(0, len(octets), 37):
                    part = octets[begin:begin + 37]
                    client.send(b"BDAT %d\r\n" % len(part) + part)
                    assert client.getreply()[0] == 250
                client.send(b"BDAT 0 LAST\r\n")
                assert client.getreply()[0] == 250
            sent.append(octets)
        until(lambda: len(smarthost.taken) == len(sent), "all messages")
        assert sorted(without_trace(each[3]) for each in smarthost.taken) == sorted(sent)
        done = subprocess.run(["swaks", "--server", f"127.0.0.1:{relay.port}", "--helo", "client.example", "--from",
                               "ann@client.example", "--to", "bob@example.org,eve@example.org", "--silent", "2",
                               "--data", "Subject: swaks\\n\\n.dot\\n..\\nend\\n"], capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout, done.stderr)
        until(lambda: len(smarthost.taken) == len(sent) + 1, "swaks's message")
        _, mail, rcpts, octets = smarthost.taken[-1]
        assert mail.startswith("MAIL FROM:<ann@client.example> SIZE="), mail
        assert rcpts == ["RCPT TO:<bob@example.org>", "RCPT TO:<eve@example.org>"], rcpts
        assert without_trace(octets).startswith(b"Subject: swaks\r\n\r\n.dot\r\n..\r\nend\r\n"), octets
        assert b" for " not in octets.partition(b"\r\n")[0], "several recipients, and one is named"
        relay.drained()
        relay.stop()
        smarthost.close()


@test
def down_then_up(folder):
    port = free_port()
    relay = Relay(program, folder.new("spool"), port, *hurry)
    for i in range(20):
        accepted(relay.send("ann@client.example", ["bob@example.org"], message(f"{i}")))
    until(lambda: relay.logged("put off"), "an attempt that failed")
    assert len(relay.waiting()) == 20
    # Stopped and started, it still has them.
    relay.stop()
    assert len(relay.waiting()) == 20
    half = folder.new("spool") + "/0123456789abcdef01234567.new"
    open(half, "wb").write(b"postel-relay 1\r\nARR")
    relay = Relay(program, folder.new("spool"), port, *hurry)
    assert half.rpartition("/")[2] not in relay.waiting(), "what was half written is still there"
    smarthost = Smarthost(port=port)
    relay.drained()
    assert len(smarthost.taken) == 20
    relay.stop()
    smarthost.close()


@test
def synchronised_before_the_answer(folder):
    """The file, its name and the folder, in this order, and the 250 behind them: as the kernel sees it."""
    smarthost = Smarthost()
    trace = folder.new("trace")
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry,
                  under=["strace", "-D", "-f", "-y", "-q", "-s", "400", "-o", trace, "-e", "trace=fsync,renameat,unlinkat,sendmsg,sendto"])
    accepted(relay.send("ann@client.example", ["bob@example.org"], message("1", b"x" * 70 + b"\r\n")))
    relay.drained()
    relay.stop()
    smarthost.close()

    def traced():
        with open(trace) as file:
            return "+++ exited with 0" in file.read().rpartition("\n")[0].rpartition("\n")[2]
    until(traced, "the end of the trace")
    with open(trace) as file:
        calls = [line for line in file if "<unfinished" not in line or "fsync" not in line]
    order = [r"fsync\(\d+<.*/spool/[0-9a-f]{24}\.new>", r"renameat\(.*\.new\"", r"fsync\(\d+<.*/spool>", r"send\w+\(.*250 2\.0\.0 Queued as",
             r"send\w+\(.*QUIT"]
    places = []
    for wanted in order:
        found = [number for number, line in enumerate(calls) if re.search(wanted, line)]
        assert len(found) == 1, (wanted, found, calls)
        places.append(found[0])
    assert places == sorted(places), calls
    # The spool forgets the message when the smarthost has taken it, and before QUIT is waited for.
    removed = [number for number, line in enumerate(calls) if "unlinkat" in line]
    message_sent = [number for number, line in enumerate(calls) if re.search(r"send\w+\(.*X-Id: 1", line)]
    assert len(removed) == 1 and message_sent[0] < removed[0] < places[4], calls


@test
def one_knock_for_all(folder):
    """While the smarthost can't be reached there are no more connections than deliveries that go together at a time (RFC 5321 4.5.4.1)."""
    smarthost = Smarthost()
    smarthost.replies["greeting"] = [None]
    relay = Relay(program, folder.new("spool"), smarthost.port, "--retry", "0.5", "--retry-maximum", "0.5", "--deliveries", "1")
    for i in range(30):
        accepted(relay.send("ann@client.example", ["bob@example.org"], message(f"{i}")))
    before = smarthost.attempts
    assert before < 10, before
    smarthost.replies["greeting"] = ["220 smarthost.example"]
    relay.drained()
    assert len(smarthost.taken) == 30
    relay.stop()
    smarthost.close()


@test
def put_off_and_lost(folder):
    """4yz at each place, and a connection that is lost at each place; only where the reply to the message is lost is it sent again."""
    for stage, first in [("greeting", "421 4.3.2 later"), ("MAIL", "451 4.3.0 later"), ("bob@example.org", "450 4.2.1 later"),
                         ("DATA", "451 4.3.0 later"), ("end", "452 4.3.1 later"), ("greeting", None), ("MAIL", None),
                         ("bob@example.org", None), ("DATA", None), ("end", None),
                         # It refuses us, not the message.
                         ("greeting", "554 no SMTP service here"), ("greeting", "521 smarthost.example takes no mail"),
                         ("EHLO", "550 go away"), ("EHLO", None)]:
        smarthost = Smarthost()
        good = {"greeting": "220 ok", "EHLO": "", "DATA": "354 go on"}.get(stage, "250 2.0.0 OK")
        smarthost.replies[stage] = [first, first, good]
        relay = Relay(program, folder.new(f"spool {stage} {first}"), smarthost.port, *hurry)
        accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
        relay.drained()
        expected = 3 if (stage, first) == ("end", None) else 1
        assert len(smarthost.taken) == expected, (stage, first, smarthost.taken)
        assert smarthost.attempts == 3, (stage, first, smarthost.attempts)
        relay.stop()
        smarthost.close()


@test
def text_of_replies(folder):
    """RFC 5321 4.2: the code of a reply decides, whatever its text is: no message is doubled, put off or returned for it, and none leaves
    the log or the report in disorder."""
    texts = [octets.decode(errors="surrogateescape") for octets in
             (b"re\xc3\xa7u", b"re\xe7u", b"\xc3\xdc\xc2\xeb", b"cut \xc3", b"\a\x1b[2J\x7f", b"a\0b", b"a\rb", b"ok\r", b"x" * 600)]
    good = {"greeting": "220 ", "EHLO": "250 ", "MAIL": "250 ", "bob@example.org": "250 ", "DATA": "354 ", "end": "250 "}
    for number, text in enumerate(texts):
        smarthost = Smarthost()
        relay = Relay(program, folder.new(f"spool{number}"), smarthost.port, *hurry)
        for stage, code in good.items():
            smarthost.taken.clear()
            smarthost.attempts = 0
            smarthost.replies = {stage: [code + text]}
            accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
            relay.drained()
            assert len(smarthost.taken) == smarthost.attempts == 1, (stage, text, smarthost.taken, relay.log)
        # A refusal is one: the sender is told at once, once.
        smarthost.taken.clear()
        smarthost.replies = {"bob@example.org": ["550 5.1.1 " + text]}
        accepted(relay.send("ann@client.example", ["bob@example.org"], message("2")))
        ((_, status, _, octets),) = returned(smarthost)
        relay.drained()
        assert (status[1]["Action"], status[1]["Status"]) == ("failed", "5.1.1"), status[1]
        octets.decode("ascii")
        smarthost.taken.clear()
        smarthost.replies = {"bob@example.org": ["450 4.2.1 " + text, "250 ok"]}
        accepted(relay.send("ann@client.example", ["bob@example.org"], message("3")))
        relay.drained()
        assert len(smarthost.taken) == 1, smarthost.taken
        # It stays so: what would be tried again would have been by now.
        time.sleep(0.5)
        assert len(smarthost.taken) == 1 and relay.waiting() == [], smarthost.taken
        relay.stop()
        smarthost.close()
        assert all(line.isprintable() and line.isascii() for line in relay.log), relay.log
    # Where the report is in UTF-8, what the smarthost says goes there only if it is so too.
    for octets, reported in (b"Bo\xc3\xaete", "Bo\u00eete"), (b"Bo\xeete", "Bo?te"):
        smarthost = Smarthost()
        smarthost.replies["b\u00f6b@example.org"] = ["550 5.1.1 " + octets.decode(errors="surrogateescape")]
        relay = Relay(program, folder.new("spool-" + reported[2]), smarthost.port, *hurry)
        with relay.client() as client:
            client.ehlo()
            client.command_encoding = "utf-8"
            assert client.mail("ann@client.example", ["SMTPUTF8"])[0] == 250
            assert client.rcpt("b\u00f6b@example.org")[0] == 250
            assert client.data("Subject: \u00e4\r\n\r\ntext\r\n".encode())[0] == 250
        _, _, _, whole = until(lambda: smarthost.taken, "a report")[0]
        assert reported in whole.decode(), whole
        relay.drained()
        relay.stop()
        smarthost.close()
    # Different codes in one reply are none: the message may have been taken.
    smarthost = Smarthost()
    smarthost.replies["end"] = ["250-taken\r\n451 or not", "250 taken"]
    relay = Relay(program, folder.new("spool-of-two-codes"), smarthost.port, *hurry)
    accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
    relay.drained()
    assert relay.logged("unknown", "different codes 250, then 451"), relay.log
    relay.stop()
    smarthost.close()


@test
def what_may_have_arrived_is_not_sent_at_once(folder):
    """Neither again at once, nor for ever: the longest pause before a copy, and the sender is told after five (RFC 5321 6.1)."""
    for number, (end, said) in enumerate(((["250-taken\r\n451 or not"], "different codes (250, then 451): it may have arrived"),
                                          ([None], "lost before it was said whether the message is accepted: it may have arrived"))):
        smarthost = Smarthost()
        smarthost.replies["end"] = end
        relay = Relay(program, folder.new(f"patient{number}"), smarthost.port, "--retry", "0.1", "--retry-maximum", "60")
        accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
        until(lambda: smarthost.taken, "the first copy")
        # What was only put off comes again and again meanwhile.
        smarthost.replies["eve@example.org"] = ["450 4.2.1 later"] * 4 + ["250 ok"]
        accepted(relay.send("ann@client.example", ["eve@example.org"], message("2")))
        until(lambda: relay.log and sum("put off 450" in line for line in list(relay.log)) == 4, "four attempts")
        assert sum(each[2] == ["RCPT TO:<bob@example.org>"] for each in smarthost.taken) == 1, smarthost.taken
        relay.stop()
        smarthost.close()

        smarthost = Smarthost()
        smarthost.replies["end"] = [*end * 5, "250 ok"]
        relay = Relay(program, folder.new(f"doubtful{number}"), smarthost.port, *hurry)
        accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
        # The report is the sixth message.
        until(lambda: len(smarthost.taken) == 6, "a report")
        _, status, _, whole = returned(smarthost)[0]
        assert (status[1]["Action"], status[1]["Status"]) == ("failed", "4.4.2"), status[1]
        assert said in " ".join(whole.decode().split()), whole
        relay.drained()
        relay.stop()
        smarthost.close()


@test
def each_recipient_once(folder):
    """Some take it, some later, some never: each gets one, the sender one report."""
    for lmtp in False, True:
        smarthost = Smarthost(lmtp=lmtp)
        when = "end " if lmtp else ""
        smarthost.replies[when + "later@example.org"] = ["450 4.2.1 later", "450 4.2.1 later", "250 2.1.5 OK"]
        smarthost.replies[when + "never@example.org"] = ["550 5.1.1 no such user"]
        relay = Relay(program, folder.new(f"spool{lmtp}"), smarthost.port, *hurry, *(["--lmtp"] if lmtp else []))
        names = ["now@example.org", "later@example.org", "never@example.org"]
        accepted(relay.send("ann@client.example", names, message("1")))
        ((recipients, status, _, _),) = returned(smarthost)
        relay.drained()
        assert recipients == ["RCPT TO:<ann@client.example>"], recipients
        assert [str(part["Final-Recipient"]) for part in status[1:]] == ["rfc822;never@example.org"], status
        taken = [rcpt for each in smarthost.taken if each[1].startswith("MAIL FROM:<ann@") for rcpt in each[2]]
        assert sorted(taken) == ["RCPT TO:<later@example.org>", "RCPT TO:<now@example.org>"], taken
        relay.stop()
        smarthost.close()


@test
def report_says_all(folder):
    smarthost = Smarthost()
    smarthost.replies["bob@example.org"] = ["550-5.1.1 no\r\n550 5.1.1 such user"]
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry)
    octets = message("1", b"secret\r\n--=_x\r\n")
    accepted(relay.send("ann@client.example", ["bob@example.org"], octets, ["RET=FULL", "ENVID=a+2Bb+20c"],
                        ["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;Bob+2Bx@example.org"]))
    ((_, status, back, _),) = returned(smarthost)
    assert status[0]["Original-Envelope-Id"] == "a+b c" and status[0]["Reporting-MTA"] == "dns;" + ours, status[0]
    assert status[0]["Arrival-Date"], status[0]
    one = status[1]
    assert one["Original-Recipient"] == "rfc822;Bob+x@example.org", one
    assert (one["Final-Recipient"], one["Action"], one["Status"]) == ("rfc822;bob@example.org", "failed", "5.1.1"), one
    assert "".join(one["Diagnostic-Code"].split()) == "smtp;5505.1.1no5.1.1suchuser", one
    assert back.get_content_type() == "message/rfc822" and "secret" in back.as_string(), back
    # RET=HDRS, and as little where nothing is asked for
    for options in ["RET=HDRS"], []:
        smarthost.taken.clear()
        accepted(relay.send("ann@client.example", ["bob@example.org"], octets, options))
        ((_, status, back, whole),) = returned(smarthost)
        assert back.get_content_type() == "text/rfc822-headers" and "Subject: test" in back.get_payload(), back
        assert b"secret" not in whole and "Original-Envelope-Id" not in status[0]
    # An envelope identifier, or an original recipient, that would be lines of its own once decoded is none
    replies = relay.send("ann@client.example", ["bob@example.org"], octets, ["ENVID=x+0D+0ABcc:+20eve"])
    assert replies[0][0] == 501, replies
    replies = relay.send("ann@client.example", ["bob@example.org"], octets, [], ["ORCPT=rfc822;x+0D+0ABcc:+20eve"])
    assert replies[1][0] == 501, replies
    # In UTF-8: types of RFC 6533
    smarthost.taken.clear()
    smarthost.replies["b\u00f6b@example.org"] = ["550 5.1.1 no"]
    with relay.client() as client:
        client.ehlo()
        client.command_encoding = "utf-8"
        assert client.mail("ann@client.example", ["SMTPUTF8"])[0] == 250
        assert client.rcpt("b\u00f6b@example.org")[0] == 250
        assert client.data("Subject: \u00e4\r\n\r\ntext\r\n".encode())[0] == 250
    _, mail, _, whole = until(lambda: smarthost.taken, "a report")[0]
    assert "BODY=8BITMIME" in mail, mail
    assert b"message/global-delivery-status\r\n" in whole and b"message/global-headers\r\n" in whole, whole
    assert "Final-Recipient: utf-8;b\u00f6b@example.org\r\n".encode() in whole, whole
    relay.drained()
    relay.stop()
    smarthost.close()


@test
def nobody_is_told(folder):
    """NOTIFY=NEVER, NOTIFY=SUCCESS, and a message without a sender, which a report is."""
    smarthost = Smarthost()
    smarthost.replies["bob@example.org"] = ["550 5.1.1 no such user"]
    smarthost.replies["ann@client.example"] = ["550 5.1.1 no such user"]
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry)
    for sender, notify, sentences in [("ann@client.example", ["NOTIFY=NEVER"], 1), ("ann@client.example", ["NOTIFY=SUCCESS"], 2),
                                      ("", [], 3), ("ann@client.example", [], 4)]:
        accepted(relay.send(sender, ["bob@example.org"], message("1"), [], notify))
        until(lambda: sum("nobody is to be told" in line for line in list(relay.log)) == sentences, f"{sender} {notify}")
        relay.drained()
    assert sum(" reports on " in line for line in relay.log) == 1, relay.log  # the last, itself refused, and then dropped
    assert smarthost.taken == [], smarthost.taken
    relay.stop()
    smarthost.close()


@test
def success_is_told(folder):
    """RFC 3461 5.2: parameters pass to a server with DSN, which reports itself; to another none pass, and we say how far we know."""
    for lmtp, dsn, action in [(False, True, None), (False, False, "relayed"), (True, False, "delivered")]:
        smarthost = Smarthost(lmtp=lmtp, dsn=dsn)
        relay = Relay(program, folder.new(f"spool{lmtp}{dsn}"), smarthost.port, *hurry, *(["--lmtp"] if lmtp else []))
        accepted(relay.send("ann@client.example", ["bob@example.org"], message("1"), ["RET=FULL", "ENVID=x"],
                            ["NOTIFY=SUCCESS", "ORCPT=rfc822;b@example.org"]))
        relay.drained()
        _, mail, (rcpt,), _ = smarthost.taken[0]
        assert mail.endswith(" RET=FULL ENVID=x") == dsn and ("ENVID" in mail) == dsn, mail
        assert rcpt == "RCPT TO:<bob@example.org>" + (" NOTIFY=SUCCESS ORCPT=rfc822;b@example.org" if dsn else ""), rcpt
        if action:
            ((_, status, back, _),) = returned(smarthost)
            assert status[1]["Action"] == action and status[1]["Status"].startswith("2."), status
            assert back.get_content_type() == "text/rfc822-headers", back
        else:
            assert len(smarthost.taken) == 1
        relay.stop()
        smarthost.close()


@test
def given_up(folder):
    smarthost = Smarthost()
    smarthost.replies["bob@example.org"] = ["450 4.2.1 busy"]
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, "--give-up", "2")
    accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
    ((_, status, _, _),) = returned(smarthost)
    assert (status[1]["Action"], status[1]["Status"]) == ("failed", "4.4.7"), status[1]
    assert status[1]["Diagnostic-Code"] == "smtp;450 4.2.1 busy", status[1]
    assert smarthost.attempts > 3, smarthost.attempts
    relay.drained()
    relay.stop()
    smarthost.close()


@test
def broken_within_the_message(folder):
    """What was not written to its end can't have arrived: it is put off, and not unknown."""
    smarthost = Smarthost()
    smarthost.replies["text"] = [None, ""]
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry)
    accepted(relay.send("ann@client.example", ["bob@example.org"], message("1", b"x" * 76 + b"\r\n" + b"\xe4" * 20_000_000 + b"\r\n"), ["BODY=8BITMIME"]))
    relay.drained()
    assert relay.logged("put off") and not relay.logged("unknown"), relay.log
    assert len(smarthost.taken) == 1
    relay.stop()
    smarthost.close()


@test
def perhaps_it_arrived(folder):
    """The reply to the message is lost until time is over: the report does not say that it was not delivered."""
    smarthost = Smarthost()
    smarthost.replies["end"] = [None]
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, "--give-up", "2")
    accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
    until(lambda: relay.logged(" reports on "), "a report")
    smarthost.replies["end"] = ["250 2.0.0 taken"]
    relay.drained()
    _, status, _, whole = returned(smarthost)[-1]
    assert (status[1]["Action"], status[1]["Status"]) == ("failed", "4.4.2"), status[1]
    assert b"it may have arrived" in whole, whole
    relay.stop()
    smarthost.close()


@test
def turned_away_until_time_is_over(folder):
    smarthost = Smarthost()
    smarthost.replies["greeting"] = ["554 5.7.1 not you"]
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, "--give-up", "2")
    accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
    until(lambda: relay.logged(" reports on "), "a report")
    smarthost.replies["greeting"] = ["220 smarthost.example"]
    ((_, status, _, _),) = returned(smarthost)
    assert (status[1]["Action"], status[1]["Status"]) == ("failed", "4.4.7"), status[1]
    assert status[1]["Diagnostic-Code"] == "smtp;554 5.7.1 not you", status[1]
    assert relay.logged("turned away, refused 554"), relay.log
    assert smarthost.attempts > 3, smarthost.attempts
    relay.drained()
    relay.stop()
    smarthost.close()


@test
def report_in_seven_bits(folder):
    """A smarthost without 8BITMIME: what it can't take is refused, and its sender hears of it all the same."""
    smarthost = Smarthost(eight_bit=False)
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry)
    octets = "Subject: \u00e4\u00f6\r\nX-Long: {}\r\n\r\nbody \u00fc\r\n".format("\u00df" * 300).encode()
    with relay.client() as client:
        client.ehlo()
        client.command_encoding = "utf-8"
        assert client.mail("ann@client.example", ["SMTPUTF8", "RET=FULL"])[0] == 250
        assert client.rcpt("b\u00f6b@example.org", ["ORCPT=utf-8;b\\x{F6}b@example.org"])[0] == 250
        assert client.data(octets)[0] == 250
    accepted(relay.send("eve@client.example", ["bob@example.org"], b"Subject: x\r\n\r\n\xe4\r\n", ["RET=FULL", "BODY=8BITMIME"]))
    relay.drained()
    assert len(smarthost.taken) == 2, smarthost.taken
    for _, mail, (recipient,), whole in smarthost.taken:
        assert whole.isascii() and "8BITMIME" not in mail, whole
        assert max(len(line) for line in whole.split(b"\r\n")) < 998, whole
        text, status, back = email.message_from_bytes(whole, policy=email.policy.default).iter_parts()
        if recipient == "RCPT TO:<ann@client.example>":
            assert status.get_content_type() == "message/global-delivery-status", whole
            assert "Final-Recipient: utf-8;b\u00f6b@example.org\r\n".encode() in decoded(status), decoded(status)
            assert back.get_content_type() == "message/global-headers" and decoded(back).partition(b"\r\n")[2] in octets, decoded(back)
            assert b"X-Long: " in decoded(back), decoded(back)
            assert "b\u00f6b@example.org" in text.get_content(), text
        else:
            assert recipient == "RCPT TO:<eve@client.example>", recipient
            assert back.get_content_type() == "text/rfc822-headers" and "Subject: x" in back.as_string(), whole
    relay.stop()
    smarthost.close()


@test
def loops_end(folder):
    smarthost = Smarthost()
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry)
    hop = b"Received: from a by b; Mon, 23 Nov 2026 10:00:00 +0000\r\n"
    folded = b"RECEIVED:\r\n from a by b;\r\n Mon, 23 Nov 2026 10:00:00 +0000\r\n"
    not_hops = b"X-Received: x\r\nReceived-SPF: x\r\n Received: folded\r\n"
    for count, code in [(99, 250), (100, 554), (300, 554)]:
        octets = message(str(count), hop * 100, extra=not_hops * 10 + (hop + folded) * (count // 2) + hop * (count % 2))
        replies = relay.send("ann@client.example", ["bob@example.org"], octets)
        assert replies[-1][0] == code, (count, replies)
        assert code == 250 or replies[-1][1].startswith(b"5.4.6 "), replies
    # Fields as others write them count too; and ten of our own are a loop, whatever the limit is.
    gmail = b"Received: by 2001:db8::1 with SMTP id a.1;\r\n Mon, 23 Nov 2026 10:00:00 +0000\r\n"
    qmail = b"Received: (qmail 1 invoked by uid 89); 23 Nov 2026 10:00:00 -0000\r\n"
    own = b"Received: from x by " + ours.upper().encode() + b" (any (thing)) with SMTP id 1; Mon, 23 Nov 2026 10:00:00 +0000\r\n"
    spaced, unknown = b"Received : by b\r\n", b"Received: what is this\r\n"
    for fields, code in [((gmail + qmail) * 50, 554), (spaced * 50 + unknown * 50, 554), ((gmail + qmail) * 49 + spaced, 250), (own * 10, 554), (own * 9, 250)]:
        replies = relay.send("ann@client.example", ["bob@example.org"], message("x", extra=fields))
        assert replies[-1][0] == code, (fields[:60], replies)
    relay.drained()
    assert len(smarthost.taken) == 3
    relay.stop()
    # A relay that is its own smarthost: the message ends, and its report ends too.
    port = free_port()
    relay = Relay(program, folder.new("round"), port, *hurry, "--hops", "10", port=port)
    accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
    until(lambda: relay.logged("nobody is to be told"), "the end of the report")
    relay.drained()
    assert sum("circles" in line and "refused" in line for line in relay.log) >= 2, relay.log
    relay.stop()


@test
def strangers_do_not_relay(folder):
    smarthost = Smarthost()
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, "--allow", "192.0.2.0/24")
    replies = relay.send("ann@client.example", ["bob@example.org"], message("1"))
    assert [code for code, _ in replies] == [250, 550, 554] and replies[1][1].startswith(b"5.7.1 "), replies
    with relay.client() as client:  # but to the postmaster (RFC 5321 4.5.1)
        client.ehlo()
        client.mail("ann@client.example")
        assert client.docmd("RCPT TO:<Postmaster>")[0] == 250
        assert client.data(b"help\r\n")[0] == 250
    relay.drained()
    assert [each[2] for each in smarthost.taken] == [["RCPT TO:<Postmaster>"]], smarthost.taken
    relay.stop()
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, "--allow", "192.0.2.0/24", "--allow", "127.0.0.0/30")
    accepted(relay.send("ann@client.example", ["bob@example.org"], message("2")))
    relay.drained()
    relay.stop()
    smarthost.close()


@test
def limits_hold(folder):
    smarthost = Smarthost()
    smarthost.replies["greeting"] = ["421 4.3.2 later"]
    relay = Relay(program, folder.new("spool"), smarthost.port, "--size", "10000", "--messages", "3", "--clients", "2")
    large = message("large", b"x" * 78 + b"\r\n", b"X: y\r\n" * 2000)
    assert relay.send("ann@client.example", ["bob@example.org"], large)[-1][0] == 552
    bare = relay.client()
    bare.ehlo()
    bare.mail("ann@client.example")
    bare.rcpt("bob@example.org")
    bare.send(b"BDAT 9 LAST\r\nab\ncd\r\nef")
    assert bare.getreply()[0] == 554
    second = relay.client()
    # However many there are.
    for more in [socket.create_connection(("127.0.0.1", relay.port)) for _ in range(20)]:
        assert more.makefile("rb").readline().startswith(b"421 "), "a third client"
    second.close()
    bare.close()
    relay.stop()
    relay = Relay(program, folder.new("spool"), smarthost.port, "--messages", "3")
    for i in range(3):
        accepted(relay.send("ann@client.example", ["bob@example.org"], message(str(i))))
    replies = relay.send("ann@client.example", ["bob@example.org"], message("4"))
    assert replies[0][0] == 452 and replies[0][1].startswith(b"4.3.1 "), replies
    assert len(relay.waiting()) == 3, relay.waiting()
    relay.stop()
    smarthost.close()


@test
def stops_in_peace(folder):
    """SIGTERM: 421 to those who wait, and the message that is under way is none; one spool has one relay."""
    smarthost = Smarthost()
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry)
    other = subprocess.run([program, "--listen", "127.0.0.1:0", relay.spool, "127.0.0.1:9"], capture_output=True, text=True, timeout=20)
    assert other.returncode == 1 and "locked" in other.stderr, other
    idle, busy = relay.client(), relay.client()
    for client in idle, busy:
        client.ehlo()
    busy.mail("ann@client.example")
    busy.rcpt("bob@example.org")
    busy.putcmd("data")
    assert busy.getreply()[0] == 354
    busy.send(b"x" * 100_000 + b"\r\n")
    until(lambda: relay.waiting(), "the beginning of the message")
    relay.stop()
    assert idle.getreply()[0] == 421 and busy.getreply()[0] == 421
    assert relay.waiting() == [] and smarthost.taken == [], relay.waiting()
    smarthost.close()


def with_faults(folder, *rules):
    """The environment in which calls fail, (call, error, per mille), as long as the file is there that is given too."""
    switch = folder.new("faults")
    open(switch, "w").close()
    return switch, {"LD_PRELOAD": faults, "FAULTS": " ".join(f"{call}:{error}:{chance}" for call, error, chance in rules),
                    "FAULTS_IN": folder.new("spool"), "FAULTS_WHILE": switch, "FAULTS_SEED": "1"}


def queued(folder, count):
    """A spool with so many messages, and the port where no smarthost is yet."""
    port = free_port()
    relay = Relay(program, folder.new("spool"), port)
    for i in range(count):
        accepted(relay.send("ann@client.example", ["bob@example.org"], message(str(i))))
    assert len(relay.waiting()) == count
    relay.stop()
    return port


@test
def few_descriptors(folder):
    """Started with many messages and few descriptors, it sends them all, and takes more meanwhile."""
    smarthost = Smarthost(port=queued(folder, 30))
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, "--deliveries", "60", under=["prlimit", "--nofile=64"])
    for i in range(30, 40):
        accepted(relay.send("ann@client.example", ["bob@example.org"], message(str(i))))
    relay.drained()
    assert sorted(int(identity_of(each[3])) for each in smarthost.taken) == list(range(40)), len(smarthost.taken)
    relay.stop()
    smarthost.close()


@test
def loaded_at_last(folder):
    """A message that can't be opened now is tried again, and not left for the next start."""
    smarthost = Smarthost()
    smarthost.replies["greeting"] = ["421 4.3.2 later"]
    switch, environment = with_faults(folder, ("open", errno.EMFILE, 1000))
    os.unlink(switch)
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, environment=environment)
    for i in range(10):
        accepted(relay.send("ann@client.example", ["bob@example.org"], message(str(i))))
    open(switch, "w").close()
    smarthost.replies["greeting"] = ["220 smarthost.example"]
    until(lambda: sum(os.strerror(errno.EMFILE) in line for line in list(relay.log)) >= 10, "messages that can't be opened")
    os.unlink(switch)
    relay.drained()
    assert sorted(int(identity_of(each[3])) for each in smarthost.taken) == list(range(10)), len(smarthost.taken)
    relay.stop()
    smarthost.close()


@test
def delivered_and_not_removed(folder):
    """What can't be removed is not sent again: not later, not after a restart. It goes when that is possible."""
    for restart in False, True:
        smarthost = Smarthost()
        switch, environment = with_faults(folder, ("unlink", errno.EACCES, 1000))
        relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, environment=environment)
        accepted(relay.send("ann@client.example", ["bob@example.org", "eve@example.org"], message("1")))
        until(lambda: relay.logged("the disk still refuses"), "another try of the removal")
        assert len(smarthost.taken) == 1 and len(relay.waiting()) == 1, (smarthost.taken, relay.waiting())
        if restart:
            relay.kill()
            relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, environment=environment)
            until(lambda: relay.logged("the disk still refuses"), "a try of the removal after the start")
        os.unlink(switch)
        relay.drained()
        assert len(smarthost.taken) == 1 and smarthost.attempts == 1, smarthost.taken
        relay.stop()
        smarthost.close()


@test
def report_that_cannot_be_written(folder):
    """Nobody is given up without a report; but who has the message does not get it again while the other waits for that."""
    smarthost = Smarthost()
    smarthost.replies["eve@example.org"] = ["550 5.1.1 no such user"]
    switch, environment = with_faults(folder, ("link", errno.ENOSPC, 1000))
    os.unlink(switch)
    relay = Relay(program, folder.new("spool"), smarthost.port, "--retry", "0.5", "--retry-maximum", "0.5", environment=environment)
    smarthost.replies["greeting"] = ["421 4.3.2 later"]
    accepted(relay.send("ann@client.example", ["bob@example.org", "eve@example.org"], message("1")))
    open(switch, "w").close()
    smarthost.replies["greeting"] = ["220 smarthost.example"]
    until(lambda: relay.logged("the disk refuses the report"), "a report that can't be written")
    until(lambda: sum("the disk refuses the report" in line for line in list(relay.log)) > 1, "another attempt")
    os.unlink(switch)
    ((recipients, status, _, _),) = returned(smarthost)
    relay.drained()
    assert [str(part["Final-Recipient"]) for part in status[1:]] == ["rfc822;eve@example.org"], status
    assert [each[2] for each in smarthost.taken if each[1].startswith("MAIL FROM:<ann@")] == [["RCPT TO:<bob@example.org>"]], smarthost.taken
    relay.stop()
    smarthost.close()


@test
def taken_back_for_good(folder):
    """The folder can't be synchronised: the message is refused, removed, and that is synchronised."""
    smarthost = Smarthost()
    trace = folder.new("trace")
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry,
                  under=["strace", "-D", "-f", "-y", "-q", "-o", trace, "-e", "trace=fsync,renameat,unlinkat", "-e", "inject=fsync:error=EIO:when=2"])
    assert relay.send("ann@client.example", ["bob@example.org"], message("1"))[-1][0] == 451
    assert relay.waiting() == [] and smarthost.attempts == 0
    relay.stop()
    smarthost.close()
    with open(trace) as file:
        calls = file.read()
    order = re.findall(r"^\d+ +(\w+)\(\d+<[^>]*/spool(?:/[0-9a-f]{24}\.new)?>", calls, re.M)
    assert order == ["fsync", "renameat", "fsync", "unlinkat", "fsync"], calls


@test
def slow_clients(folder):
    """An octet now and then is no command: 421, as if there were none. And what is not read does not reset the connection."""
    smarthost = Smarthost()
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry, "--timeout", "1")
    client = socket.create_connection(("127.0.0.1", relay.port), timeout=30)
    stream = client.makefile("rb")
    assert stream.readline().startswith(b"220 ")
    for _ in range(100):
        client.sendall(b"x")
        if select.select([client], [], [], 0.1)[0]:
            break
    assert stream.readline().startswith(b"421 ")
    stream.close()
    client.close()
    client = socket.create_connection(("127.0.0.1", relay.port), timeout=30)
    client.sendall(b"QUIT\r\n" + b"NOOP\r\n" * 50000)
    replies = client.makefile("rb").read().splitlines()
    assert [reply[:3] for reply in replies] == [b"220", b"221"], replies
    client.close()
    relay.stop()
    smarthost.close()


@test
def slow_smarthost(folder):
    """An octet now and then is no reply either: the limit is for the whole of it."""
    smarthost = Smarthost()
    smarthost.replies["QUIT"] = [None]
    relay = Relay(program, folder.new("spool"), smarthost.port, *hurry)
    accepted(relay.send("ann@client.example", ["bob@example.org"], message("1")))
    relay.drained()
    until(lambda: smarthost.busy == 0, "the end of the connection", 30)
    relay.stop()
    smarthost.close()


failed = []
only = sys.argv[3:]
for each in tests:
    if only and each.__name__ not in only:
        continue
    begin = time.monotonic()
    with Folder() as place:
        try:
            each(place)
        except Exception:  # the others are worth a look too
            traceback.print_exc()
            failed.append(each.__name__)
    print(f"{each.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
if failed:
    sys.exit("failed: " + ", ".join(failed))
