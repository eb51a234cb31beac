#!/usr/bin/env python3
"""protocol.py SMALL_SERVER EPOLL_SERVER ASIO_SERVER LMTP_AGENT: drives them over plain sockets and with smtplib, as good and as bad clients would."""
import base64
import os
import select
import smtplib
import socket
import ssl
import sys

from servers import (DOMAIN, HEADER, MESSAGES, RAW_MESSAGES, RECIPIENT, SENDER, Asio, Epoll, Lmtp, Session, Small, check, fail,
                     stuffed, thirty_mebioctets)

TLS = ssl.create_default_context()
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE
MAIL = f"MAIL FROM:<{SENDER}> BODY=8BITMIME\r\nRCPT TO:<{RECIPIENT}>\r\n".encode()


def expect_arrived(server, what, *messages):
    arrived = server.messages()
    check(sorted(arrived) == sorted(messages),
          f"{what}: sent {[len(m) for m in messages]} octets, {[len(m) for m in arrived]} arrived, or others")


def greet(session, hello="EHLO"):
    session.expect("220")
    return session.say(hello + " client.example", "250")


def whole_messages(server):
    """Pipelined; in writes that cut anywhere; in chunks."""
    big = thirty_mebioctets()
    for chunk, messages in ((None, {**RAW_MESSAGES, "big": big}), (1021, RAW_MESSAGES),
                            (1, {k: m for k, m in RAW_MESSAGES.items() if len(m) < 2000})):
        session = Session(server.port, chunk)
        greet(session)
        for name, message in messages.items():
            session.say(MAIL + b"DATA\r\n", "250", "250", "354")
            session.say(stuffed(message), "250")
            expect_arrived(server, name, message)
            size = b"BDAT %d\r\n" % len(message[:len(message) // 3])
            session.say(MAIL + size + message[:len(message) // 3], "250", "250", "250")
            rest = message[len(message) // 3:]
            session.say(b"BDAT %d LAST\r\n" % len(rest) + rest, "250")
            expect_arrived(server, name + " in chunks", message)
        session.say("QUIT", "221")
        session.expect_end()


def with_smtplib(server):
    with smtplib.SMTP("127.0.0.1", server.port, timeout=60) as client:
        for name, message in RAW_MESSAGES.items():
            client.sendmail(SENDER, RECIPIENT, message or b"\r\n", mail_options=["BODY=8BITMIME"])
            expect_arrived(server, name, message or b"\r\n")


def given_up(server):
    """What is given up in any way is not stored; what comes next is."""
    message = MESSAGES["dots"]
    for end in (b"", b".", b"\r\n.", b"\r\n.\r"):
        session = Session(server.port)
        greet(session)
        session.say(MAIL + b"DATA\r\n", "250", "250", "354")
        session.send(b"half" + end)
        session.close()
    session = Session(server.port)
    greet(session)
    session.say(MAIL + b"BDAT 4\r\nhalf", "250", "250", "250")
    session.say("RSET", "250")
    session.say(MAIL + b"BDAT 4\r\nhalf", "250", "250", "250")
    session.say("EHLO client.example", "250")
    session.say(MAIL + b"BDAT 4\r\nhalfBDAT 99999999\r\n", "250", "250", "250")
    session.close()
    session = Session(server.port)
    greet(session)
    session.say(MAIL + b"DATA\r\n", "250", "250", "354")
    session.say(b"bare\nLF\r\n.\r\n", "554")
    session.say(MAIL + b"DATA\r\n", "250", "250", "354")
    session.say(stuffed(message), "250")
    session.say("QUIT", "221")
    expect_arrived(server, "behind what was given up", message)


def refused(server):
    session = Session(server.port)
    greet(session)
    session.say(f"MAIL FROM:<{SENDER}>", "250")
    session.say("RCPT TO:<bob@elsewhere.example>", "550")
    session.say("DATA", "554")
    session.say("RCPT TO:<Postmaster>", "250")
    session.say(f"RCPT TO:<Bob@{DOMAIN.upper()}>", "250")
    session.say("BOGUS", "500")
    session.say("QUIT", "221")
    check(not server.messages(), "a message that was never sent")


def never_reading(server):
    """A client that sends and does not read: the server stops reading from it, keeps little, and goes on where it was."""
    session = Session(server.port, receive_buffer=4096)
    greet(session)
    transactions, recipients = 800, 900
    group = (f"MAIL FROM:<{SENDER}>\r\n" + f"RCPT TO:<{RECIPIENT}>\r\n" * recipients + "RSET\r\n").encode()
    octets = memoryview(group * transactions)
    session.socket.settimeout(0.5)
    sent = 0
    try:
        while sent < len(octets):
            sent += session.socket.send(octets[sent:sent + (1 << 20)])
    except TimeoutError:
        pass
    check(sent < len(octets), f"took {sent} octets though nothing was read")
    # Others are served meanwhile.
    other = Session(server.port)
    greet(other)
    other.say("QUIT", "221")
    session.socket.settimeout(60)
    session.socket.setblocking(False)
    replies = 0
    rest = b""
    while replies < transactions * (recipients + 2):
        readable, writable, _ = select.select([session.socket], [session.socket] if sent < len(octets) else [], [], 60)
        check(readable or writable, f"stands still after {replies} replies")
        if writable:
            sent += session.socket.send(octets[sent:sent + (1 << 16)])
        if readable:
            got = session.socket.recv(1 << 16)
            check(got, f"ended after {replies} replies")
            lines = (rest + got).split(b"\r\n")
            rest = lines.pop()
            check(all(line.startswith(b"250 ") for line in lines), "another reply than 250")
            replies += len(lines)
    session.close()
    peak = next(int(line.split()[1]) for line in open(f"/proc/{server.process.pid}/status") if line.startswith("VmHWM"))
    return peak


def stopped(make):
    """SIGTERM: 421, and the half message is none."""
    server = make()
    with server:
        idle, sending = Session(server.port), Session(server.port)
        greet(idle)
        greet(sending)
        sending.say(MAIL + b"DATA\r\n", "250", "250", "354")
        sending.send(b"half")
        server.stop()
        idle.expect("421")
        idle.expect_end()
        sending.expect("421")
        check(not server.messages(), "half a message was stored")
        server.stop = lambda: None


def restarted(kind, program):
    """At once on the same port, while the system remembers a connection of the process before."""
    with kind(program) as server:
        port = server.port
        session = Session(port)
        greet(session)
        server.stop()
        server.stop = lambda: None
    with kind(program, port=str(port)) as server:
        greet(Session(server.port))
        session.close()


def timed_out(make):
    with make() as server:
        for before in (b"", b"NOO", MAIL + b"DATA\r\nhalf"):
            session = Session(server.port)
            greet(session)
            session.send(before)
            if b"DATA" in before:
                session.expect("250", "250", "354")
            session.expect("421")
            session.expect_end()
        check(not server.messages(), "half a message was stored")


def trickling(make, hello="EHLO"):
    """An octet now and then is no progress: whoever sends a command or a message like that is cut off as one who is silent."""
    with make() as server:
        for before in (b"NOOP ", MAIL + b"DATA\r\n", MAIL + b"BDAT 100\r\n"):
            session = Session(server.port)
            greet(session, hello)
            session.send(before)
            if before.startswith(b"MAIL"):
                session.expect("250", "250", *(["354"] if b"DATA" in before else []))
            for _ in range(100): # ten times the patience of the server
                try:
                    session.send(b"x")
                except OSError:
                    pass
                if select.select([session.socket], [], [], 0.1)[0]:
                    break
            else:
                fail(f"an octet now and then behind {before!r} keeps the connection")
            session.expect("421")
            session.close()
        check(not server.messages(), "half a message was stored")


def hung_up_on(server, hello="EHLO"):
    """What the server does not read any more does not reset the connection: the last reply arrives, and the end behind it."""
    session = Session(server.port)
    greet(session, hello)
    try:
        session.send(b"QUIT\r\n" + b"NOOP\r\n" * 50000)
        session.expect("221")
        session.expect_end()
    except OSError as error:
        fail(f"the end of the connection: {error}")
    session.close()


def trace_fields(server):
    """Return-Path and Received, for one recipient and for two, with the right protocol."""
    def take(user, want):
        (fields, message), = server.store.new(user)
        check(message == b"text\r\n", f"other octets: {message!r}")
        for name, value in want.items():
            check(fields[name] == value, f"{name} is {fields[name]}, not {value}")
        return fields["id"]

    session = Session(server.port)
    session.expect("220")
    session.say("HELO client.example", "250")
    session.say(f"MAIL FROM:<{SENDER}>", "250")
    session.say(f"RCPT TO:<{RECIPIENT}>", "250")
    session.say("DATA", "354")
    session.say(b"text\r\n.\r\n", "250")
    first = take("bob", {"path": b"<ann@client.example>", "hello": b"client.example", "tcp": b"[127.0.0.1]",
                         "by": DOMAIN.encode(), "with": b"SMTP", "for": f"<{RECIPIENT}>".encode()})
    session.say("EHLO again.example", "250")
    session.start_tls()
    session.say("EHLO [127.0.0.1]", "250")
    session.say("MAIL FROM:<> SMTPUTF8", "250")
    session.say(f"RCPT TO:<{RECIPIENT}>", "250")
    session.say(f"RCPT TO:<carol@{DOMAIN}>", "250")
    session.say(f"RCPT TO:<CAROL@{DOMAIN}>", "250")
    session.say("DATA", "354")
    session.say(b"text\r\n.\r\n", "250")
    want = {"path": b"<>", "hello": b"[127.0.0.1]", "with": b"UTF8SMTPS", "for": None}
    second = take("bob", want)
    check(second == take("carol", want) and first != second, "ids are not one a message")


def recipients(server):
    """What is no mailbox does not become a path."""
    session = Session(server.port)
    greet(session)
    session.say(f"MAIL FROM:<{SENDER}>", "250")
    for name in ("nobody", '"../bob"', '".."', '"."', '"/etc"', '"bob/../bob"', '""', "bob/new", ".bob".replace(".", '"."'),
                 '"bob\\ "'):
        session.send(f"RCPT TO:<{name}@{DOMAIN}>\r\n".encode())
        check(session.reply()[:1] == b"5", f"{name} was taken")
    session.say(f'RCPT TO:<"b\\ob"@{DOMAIN}>', "250")
    session.say("QUIT", "221")


def starttls_injection(server):
    """RFC 3207 6: what came with STARTTLS in clear is never an input in TLS."""
    session = Session(server.port)
    greet(session)
    session.send(b"STARTTLS\r\nNOOP\r\n")
    rest = session.replies.read()
    check(b"250" not in rest and b"220" not in rest, f"answered {rest!r}")
    # In two writes, the second while the handshake is awaited: it is no handshake.
    session = Session(server.port)
    greet(session)
    session.say("STARTTLS", "220")
    session.send(b"NOOP\r\n")
    rest = session.replies.read()
    check(b"250" not in rest, f"answered {rest!r} to a command in clear")
    # And a real handshake behind it finds nobody.
    session = Session(server.port)
    greet(session)
    session.socket.sendall(b"STARTTLS\r\nNOOP\r\n")
    session.reply()
    try:
        TLS.wrap_socket(session.socket)
        fail("TLS began behind an injected command")
    except (OSError, ssl.SSLError):
        pass
    # Where all is well the session is a new one.
    session = Session(server.port)
    greet(session)
    session.say(f"MAIL FROM:<{SENDER}>", "250")
    session.start_tls()
    session.say(f"RCPT TO:<{RECIPIENT}>", "503")
    check(b"STARTTLS" not in session.say("EHLO client.example", "250"), "STARTTLS is offered in TLS")
    session.say(MAIL + b"DATA\r\n", "250", "250", "354")
    session.say(stuffed(MESSAGES["dots"]), "250")
    expect_arrived(server, "in TLS", MESSAGES["dots"])
    session.say("QUIT", "221")


def submission(server):
    def plain(user, password, acts_as=""):
        return base64.b64encode(f"{acts_as}\0{user}\0{password}".encode()).decode()

    session = Session(server.submission)
    check(b"AUTH" not in greet(session), "AUTH is offered in clear")
    session.say(f"MAIL FROM:<{SENDER}>", "530")
    session.say("AUTH PLAIN " + plain("ann", "secret"), "538")
    session.start_tls()
    check(b"AUTH PLAIN" in session.say("EHLO client.example", "250"), "AUTH is not offered")
    session.say(f"MAIL FROM:<{SENDER}>", "530")
    session.say("AUTH LOGIN", "504")
    for wrong in (plain("ann", "Secret"), plain("ann", ""), plain("nobody", "secret"), plain("ann", "secret\0"),
                  plain("ann", "secret", "bob"), "", "AAAA", plain("", "")):
        session.say("AUTH PLAIN", "334")
        session.send(wrong.encode() + b"\r\n")
        got = session.reply()
        check(got[:1] == b"5", f"{wrong} is answered {got!r}")
    session.say("AUTH PLAIN", "334")
    session.say("*", "501")
    session.say("AUTH PLAIN", "334")
    session.say(plain("ann", "secret"), "235")
    session.say("AUTH PLAIN " + plain("ann", "secret"), "503")
    session.say(MAIL + b"DATA\r\n", "250", "250", "354")
    session.say(stuffed(MESSAGES["dots"]), "250")
    (fields, message), = server.store.new("bob")
    check(message == MESSAGES["dots"] and fields["with"] == b"ESMTPSA", f"not as sent: {fields}")
    session.say("QUIT", "221")

    with smtplib.SMTP("127.0.0.1", server.submission, timeout=60) as client:
        client.starttls(context=TLS)
        client.login("ann", "secret")
        for name, message in {**RAW_MESSAGES, "big": thirty_mebioctets()}.items():
            client.sendmail(SENDER, RECIPIENT, message or b"\r\n", mail_options=["BODY=8BITMIME"])
            expect_arrived(server, name + " in TLS", message or b"\r\n")


def too_many(program):
    with Asio(program, "--connections", "2") as server:
        first, second = Session(server.port), Session(server.port)
        first.expect("220")
        second.expect("220")
        third = Session(server.port)
        third.expect("421")
        first.say("QUIT", "221")
        first.expect_end()
        first.close()
        second.say("EHLO client.example", "250")
        third.close()


def main():
    small, epoll, asio, lmtp = sys.argv[1:5]
    for make in (lambda: Small(small), lambda: Epoll(epoll), lambda: Asio(asio)):
        with make() as server:
            for each in (whole_messages, with_smtplib, given_up, refused, hung_up_on):
                each(server)
        # Two sessions, of which one is flooded: the programs themselves need 10 MiB; under the address sanitizer more, even if it is told
        # not to keep all that was freed.
        os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=8"
        with make() as server:
            del os.environ["ASAN_OPTIONS"]
            peak = never_reading(server)
            check(peak < 200_000, f"needed {peak} kB")
    for kind, program in ((Small, small), (Epoll, epoll), (Asio, asio)):
        restarted(kind, program)
    stopped(lambda: Epoll(epoll))
    stopped(lambda: Asio(asio))
    timed_out(lambda: Epoll(epoll, "1"))
    timed_out(lambda: Asio(asio, "--timeout", "1"))
    trickling(lambda: Epoll(epoll, "1"))
    trickling(lambda: Asio(asio, "--timeout", "1"))
    trickling(lambda: Lmtp(lmtp, "1"), "LHLO")
    with Lmtp(lmtp) as server:
        hung_up_on(server, "LHLO")
    with Asio(asio) as server:
        for each in (trace_fields, recipients, starttls_injection, submission):
            each(server)
    too_many(asio)
    print("all as it should be")


main()
