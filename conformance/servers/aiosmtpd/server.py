"""server.py PORT: aiosmtpd's own session on 127.0.0.1:PORT. The library leaves recipients to the application, which takes two here;
everything else is the library's."""
import asyncio
import sys

from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP

MAILBOXES = ("postmaster", "postmaster@example.org", "ann@example.org")


class Handler(Sink):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if not address.lower().endswith("@example.org") and "@" in address:
            return "550 Relaying denied"
        if address.lower() not in MAILBOXES:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


async def main():
    loop = asyncio.get_running_loop()
    # SMTPUTF8 as the library's Controller has it.
    await loop.create_server(
        lambda: SMTP(Handler(), hostname="mx.example.org", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", int(sys.argv[1]))
    await asyncio.Event().wait()


asyncio.run(main())
