#!/usr/bin/env python3
"""load.py [--kill] [--seconds N] [--connections N] [--seed N] ASIO_SERVER: many clients at once, most of which give up somewhere, deliver mail.

Nothing that was acknowledged is lost; nothing is there twice unless the client never read the acknowledgement and sent it again; nothing is
there in part. --kill: besides, the server is killed (SIGKILL) again and again, at moments that nobody chose, and started anew."""
import argparse
import asyncio
import hashlib
import random
import resource
import socket
import ssl
import struct
import time
from collections import Counter, defaultdict

from servers import DOMAIN, SENDER, Asio, Maildirs, check, stuffed

USERS = [f"user{n}" for n in range(10)]
# Where a client gives up. "no" stands for all that do not; after-end: everything was sent, the reply is not read.
STAGES = ["no"] * 8 + ["greeting", "command", "mail", "rcpt", "text", "text-line", "text-dot", "chunk", "chunk-size", "between-chunks",
                       "after-end", "after-end", "tls"]
TLS = ssl.create_default_context()
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE


class GaveUp(Exception):
    pass


class Record:
    """What the clients know."""

    def __init__(self, dice):
        self.dice = dice
        self.number = 0
        self.recipients = {}       # of each message
        self.ends = Counter()      # how often its end was sent: so many copies there may be
        self.refused = Counter()   # how often that was answered with a refusal: so many fewer
        self.acknowledged = set()
        self.again = []            # not acknowledged so far
        self.stages = Counter()

    def next(self):
        if self.again and self.dice.random() < 0.5:
            return self.again.pop(self.dice.randrange(len(self.again)))
        self.number += 1
        self.recipients[self.number] = self.dice.sample(USERS, self.dice.choice([1, 1, 1, 2, 3]))
        return self.number


def message_of(number):
    """The same octets for the same number, with their hash at the end."""
    dice = random.Random(number)
    size = dice.choice([0, 10, 1000, 1000, 5000, 20000, 200000])
    line = b"." * dice.randint(0, 2) + dice.randbytes(40).hex().encode() + b"\r\n"
    text = b"Subject: %d\r\n\r\n" % number + line * (size // len(line))
    return text + hashlib.sha256(text).hexdigest().encode() + b"\r\n"


def number_of(message):
    """Which message this is; it is whole."""
    text, digest = message[:-66], message[-66:-2]
    check(message.endswith(b"\r\n") and hashlib.sha256(text).hexdigest().encode() == digest, f"{message[:100]!r}... is not whole")
    return int(text.split(b"\r\n")[0].split()[1])


async def read_reply(reader):
    while True:
        line = await reader.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError
        if line[3:4] != b"-":
            return int(line[:3])


async def expect(reader, *codes):
    for code in codes:
        if await read_reply(reader) != code:
            raise ConnectionError


async def deliver(record, number, stage, reader, writer):
    dice = record.dice
    message = message_of(number)
    recipients = record.recipients[number]

    def give_up_at(name):
        if stage == name:
            raise GaveUp

    mail = f"MAIL FROM:<{SENDER}> SIZE={len(message)}\r\n".encode()
    rcpt = b"".join(f"RCPT TO:<{user}@{DOMAIN}>\r\n".encode() for user in recipients)
    if stage == "command":
        writer.write(mail[:dice.randrange(len(mail))])
        raise GaveUp
    writer.write(mail)
    give_up_at("mail")
    writer.write(rcpt)
    give_up_at("rcpt")
    if stage.startswith("chunk") or stage == "between-chunks" or (not stage.startswith("text") and dice.random() < 0.4):
        await expect(reader, 250, *[250] * len(recipients))
        cut = dice.randint(0, len(message) - 1)
        first = b"BDAT %d\r\n" % cut + message[:cut]
        last = b"BDAT %d LAST\r\n" % (len(message) - cut) + message[cut:]
        if stage == "chunk":
            writer.write((first + last)[:dice.randint(len(first) // 2, len(first) + len(last) - 1)])
            raise GaveUp
        if stage == "chunk-size":
            writer.write(b"BDAT 1")
            raise GaveUp
        writer.write(first)
        await writer.drain()
        give_up_at("between-chunks")
        record.ends[number] += 1
        writer.write(last)
        before_end = [250]
    else:
        writer.write(b"DATA\r\n")
        await expect(reader, 250, *[250] * len(recipients), 354)
        octets = stuffed(message)
        if stage == "text":
            writer.write(octets[:dice.randrange(len(octets) - 3)])
            raise GaveUp
        if stage in ("text-line", "text-dot"):
            writer.write(octets[:-3] if stage == "text-line" else octets[:-1 - dice.randint(0, 1)])
            raise GaveUp
        record.ends[number] += 1
        writer.write(octets)
        before_end = []
    if stage == "after-end":
        if dice.random() < 0.7:
            await writer.drain()
        raise GaveUp
    await writer.drain()
    await expect(reader, *before_end)
    code = await read_reply(reader)
    if code == 250:
        record.acknowledged.add(number)
    else:
        record.refused[number] += 1
        raise ConnectionError


async def session(record, port):
    dice = record.dice
    number = None
    writer = None
    try:
        stage = dice.choice(STAGES)
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 60)
        record.stages[stage] += 1
        if stage == "greeting":
            raise GaveUp
        await expect(reader, 220)
        writer.write(b"EHLO client.example\r\n")
        await expect(reader, 250)
        if stage == "tls" or dice.random() < 0.2:
            writer.write(b"STARTTLS\r\n")
            await expect(reader, 220)
            if stage == "tls":
                writer.write(b"\x16\x03\x01")
                raise GaveUp
            await writer.start_tls(TLS)
            writer.write(b"EHLO client.example\r\n")
            await expect(reader, 250)
        for left in range(dice.randint(0, 3), -1, -1):
            number = record.next()
            await asyncio.wait_for(deliver(record, number, stage if left == 0 else "no", reader, writer), 120)
            number = None
        writer.write(b"QUIT\r\n")
        await expect(reader, 221)
        writer.close()
    except (GaveUp, OSError, asyncio.IncompleteReadError, TimeoutError):
        if number is not None and number not in record.acknowledged:
            record.again.append(number)
        if writer is None:
            await asyncio.sleep(0.05)
        else:
            if dice.random() < 0.5 and not writer.transport.is_closing(): # a reset, else an orderly end
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()


async def clients(record, port, connections, until):
    async def client():
        while time.monotonic() < until:
            await session(record, port)

    await asyncio.gather(*(client() for _ in range(connections)))


async def kill_again_and_again(start, servers, until, dice):
    while time.monotonic() < until:
        await asyncio.sleep(dice.uniform(0.02, 1.5))
        servers[-1].kill()
        servers.append(await asyncio.to_thread(start))


def verify(record, store, killed):
    copies = defaultdict(Counter)
    for user in USERS:
        for _, message in store.new(user):
            copies[number_of(message)][user] += 1
    for number in record.acknowledged:
        for user in record.recipients[number]:
            check(copies[number][user] > 0, f"message {number} to {user} was acknowledged, and is lost")
    twice = 0
    for number, found in copies.items():
        check(set(found) <= set(record.recipients[number]), f"message {number} went to {list(found)}")
        # A kill between the mailboxes of one message may leave a refused or unanswered one in some of them.
        most = record.ends[number] - (0 if killed else record.refused[number])
        check(max(found.values()) <= most, f"message {number} was sent {most} times and is there {max(found.values())} times")
        check(killed or len({found[user] for user in record.recipients[number]}) == 1,
              f"message {number} is not with each of its recipients: {dict(found)}")
        twice += max(found.values()) > 1
    return len(copies), twice


def main():
    wanted = argparse.ArgumentParser()
    wanted.add_argument("program")
    wanted.add_argument("--kill", action="store_true")
    wanted.add_argument("--seconds", type=float, default=20)
    wanted.add_argument("--connections", type=int, default=1000)
    wanted.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    wanted = wanted.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files[1], files[1]))
    print(f"--seed {wanted.seed}", flush=True)

    record = Record(random.Random(wanted.seed))
    with Asio(wanted.program, users=USERS) as first:
        servers = [first]
        until = time.monotonic() + wanted.seconds

        def start():
            # Ports and mailboxes are those that there were.
            return Asio(wanted.program, "--smtp", str(first.port), "--submission", str(first.submission), folder=first.folder, users=USERS)

        async def everything():
            killer = [kill_again_and_again(start, servers, until, record.dice)] if wanted.kill else []
            await asyncio.gather(clients(record, first.port, wanted.connections, until), *killer)

        try:
            asyncio.run(everything())
        except BaseException:
            servers[-1].kill()
            raise
        servers[-1].stop()
        first.stop = lambda: None
        files, twice = verify(record, Maildirs(first.root), wanted.kill)
        left = first.store.left_behind()
        check(wanted.kill or not left, f"left in tmp: {left}")
        for file in first.root.glob("*/tmp/*"):
            file.unlink()
    check(set(record.stages) == set(STAGES), f"no client gave up at {set(STAGES) - set(record.stages)}")
    check(record.acknowledged and (len(servers) > 3 or not wanted.kill), "nothing came of it")
    print(f"{sum(record.stages.values())} sessions, {len(record.acknowledged)} messages acknowledged, {files} there, {twice} of them more than "
          f"once, {len(servers) - 1} kills, {sum(record.refused.values())} refusals")


main()
