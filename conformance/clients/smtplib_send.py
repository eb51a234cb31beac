#!/usr/bin/env python3
"""smtplib_send.py HOST PORT SENDER MESSAGE RECIPIENT...: delivers a file with Python's smtplib; exit status 0 if nobody refused it.

With TLS=yes in the environment not without STARTTLS and a certificate by $CA, with AUTH=yes as $AUTH_USER."""
import os
import smtplib
import ssl
import sys

host, port, sender, message, *recipients = sys.argv[1:]
try:
    with smtplib.SMTP(host, int(port), local_hostname="client.example", timeout=5) as session, open(message, "rb") as file:
        if os.environ.get("TLS"):
            session.starttls(context=ssl.create_default_context(cafile=os.environ["CA"]))
        if os.environ.get("AUTH"):
            session.login(os.environ["AUTH_USER"], os.environ["AUTH_PASSWORD"])
        refused = session.sendmail(sender, recipients, file.read())
except (smtplib.SMTPException, OSError, ValueError) as error:
    sys.exit(f"{type(error).__name__}: {error}")
sys.exit(1 if refused else 0)
