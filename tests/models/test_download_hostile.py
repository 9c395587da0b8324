"""Downloads against servers and folders that mean harm: redirects, tokens, endless cuts, full disks, planted files."""

from __future__ import annotations

import base64
import errno
import hashlib
import http.server
import json
import logging
import os
import shutil
import ssl
import stat
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeaffect._files import locked
from edgeaffect.cli import main
from edgeaffect.models import partial, store
from edgeaffect.models.download import DownloadError, RetryPolicy, download
from edgeaffect.models.pulled import RECORD

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


# redirects


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_hop_to_plain_http_is_refused_before_it_is_asked(tls: Servers, tmp_path: Path, code: int) -> None:
    tls.replies = {"/m": to(f"{tls.http}/hop", code), "/hop": to(f"{tls.https}/file"), "/file": body()}
    with pytest.raises(DownloadError, match=r"leads to http://127\.0\.0\.1.*not https: refused"):
        download(f"{tls.https}/m", tmp_path / "o" / "m", retry=QUICK)
    assert tls.paths() == ["https /m"]
    assert names(tmp_path / "o") == []


def test_every_hop_counts_not_the_last_alone(tls: Servers, tmp_path: Path) -> None:
    tls.replies = {"/m": to("/b"), "/b": to(f"{tls.https}/c"), "/c": to(f"{tls.http}/file"), "/file": body()}
    with pytest.raises(DownloadError, match="not https"):
        download(f"{tls.https}/m", tmp_path / "o" / "m", retry=QUICK)
    assert tls.paths() == ["https /m", "https /b", "https /c"]


def test_a_digest_allows_any_way(tls: Servers, tmp_path: Path) -> None:
    tls.replies = {"/m": to(f"{tls.http}/hop"), "/hop": to(f"{tls.https}/file"), "/file": body()}
    assert download(f"{tls.https}/m", tmp_path / "m", sha256=DIGEST, retry=QUICK) == DIGEST
    with pytest.raises(DownloadError, match="expected 0000"):
        download(f"{tls.https}/m", tmp_path / "n", sha256="0" * 64, retry=QUICK)


def test_https_throughout_is_followed(tls: Servers, tmp_path: Path) -> None:
    tls.replies = {"/m": to("b c"), "/b%20c": to(f"{tls.https}/file?a=1#part"), "/file": body()}
    assert download(f"{tls.https}/m", tmp_path / "m", retry=QUICK) == DIGEST
    assert tls.paths()[-1] == "https /file?a=1"


def test_this_machine_may_lead_to_https_and_not_back(tls: Servers, tmp_path: Path) -> None:
    tls.replies = {"/m": to(f"{tls.https}/b"), "/b": to(f"{tls.http}/file"), "/file": body(), "/n": to("/file")}
    assert download(f"{tls.http}/n", tmp_path / "n", retry=QUICK) == DIGEST
    with pytest.raises(DownloadError, match="not https"):
        download(f"{tls.http}/m", tmp_path / "m", retry=QUICK)


@pytest.mark.parametrize(
    "location",
    ["http://example.invalid/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://[::1/x", "https://h:x/",
     "http://127.0.0.2.nip.io/"],
)  # fmt: skip
def test_redirects_to_elsewhere(servers: Servers, tmp_path: Path, location: str) -> None:
    servers.replies = {"/m": to(location)}
    with pytest.raises(DownloadError, match="leads to"):
        download(f"{servers.http}/m", tmp_path / "o" / "m", retry=QUICK)
    assert servers.paths() == ["http /m"]


def test_redirects_end(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": to("/m")}
    with pytest.raises(DownloadError, match="leads on more than 5 times"):
        download(f"{servers.http}/m", tmp_path / "m", retry=QUICK)
    assert len(servers.asked) == 6


@pytest.mark.parametrize("url", ["http://example.org/m.onnx", "http://10.0.0.1/m", "http://localhost.evil.org/m"])
def test_plain_http_from_afar_is_never_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="plain http"):
        download(url, tmp_path / "m", retry=QUICK)
    assert main(["models", "pull", url, "-o", str(tmp_path / "o")]) == 2
    assert not (tmp_path / "o").exists()


# secrets

SECRET = "hunter2"


def test_passwords_go_to_their_own_host_only(servers: Servers, tmp_path: Path) -> None:
    port = urllib.parse.urlsplit(servers.http).port
    servers.replies = {"/m": to("/b"), "/b": to(f"http://evil:trap@localhost:{port}/file"), "/file": body()}
    url = servers.http.replace("://", f"://me:{SECRET}%40@") + "/m"
    assert download(url, tmp_path / "m", retry=QUICK) == DIGEST
    basic = "Basic " + base64.b64encode(f"me:{SECRET}@".encode()).decode()
    assert [authorization for _, _, authorization in servers.asked] == [basic, basic, None]


@pytest.mark.parametrize(
    "form", ["http://me:hunter2@{}/m.onnx", "http://hunter2@{}/m.onnx", "http://{}/m.onnx?token=hunter2"]
)
def test_secrets_are_told_to_nobody(
    servers: Servers, tmp_path: Path, form: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    url = form.format(servers.http.removeprefix("http://"))
    for reply in (to("http://hunter2:hunter2@example.invalid/?hunter2"), to("/m.onnx"), body(b""), body(b"<html>"),
                  lambda handler: handler.send_error(404, "hunter2"), lambda handler: None, body()):  # fmt: skip
        servers.replies = {"/m.onnx": reply}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "sleep", lambda _: None)
            main(["models", "pull", url, "-o", str(tmp_path / "out")])
    assert store.pull(url, folder=tmp_path / "out").fetched is False
    with pytest.raises(DownloadError) as refused:
        store.pull(url.replace("/m.onnx", "/x/m.onnx"), folder=tmp_path / "out")
    out = capfd.readouterr()
    written = "".join(path.read_text(errors="replace") for path in (tmp_path / "out").glob("*.json*"))
    for text in (out.out, out.err, caplog.text, str(refused.value), repr(store.find_remote(url)), written):
        assert SECRET not in text
    assert json.loads((tmp_path / "out" / RECORD).read_text())["m.onnx"]["sha256"] == DIGEST
    assert SECRET in "".join(f"{path} {base64.b64decode((auth or 'Basic ')[6:])!r}" for _, path, auth in servers.asked)


def test_a_renewed_signature_is_the_same_address_and_another_query_is_not(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body()}
    first = store.pull(f"{servers.http}/m?id=1&X-Amz-Signature=a", folder=tmp_path, retry=QUICK)
    again = store.pull(f"{servers.http}/m?id=1&X-Amz-Signature=b", folder=tmp_path, retry=QUICK)
    assert first.fetched and not again.fetched
    with pytest.raises(DownloadError, match="another address"):
        store.pull(f"{servers.http}/m?id=2&X-Amz-Signature=b", folder=tmp_path, retry=QUICK)


def test_records_of_old_lose_their_secrets(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body(), "/n": body()}
    old = {"m": {"url": f"{servers.http}/m?token={SECRET}", "sha256": DIGEST}}
    (tmp_path / RECORD).write_text(json.dumps(old))
    assert store.pull(f"{servers.http}/m?token={SECRET}", folder=tmp_path, retry=QUICK).known_by == "first pull"
    store.pull(f"{servers.http}/n", folder=tmp_path, retry=QUICK)
    assert SECRET not in (tmp_path / RECORD).read_text()


@pytest.mark.parametrize(
    "url", ["https://a b/m", "https://h/\x1b[31m", "https://[::1/m", "https://me:hun/ter2@host/m", "https://h:99999/m"]
)
def test_addresses_that_are_none(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    with pytest.raises(ValueError, match="is not an https:// address"):
        download(url, tmp_path / "m", retry=QUICK)
    assert main(["models", "pull", url]) == 2
    error = capsys.readouterr().err
    assert "\x1b" not in error and "ter2" not in error and error.count("\n") == 1


# servers that never end


def test_cuts_at_changing_places_end_the_retries(servers: Servers, tmp_path: Path) -> None:
    """Without ranges the file starts anew each time; one that gets further now and then is no progress for ever."""
    places = iter([1000, 90_000, 500, 80_000, 600, 85_000, 700, 70_000] * 100)

    def cut(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[: next(places)])

    servers.replies = {"/m": cut}
    with pytest.raises(DownloadError, match="3 times in a row"):
        download(f"{servers.http}/m", tmp_path / "m", retry=QUICK)
    assert len(servers.asked) <= 6


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


def test_connections_are_counted(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": crumbs}
    with pytest.raises(DownloadError, match=r"after 20 connections.*same command again"):
        download(f"{servers.http}/m", tmp_path / "m", retry=QUICK)
    assert len(servers.asked) == 20
    assert [path.stat().st_size for path in tmp_path.glob(".m.*.part")] == [20]  # the next call goes on from here


def test_time_is_counted(servers: Servers, tmp_path: Path) -> None:
    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        for i in range(100):
            handler.wfile.write(CONTENT[i : i + 1])
            handler.wfile.flush()
            time.sleep(0.1)

    servers.replies = {"/m": drip}
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"0\.5 s are over"):
        download(f"{servers.http}/m", tmp_path / "m", retry=RetryPolicy(stall=5, pause=0.0, total=0.5))
    assert time.monotonic() - started < 4


# sizes, disks


@pytest.mark.parametrize("length", [str(len(CONTENT)), ""])
def test_too_large_is_refused(
    servers: Servers, tmp_path: Path, length: str, capsys: pytest.CaptureFixture[str]
) -> None:
    servers.replies = {"/m": body(Content_Length=length)}
    with pytest.raises(DownloadError, match="at most 0 are fetched: allow more with --max-size"):
        download(f"{servers.http}/m", tmp_path / "m", retry=QUICK, max_bytes=100_000)
    assert len(servers.asked) == 1 and not (tmp_path / "m").exists()
    assert main(["models", "pull", f"{servers.http}/m", "-o", str(tmp_path), "--max-size", "0.1"]) == 1
    assert "--max-size" in capsys.readouterr().err
    for bad in ("0", "-1", "nan", "inf"):
        assert main(["models", "pull", f"{servers.http}/m", "--max-size", bad]) == 2


def test_lengths_that_are_none(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body(Content_Length="9" * 5000)}
    assert download(f"{servers.http}/m", tmp_path / "m", retry=QUICK) == DIGEST


def test_an_empty_file_is_no_model(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body(b""), "/n": body(b"", Content_Length="")}
    for path in ("/m", "/n"):
        with pytest.raises(DownloadError, match="gave an empty file: nothing was kept"):
            store.pull(servers.http + path, folder=tmp_path / "o", retry=QUICK)
    assert names(tmp_path / "o") == []
    (tmp_path / "o" / "m").touch()
    servers.replies = {"/m": body()}
    assert store.pull(f"{servers.http}/m", folder=tmp_path / "o", retry=QUICK).fetched


def test_what_a_proxy_packs_is_not_kept(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body(Content_Encoding="gzip")}
    with pytest.raises(DownloadError, match="packs the file"):
        download(f"{servers.http}/m", tmp_path / "m", retry=QUICK)


def test_a_full_disk_is_not_the_network(servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    servers.replies = {"/m": body(Content_Length="")}
    monkeypatch.setattr(partial.os, "write", full)
    with pytest.raises(DownloadError, match=r"no space left on the disk of .*free some or give another folder \(--out"):
        download(f"{servers.http}/m", tmp_path / "o" / "m", retry=QUICK)
    assert len(servers.asked) == 1


def test_a_file_without_room_is_not_begun(servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    servers.replies = {"/m": body()}
    with pytest.raises(DownloadError, match="no space left on the disk"):
        download(f"{servers.http}/m", tmp_path / "o" / "m", retry=QUICK)
    assert names(tmp_path / "o") == []


def test_a_real_limit_of_the_system(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body(Content_Length="")}
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "from edgeaffect.cli import main; sys.exit(main(['models', 'pull', *sys.argv[1:]]))"
    )
    command = [sys.executable, "-c", code, f"{servers.http}/m", "-o", str(tmp_path / "o")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    assert "cannot be written (File too large): give another folder" in done.stderr and done.stderr.count("\n") == 1
    assert len(servers.asked) == 1


def test_a_folder_that_cannot_be_written(servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    servers.replies = {"/m": body()}
    assert main(["models", "pull", f"{servers.http}/m", "-o", str(tmp_path / "file")]) == 1
    assert "give another folder" in capsys.readouterr().err
    assert servers.asked == []


# shared folders


def test_prepared_links_are_not_followed(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body()}
    victim, folder = tmp_path / "victim", tmp_path / "shared"
    victim.write_text("precious")
    folder.mkdir()
    for name in ("m.part", "m.part.json", "m.part.lock", f".{RECORD}.{os.getpid()}", f".m.{'0' * 16}.part",
                 f".m.{'0' * 16}.part.json"):  # fmt: skip
        (folder / name).symlink_to(victim)
    store.pull(f"{servers.http}/m", folder=folder, retry=QUICK)
    (folder / "lock").symlink_to(tmp_path / "new")
    with pytest.raises(OSError, match="symbolic links"), locked(folder / "lock"):
        pass
    assert not (tmp_path / "new").exists()
    assert victim.read_text() == "precious" and (folder / "m").read_bytes() == CONTENT


@pytest.mark.parametrize("trick", ["mode", "link"])
def test_a_beginning_by_somebody_else_is_not_believed(servers: Servers, tmp_path: Path, trick: str) -> None:
    asked: list[str | None] = []

    def reply(handler: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(handler.headers.get("Range"))
        crumbs(handler) if len(asked) == 1 else body(ETag='"1"')(handler)

    servers.replies = {"/m": reply}
    once = RetryPolicy(stall=2.0, attempts=1, pause=0.0, connections=1)
    with pytest.raises(DownloadError):
        download(f"{servers.http}/m", tmp_path / "m", retry=once)
    (part,) = tmp_path.glob(".m.*.part")
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    part.write_bytes(b"EVIL")
    if trick == "mode":
        part.chmod(0o666)
    else:
        os.link(part, tmp_path / "other")
    assert download(f"{servers.http}/m", tmp_path / "m", retry=QUICK) == DIGEST
    assert asked == [None, None] and part.exists()


def test_names_differ_and_permissions_are_usual(servers: Servers, tmp_path: Path) -> None:
    seen: set[str] = set()
    servers.replies = {"/m": body()}
    for i in range(3):
        target = tmp_path / str(i) / "m"
        download(f"{servers.http}/m", target, retry=QUICK, progress=lambda *_: seen.update(names(target.parent)))  # noqa: B023
        (tmp_path / "usual").touch()
        assert target.stat().st_mode == (tmp_path / "usual").stat().st_mode
        assert names(target.parent) == ["m"]
    assert len({name for name in seen if name.endswith(".part")}) == 3


def test_two_at_a_time(servers: Servers, tmp_path: Path) -> None:
    servers.replies = {"/m": body()}
    errors: list[Any] = []

    def second(*_: object) -> None:
        if not errors:
            with pytest.raises(DownloadError, match="another process is fetching") as caught:
                download(f"{servers.http}/m", tmp_path / "m", retry=QUICK)
            errors.append(caught.value)

    assert download(f"{servers.http}/m", tmp_path / "m", retry=QUICK, progress=second) == DIGEST
    assert errors and names(tmp_path) == ["m"]
