#!/usr/bin/env python3
"""smtplib_send.py HOST PORT SENDER MESSAGE RECIPIENT...: delivers a file with Python's smtplib; exit status 0 if nobody refused it."""
import smtplib
import sys

host, port, sender, message, *recipients = sys.argv[1:]
try:
    with smtplib.SMTP(host, int(port), local_hostname="client.example", timeout=5) as session, open(message, "rb") as file:
        refused = session.sendmail(sender, recipients, file.read())
except (smtplib.SMTPException, OSError, ValueError) as error:
    sys.exit(f"{type(error).__name__}: {error}")
sys.exit(1 if refused else 0)
