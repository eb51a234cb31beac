"""with_swaks.py HOST:PORT STORE: delivers with swaks, with and without pipelining.

Not everything can be sent with it: it does not double a dot that is the first octet of all, it has no option for BODY=8BITMIME, and it
reads a header section into what it is given."""
import subprocess
import sys
import tempfile

import mail

host, port, store = mail.arguments()


def deliver(message, *options):
    # swaks takes lines as they are in files, makes CRLF of their ends, doubles dots, and takes a last line of one dot for the end.
    with tempfile.NamedTemporaryFile() as file:
        file.write(message.replace(b"\r\n", b"\n") + b".\n")
        file.flush()
        done = subprocess.run(
            ["swaks", "--server", host, "--port", str(port), "--ehlo", "client.example", "--from", mail.SENDER,
             "--to", ",".join(mail.RECIPIENTS), "--data", "@" + file.name, "--suppress-data", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    if done.returncode != 0:
        sys.stdout.write(done.stdout.decode(errors="backslashreplace"))
        mail.fail(f"swaks ended with {done.returncode}")


for name, message in mail.MESSAGES.items():
    deliver(message)
    store.expect(name, message, mail.RECIPIENTS)
    deliver(message, "--pipeline")
    store.expect(f"{name}, pipelined", message, mail.RECIPIENTS)

store.expect_no_more()
