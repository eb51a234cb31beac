# Sourced by NAME/start.sh PORT and NAME/stop.sh PORT: where things are, and how a server is started, awaited and ended.
# shellcheck shell=bash
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)                           # servers/NAME
servers=$(cd "$here/.." && pwd)                               # servers/
name=$(basename "$here")
port=${1:?usage: $(basename "$0") PORT}
root=$servers/.roots/$name                                    # the unpacked packages, see fetch.sh
run=${POSTEL_RUN:-${TMPDIR:-/tmp}/postel-servers.$(id -u)}    # one file a running server: its process and its temporary folder
state=$run/$name-$port

# The packages in their place, and work, a fresh temporary folder. The server writes nowhere else.
prepare() {
  mkdir -p "$run"
  "$servers/fetch.sh" "$name"
  work=$(mktemp -d "${TMPDIR:-/tmp}/postel-$name.XXXXXX")
  chmod 755 "$work"
}

# A self-signed certificate for localhost: cert.pem and key.pem in work.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2> /dev/null
  chmod 600 "$work/key.pem"
}

# add_user NAME ID: a user and its group, for laid_over to see and nobody else.
add_user() {
  mkdir -p "$work/over/etc"
  [[ -f $work/over/etc/passwd ]] || cp /etc/passwd /etc/group "$work/over/etc/"
  echo "$1:x:$2:$2::/nonexistent:/usr/sbin/nologin" >> "$work/over/etc/passwd"
  echo "$1:x:$2:" >> "$work/over/etc/group"
}

# laid_over COMMAND...: becomes COMMAND, in a group and a mount namespace of its own, where the package, and what is in work/over, lie over
# the machine's /usr, /etc and /var, and each SOURCE:PLACE of binds is mounted. For servers whose paths and users are compiled in.
binds=
laid_over() {
  export root work binds
  # In a folder that chroot made a root, no mount point is there to be made private; none need be, if none is shared.
  local propagation=private
  if ! unshare --mount --propagation private true 2> /dev/null && ! grep -q ' shared:' /proc/self/mountinfo; then
    propagation=unchanged
  fi
  mkdir -p "$work/lay"
  # shellcheck disable=SC2016
  exec setsid unshare --mount --propagation $propagation bash -ec '
    mount -t tmpfs -o mode=755 tmpfs "$work/lay"
    for each in usr etc var; do
      mkdir "$work/lay/$each"
      layers=$work/lay/$each
      if [[ $each = usr ]]; then layers+=:$root/usr
      elif [[ -d $root/$each ]]; then cp -a "$root/$each/." "$work/lay/$each/"; fi
      [[ ! -d $work/over/$each ]] || cp -a "$work/over/$each/." "$work/lay/$each/"
      mount -t overlay -o "lowerdir=$layers:/$each" overlay "/$each"
    done
    for each in $binds; do mount --bind "${each%%:*}" "${each##*:}"; done
    exec "$@"' laid_over "$@"
}

# fill TEMPLATE FILE: @WORK@, @ROOT@ and @PORT@ replaced
fill() { sed -e "s#@WORK@#$work#g; s#@ROOT@#$root#g; s#@PORT@#$port#g" "$1" > "$2"; }

# It has answered once it has greeted: the first process of a server may take its time on a busy machine.
answers() { (exec 3<> "/dev/tcp/127.0.0.1/$port" && read -r -t 60 <&3 && printf 'QUIT\r\n' >&3 && read -r -t 10 <&3) 2> /dev/null; }

# await PID: returns when that process, the leader of its own group, answers on the port; prints its log if it never does.
await() {
  printf '%s\n%s\n' "$1" "$work" > "$state"
  for _ in $(seq 2400); do # a minute: machines may be busy, and who has died is not waited for
    kill -0 "$1" 2> /dev/null || break
    # Alive behind the connection, too: it may have been another program's, and this one about to fail for that.
    if answers && sleep 0.1 && kill -0 "$1" 2> /dev/null; then return; fi
    sleep 0.025
  done
  echo "$name does not answer on port $port:" >&2
  tail -n 20 "$work"/*.log >&2 || true
  end
  return 1
}

# end: ends what start.sh started on the port, with all its children, and removes its folder.
end() {
  [[ -f $state ]] || return 0
  { read -r pid; read -r work; } < "$state"
  kill -TERM -- "-$pid" 2> /dev/null || true
  for _ in $(seq 100); do
    kill -0 -- "-$pid" 2> /dev/null || break
    sleep 0.05
  done
  kill -KILL -- "-$pid" 2> /dev/null || true
  rm -rf "$work" "$state"
}
