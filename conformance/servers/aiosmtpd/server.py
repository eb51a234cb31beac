"""server.py PORT smtp|lmtp FOLDER: aiosmtpd's own session on 127.0.0.1:PORT. The library leaves recipients and passwords to the application,
which takes two of the one and one of the other here; everything else is the library's."""
import asyncio
import ssl
import sys

from aiosmtpd.handlers import Sink
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

MAILBOXES = ("postmaster", "postmaster@example.org", "ann@example.org")


class Handler(Sink):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if not address.lower().endswith("@example.org") and "@" in address:
            return "550 Relaying denied"
        if address.lower() not in MAILBOXES:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"user", b"secret")
    return AuthResult(success=right, handled=False)


async def main():
    loop = asyncio.get_running_loop()
    port, protocol, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    # SMTPUTF8 as the library's Controller has it.
    options = {"hostname": "mx.example.org", "enable_SMTPUTF8": True, "loop": loop}
    if protocol == "lmtp":
        session = lambda: LMTP(Handler(), **options)
    else:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")
        session = lambda: SMTP(Handler(), tls_context=tls, authenticator=authenticate, **options)
    await loop.create_server(session, "127.0.0.1", port)
    await asyncio.Event().wait()


asyncio.run(main())
