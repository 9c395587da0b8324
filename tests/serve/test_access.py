"""Who may see the page: hosts, origins, tokens, sizes."""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from serve_parts import TOKEN, ask, camera, scene_frames, served
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from edgeaffect import Error
from edgeaffect.options.serve import ServeOptions
from edgeaffect.serve import server as server_module
from edgeaffect.serve.server import PageServer, check_exposure

for package in ("starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(package)

DATA = ("/state", "/result", "/metrics", "/stream", "/video")
PAGE = ("/", "/page.css", "/page.js", "/icon.svg", "/healthz")


@pytest.fixture(scope="module")
def frames(portrait: np.ndarray) -> list[np.ndarray]:
    return scene_frames(portrait, 3)


@pytest.fixture(scope="module")
def open_page(frames: list[np.ndarray]) -> Iterator[Any]:
    with served(camera(frames, fps=5), cues=False, explain=False) as server:
        yield server


@pytest.fixture(scope="module")
def guarded(frames: list[np.ndarray]) -> Iterator[Any]:
    """As if other machines could reach it; it listens at loopback all the same."""
    with served(camera(frames, fps=5), cues=False, explain=False, token=TOKEN) as server:
        while server.live.last is None:
            time.sleep(0.02)
        yield server


def status_of(server: Any, path: str, **headers: str) -> int:
    """Status of an answer, which may have no end."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        named = {"Host": f"127.0.0.1:{server.port}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
        client.sendall("\r\n".join(lines).encode())
        return int(client.recv(4096).split()[1])


# ---- names: DNS rebinding ----


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:80", "LOCALHOST:99"])
def test_the_machine_itself_may_ask(open_page, host):
    assert status_of(open_page, "/state", Host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "10.0.0.7",
        "",
        "a@localhost@b",
        "a@localhost",
        "localhost/x",
        "[::1",
        "127.0.0.1.nip.io",
    ],
)
def test_names_of_strangers_are_refused(open_page, host):
    for path in ("/", "/state", "/video", "/healthz"):
        assert status_of(open_page, path, Host=host) in (400, 421)


def test_a_further_name_may_be_given(frames):
    with served(camera(frames), cues=False, explain=False, allow_hosts=("robot.example",)) as server:
        assert status_of(server, "/state", Host="robot.example") == 200
        assert status_of(server, "/state", Host="other.example") == 421


def test_two_hosts_are_refused(open_page):
    with socket.create_connection(("127.0.0.1", open_page.port), timeout=10) as client:
        client.sendall(b"GET /state HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert client.recv(4096).split()[1] == b"400"


# ---- other sites' pages ----


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://localhost.evil.example", "http://localhost:1", "http://["]
)
def test_other_sites_pages_are_refused(open_page, origin):
    for path in DATA:
        assert status_of(open_page, path, Origin=origin) == 403
    with pytest.raises(InvalidStatus) as caught:
        connect(f"ws://127.0.0.1:{open_page.port}/ws", origin=origin).__enter__()
    assert caught.value.response.status_code == 403
    status, _ = ask_status(open_page, origin)
    assert status == 403


def ask_status(server: Any, origin: str) -> tuple[int, bytes]:
    """A POST that another site's page sends."""
    status, _, body = ask(server, "/explain", method="POST", body=b'{"track_id": 1}', Origin=origin)
    return status, body


def test_the_own_page_may_ask(open_page):
    own = f"http://127.0.0.1:{open_page.port}"
    assert status_of(open_page, "/state", Origin=own) == 200
    with connect(f"ws://127.0.0.1:{open_page.port}/ws", origin=own) as websocket:
        assert websocket.recv(timeout=10)


def test_a_picture_on_another_site_cannot_be_ours(open_page):
    assert status_of(open_page, "/video", Sec_Fetch_Site="cross-site") == 403
    assert status_of(open_page, "/video", Sec_Fetch_Site="same-site") == 403
    assert status_of(open_page, "/video", Sec_Fetch_Site="same-origin") == 200
    assert status_of(open_page, "/", Sec_Fetch_Site="cross-site") == 200  # a link leads here


def test_every_answer_says_what_browsers_must_not_do(open_page):
    for path in (*PAGE, "/state", "/metrics", "/nowhere"):
        headers = ask(open_page, path)[1]
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin" and headers["cache-control"] == "no-store"
        assert not any(name.startswith("access-control") for name in headers) and "server" not in headers


def test_cors_and_other_methods_are_closed(open_page):
    for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
        status, headers, _ = ask(open_page, "/state", method=method)
        assert status == 405 and not any(name.startswith("access-control") for name in headers)


# ---- the token ----


def test_data_needs_the_token_and_the_page_does_not(guarded):
    for path in DATA:
        assert status_of(guarded, path) == 401
        assert status_of(guarded, path, Authorization="Bearer wrong") == 401
        assert status_of(guarded, path, Authorization=f"Basic {TOKEN}") == 401
        assert status_of(guarded, f"{path}?token={TOKEN}") == 401  # an address is kept in logs and histories
        assert status_of(guarded, path, Authorization=f"Bearer {TOKEN}") == 200
    for path in PAGE:
        assert status_of(guarded, path) == 200
    assert ask(guarded, "/explain", method="POST", body=b"{}")[0] == 401


def test_a_websocket_needs_the_token(guarded):
    address = f"ws://127.0.0.1:{guarded.port}/ws"
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        with pytest.raises(InvalidStatus) as caught:
            connect(address, additional_headers=headers).__enter__()
        assert caught.value.response.status_code == 403
    with connect(address, additional_headers={"Authorization": f"Bearer {TOKEN}"}) as websocket:
        assert websocket.recv(timeout=10)


def test_a_browser_gets_a_cookie_for_the_token(guarded):
    assert ask(guarded, "/session", method="POST", Authorization="Bearer wrong")[0] == 401
    status, headers, body = ask(guarded, "/session", method="POST", Authorization=f"Bearer {TOKEN}")
    cookie = headers["set-cookie"]
    assert status == 200 and TOKEN not in cookie and TOKEN.encode() not in body
    assert "httponly" in cookie.lower() and "samesite=strict" in cookie.lower()
    pair = cookie.partition(";")[0]
    assert status_of(guarded, "/state", Cookie=pair) == 200
    assert status_of(guarded, "/state", Cookie=f"other=1; {pair}") == 200
    assert status_of(guarded, "/state", Cookie=pair[:-1]) == 401
    assert status_of(guarded, "/state", Cookie=f"{pair.partition('=')[0]}={TOKEN}") == 401


def test_the_token_is_shown_nowhere(guarded, caplog):
    caplog.set_level(logging.DEBUG)
    shown = [repr(guarded.options), guarded.address, repr(guarded.live.options)]
    for path in (*DATA[:3], *PAGE, "/nowhere"):
        for headers in ({"Authorization": f"Bearer {TOKEN}"}, {}):
            _, answered, body = ask(guarded, path, **headers)
            shown += [repr(answered), body.decode()]
    status_of(guarded, f"/{TOKEN}?token={TOKEN}", Authorization=f"Bearer {TOKEN}")
    with socket.create_connection(("127.0.0.1", guarded.port), timeout=10) as client:
        client.sendall(f"NONSENSE {TOKEN}\r\nAuthorization: {TOKEN}\r\n\r\n".encode())
        shown.append(client.recv(4096).decode())
    assert TOKEN not in "".join(shown) + caplog.text


@pytest.mark.parametrize("token", ["short", "S3cr with a space in it", "S3cr" * 200, "S3cr\n" * 5, 5])
def test_a_token_that_is_none_is_refused_without_being_shown(token):
    with pytest.raises(ValueError, match="16 to 512") as caught:
        ServeOptions(token=token)  # type: ignore[arg-type]
    assert "S3cr" not in str(caught.value)


# ---- where it listens ----


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "robot.local", "example.com"])
def test_others_may_reach_it_only_with_a_token(host):
    with pytest.raises(ValueError, match="--new-token"):
        check_exposure(ServeOptions(host=host))
    check_exposure(ServeOptions(host=host, token=TOKEN))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_needs_none(host):
    check_exposure(ServeOptions(host=host))


def test_a_port_that_is_taken_is_named(open_page):
    with pytest.raises(Error, match=f"port {open_page.port}.*--port 0"):
        PageServer(open_page.live, ServeOptions(port=open_page.port))


def test_an_address_of_another_machine_is_named(open_page):
    with pytest.raises(Error, match=r"192\.0\.2\.1"):
        PageServer(open_page.live, ServeOptions(host="192.0.2.1", port=0, token=TOKEN))


# ---- sizes ----


def test_large_requests_are_refused(open_page):
    assert ask(open_page, "/explain", method="POST", body=b"x" * 5000, Content_Type="application/json")[0] == 413
    with socket.create_connection(("127.0.0.1", open_page.port), timeout=10) as client:
        chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
        head = b"POST /explain HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        client.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + 2 * chunk)
        assert client.recv(4096).split()[1] == b"400"
    with socket.create_connection(("127.0.0.1", open_page.port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000)
        assert client.recv(4096).split()[1] in (b"400", b"431")
    assert status_of(open_page, "/healthz") == 200


@pytest.mark.parametrize("length", ["-1", "x", "99999999999999999999", "5000"])
def test_lengths_that_are_none_are_refused(open_page, length):
    with socket.create_connection(("127.0.0.1", open_page.port), timeout=10) as client:
        client.sendall(f"POST /explain HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode())
        assert client.recv(4096).split()[1] in (b"400", b"413")


def test_long_websocket_messages_end_it(open_page):
    with connect(f"ws://127.0.0.1:{open_page.port}/ws") as websocket:
        websocket.send("x" * 10_000)
        with pytest.raises(ConnectionClosed):
            list(websocket)


def test_json_of_any_depth_is_refused(open_page):
    for body in (b"[" * 4000, b'{"track_id": ' + b"9" * 3000 + b"}", b"\xff\xfe", b"NaN"):
        status, values = ask(open_page, "/explain", method="POST", body=body, Content_Type="application/json")[::2]
        assert status == 400 and b"error" in values


def test_viewers_are_counted(frames):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(served(camera(frames), cues=False, explain=False, max_viewers=1))
        client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        client.sendall(b"GET /video HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.recv(100)
        assert status_of(server, "/video") == 503
        assert status_of(server, "/state") == 200


def test_connections_that_say_nothing_are_closed(frames, monkeypatch):
    monkeypatch.setattr(server_module, "_SWEEP_SECONDS", 0.1)
    monkeypatch.setattr(server_module, "_REQUEST_SECONDS", 0.4)
    with served(camera(frames), cues=False, explain=False) as server:
        silent = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(3)]
        silent[1].sendall(b"GET / HT")
        began = time.monotonic()
        for client in silent:
            with contextlib.suppress(ConnectionResetError):
                assert client.recv(100) == b""
            client.close()
        assert 0.2 < time.monotonic() - began < 5
        with connect(f"ws://127.0.0.1:{server.port}/ws") as websocket:  # one that is at work stays
            time.sleep(1.0)
            assert websocket.recv(timeout=5)
