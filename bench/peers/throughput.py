#!/usr/bin/env python3
"""throughput.py BUILD [ROUNDS]: Postfix's smtp-source sends to Postfix's smtp-sink, and to the Asio server without storing, one after the
other, ROUNDS times (5): the source on one core, the server on another.

Prints for each the median of the messages a second, of the messages a second of the server's own CPU time, and the ratios to smtp-sink."""
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

here = Path(__file__).resolve().parent
servers = here.parent.parent / "conformance" / "servers"
subprocess.run([servers / "fetch.sh", "postfix"], check=True)
root = servers / ".roots" / "postfix" / "usr"
postfix = {**os.environ, "LD_LIBRARY_PATH": str(root / "lib" / "postfix"), "MAIL_CONFIG": "/nonexistent"}

build = Path(sys.argv[1]) / "lib" / "example"
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
SINK = "127.0.0.1:%d"
CORES = sorted(os.sched_getaffinity(0))[:2]
FOLDER = tempfile.mkdtemp(prefix="postel-throughput-")

# Octets of a message, sessions at a time, messages; -d: many messages over one connection.
WORKLOADS = {
    "1 KiB, one a connection": ["-l", "1024", "-s", "20", "-m", "20000"],
    "1 KiB, one connection for many": ["-d", "-l", "1024", "-s", "20", "-m", "40000"],
    "64 KiB, one connection for many": ["-d", "-l", "65536", "-s", "20", "-m", "20000"],
    "1 MiB, one connection for many": ["-d", "-l", "1048576", "-s", "8", "-m", "1500"],
}


def configuration():
    """smtp-source and smtp-sink read main.cf, and need no more of it than that it is there."""
    conf = Path(FOLDER) / "conf"
    conf.mkdir()
    (conf / "main.cf").write_text(f"compatibility_level = 3.6\nmyhostname = localhost\nmail_owner = mail\nsetgid_group = games\n"
                                  f"shlib_directory = {root}/lib/postfix\n")
    (conf / "master.cf").write_text("")
    postfix["MAIL_CONFIG"] = str(conf)


def smtp_sink(port):
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else [] # root it refuses to be
    return [root / "sbin" / "smtp-sink", *as_user, SINK % port, "1000"], postfix


def asio(port):
    return [build / "example_asio_server", "--discard", "--host", "localhost", "--smtp", str(port)], os.environ


SERVERS = {"smtp-sink": smtp_sink, "asio_server": asio}


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name, options, port):
    command, environment = SERVERS[name](port)
    server = subprocess.Popen(["taskset", "-c", str(CORES[0]), *command], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        source = ["taskset", "-c", str(CORES[-1]), root / "sbin" / "smtp-source", *options, "-f", "ann@localhost",
                  "-t", "bob@localhost", SINK % port]
        for _ in range(200):
            if subprocess.run(["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}"], check=False, capture_output=True).returncode == 0:
                break
            time.sleep(0.02)
        messages = int(options[options.index("-m") + 1])
        before, begin = cpu_seconds(server.pid), time.monotonic()
        done = subprocess.run(source, env=postfix, capture_output=True, check=False)
        elapsed, used = time.monotonic() - begin, cpu_seconds(server.pid) - before
        if done.returncode != 0 or done.stderr:
            sys.exit(f"smtp-source to {name}: {done.returncode} {done.stderr.decode()}")
        return messages / elapsed, messages / used
    finally:
        server.terminate()
        server.wait()


configuration()
for what, options in WORKLOADS.items():
    figures = {name: [] for name in SERVERS}
    for round_ in range(rounds):
        for i, name in enumerate(SERVERS):
            figures[name].append(measure(name, options, 30000 + os.getpid() % 10000 + i * 7))
    print(what)
    base = [statistics.median(each) for each in zip(*figures["smtp-sink"])]
    for name, each in figures.items():
        rate, per_cpu = (statistics.median(values) for values in zip(*each))
        spread = f"{min(v[1] for v in each):.0f} to {max(v[1] for v in each):.0f}"
        print(f"  {name:13} {rate:9.0f} messages/s ({rate / base[0]:.2f})   {per_cpu:9.0f} a CPU second ({per_cpu / base[1]:.2f}; {spread})", flush=True)
