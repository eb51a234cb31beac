#!/usr/bin/env bash
# Exim 4.96 (Debian 4.96-15+deb12u11) as relay, with dsn_advertise_hosts = *.
# RFC 3461 §5.2.1: a relay hands ORCPT on to a next hop that offers DSN. NOTIFY is another parameter, and neither needs the other:
# Postfix adds ORCPT to every recipient, mostly without a NOTIFY.
# Seen: Exim hands ORCPT on only if the same RCPT also has a NOTIFY; otherwise it is gone after the 250. ENVID and RET of the same
# message are always handed on. (Behind Postfix and Exim the report of a failure can thus no longer name the original recipient.)
# Output: the replies to RCPT, and the lines as the next hop gets them:
#   one: 250, two: 250
#   MAIL FROM:<ann@example.org> SIZE=1229 RET=HDRS ENVID=q1
#   RCPT TO:<one@example.net>
#   RCPT TO:<two@example.net> NOTIFY=FAILURE ORCPT=rfc822;2@example.com
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  chmod 755 "$FINDING_DIR"
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download exim4-daemon-light=4.96-15+deb12u11 libidn12=1.41-1 \
    libgnutls-dane0=3.7.9-2+deb12u7 libunbound8=1.17.1-2+deb12u4 libevent-2.1-7=2.1.12-stable-8+deb12u1 libnsl2=1.3.0-2
  for deb in *.deb; do dpkg -x "$deb" root; done
  cd - > /dev/null
  unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0"
  exit
fi

cd "$FINDING_DIR"
ip link set lo up
export LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu

# Exim's user is compiled in: a passwd of our own has it.
{ cat /etc/passwd; echo 'Debian-exim:x:8:8::/nonexistent:/usr/sbin/nologin'; } > passwd
{ cat /etc/group; echo 'Debian-exim:x:8:'; } > group
mount --bind passwd /etc/passwd
mount --bind group /etc/group
mkdir -m 755 exim
chown 8:8 exim
cat > exim.conf << EOF
exim_user = mail
exim_group = mail
primary_hostname = relay.example
spool_directory = $PWD/exim
log_file_path = $PWD/exim/%s.log
pid_file_path = $PWD/exim/pid
local_interfaces = <; [127.0.0.1]:2525
daemon_smtp_ports =
disable_ipv6
keep_environment =
host_lookup =
tls_advertise_hosts =
dsn_advertise_hosts = *
rfc1413_query_timeout = 0s
acl_smtp_rcpt = accept
queue_only
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = out
begin transports
out:
  driver = smtp
  port = 2526
  allow_localhost
  hosts_try_fastopen =
EOF

cat > hop.py << 'EOF'
import socketserver
class hop(socketserver.StreamRequestHandler):  # a next hop that offers DSN and writes down the envelope
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 hop.example ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO": say("250-hop.example\r\n250-SIZE\r\n250 DSN")
            elif verb == b"DATA":
                say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""): pass
                say("250 taken")
            else:
                if verb in (b"MAIL", b"RCPT"): open("envelope", "ab").write(line.replace(b"\r", b""))
                say("250 fine")
class server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    handle_error = lambda *_: None  # a probe that connects and closes is no error
server(("127.0.0.1", 2526), hop).serve_forever()
EOF
python3 hop.py &
exim=$PWD/root/usr/sbin/exim4
"$exim" -C "$PWD/exim.conf" -bdf < /dev/null > exim.out 2>&1 &

cat > send.py << 'EOF'
import smtplib, socket, time
for attempt in range(400):  # until both servers listen
    try:
        socket.create_connection(("127.0.0.1", 2526)).close()
        session = smtplib.SMTP("127.0.0.1", 2525, timeout=20)
        break
    except OSError:
        time.sleep(0.1)
session.ehlo("client.example")
session.mail("ann@example.org", ["RET=HDRS", "ENVID=q1"])
print(", ".join(f"{name}: {session.rcpt(name + '@example.net', options)[0]}" for name, options in (
    ("one", ["ORCPT=rfc822;1@example.com"]), ("two", ["NOTIFY=FAILURE", "ORCPT=rfc822;2@example.com"]))))
session.data(b"Subject: x\r\n\r\nhello\r\n")
EOF
codes=$(python3 send.py)
"$exim" -C "$PWD/exim.conf" -q # delivers what is queued, and waits for it
lines=$(sort envelope)
echo "$codes"
echo "$lines"
[[ $codes == "one: 250, two: 250" ]] && grep -q '^MAIL FROM:<ann@example.org> .*RET=HDRS ENVID=q1' <<< "$lines" &&
  grep -qx 'RCPT TO:<one@example.net>' <<< "$lines" &&
  grep -qx 'RCPT TO:<two@example.net> NOTIFY=FAILURE ORCPT=rfc822;2@example.com' <<< "$lines"
