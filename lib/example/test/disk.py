#!/usr/bin/env python3
"""disk.py SMALL_SERVER EPOLL_SERVER ASIO_SERVER LMTP_AGENT: what happens to a message that can't be written, or only in part, or delivered to some
only, or not synchronised. It is refused, and it is nowhere."""
import os
import re
import resource
import shutil
import sys
import tempfile
import time

from servers import DOMAIN, HEADER, MESSAGES, RECIPIENT, SENDER, Asio, Epoll, Lmtp, Session, Small, check, dotted, stuffed

MAIL = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\n".encode()
HALF = dotted(200_000)


def begin(server):
    session = Session(server.port)
    session.expect("220")
    session.say(("LHLO" if isinstance(server, Lmtp) else "EHLO") + " client.example", "250")
    return session


def took(server, session):
    """Waits until the server has dealt with all that was sent: it has read it, and has answered somebody else since."""
    ours, theirs = session.socket.getsockname()[1], server.port
    for _ in range(1000):
        with open("/proc/net/tcp", encoding="ascii") as connections:
            line = next(l for l in connections if f":{theirs:04X} 0100007F:{ours:04X} " in l)
        if int(line.split()[4].split(":")[1], 16) == 0:
            break
        time.sleep(0.01)
    other = begin(server)
    other.say("QUIT", "221")
    other.close()
    time.sleep(0.2) # where each connection has a thread


def refused_and_nowhere(server, session, what):
    reply = session.reply()
    check(reply[:1] in (b"4", b"5"), f"{what} is answered {reply!r}")
    check(not server.messages(), f"{what} was delivered in spite of {reply!r}")
    check(not server.store.left_behind(), f"{what} is left in tmp")


def behind_a_gap(server):
    """While the beginning comes it can't be written; then it could. What would be stored is the rest of the message, or nothing of it."""
    tmp = server.root / server.mailbox / "tmp"
    away = server.root / server.mailbox / "away"
    for rest in HALF, b"":
        session = begin(server)
        session.say(MAIL + b"DATA\r\n", "250", "250", "354")
        tmp.rename(away)
        session.send(stuffed(HEADER % b"half" + HALF)[:-3])
        took(server, session)
        away.rename(tmp)
        session.send(stuffed(rest))
        refused_and_nowhere(server, session, f"a message without its beginning, {len(rest)} octets of it,")

        session.say(MAIL, "250", "250")
        tmp.rename(away)
        size = len(HEADER % b"half" + HALF)
        session.send(b"BDAT %d\r\n" % size + HEADER % b"half" + HALF)
        chunk = session.reply()
        away.rename(tmp)
        if chunk.startswith(b"250"): # it may be told at the end
            session.send(b"BDAT %d LAST\r\n" % len(rest) + rest)
            refused_and_nowhere(server, session, f"a last chunk of {len(rest)} octets without the first")
        session.say("RSET", "250")

        # The failure is over with the transaction.
        session.say(MAIL + b"DATA\r\n", "250", "250", "354")
        session.say(stuffed(MESSAGES["short"]), "250")
        check(server.messages() == [MESSAGES["short"]], "the next message is not as it was sent")
        session.say("QUIT", "221")


def too_large_a_file(server):
    """RLIMIT_FSIZE, as a full disk would do it."""
    session = begin(server)
    session.say(MAIL + b"DATA\r\n", "250", "250", "354")
    session.send(stuffed(MESSAGES["one-mebioctet"]))
    refused_and_nowhere(server, session, "a message that is too large for its file")
    session.say(MAIL + b"DATA\r\n", "250", "250", "354")
    session.say(stuffed(MESSAGES["short"]), "250")
    check(server.messages() == [MESSAGES["short"]], "the next message is not as it was sent")
    session.say("QUIT", "221")


def one_of_two(server):
    """In SMTP both get it or none; in LMTP each has an answer."""
    session = begin(server)
    session.say(MAIL + f"RCPT TO:<carol@{DOMAIN}>\r\n".encode() + b"DATA\r\n", "250", "250", "250", "354")
    shutil.rmtree(server.root / "carol" / "new")
    session.send(stuffed(MESSAGES["short"]))
    if isinstance(server, Lmtp):
        session.expect("250", "450")
        check(server.messages() == [MESSAGES["short"]], "bob has not what was answered with 250")
    else:
        refused_and_nowhere(server, session, "a message that carol can't be given")
    session.say("QUIT", "221")


def taken_back_for_good(make):
    """The folder can't be synchronised: the name goes again, and the folder is synchronised again."""
    with tempfile.TemporaryDirectory(prefix="postel-trace-") as folder:
        trace = os.path.join(folder, "trace")
        # when=2: of each thread the second: the first is the message's own.
        with make(under=["strace", "-D", "-f", "-y", "-q", "-s", "400", "-o", trace, "-e", "trace=fsync,/^link,/^unlink",
                         "-e", "inject=fsync:error=EIO:when=2"]) as server:
            session = begin(server)
            session.say(MAIL + b"DATA\r\n", "250", "250", "354")
            session.send(stuffed(MESSAGES["short"]))
            refused_and_nowhere(server, session, "a message in a folder that can't be synchronised")
            session.say("QUIT", "221")
        with open(trace, encoding="utf-8") as file:
            calls = file.read()
        new = [found[1] for found in re.finditer(r"^\d+ +(fsync|link|unlink)(?:at)?\(.*/new\b", calls, re.M)]
        check(new == ["link", "fsync", "unlink", "fsync"], f"with the folder was done {new}: {calls}")


def little_memory(server):
    """20 messages under way, of 16 MiB each: none of it stays in memory. (The programs need 10 MiB, the address sanitizer a good deal more.)"""
    part = stuffed(dotted(1 << 20))[:-3]
    sessions = [begin(server) for _ in range(20)]
    for session in sessions:
        session.say(MAIL + b"DATA\r\n", "250", "250", "354")
    for _ in range(16):
        for session in sessions:
            session.send(part)
    took(server, sessions[-1])
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    check(peak < 200_000, f"needed {peak} kB")
    for session in sessions:
        session.close()
    begin(server).close()
    return peak


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def main():
    small, epoll, asio, lmtp = sys.argv[1:5]
    for kind, program in ((Small, small), (Epoll, epoll), (Asio, asio), (Lmtp, lmtp)):
        with kind(program) as server:
            behind_a_gap(server)
        with kind(program, preexec_fn=small_files) as server:
            too_large_a_file(server)
            if kind in (Asio, Lmtp):
                one_of_two(server)
        taken_back_for_good(lambda under, kind=kind, program=program: kind(program, under=under))
        # Two blocks of a quarantine a session would hide what the program needs itself.
        with kind(program, env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=8"}) as server:
            print(f"{kind.__name__}: {little_memory(server)} kB")


main()
