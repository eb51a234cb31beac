#!/usr/bin/env python3
"""peers.py SMALL_SERVER EPOLL_SERVER ASIO_SERVER SERVERS: swaks, curl, msmtp and Postfix's smtp-source deliver to the servers, in clear, in
TLS and with AUTH; what is stored is compared with what was sent. SERVERS is conformance/servers, whose recipe fetches Postfix."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from servers import DOMAIN, MESSAGES, RECIPIENT, SENDER, Asio, Epoll, Small, check, fail, thirty_mebioctets

small, epoll, asio, servers = sys.argv[1:5]
CRLF, LF = b"\r\n", b"\n"
folder = Path(tempfile.mkdtemp(prefix="postel-example-peers-"))


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False, **{"stdin": subprocess.DEVNULL, **more})
    if done.returncode != 0:
        fail(f"{command} ended with {done.returncode}:\n{done.stdout.decode(errors='backslashreplace')[-3000:]}")


def file_of(octets):
    file = folder / "message"
    file.write_bytes(octets)
    return file


# how: "none", "tls", or "auth", which is in TLS too.
def swaks(port, message, how, *options):
    # It takes lines as they are in files, makes CRLF of their ends, doubles dots, and takes a last line of one dot for the end.
    extra = {"none": [], "tls": ["--tls"], "auth": ["--tls", "--auth", "PLAIN", "--auth-user", "ann", "--auth-password", "secret"]}[how]
    run("swaks", "--server", "127.0.0.1", "--port", str(port), "--ehlo", "client.example", "--from", SENDER, "--to", RECIPIENT,
        "--data", f"@{file_of(message.replace(CRLF, LF) + b'.' + LF)}",
        "--suppress-data", *extra, *options)


def swaks_pipelined(port, message, how):
    swaks(port, message, how, "--pipeline")


def curl(port, message, how):
    extra = {"none": [], "tls": ["--ssl-reqd", "--insecure"], "auth": ["--ssl-reqd", "--insecure", "--user", "ann:secret"]}[how]
    run("curl", "--silent", "--show-error", "--url", f"smtp://127.0.0.1:{port}/client.example", "--mail-from", SENDER, "--mail-rcpt", RECIPIENT,
        "--upload-file", str(file_of(message)), *extra)


# It would add what it misses in the header.
AS_IT_IS = ["--set-from-header=off", "--set-date-header=off", "--set-msgid-header=off", "--undisclosed-recipients=off"]


def msmtp(port, message, how):
    extra = {"none": ["--tls=off"], "tls": ["--tls=on", "--tls-starttls=on", "--tls-certcheck=off"],
             "auth": ["--tls=on", "--tls-starttls=on", "--tls-certcheck=off", "--auth=plain", "--user=ann", "--passwordeval=echo secret"]}[how]
    with open(file_of(message.replace(CRLF, LF)), "rb") as source:
        run("msmtp", "--file=/dev/null", *AS_IT_IS, "--host=127.0.0.1", f"--port={port}", f"--from={SENDER}", "--domain=client.example", *extra, RECIPIENT,
            stdin=source)


CLIENTS = {"swaks": swaks, "swaks, pipelined": swaks_pipelined, "curl": curl, "msmtp": msmtp}


def deliver_all(server, port, hows):
    messages = {**MESSAGES, "30 MiB": thirty_mebioctets()}
    for client, deliver in CLIENTS.items():
        for how in hows:
            for name, message in messages.items():
                # swaks needs minutes for such a message, since it works on it line by line.
                if name == "30 MiB" and client.startswith("swaks"):
                    continue
                deliver(port, message, how)
                arrived = server.messages()
                if arrived != [message]:
                    at = next((i for i, (a, b) in enumerate(zip(message, arrived[0])) if a != b), None) if arrived else None
                    fail(f"{client}, {how}, {name}: {len(message)} octets were sent, {[len(m) for m in arrived]} arrived; first difference at {at}: "
                         + (f"{message[max(at - 20, 0):at + 20]!r} {arrived[0][max(at - 20, 0):at + 20]!r}" if at is not None else ""))
    print(f"{type(server).__name__} {hows}: {len(CLIENTS)} clients, {len(messages)} messages each")


def smtp_source(server, port):
    """It makes its own messages: counted, and of the right size."""
    root = Path(servers) / ".roots" / "postfix" / "usr"
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "main.cf").write_text("compatibility_level = 3.6\nmyhostname = localhost\n")
    environment = {**os.environ, "LD_LIBRARY_PATH": str(root / "lib" / "postfix"), "MAIL_CONFIG": str(folder / "conf")}
    for options in (["-s", "20", "-m", "200"], ["-d", "-s", "20", "-m", "200", "-l", "50000"]):
        run(root / "sbin" / "smtp-source", *options, "-f", SENDER, "-t", RECIPIENT, f"127.0.0.1:{port}", env=environment)
        arrived = server.messages()
        check(len(arrived) == 200, f"{len(arrived)} of 200 messages of smtp-source arrived")
        check(all(message.endswith(b"\r\n") and b"\nMessage-Id:" in message for message in arrived), f"not whole: {arrived[0][:300]!r}")
        if "-l" in options:
            check(all(50000 <= len(message) < 51000 for message in arrived), f"sizes {sorted({len(m) for m in arrived})}")
    print(f"{type(server).__name__}: smtp-source")


subprocess.run([servers + "/fetch.sh", "postfix"], check=True)
for program in (lambda: Small(small), lambda: Epoll(epoll)):
    with program() as each:
        deliver_all(each, each.port, ["none"])
        smtp_source(each, each.port)
with Asio(asio) as each:
    deliver_all(each, each.port, ["none", "tls"])
    deliver_all(each, each.submission, ["auth"])
    smtp_source(each, each.port)
subprocess.run(["rm", "-r", folder], check=True)
