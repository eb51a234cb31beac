#!/usr/bin/env bash
# Haraka 3.3.4 (npm) with its plugin queue/smtp_forward, in front of a server that refuses one of two recipients and offers 8BITMIME.
# Expected: the recipient that the server behind takes gets the message, and the other one is refused at its RCPT, or bounced later. What is
# accepted with BODY=8BITMIME goes on with BODY=8BITMIME (RFC 6152 §3).
# Seen: Haraka says 250 to both recipients and asks the server behind only once it has the message. The one refusal becomes the reply to the
# whole message, 550, and nobody gets it, although the server behind had taken the other recipient. (check_recipient, off unless set, asks
# earlier.) Of two alone the one goes through; and octets above 127 go out without BODY=8BITMIME, to a server that offers it.
# Output:
#   RCPT good: 250, RCPT bad: 250, message: 550; behind: MAIL FROM:<ann@example.org>, RCPT good, RCPT bad
#   RCPT good: 250, message: 250; behind: MAIL FROM:<ann@example.org>, RCPT good, DATA with octets above 127
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  cd "$FINDING_DIR"
  cat > package.json << 'EOF'
{"private": true, "dependencies": {"Haraka": "3.3.4"}, "overrides": {"encoding-japanese": "2.4.0", "@zone-eu/mailsplit": "5.4.19", "libqp": "2.1.1"}}
EOF
  npm install --no-audit --no-fund --ignore-scripts --omit=dev --omit=optional --loglevel=error > /dev/null
  cd - > /dev/null
  unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0"
  exit
fi

cd "$FINDING_DIR"
ip link set lo up
cat > hop.py << 'EOF'
import socketserver
class hop(socketserver.StreamRequestHandler):  # the server behind: writes down what it is asked
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        note = lambda text: open("asked", "a").write(text + "\n")
        say("220 hop.example ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO": say("250-hop.example\r\n250 8BITMIME")
            elif verb == b"RCPT":
                who = line.decode().split("<")[1].split("@")[0]
                note("RCPT " + who)
                say("550 5.1.1 unknown" if who == "bad" else "250 2.1.5 fine")
            elif verb == b"DATA":
                say("354 go on")
                message = b""
                for line in self.rfile:
                    if line == b".\r\n": break
                    message += line
                note("DATA" + ("" if message.isascii() else " with octets above 127"))
                say("250 2.0.0 taken")
            else:
                if verb == b"MAIL": note(line.decode().strip())
                say("250 2.0.0 fine")
class server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    handle_error = lambda *_: None  # a probe that connects and closes is no error
server(("127.0.0.1", 2526), hop).serve_forever()
EOF
python3 hop.py &
mkdir -p haraka/config haraka/queue
cp node_modules/Haraka/config/connection.ini haraka/config/
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout haraka/config/tls_key.pem -out haraka/config/tls_cert.pem 2> openssl.out
printf 'listen=127.0.0.1:2525\nnodes=0\n' > haraka/config/smtp.ini
printf 'rcpt_to.in_host_list\nqueue/smtp_forward\n' > haraka/config/plugins
printf 'host=127.0.0.1\nport=2526\n' > haraka/config/smtp_forward.ini
echo example.net > haraka/config/host_list
echo relay.example > haraka/config/me
echo LOGERROR > haraka/config/loglevel
node node_modules/Haraka/bin/haraka -c "$PWD/haraka" < /dev/null > haraka.out 2>&1 &

cat > send.py << 'EOF'
import os, smtplib, socket, time
for attempt in range(400):  # until both servers listen
    try:
        socket.create_connection(("127.0.0.1", 2526)).close()
        session = smtplib.SMTP("127.0.0.1", 2525, timeout=20)
        break
    except OSError:
        time.sleep(0.1)
for people in ("good", "bad"), ("good",):
    if os.path.exists("asked"): os.remove("asked")
    session.ehlo("client.example")
    session.mail("ann@example.org", ["BODY=8BITMIME"])
    replies = [f"RCPT {who}: {session.rcpt(who + '@example.net')[0]}" for who in people]
    replies.append("message: %d" % session.data("Subject: x\r\n\r\ncaf\u00e9\r\n".encode())[0])
    print(", ".join(replies) + "; behind: " + open("asked").read().strip().replace("\n", ", "))
EOF
seen=$(python3 send.py)
echo "$seen"
[[ $seen == 'RCPT good: 250, RCPT bad: 250, message: 550; behind: MAIL FROM:<ann@example.org>, RCPT good, RCPT bad
RCPT good: 250, message: 250; behind: MAIL FROM:<ann@example.org>, RCPT good, DATA with octets above 127' ]]
