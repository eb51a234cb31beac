#!/usr/bin/env python3
"""check.py POSTEL [NAME=PROGRAM]...: the examples meet the requirements that `postel check` tries: no MUST fails, and most can be tried."""
import re
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

import servers


class Inetd:
    """stdio_server, started for each connection with that as its standard input and output."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory()
        servers.make_mailbox(servers.Path(self.folder.name), "all")
        self.command = [program, self.folder.name + "/all"]
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.children = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.children.append(subprocess.Popen(self.command, stdin=connection, stdout=connection))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for child in self.children:
            child.wait(timeout=60)
        self.folder.cleanup()


STARTED = {"stdio": Inetd, "small": servers.Small, "epoll": servers.Epoll, "asio": servers.Asio, "lmtp": servers.Lmtp}


def try_one(postel, name, program):
    """What is wrong; nothing if all is well."""
    recipient = "bob@example.org" if name == "stdio" else servers.RECIPIENT
    with STARTED[name](program) as server:
        command = [postel, "check", f"127.0.0.1:{server.port}", "--rcpt", recipient, "--quiet", "300",
                   "--timeout", "60"]  # for the start of a process, where a machine is busy
        if name == "lmtp":
            command.append("--lmtp")
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    summary = done.stdout.rstrip().rpartition("\n")[2]
    print(f"{name}: {summary}", flush=True)
    counts = re.search(r"(\d+) passed, (\d+) failed", summary)
    if done.returncode != 0 or not counts or int(counts[2]) != 0:
        return f"{name}: exit status {done.returncode}\n{done.stdout}{done.stderr}"
    if int(counts[1]) < 150:
        return f"{name}: hardly anything was tried\n{done.stdout}{done.stderr}"
    return ""


programs = [argument.split("=", 1) for argument in sys.argv[2:]]
with ThreadPoolExecutor(len(programs)) as pool:
    faults = list(pool.map(lambda each: try_one(sys.argv[1], *each), programs))
if any(faults):
    sys.exit("\n".join(faults))
