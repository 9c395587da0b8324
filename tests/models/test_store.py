"""The model store against a real HTTP server that cuts, stalls, lies and changes its mind."""

from __future__ import annotations

import hashlib
import http.server
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edgeaffect.cli import main
from edgeaffect.errors import LicenceError, ModelNotFoundError
from edgeaffect.models import remotes, store
from edgeaffect.models.download import DownloadError, RetryPolicy, download
from edgeaffect.models.file import ModelFile
from edgeaffect.models.http_requests import check_url
from edgeaffect.models.registry import find, verify
from edgeaffect.models.remotes import REMOTES, RemoteFile

CONTENT = bytes(hashlib.sha256(i.to_bytes(4, "little")).digest()[0] for i in range(300_000))
DIGEST = hashlib.sha256(CONTENT).hexdigest()
QUICK = RetryPolicy(stall=0.5, attempts=3, pause=0.01)


@dataclass
class Behaviour:
    """What the server does, and what it was asked."""

    content: bytes = CONTENT
    cut_after: int | None = None
    """Close each connection after that many bytes."""
    cuts: int = 10**9
    """How often."""
    stall_after: int | None = None
    """Stop sending without closing, once."""
    pause: float = 0.0
    """Seconds between pieces."""
    status: int = 200
    ranges: bool = True
    etag: str | None = '"1"'
    chunked: bool = False
    requests: list[str | None] = field(default_factory=list)
    """The Range header of each request."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour: Behaviour

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        b = self.behaviour
        wanted = self.headers.get("Range")
        b.requests.append(wanted)
        self.close_connection = True
        if b.status != 200:
            self.send_error(b.status)
            return
        start = 0
        current = self.headers.get("If-Range") in (None, b.etag)
        if wanted and b.ranges and current:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(b.content):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(b.content) - 1}/{len(b.content)}")
        else:
            self.send_response(200)
        if b.etag:
            self.send_header("ETag", b.etag)
        if b.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(b.content) - start))
        self.end_headers()
        self._send(b.content[start:])

    def _send(self, body: bytes) -> None:
        b = self.behaviour
        sent = 0
        for i in range(0, len(body), 20_000):
            piece = body[i : i + 20_000]
            if b.cut_after is not None and b.cuts > 0 and sent + len(piece) > b.cut_after:
                b.cuts -= 1
                return
            if b.stall_after is not None and sent >= b.stall_after:
                b.stall_after = None
                b.over.wait(30)
                return
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if b.chunked else piece)
            sent += len(piece)
            time.sleep(b.pause)
        if b.chunked:
            self.wfile.write(b"0\r\n\r\n")


@pytest.fixture
def server() -> Iterator[tuple[str, Behaviour]]:
    behaviour = Behaviour()
    handler = type("OneTest", (Handler,), {"behaviour": behaviour})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/some/model.onnx", behaviour
        behaviour.over.set()
        running.shutdown()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEAFFECT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("EDGEAFFECT_OFFLINE", raising=False)


def part_of(target: Path) -> Path:
    """The partial file that an interrupted download left."""
    (path,) = target.parent.glob(f".{target.name}.*.part")
    return path


def left_behind(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_whole_file_in_one_go(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, _ = server
    seen: list[tuple[int, int | None]] = []
    digest = download(url, tmp_path / "d" / "m.onnx", sha256=DIGEST, progress=lambda *a: seen.append(a))
    assert digest == DIGEST
    assert (tmp_path / "d" / "m.onnx").read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT)) and [d for d, _ in seen] == sorted(d for d, _ in seen)
    assert left_behind(tmp_path / "d") == ["m.onnx"]


@pytest.mark.parametrize("chunked", [False, True])
def test_cut_connections_are_resumed_where_they_stopped(
    server: tuple[str, Behaviour], tmp_path: Path, chunked: bool
) -> None:
    url, behaviour = server
    behaviour.cut_after, behaviour.chunked = 90_000, chunked
    assert download(url, tmp_path / "m", sha256=DIGEST, retry=QUICK) == DIGEST
    starts = [int(r.removeprefix("bytes=").rstrip("-")) for r in behaviour.requests if r]
    assert len(starts) >= 3 and starts == sorted(set(starts)) and starts[0] > 0


def test_server_without_ranges_is_read_again_from_the_start(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, behaviour = server
    behaviour.cut_after, behaviour.cuts, behaviour.ranges = 100_000, 2, False
    assert download(url, tmp_path / "m", sha256=DIGEST, retry=QUICK) == DIGEST


@pytest.mark.parametrize("etag", [None, 'W/"1"'])
def test_nothing_is_resumed_without_a_strong_validator(
    server: tuple[str, Behaviour], tmp_path: Path, etag: str | None
) -> None:
    url, behaviour = server
    behaviour.cut_after, behaviour.cuts, behaviour.etag = 100_000, 1, etag
    assert download(url, tmp_path / "m", retry=QUICK) == DIGEST
    assert behaviour.requests == [None, None]


def test_file_that_changed_between_two_connections_is_not_mixed(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, behaviour = server
    behaviour.cut_after = 100_000
    behaviour.cuts = 10**9
    with pytest.raises(KeyboardInterrupt):
        download(url, tmp_path / "m", progress=interrupt_after(60_000), retry=QUICK)
    assert part_of(tmp_path / "m").stat().st_size > 0
    behaviour.content, behaviour.etag, behaviour.cut_after = CONTENT[::-1], '"2"', None
    download(url, tmp_path / "m", retry=QUICK)
    assert (tmp_path / "m").read_bytes() == CONTENT[::-1]


def interrupt_after(count: int):  # type: ignore[no-untyped-def]
    def progress(done: int, _: int | None) -> None:
        if done >= count:
            raise KeyboardInterrupt

    return progress


def test_a_killed_pull_goes_on_in_the_next_process(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, behaviour = server
    with pytest.raises(KeyboardInterrupt):
        download(url, tmp_path / "m", progress=interrupt_after(120_000), retry=QUICK)
    here = part_of(tmp_path / "m").stat().st_size
    assert here >= 120_000 and not (tmp_path / "m").exists()
    assert download(url, tmp_path / "m", sha256=DIGEST, retry=QUICK) == DIGEST
    assert behaviour.requests == [None, f"bytes={here}-"]


def test_killed_between_the_last_byte_and_the_rename(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, behaviour = server
    with pytest.raises(KeyboardInterrupt):
        download(url, tmp_path / "m", progress=interrupt_after(len(CONTENT)), retry=QUICK)
    assert part_of(tmp_path / "m").read_bytes() == CONTENT
    assert download(url, tmp_path / "m", sha256=DIGEST, retry=QUICK) == DIGEST
    assert behaviour.requests == [None, f"bytes={len(CONTENT)}-", None]  # 416: it is fetched anew


def test_slow_peer_is_waited_for_and_a_silent_one_is_not(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, behaviour = server
    behaviour.pause = 0.04  # 0.6 s in all, longer than the stall time, never silent that long
    assert download(url, tmp_path / "slow", sha256=DIGEST, retry=QUICK) == DIGEST
    assert len(behaviour.requests) == 1
    behaviour.pause, behaviour.stall_after = 0.0, 100_000
    started = time.monotonic()
    assert download(url, tmp_path / "silent", sha256=DIGEST, retry=QUICK) == DIGEST
    assert time.monotonic() - started < 15, "it must not wait for the server to hang up"
    assert behaviour.requests[-1] == "bytes=100000-"


def test_wrong_digest_keeps_nothing(server: tuple[str, Behaviour], tmp_path: Path) -> None:
    url, _ = server
    with pytest.raises(DownloadError, match=DIGEST[:16]):
        download(url, tmp_path / "m", sha256="0" * 64, retry=QUICK)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "LFS"), (b" <!DOCTYPE html><p>Log in", "web page")],
)
def test_what_servers_send_instead_of_a_model(
    server: tuple[str, Behaviour], tmp_path: Path, content: bytes, what: str
) -> None:
    url, behaviour = server
    behaviour.content = content
    with pytest.raises(DownloadError, match=what):
        download(url, tmp_path / "m", retry=QUICK)
    assert left_behind(tmp_path) == []


def test_missing_file_fails_at_once_and_a_broken_server_after_a_few_tries(
    server: tuple[str, Behaviour], tmp_path: Path
) -> None:
    url, behaviour = server
    behaviour.status = 404
    with pytest.raises(DownloadError, match="404"):
        download(url, tmp_path / "m", retry=QUICK)
    assert len(behaviour.requests) == 1
    behaviour.status = 503
    with pytest.raises(DownloadError, match="503"):
        download(url, tmp_path / "m", retry=QUICK)
    assert len(behaviour.requests) == 1 + QUICK.attempts


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="refused"):
        download("http://127.0.0.1:9/m", tmp_path / "m", retry=QUICK)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "model.onnx", "https://"])
def test_only_http(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        check_url(url, None)


def test_plain_http_needs_a_digest() -> None:
    with pytest.raises(ValueError, match="plain http"):
        check_url("http://example.org/m.onnx", None)
    check_url("http://example.org/m.onnx", DIGEST)
    with pytest.raises(ValueError, match="64"):
        check_url("https://example.org/m.onnx", "abc")


def test_pull_records_the_first_digest_and_holds_later_ones_to_it(
    server: tuple[str, Behaviour], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, behaviour = server
    first = store.pull(url, retry=QUICK)
    assert first.fetched and first.known_by == "nobody" and first.sha256 == DIGEST
    again = store.pull(url, retry=QUICK)
    assert not again.fetched and again.known_by == "first pull" and len(behaviour.requests) == 1
    first.path.unlink()
    behaviour.content, behaviour.etag = CONTENT[::-1], '"2"'
    with pytest.raises(DownloadError, match="expected"):
        store.pull(url, retry=QUICK)
    assert not first.path.exists()


def test_damaged_file_is_fetched_again(server: tuple[str, Behaviour]) -> None:
    url, _ = server
    pulled = store.pull(url, retry=QUICK)
    pulled.path.write_bytes(CONTENT[:-1])
    assert verify(ModelFile(pulled.path, None)) is not None  # type: ignore[arg-type]
    again = store.pull(url, retry=QUICK)
    assert again.fetched and again.path.read_bytes() == CONTENT
    assert verify(ModelFile(pulled.path, None)) is None  # type: ignore[arg-type]


def test_same_file_name_from_another_address_is_refused(server: tuple[str, Behaviour]) -> None:
    url, _ = server
    store.pull(url, retry=QUICK)
    with pytest.raises(DownloadError, match="came from"):
        store.pull(url.replace("/some/", "/other/"), retry=QUICK)


def test_offline_uses_what_is_there_and_fetches_nothing(
    server: tuple[str, Behaviour], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, behaviour = server
    monkeypatch.setenv("EDGEAFFECT_OFFLINE", "1")
    with pytest.raises(DownloadError, match="EDGEAFFECT_OFFLINE"):
        store.pull(url)
    assert behaviour.requests == []
    monkeypatch.setenv("EDGEAFFECT_OFFLINE", "0")
    store.pull(url)
    monkeypatch.setenv("EDGEAFFECT_OFFLINE", "1")
    assert not store.pull(url).fetched


@pytest.fixture
def named(server: tuple[str, Behaviour], monkeypatch: pytest.MonkeyPatch) -> RemoteFile:
    entry = RemoteFile("mine", "mine.onnx", server[0], DIGEST, "mit", "My terms.", "use FILE")
    table = (entry, RemoteFile("lost", "lost.pt", None, None, "mit", "Terms.", "ask its authors"))
    monkeypatch.setattr(store, "REMOTES", table)
    monkeypatch.setattr("edgeaffect.cli.pull.REMOTES", table)
    return entry


def test_terms_must_be_accepted_before_a_byte_moves(named: RemoteFile, server: tuple[str, Behaviour]) -> None:
    with pytest.raises(LicenceError, match="My terms"):
        store.pull("mine")
    assert server[1].requests == []
    asked: list[str] = []
    assert store.pull("mine", accept=lambda r: asked.append(r.terms) is None).known_by == "published"
    assert asked == ["My terms."]


def test_unpublished_and_unknown_names(named: RemoteFile) -> None:
    with pytest.raises(ModelNotFoundError, match="ask its authors"):
        store.pull("lost")
    with pytest.raises(ModelNotFoundError, match="mine"):
        store.pull("nothing")


def test_command_line(
    named: RemoteFile, server: tuple[str, Behaviour], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pull"]) == 0
    assert "mine" in capfd.readouterr().out
    assert main(["models", "pull", "mine"]) == 2
    assert "My terms." in capfd.readouterr().err
    assert main(["models", "pull", "mine", "--accept-licence", "-o", str(tmp_path / "here")]) == 0
    out = capfd.readouterr().out
    assert DIGEST in out and f"next: use {tmp_path / 'here' / 'mine.onnx'}" in out
    server[1].status = 404
    assert main(["models", "pull", server[0]]) == 1
    assert "404" in capfd.readouterr().err


def test_table_of_remotes() -> None:
    assert len({r.name for r in REMOTES}) == len(REMOTES) == len({r.file for r in REMOTES})
    for remote in REMOTES:
        assert remote.terms and remote.licence and remote.next_step
        if remote.url is not None:
            assert remote.url.startswith("https://") and remote.url.endswith(remote.file)
            check_url(remote.url, remote.sha256)
    assert {"hsemotion-b0", "cage-maxvit-7", "yunet"} <= {r.name for r in remotes.REMOTES}


@pytest.mark.parametrize("name", ["x" * 300, "x/" * 2000, "a\0b"])
def test_a_name_that_no_file_can_have_is_not_found(name):
    with pytest.raises(ModelNotFoundError, match="for affect: bundled ones are"):
        find(name, "affect")
