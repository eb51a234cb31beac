"""The messages that every client delivers, and the comparison of what arrived with what was sent."""
import json
import random
import sys
import time
from pathlib import Path

SENDER = "ann@client.example"
RECIPIENTS = ["bob@example.org", "carol@example.com", "Postmaster"]
HEADER = b"From: <ann@client.example>\r\nSubject: %s\r\n\r\n"


def lines_before_dots(total):
    """Lines of every length from 1 to 150, most of them with dots in front, so that dots lie at all places of anybody's buffers."""
    dice = random.Random(1982)
    text = bytearray()
    while len(text) < total:
        length = dice.randint(1, 150)
        text += b"." * dice.choice([0, 1, 1, 2]) + bytes(dice.choices(b"abc .", k=length)) + b"\r\n"
    return bytes(text)


# What every client can send: a header section, then lines of at most what it says.
MESSAGES = {
    "dots": HEADER % b"dots" + b".\r\n..\r\n.x\r\n...\r\n\r\n.\r\n.x.\r\nx.\r\n.\r\n",
    "last-line-a-dot": HEADER % b"last line" + b"text\r\n.\r\n",
    "line-of-998": HEADER % b"998" + b"x" * 998 + b"\r\nend\r\n",
    "line-of-5000": HEADER % b"5000" + b"y" * 5000 + b"\r\n." + b"z" * 5000 + b"\r\n",
    "empty-lines": HEADER % b"empty" + b"\r\n\r\n\r\nx\r\n\r\n\r\n",
    "spaces": HEADER % b"spaces" + b" \r\n\t\r\nx \r\n .\r\n. \r\n",
    "one-mebioctet": HEADER % b"large" + lines_before_dots(1 << 20),
}

# Messages without a header section, and with octets that not every client can send.
FIRST_OCTET_A_DOT = {"first-line-a-dot": b".\r\ntext\r\n", "first-line-two-dots": b"..\r\n", "only-a-dot": b".\r\n"}
CONTROLS = {"controls": HEADER % b"controls" + bytes(c for c in range(128) if c not in b"\r\n") + b"\r\n"}
EIGHT_BIT = {
    "eight-bit": HEADER % b"eight bit" + bytes(range(128, 256)) + b"\r\n.\xff\r\n\xff.\r\n",
}


def fail(text):
    sys.exit("FAILED: " + text)


def difference(sent, arrived):
    """Where and how two messages differ, for a reader."""
    at = next((i for i, (a, b) in enumerate(zip(sent, arrived)) if a != b), min(len(sent), len(arrived)))
    before = max(0, at - 30)
    return (f"{len(sent)} octets were sent, {len(arrived)} arrived; the first difference is at octet {at}:\n"
            f"  sent    ...{sent[before:at + 30]!r}...\n  arrived ...{arrived[before:at + 30]!r}...")


class Store:
    """What the server stored. Message N is N.eml and N.envelope; the envelope appears last."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.seen = 0

    def expect(self, what, message, recipients, sender=SENDER, body=None):
        """The next message is this one, for these recipients, with this value of BODY."""
        self.seen += 1
        envelope = self.folder / f"{self.seen}.envelope"
        end = time.monotonic() + 10
        while not envelope.exists():
            if time.monotonic() > end:
                fail(f"{what}: the message did not arrive")
            time.sleep(0.01)
        arrived = (self.folder / f"{self.seen}.eml").read_bytes()
        if arrived != message:
            fail(f"{what}: {difference(message, arrived)}")
        about = json.loads(envelope.read_text())
        if about["from"] != sender or about["to"] != recipients:
            fail(f"{what}: sent from {sender} to {recipients}; the envelope has {about['from']} and {about['to']}")
        values = {each["keyword"].upper(): each["value"] for each in about["params"]}
        if values.get("BODY") != body:
            fail(f"{what}: sent with BODY {body}; the envelope has {values.get('BODY')}")

    def expect_no_more(self):
        """Nothing arrived but what was expected."""
        wanted = {f"{n}.{part}" for n in range(1, self.seen + 1) for part in ("eml", "envelope")}
        there = {each.name for each in self.folder.iterdir()}
        if there != wanted:
            fail(f"the store holds what nobody sent: {sorted(there - wanted)}")
        print(f"{self.seen} messages arrived as they were sent")


def arguments():
    """HOST:PORT STORE, from the command line."""
    host, port = sys.argv[1].rsplit(":", 1)
    return host, int(port), Store(sys.argv[2])
