"""with_smtplib.py HOST:PORT STORE: delivers with Python's smtplib."""
import smtplib

import mail

host, port, store = mail.arguments()


def connect():
    return smtplib.SMTP(host, port, local_hostname="client.example", timeout=30)


# Octets are sent as they are, with dots doubled. One session each.
for name, message in {**mail.MESSAGES, **mail.FIRST_OCTET_A_DOT, **mail.CONTROLS}.items():
    with connect() as client:
        refused = client.sendmail(mail.SENDER, mail.RECIPIENTS, message)
    if refused:
        mail.fail(f"{name}: refused {refused}")
    store.expect(name, message, mail.RECIPIENTS)

# All in one session.
with connect() as client:
    for name, message in mail.MESSAGES.items():
        client.sendmail(mail.SENDER, "bob@example.org", message)
        store.expect(f"{name}, one session for all", message, ["bob@example.org"])

    for name, message in mail.EIGHT_BIT.items():
        client.sendmail(mail.SENDER, "bob@example.org", message, mail_options=["BODY=8BITMIME"])
        store.expect(name, message, ["bob@example.org"], body="8BITMIME")

    # The null reverse-path.
    client.sendmail("", "bob@example.org", b"Subject: notice\r\n\r\ntext\r\n")
    store.expect("notice", b"Subject: notice\r\n\r\ntext\r\n", ["bob@example.org"], sender="")

    # smtplib makes CRLF of the line ends of a string, and ends a message that does not end with one.
    client.sendmail(mail.SENDER, "bob@example.org", "Subject: text\n\n.\none\r\ntwo\rthree\n.")
    store.expect("a string", b"Subject: text\r\n\r\n.\r\none\r\ntwo\r\nthree\r\n.\r\n", ["bob@example.org"])

    # One of the recipients is refused: the message goes to the others.
    refused = client.sendmail(mail.SENDER, ["unknown@example.org", "bob@example.org"], b"Subject: one of two\r\n\r\n")
    if list(refused) != ["unknown@example.org"]:
        mail.fail(f"one of two recipients should have been refused, not {refused}")
    store.expect("one of two recipients", b"Subject: one of two\r\n\r\n", ["bob@example.org"])

store.expect_no_more()
