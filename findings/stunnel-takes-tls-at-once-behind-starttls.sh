#!/usr/bin/env bash
# stunnel 5.68 (Debian 3:5.68-2+deb12u1), a service with protocol = smtp in front of a plain SMTP server.
# Expected: the port speaks RFC 3207: greeting, EHLO, STARTTLS, and TLS only then. A client of implicit TLS (RFC 8314 §3.3) that connects to
# the wrong port of the two gets a greeting in clear where it waits for a handshake, and fails.
# Seen: stunnel looks whether the client speaks first. If a handshake comes at once, it takes it and passes on the server's own greeting: one
# port serves both kinds of client. Who waits gets a greeting that stunnel has changed, a moment later than it came. Without TLS nothing but
# EHLO and STARTTLS gets through: HELO ends the connection, and what the server offers is shown behind TLS only.
# Output:
#   TLS at once: 220 hop.example ESMTP
#   STARTTLS: 220 hop.example stunnel for ESMTP / EHLO: hop.example STARTTLS / STARTTLS: 220 / EHLO: hop.example PIPELINING
#   HELO: connection closed
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download stunnel4=3:5.68-2+deb12u1 libwrap0=7.6.q-32
  for deb in *.deb; do dpkg -x "$deb" root; done
  cd - > /dev/null
  unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0"
  exit
fi

cd "$FINDING_DIR"
ip link set lo up
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout key.pem -out cert.pem 2> openssl.out
cat > stunnel.conf << EOF
foreground = yes
pid =
[smtp]
accept = 127.0.0.1:2525
connect = 127.0.0.1:2526
cert = $PWD/cert.pem
key = $PWD/key.pem
protocol = smtp
EOF
cat > hop.py << 'EOF'
import socketserver
class hop(socketserver.StreamRequestHandler):  # a plain SMTP server
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 hop.example ESMTP")
        for line in self.rfile: say("250-hop.example\r\n250 PIPELINING" if line.upper().startswith(b"EHLO") else "250 fine")
class server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    handle_error = lambda *_: None  # a client that goes is no error
server(("127.0.0.1", 2526), hop).serve_forever()
EOF
python3 hop.py &
LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu:$PWD/root/lib/x86_64-linux-gnu root/usr/bin/stunnel4 stunnel.conf > stunnel.out 2>&1 &
cat > probe.py << 'EOF'
import smtplib, socket, ssl, time
for port in 2525, 2526:
    for attempt in range(300):  # until both servers listen
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.1)
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
offers = lambda session: "EHLO: " + session.ehlo("client.example")[1].decode().replace("\n", " ")

with context.wrap_socket(socket.create_connection(("127.0.0.1", 2525), 20)) as session:
    print("TLS at once: " + session.recv(500).decode().strip())
with socket.create_connection(("127.0.0.1", 2525), 20) as session: greeting = session.recv(500).decode().strip()
session = smtplib.SMTP("127.0.0.1", 2525, timeout=20)
shown = f"STARTTLS: {greeting} / {offers(session)}"
shown += f" / STARTTLS: {session.starttls(context=context)[0]} / {offers(session)}"
print(shown)
session = smtplib.SMTP("127.0.0.1", 2525, timeout=20)
try: print("HELO:", session.helo("client.example"))
except (smtplib.SMTPServerDisconnected, ConnectionError): print("HELO: connection closed")
EOF
seen=$(python3 probe.py)
echo "$seen"
[[ $seen == 'TLS at once: 220 hop.example ESMTP
STARTTLS: 220 hop.example stunnel for ESMTP / EHLO: hop.example STARTTLS / STARTTLS: 220 / EHLO: hop.example PIPELINING
HELO: connection closed' ]]
