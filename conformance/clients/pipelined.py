"""pipelined.py HOST:PORT STORE: delivers over a plain socket, with everything pipelined that RFC 2920 3.1 permits.

The whole envelope goes out in one write, and behind each message, in the same write, the envelope of the next."""
import socket

import mail

host, port, store = mail.arguments()
messages = {**mail.MESSAGES, **mail.FIRST_OCTET_A_DOT, **mail.CONTROLS, **mail.EIGHT_BIT}


class Session:
    def __init__(self, chunk=None):
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.socket.makefile("rb")
        self.chunk = chunk
        self.expect("220")
        self.send(b"EHLO client.example\r\n")
        if not any(b"PIPELINING" in line for line in self.expect("250")):
            mail.fail("PIPELINING is not offered")

    def send(self, octets):
        for at in range(0, len(octets), self.chunk or len(octets)):
            self.socket.sendall(octets[at:at + (self.chunk or len(octets))])

    def expect(self, *codes):
        """Reads one reply for each code; gives the lines of the last."""
        for code in codes:
            lines = [self.replies.readline()]
            while lines[-1][3:4] == b"-":
                lines.append(self.replies.readline())
            if not lines[-1].startswith(code.encode() + b" ") or not lines[-1].endswith(b"\r\n"):
                mail.fail(f"expected {code}, got {lines}")
        return lines


def envelope(recipients, name):
    body = " BODY=8BITMIME" if name in mail.EIGHT_BIT else ""
    commands = [f"MAIL FROM:<{mail.SENDER}>{body}", *(f"RCPT TO:<{each}>" for each in recipients), "DATA"]
    return "".join(command + "\r\n" for command in commands).encode()


def stuffed(message):
    lines = message.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\r\n"


def deliver(what, session, names, recipients):
    accepted = ["250"] * (1 + len(recipients)) + ["354"]
    session.send(envelope(recipients, names[0]))
    session.expect(*accepted)
    for name, following in zip(names, names[1:] + [None]):
        session.send(stuffed(messages[name]) + (envelope(recipients, following) if following else b"QUIT\r\n"))
        session.expect("250", *(accepted if following else ["221"]))
        store.expect(f"{name}, {what}", messages[name], recipients, body="8BITMIME" if name in mail.EIGHT_BIT else None)


deliver("pipelined", Session(), list(messages), mail.RECIPIENTS)
# The same in writes that cut commands, dots and line ends anywhere.
small = [name for name in messages if len(messages[name]) < 2000]
deliver("octet by octet", Session(chunk=1), small, ["bob@example.org"])
deliver("in writes of 1021 octets", Session(chunk=1021), list(messages), ["bob@example.org"])

# An envelope that is given up in the same write as the next, and a recipient that is refused among others.
session = Session()
session.send(b"MAIL FROM:<lost@client.example>\r\nRCPT TO:<bob@example.org>\r\nRSET\r\n" +
             envelope(["bob@example.org", "unknown@example.org", "carol@example.com"], "dots"))
session.expect("250", "250", "250", "250", "250", "550", "250", "354")
session.send(stuffed(messages["dots"]) + b"QUIT\r\n")
session.expect("250", "221")
store.expect("behind RSET", messages["dots"], ["bob@example.org", "carol@example.com"])

# A message that the client never ends is none.
session = Session()
session.send(envelope(["bob@example.org"], "dots"))
session.expect("250", "250", "354")
session.send(b"Subject: half\r\n\r\ntext\r\n.")
session.socket.close()
session.replies.close()
deliver("after a broken connection", Session(), ["dots"], ["bob@example.org"])

store.expect_no_more()
