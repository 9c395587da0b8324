"""Redirects, refused addresses, and secrets in them."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import base64
import json
import logging
import time
import urllib.parse
from pathlib import Path

import pytest
from download_servers import DIGEST, QUICK, Servers, body, names, servers, tls, to  # noqa: F401

from edgeaffect.cli import main
from edgeaffect.models import store
from edgeaffect.models.download import DownloadError, download
from edgeaffect.models.pulled import RECORD


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
