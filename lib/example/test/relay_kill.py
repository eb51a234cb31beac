#!/usr/bin/env python3
"""relay_kill.py PROGRAM [SECONDS]: the relay is killed at random moments under load (SIGKILL) and started again. Nothing that it answered
with 250 is lost or changed, and nothing is doubled but what was handed over when it was killed and still in its spool (RFC 5321 6.1)."""
import collections
import hashlib
import os
import random
import re
import smtplib
import sys
import threading
import time

from relay_peers import Folder, Relay, Smarthost, free_port, identity_of, message, until, without_trace

program = sys.argv[1]
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 12
deliveries = 5
seed = int(os.environ.get("SEED", time.time_ns()))
print(f"SEED={seed}")
chance = random.Random(seed)

sent = {}  # identity: digest and recipients, of all that was begun
acknowledged = set()
ended = threading.Event()


class Sink(Smarthost):
    """Takes most, puts some off: at the recipient, and at the end."""

    def reply(self, key, otherwise):
        if "@" in key and random.random() < 0.1:
            return "450 4.2.1 later"
        if key == "end" and random.random() < 0.05:
            return "452 4.3.1 later"
        return otherwise


def digest(octets):
    return hashlib.sha256(octets).digest()


def client(number, port):
    mine = random.Random(seed + number)
    count = 0
    while not ended.is_set():
        try:
            with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=30) as connection:
                for _ in range(20):
                    if ended.is_set():
                        break
                    identity = f"{number}-{count}"
                    count += 1
                    lines = 5000 if mine.random() < 0.03 else mine.randrange(50)
                    octets = message(identity, b"".join(b"%d %d\r\n" % (i, mine.getrandbits(64)) for i in range(lines)))
                    recipients = [f"r{i}@example.org" for i in range(mine.randrange(1, 4))]
                    sent[identity] = digest(octets), recipients
                    if connection.sendmail("ann@client.example", recipients, octets) == {}:
                        acknowledged.add(identity)
        except (OSError, smtplib.SMTPException):
            time.sleep(0.01)


def in_spool(folder):
    """What is still to be handed over: (identity, recipient)."""
    found = set()
    for name in os.listdir(folder):
        if name == "lock" or name.endswith(".new"):
            continue
        with open(os.path.join(folder, name), "rb") as file:
            octets = file.read()
        for recipient in re.findall(rb"^W RCPT TO:<(.*?)>", octets.partition(b"\r\n\r\n")[0], re.M):
            found.add((identity_of(octets), recipient.decode()))
    return found


def handed_over(sink):
    count = collections.Counter()
    with sink.lock:
        taken = list(sink.taken)
    for _, _, recipients, octets in taken:
        for each in recipients:
            count[identity_of(octets), re.search("<(.*?)>", each)[1]] += 1
    return count


with Folder() as folder:
    sink = Sink()
    port = free_port()
    spool = folder.new("spool")

    def start():
        return Relay(program, spool, sink.port, "--retry", "0.05", "--retry-maximum", "0.2", "--deliveries", str(deliveries),
                     "--messages", "200", port=port)

    relay = start()
    threads = [threading.Thread(target=client, args=(number, port), daemon=True) for number in range(6)]
    for thread in threads:
        thread.start()
    kills = waited = half_written = 0
    may_be_doubled = collections.Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.02, 0.7))
        relay.kill()
        kills += 1
        until(lambda: sink.busy == 0, "the end of what the relay had written")
        remaining, taken = in_spool(spool), handed_over(sink)
        waited += len(remaining)
        half_written += sum(name.endswith(".new") for name in os.listdir(spool))
        both = {each for each in remaining if taken[each] > may_be_doubled[each]}
        # One message is in this place for each connection to the smarthost.
        assert len({identity for identity, _ in both}) <= deliveries, both
        may_be_doubled.update(both)
        relay = start()
    ended.set()
    for thread in threads:
        thread.join()
    until(lambda: not relay.waiting(), "an empty spool", 120)
    relay.stop()

    taken = handed_over(sink)
    for identity in acknowledged:
        for recipient in sent[identity][1]:
            assert taken[identity, recipient] >= 1, f"{identity} to {recipient} was acknowledged and is lost"
    for (identity, recipient), count in taken.items():
        allowed = 1 + may_be_doubled[identity, recipient]
        assert count <= allowed, f"{identity} to {recipient} came {count} times, {allowed} are explained"
    for _, _, _, octets in sink.taken:
        assert digest(without_trace(octets)) == sent[identity_of(octets)][0], f"changed: {octets[:500]}"
    doubled = sum(count - 1 for count in taken.values())
    print(f"{kills} kills, {len(acknowledged)} messages acknowledged of {len(sent)} begun, {sum(taken.values())} handed over, "
          f"{doubled} of them twice; {waited} were waiting and {half_written} half written when it was killed")
    # Otherwise nothing was tried.
    assert kills >= seconds / 2 and len(acknowledged) > 10 * kills and waited > kills, "too quiet"
