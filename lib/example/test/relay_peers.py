"""What the tests of the relay share: the relay as a process, a smarthost that writes down what it was handed, and how messages compare."""
import atexit
import os
import re
import shutil
import signal
import smtplib
import socket
import struct
import subprocess
import tempfile
import threading
import time

ours = "relay.example"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what, seconds=60):
    """Waits for something that has to come; only its absence takes the whole time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"never came: {what}")


class Smarthost:
    """An SMTP or LMTP server whose replies the test decides: replies maps a recipient, or a stage, to a list of what is said to it each
    time; the last one stays. Stages: "greeting", "EHLO", "MAIL", "DATA", "text", "end", "QUIT". A reply of None closes the connection instead;
    but to QUIT it is one that never ends. An octet that is no UTF-8 is written as a surrogate escape."""

    def __init__(self, lmtp=False, dsn=True, chunking=False, eight_bit=True, port=0):
        self.lmtp, self.dsn, self.chunking, self.eight_bit = lmtp, dsn, chunking, eight_bit
        self.replies = {}
        self.taken = []  # (time, MAIL line, RCPT lines, octets)
        self.attempts = 0
        self.busy = 0  # connections
        self.lock = threading.Lock()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.listener.listen(100)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.busy += 1
            threading.Thread(target=self.quietly, args=(client,), daemon=True).start()

    def quietly(self, client):
        try:
            self.serve(client)
        except (OSError, EOFError):
            pass
        finally:
            client.close()
            with self.lock:
                self.busy -= 1

    def reply(self, key, otherwise):
        with self.lock:
            wanted = self.replies.get(key)
            if not wanted:
                return otherwise
            return wanted.pop(0) if len(wanted) > 1 else wanted[0]

    def serve(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = client.makefile("rb")

        def say(text):
            if text is None:
                raise EOFError
            client.sendall(text.encode(errors="surrogateescape") + b"\r\n")
            return text

        with self.lock:
            self.attempts += 1
        say(self.reply("greeting", "220 smarthost.example ESMTP"))
        sender, recipients, chunks = None, [], b""
        for line in stream:
            assert line.endswith(b"\r\n"), line
            line = line[:-2].decode()
            verb = line[:4].upper()
            if verb in ("EHLO", "LHLO"):
                assert (verb == "LHLO") == self.lmtp, line
                if (refusal := self.reply("EHLO", "")) != "":
                    say(refusal)
                    continue
                offered = ["PIPELINING", "ENHANCEDSTATUSCODES", "SIZE"]
                offered += ["8BITMIME", "SMTPUTF8"] if self.eight_bit else []
                offered += ["DSN"] if self.dsn else []
                offered += ["CHUNKING"] if self.chunking else []
                say("250-smarthost.example\r\n" + "".join(f"250-{each}\r\n" for each in offered) + "250 HELP")
            elif verb == "MAIL":
                sender, recipients, chunks = None, [], b""
                if say(self.reply("MAIL", "250 2.1.0 OK")).startswith("250"):
                    sender = line
            elif verb == "RCPT" and sender is None:
                say("503 5.5.1 no MAIL")
            elif verb == "RCPT":
                address = re.search("<(.*?)>", line)[1]
                if say(self.reply(address, "250 2.1.5 OK")).startswith("250"):
                    recipients.append(line)
            elif verb == "DATA":
                if not recipients:
                    say("554 5.5.1 no recipients")
                    continue
                if not say(self.reply("DATA", "354 go on")).startswith("354"):
                    continue
                if self.reply("text", "") is None:  # it breaks the connection, whatever is under way
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    raise EOFError
                octets = []
                while (text := stream.readline()) != b".\r\n":
                    if not text:
                        raise EOFError
                    octets.append(text[1:] if text.startswith(b".") else text)
                self.finish(say, sender, recipients, b"".join(octets))
            elif verb == "BDAT":
                size = int(line.split()[1])
                chunks += (chunk := stream.read(size))
                if len(chunk) < size:
                    raise EOFError
                if line.upper().endswith("LAST"):
                    self.finish(say, sender, recipients, chunks)
                else:
                    say("250 2.0.0 more")
            elif verb == "RSET":
                sender, recipients, chunks = None, [], b""
                say("250 2.0.0 OK")
            elif verb == "QUIT":
                if self.reply("QUIT", "") is not None:
                    say("221 2.0.0 bye")
                    return
                while True: # an octet now and then, of a reply that never ends
                    client.sendall(b"2")
                    time.sleep(0.5)
            else:
                say("502 5.5.1 no")

    def finish(self, say, sender, recipients, octets):
        """A message whose reply is lost was taken all the same: that is the relay's dilemma."""
        for each in recipients if self.lmtp else [None]:
            text = self.reply("end " + re.search("<(.*?)>", each)[1] if each else "end", "250 2.0.0 taken")
            if text is None or text.startswith("250"):
                with self.lock:
                    self.taken.append((time.monotonic(), sender, [each] if each else recipients, octets))
            say(text)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Relay:
    started = []

    def __init__(self, program, spool, smarthost, *options, port=0, under=(), environment=None):
        self.log = []
        environment = {**os.environ, **(environment or {})}
        if under: # the leak sanitizer does not run under a tracer
            environment["ASAN_OPTIONS"] = "detect_leaks=0"
        self.process = subprocess.Popen(
            [*under, program, "--host", ours, "--listen", f"127.0.0.1:{port}", *options, spool, f"127.0.0.1:{smarthost}"],
            stderr=subprocess.PIPE, text=True, env=environment)
        Relay.started.append(self.process)
        self.spool = spool
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()
        line = until(lambda: [l for l in self.log if l.startswith("listening")] or self.process.poll() is not None,
                     "a relay that listens")
        assert line is not True, self.log
        self.port = int(line[0].rpartition(":")[2])

    def listen(self):
        for line in self.process.stderr:
            self.log.append(line.rstrip("\n"))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        self.thread.join()
        assert code == 0, (code, self.log)

    def waiting(self):
        return sorted(name for name in os.listdir(self.spool) if name != "lock")

    def drained(self):
        until(lambda: not self.waiting(), f"an empty spool: {self.waiting()}")

    def logged(self, *words):
        return any(all(word in line for word in words) for line in list(self.log))

    def client(self):
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.example", timeout=30)

    def send(self, sender, recipients, octets, mail_options=(), rcpt_options=()):
        """Octet for octet, which smtplib's sendmail() does not promise."""
        with self.client() as client:
            client.ehlo()
            replies = [client.mail(sender, mail_options)]
            replies += [client.rcpt(each, rcpt_options) for each in recipients]
            client.putcmd("data")
            replies.append(client.getreply())
            if replies[-1][0] == 354:
                client.send(re.sub(rb"(?m)^\.", b"..", octets) + b".\r\n")
                replies.append(client.getreply())
            return replies


def accepted(replies):
    assert replies[-1][0] == 250, replies
    return True


def without_trace(octets, fields=1):
    """The message less the Received fields that stand first; that there are so many is a part of it."""
    for _ in range(fields):
        head, _, octets = octets.partition(b"\r\n")
        assert re.fullmatch(rb"Received: from client\.example \(\[127\.0\.0\.1\]\) by relay\.example with \S+ id [0-9a-f]{24}"
                            rb"( for \S+)?; \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", head), head
    return octets


@atexit.register
def end_all():
    """None outlives its test, however that ends."""
    for process in Relay.started:
        if process.poll() is None:
            process.kill()


class Folder:
    """A temporary folder that is gone at the end."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="postel-relay.")
        os.chmod(self.path, 0o755)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def new(self, name):
        return os.path.join(self.path, name)


def message(identity, body=b"hello\r\n", extra=b""):
    return (b"From: <ann@client.example>\r\nSubject: test\r\nX-Id: %b\r\n%b\r\n%b" % (identity.encode(), extra, body))


def identity_of(octets):
    found = re.search(rb"^X-Id: (\S+)\r$", octets, re.M)
    return found[1].decode() if found else None
