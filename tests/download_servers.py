"""Servers of this machine, plain and TLS, for tests of downloads."""

from __future__ import annotations

import hashlib
import http.server
import shutil
import ssl
import subprocess
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeaffect.models.download import RetryPolicy

CONTENT = bytes(range(256)) * 800

DIGEST = hashlib.sha256(CONTENT).hexdigest()

QUICK = RetryPolicy(stall=2.0, attempts=3, pause=0.0, connections=20)

Reply = Callable[[http.server.BaseHTTPRequestHandler], None]


class Servers:
    """Servers of this machine, plain and TLS, that answer by path and keep what they were asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.replies: dict[str, Reply] = {}
        self.asked: list[tuple[str, str, str | None]] = []
        """(scheme, path with query, Authorization) of each request."""
        self._running: list[http.server.ThreadingHTTPServer] = []
        self.http = f"http://127.0.0.1:{self._start(None)}"
        self.https = ""

    def add_tls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("needs openssl to make a certificate")
        key, certificate = self.folder / "k.pem", self.folder / "c.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days",
             "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
            check=True, capture_output=True,
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        self.https = f"https://localhost:{self._start(context)}"

    def _start(self, tls: ssl.SSLContext | None) -> int:
        servers = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                servers.asked.append(("https" if tls else "http", self.path, self.headers.get("Authorization")))
                servers.replies[urllib.parse.urlsplit(self.path).path](self)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self._running.append(server)
        return int(server.server_address[1])

    def stop(self) -> None:
        for server in self._running:
            server.shutdown()
            server.server_close()

    def paths(self) -> list[str]:
        return [f"{scheme} {path}" for scheme, path, _ in self.asked]


def to(location: str, code: int = 302) -> Reply:
    def reply(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Location", location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return reply


def body(content: bytes = CONTENT, **headers: str) -> Reply:
    def reply(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            if value:
                handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return reply


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    monkeypatch.setenv("EDGEAFFECT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("EDGEAFFECT_OFFLINE", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Servers(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def tls(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Servers:
    servers.add_tls(monkeypatch)
    return servers


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def crumbs(handler: http.server.BaseHTTPRequestHandler) -> None:
    """One byte per connection."""
    start = int((handler.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
    handler.send_header("Content-Length", str(len(CONTENT) - start))
    handler.send_header("ETag", '"1"')
    handler.end_headers()
    handler.wfile.write(CONTENT[start : start + 1])
