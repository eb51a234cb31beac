#!/usr/bin/env python3
"""That fetch.py asks the registry that npm would ask, once, and takes nothing but the package with the checksum."""
import base64
import hashlib
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).parent


def archive():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as files:
        member = tarfile.TarInfo("package/index.js")
        member.size = 3
        files.addfile(member, io.BytesIO(b"42\n"))
    return buffer.getvalue()


class Registry(http.server.BaseHTTPRequestHandler):
    tarball = archive()
    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        bodies = {
            "/npm/apg-js/1.2.3": json.dumps({"dist": {"tarball": f"http://{self.headers['Host']}/elsewhere.tgz"}}).encode(),
            "/elsewhere.tgz": self.tarball,
        }
        body = bodies.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


def check(condition, what):
    if not condition:
        sys.exit(f"fetch_test.py: {what}")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    registry = f"http://127.0.0.1:{server.server_address[1]}/npm/"
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        shutil.copy(HERE / "fetch.py", root)
        right = "sha512-" + base64.b64encode(hashlib.sha512(Registry.tarball).digest()).decode()

        def fetch(folder, integrity=right, **environment):
            named = {"dependencies": {"apg-js": "1.2.3"}, "integrity": {"apg-js": integrity}}
            (root / "package.json").write_text(json.dumps(named))
            clean = {name: value for name, value in os.environ.items()
                     if not name.lower().startswith("npm_config_") and not name.lower().endswith("_proxy")}
            Registry.asked.clear()
            return subprocess.run([sys.executable, root / "fetch.py", root / folder], text=True, capture_output=True,
                                  env=clean | {"HOME": str(root)} | environment, check=False)

        both = ["/npm/apg-js/1.2.3", "/elsewhere.tgz"]
        done = fetch("a", npm_config_registry=registry)
        check(done.returncode == 0 and Registry.asked == both, f"by the environment: {Registry.asked} {done.stderr}")
        check(done.stdout == f"{root}/a/apg-js-1.2.3\n", f"its path: {done.stdout}")
        check((root / "a/apg-js-1.2.3/index.js").read_bytes() == b"42\n", "its files")
        done = fetch("a", npm_config_registry=registry)
        check(done.returncode == 0 and not Registry.asked, f"what is there is fetched again: {Registry.asked} {done.stderr}")

        done = fetch("b", "sha512-" + "A" * 86 + "==", npm_config_registry=registry)
        check(done.returncode != 0 and Registry.asked == both and right in done.stderr, f"another checksum: {done.stderr}")
        check([path.name for path in (root / "b").iterdir()] == [".lock"], "something is left of a wrong package")

        (root / ".npmrc").write_text("; a comment = of npm\nregistry=${WHERE}\n")
        done = fetch("c", WHERE=registry)
        check(done.returncode == 0 and Registry.asked == both, f"by an npmrc: {Registry.asked} {done.stderr}")
        done = fetch("d", WHERE=registry + "no/such/")
        check(done.returncode != 0 and Registry.asked == ["/npm/no/such/apg-js/1.2.3"], f"a registry without it: {Registry.asked}")


main()
