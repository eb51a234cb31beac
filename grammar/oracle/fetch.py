#!/usr/bin/env python3
"""fetch.py FOLDER: FOLDER/apg-js-VERSION is the apg-js that package.json names; its path is printed.

What is absent is fetched from the npm registry, without npm: Debian's brings hundreds of packages for the one that is needed. The
registry, its certificates and proxies are those that npm would use: of the environment, else of an npmrc, else the public ones. What
was fetched counts only if it has the checksum of package.json.
"""
import base64
import fcntl
import hashlib
import io
import json
import os
import re
import ssl
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

NAME = "apg-js"
LARGEST = 16 << 20  # octets of an answer; the package has a tenth of a megabyte


def settings():
    """What npm reads from its environment and files, the first of them first."""
    given = {}
    for name, value in os.environ.items():
        if name.lower().startswith("npm_config_") and value:
            given.setdefault(name[len("npm_config_"):].lower().replace("_", "-"), value)
    files = [given.get("userconfig", Path.home() / ".npmrc"), given.get("globalconfig", "/usr/etc/npmrc"), "/etc/npmrc"]
    for file in files:
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        for line in lines:
            key, equals, value = line.partition("=")
            if not equals or line.lstrip().startswith(("#", ";")):
                continue
            value = re.sub(r"\$\{(\w+)\}", lambda name: os.environ.get(name[1], name[0]), value.strip().strip("\"'"))
            given.setdefault(key.strip(), value)
    return given


def opener(given):
    context = ssl.create_default_context()  # heeds SSL_CERT_FILE and SSL_CERT_DIR
    for file in (given.get("cafile"), os.environ.get("NODE_EXTRA_CA_CERTS")):
        if file and Path(file).is_file():
            context.load_verify_locations(file)
    if given.get("strict-ssl") == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    proxies = {"https": given.get("https-proxy") or given.get("proxy"), "http": given.get("proxy")}
    proxies = {scheme: proxy for scheme, proxy in proxies.items() if proxy} | urllib.request.getproxies()
    return urllib.request.build_opener(urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=context))


def get(opened, address):
    for pause in (1, 4, None):
        try:
            with opened.open(address, timeout=60) as answer:
                body = answer.read(LARGEST + 1)
            if len(body) > LARGEST:
                sys.exit(f"fetch.py: {address}: more than {LARGEST} octets")
            return body
        except (urllib.error.URLError, OSError) as error:
            if pause is None or getattr(error, "code", 500) < 500:
                sys.exit(f"fetch.py: {address}: {error}")
            time.sleep(pause)


def package(version, integrity):
    """The files of the package, as an open tar archive."""
    given = settings()
    opened = opener(given)
    registry = given.get("registry", "https://registry.npmjs.org/").rstrip("/")
    try:
        tarball = json.loads(get(opened, f"{registry}/{NAME}/{version}"))["dist"]["tarball"]
    except (ValueError, KeyError, TypeError):
        sys.exit(f"fetch.py: {registry} does not tell where {NAME} {version} is")
    if not tarball.startswith(("https://", "http://")):
        sys.exit(f"fetch.py: {registry} gives no web address of {NAME} {version}: {tarball}")
    archive = get(opened, tarball)
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != integrity:
        sys.exit(f"fetch.py: {tarball} is not the {NAME} {version} that package.json names: {found}")
    return tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz")


def main():
    named = json.loads((Path(__file__).parent / "package.json").read_text(encoding="utf-8"))
    version = named["dependencies"][NAME]
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / f"{NAME}-{version}"
    # Two runs may want it at once: the second waits, and finds it.
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.is_dir():
            with tempfile.TemporaryDirectory(dir=folder) as fresh:
                with package(version, named["integrity"][NAME]) as files:
                    files.extractall(fresh)
                os.rename(Path(fresh) / "package", wanted)
    print(wanted)


main()
