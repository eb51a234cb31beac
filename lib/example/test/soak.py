#!/usr/bin/env python3
"""soak.py [--seconds N] [--connections N] [--seed N] FAULTS NAME=PROGRAM...: many clients, most of which give up somewhere, deliver mail to
servers that have trouble: they are killed (SIGKILL), their disk is full or fails, descriptors are short. NAME: asio, epoll, lmtp or relay.
FAULTS: the library of faults.cpp.

Prints for each server how many messages, one for each recipient, it accepted, lost, mutilated and doubled. Nothing that was acknowledged may be
lost, nothing be there in part, and nothing be there twice but where a reply was lost: there the sender has to send again (RFC 5321 6.1)."""
import argparse
import asyncio
import errno
import hashlib
import os
import random
import re
import resource
import socket
import ssl
import struct
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from relay_peers import Smarthost, until
from servers import DOMAIN, SENDER, TRACE, Asio, Epoll, Lmtp, Server, check, fail, stuffed

USERS = [f"user{n}" for n in range(10)]
# Where a client gives up. "no" stands for all that do not; after-end: everything was sent, the reply is not read.
STAGES = ["no"] * 8 + ["greeting", "command", "mail", "rcpt", "text", "text-line", "text-dot", "chunk", "chunk-size", "between-chunks",
                       "after-end", "after-end", "tls"]
TLS = ssl.create_default_context()
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE
TRACE_OF_RELAY = re.compile(rb"Received: from client\.example [^\r\n]*\r\n")


class GaveUp(Exception):
    pass


class Record:
    """What the clients know, and what was found. All counters are by message and recipient."""

    def __init__(self, dice, users):
        self.dice, self.users = dice, users
        self.number = 0
        self.recipients = {}      # of each message
        self.ends = Counter()     # how often its end was sent: so many copies there may be
        self.refused = Counter()  # how often that was answered with a refusal: so many fewer
        self.sent_again = Counter()  # how often the server itself lost a reply: so many more
        self.acknowledged = set()
        self.copies = Counter()
        self.mutilated = 0
        self.again = []           # not acknowledged so far
        self.stages = Counter()

    def next(self):
        if self.again and self.dice.random() < 0.5:
            return self.again.pop(self.dice.randrange(len(self.again)))
        self.number += 1
        self.recipients[self.number] = self.dice.sample(self.users, min(len(self.users), self.dice.choice([1, 1, 1, 2, 3])))
        return self.number

    def unanswered(self, number):
        return [user for user in self.recipients[number] if (number, user) not in self.acknowledged]

    def found(self, octets, trace, users):
        """Counts a message as the server stored it."""
        match = trace.match(octets)
        number = number_of(octets[match.end():]) if match else None
        if number is None:
            print(f"mutilated: {octets[:300]!r}...", flush=True)
            self.mutilated += 1
        else:
            self.copies.update((number, user) for user in users)

    def judge(self, name):
        lost = [each for each in self.acknowledged if not self.copies[each]]
        doubled = [each for each, count in self.copies.items() if count > 1]
        wrong = [each for each in self.copies
                 if self.copies[each] > max(0, self.ends[each] - self.refused[each]) + self.sent_again[each]]
        print(f"{name}: {len(self.acknowledged)} accepted, {len(lost)} lost, {self.mutilated} mutilated, {len(doubled)} doubled "
              f"({len(wrong)} of them without a lost reply); {sum(self.stages.values())} sessions, {sum(self.refused.values())} refusals",
              flush=True)
        return not lost and not wrong and not self.mutilated


def message_of(number):
    """The same octets for the same number, with their hash at the end."""
    dice = random.Random(number)
    size = dice.choice([0, 10, 1000, 1000, 5000, 20000, 200000])
    line = b"." * dice.randint(0, 2) + dice.randbytes(40).hex().encode() + b"\r\n"
    text = b"Subject: %d\r\n\r\n" % number + line * (size // len(line))
    return text + hashlib.sha256(text).hexdigest().encode() + b"\r\n"


def number_of(message):
    """Which message this is; None if it is not whole."""
    text, digest = message[:-66], message[-66:-2]
    if not message.endswith(b"\r\n") or hashlib.sha256(text).hexdigest().encode() != digest:
        return None
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


async def deliver(record, number, stage, reader, writer, lmtp):
    dice = record.dice
    message = message_of(number)
    recipients = record.unanswered(number)

    def give_up_at(name):
        if stage == name:
            raise GaveUp

    def end():
        record.ends.update((number, user) for user in recipients)

    mail = f"MAIL FROM:<{SENDER}> SIZE={len(message)}\r\n".encode()
    rcpt = b"".join(f"RCPT TO:<{user}@{DOMAIN}>\r\n".encode() for user in recipients)
    if stage == "command":
        writer.write(mail[:dice.randrange(len(mail))])
        raise GaveUp
    writer.write(mail)
    give_up_at("mail")
    writer.write(rcpt)
    give_up_at("rcpt")
    chunk = 250
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
        end()
        writer.write(last)
        give_up_at("after-end")
        chunk = await read_reply(reader)
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
        end()
        writer.write(octets)
        if stage == "after-end" and dice.random() < 0.7:
            await writer.drain()
        give_up_at("after-end")
    await writer.drain()
    # LMTP has a reply for each recipient; SMTP, and a last chunk whose first was refused, one for all.
    for users in [[user] for user in recipients] if lmtp and chunk == 250 else [recipients]:
        code = await read_reply(reader)
        (record.acknowledged if code == 250 else record.refused).update((number, user) for user in users)
    if record.unanswered(number):
        raise ConnectionError


async def session(record, server):
    dice = record.dice
    number = None
    writer = None
    try:
        stage = dice.choice(STAGES)
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", server.port), 60)
        if stage == "tls" and not server.tls:
            stage = "no"
        record.stages[stage] += 1
        if stage == "greeting":
            raise GaveUp
        await expect(reader, 220)
        hello = (b"LHLO" if server.lmtp else b"EHLO") + b" client.example\r\n"
        writer.write(hello)
        await expect(reader, 250)
        if stage == "tls" or (server.tls and dice.random() < 0.2):
            writer.write(b"STARTTLS\r\n")
            await expect(reader, 220)
            if stage == "tls":
                writer.write(b"\x16\x03\x01")
                raise GaveUp
            await writer.start_tls(TLS)
            writer.write(hello)
            await expect(reader, 250)
        for left in range(dice.randint(0, 3), -1, -1):
            number = record.next()
            await asyncio.wait_for(deliver(record, number, stage if left == 0 else "no", reader, writer, server.lmtp), 120)
            number = None
        writer.write(b"QUIT\r\n")
        await expect(reader, 221)
        writer.close()
    except (GaveUp, OSError, asyncio.IncompleteReadError, TimeoutError, asyncio.TimeoutError, asyncio.CancelledError) as reason:
        if number is not None and record.unanswered(number):
            record.again.append(number)
        if writer is not None and dice.random() < 0.5 and not writer.transport.is_closing(): # a reset, else an orderly end
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        elif writer is not None:
            writer.close()
        if isinstance(reason, asyncio.CancelledError):
            raise
        if not isinstance(reason, GaveUp):
            await asyncio.sleep(0.05)


class Tried:
    """A server under trial: it is started with trouble, again and again, on one folder and one port."""
    tls = lmtp = False

    def __init__(self, program, dice, users=USERS):
        self.program, self.record = program, Record(dice, users)
        self.folder = Path(tempfile.mkdtemp(prefix="postel-soak-"))
        self.store = self.folder / "mail"
        self.port = 0
        self.killed = False

    def start(self, **trouble):
        self.server = self.make(**trouble)
        self.port = self.server.ports[0]

    def kill(self):
        self.server.kill()
        self.killed = True

    def stop(self):
        self.server.stop()

    def harvest(self):
        """Counts what is stored, and removes it. The server does not run."""
        for file in self.store.glob("*/new/*"):
            self.record.found(file.read_bytes(), TRACE, [file.parent.parent.name])
            file.unlink()
        for file in self.store.glob("*/tmp/*"): # a kill leaves it
            check(self.killed, f"{file} is left behind")
            file.unlink()
        self.killed = False

    def end(self):
        subprocess.run(["rm", "-r", self.folder], check=True)


class TriedAsio(Tried):
    tls = True
    submission = 0

    def make(self, **trouble):
        server = Asio(self.program, folder=self.folder, users=USERS, port=str(self.port), submission=str(self.submission), **trouble)
        self.submission = server.submission
        return server


class TriedEpoll(Tried):
    def __init__(self, program, dice):
        super().__init__(program, dice, users=["all"])

    def make(self, **trouble):
        return Epoll(self.program, folder=self.folder, port=str(self.port), **trouble)


class TriedLmtp(Tried):
    lmtp = True

    def make(self, **trouble):
        return Lmtp(self.program, folder=self.folder, users=USERS, port=str(self.port), **trouble)

    def stop(self):
        self.server.stop() # it knows no other end than being killed
        self.killed = True


class Sink(Smarthost):
    """Takes most, puts some off, and sometimes loses its reply."""

    def __init__(self, record):
        self.record = record
        super().__init__()

    def reply(self, key, otherwise):
        if "@" in key and random.random() < 0.05:
            return "450 4.2.1 later"
        return otherwise

    def finish(self, say, sender, recipients, octets):
        users = [re.search("<(.*)@", each)[1] for each in recipients]
        answered = random.random() < 0.95
        with self.lock:
            self.record.found(octets, TRACE_OF_RELAY, users)
            number = number_of(octets[TRACE_OF_RELAY.match(octets).end():])
            if not answered:
                self.record.sent_again.update((number, user) for user in users)
        say("250 2.0.0 taken" if answered else None)


class TriedRelay(Tried):
    def __init__(self, program, dice):
        super().__init__(program, dice)
        self.sink = Sink(self.record)

    def make(self, **trouble):
        return Server([self.program, "--listen", f"127.0.0.1:{self.port}", "--retry", "0.1", "--retry-maximum", "0.5", self.store,
                       f"127.0.0.1:{self.sink.port}"], **trouble)

    def waiting(self):
        """Message and recipient of all that is not marked as done."""
        for file in self.store.glob("?" * 24):
            envelope, _, message = file.read_bytes().partition(b"\r\n\r\n")
            number = int(re.search(rb"^Subject: (\d+)\r$", message, re.M)[1])
            for user in re.findall(rb"^W RCPT TO:<(.*)@", envelope, re.M):
                yield number, user.decode()

    def kill(self):
        super().kill()
        until(lambda: self.sink.busy == 0, "the end of what the relay had written")
        # The sink's reply was lost to the kill.
        self.record.sent_again.update(each for each in set(self.waiting()) if self.record.copies[each])

    def harvest(self):
        pass

    def end(self):
        self.start()
        until(lambda: not list(self.store.glob("?" * 24)), "an empty spool", 120)
        self.stop()
        self.sink.close()
        super().end()


# What trouble a server has, by name. Faults: (call, error, per mille).
TROUBLE = {
    "none, and many clients": [],
    "killed": [],
    "few descriptors": [],
    "files can't be opened": [("open", errno.EMFILE, 100)],
    "the disk is full": [("write", errno.ENOSPC, 20), ("write", errno.EDQUOT, 20)],
    "the disk does not synchronise": [("fsync", errno.EIO, 50), ("link", errno.ENOSPC, 50)],
    "no file can be removed": [("unlink", errno.EACCES, 500)],
}


async def round_of(tried, name, seconds, connections, faults):
    record, rules = tried.record, TROUBLE[name]
    trouble = {}
    if rules:
        trouble["env"] = {**os.environ, "LD_PRELOAD": faults, "FAULTS_IN": str(tried.store), "FAULTS_SEED": str(record.dice.randrange(1 << 32)),
                          "FAULTS": " ".join(f"{call}:{error}:{chance}" for call, error, chance in rules)}
    elif name == "few descriptors":
        trouble["under"] = ["prlimit", "--nofile=64"]
    elif name == "none, and many clients":
        connections *= 5
    before = len(record.acknowledged)
    await asyncio.to_thread(tried.start, **trouble)
    end = time.monotonic() + seconds

    def goes_on():
        """On a busy machine longer: until something came of it."""
        now = time.monotonic()
        return now < end or (len(record.acknowledged) == before and now < end + 120)

    async def client():
        while goes_on():
            await session(record, tried)

    clients = [asyncio.create_task(client()) for _ in range(connections)]
    while name == "killed" and time.monotonic() < end:
        await asyncio.sleep(record.dice.uniform(0.02, 1))
        await asyncio.to_thread(tried.kill)
        await asyncio.to_thread(tried.start)
    while goes_on():
        await asyncio.sleep(0.1)
    _, late = await asyncio.wait(clients, timeout=1)
    for each in late:
        each.cancel()
    for each in await asyncio.gather(*clients, return_exceptions=True):
        if isinstance(each, Exception):
            raise each
    await asyncio.to_thread(tried.stop)
    tried.harvest()
    check(len(record.acknowledged) > before, f"nothing came of: {name}")


def main():
    wanted = argparse.ArgumentParser()
    wanted.add_argument("faults")
    wanted.add_argument("servers", nargs="+")
    wanted.add_argument("--seconds", type=float, default=40, help="for all servers together")
    wanted.add_argument("--connections", type=int, default=100)
    wanted.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    wanted = wanted.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files[1], files[1]))
    print(f"--seed {wanted.seed}", flush=True)
    random.seed(wanted.seed)
    dice = random.Random(wanted.seed)

    # Once through all trouble in a short run; again and again, for longer at a time, in a long one.
    each = wanted.seconds / len(wanted.servers) / len(TROUBLE)
    times = max(1, round(each / 30))
    well = True
    for name, program in (server.split("=") for server in wanted.servers):
        tried = {"asio": TriedAsio, "epoll": TriedEpoll, "lmtp": TriedLmtp, "relay": TriedRelay}[name](program, dice)
        try:
            for _ in range(times):
                for trouble in dice.sample(list(TROUBLE), len(TROUBLE)):
                    asyncio.run(round_of(tried, trouble, each / times, wanted.connections, wanted.faults))
            tried.end()
        except BaseException:
            tried.server.kill()
            print(tried.server.said()[-3000:])
            raise
        well = tried.record.judge(name) and well
        check(tried.record.refused, f"{name} had no trouble")
    if not well:
        fail("see above")


if __name__ == "__main__":
    main()
