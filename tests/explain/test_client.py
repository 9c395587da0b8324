"""The client of a local model server, against a real HTTP server on this machine."""

from __future__ import annotations

import base64
import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from edgeaffect.explain.client import LocalServer, ServerError

TOKEN = "sk-very-secret-0123456789"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), json.loads(body)))
        self.server.answer(self)

    def log_message(self, *_: Any) -> None:
        pass

    def say(self, text: str, status: int = 200, **headers: str) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[Any] = []
        self.answer: Any = lambda handler: handler.say(completion("The person smiles."))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def completion(text: Any) -> str:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]})


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_picture_and_prompt_arrive(server: Server) -> None:
    picture = np.zeros((60, 40, 3), np.uint8)
    picture[:, :, 2] = 250
    client = LocalServer(server.address, model="tiny-vl", token=TOKEN)
    assert client.complete("Why?", picture) == "The person smiles."
    path, headers, body = server.seen[0]
    assert path == "/v1/chat/completions" and headers["Authorization"] == f"Bearer {TOKEN}"
    assert body["model"] == "tiny-vl" and body["temperature"] == 0 and body["stream"] is False
    system, user = body["messages"]
    assert "identity" in system["content"]
    words, image = user["content"]
    assert words == {"type": "text", "text": "Why?"}
    data = base64.b64decode(image["image_url"]["url"].removeprefix("data:image/jpeg;base64,"))
    sent = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert sent.shape == picture.shape and abs(int(sent[30, 20, 2]) - 250) < 6 and sent[30, 20, 0] < 6


@pytest.mark.parametrize(("path", "wanted"), [
    ("", "/v1/chat/completions"), ("/v1/", "/v1/chat/completions"), ("/api/v1", "/api/v1/chat/completions"),
    ("/x/chat/completions", "/x/chat/completions"),
])  # fmt: skip
def test_paths(server: Server, path: str, wanted: str) -> None:
    LocalServer(server.address + path).complete("?")
    assert server.seen[0][0] == wanted and "model" not in server.seen[0][2]
    assert "Authorization" not in server.seen[0][1]


def test_parts_of_a_text_are_joined(server: Server) -> None:
    server.answer = lambda h: h.say(completion([{"type": "text", "text": "A "}, {"type": "text", "text": "smile."}]))
    assert LocalServer(server.address).complete("?") == "A smile."


@pytest.mark.parametrize(("answer", "status", "message"), [
    ("no json", 200, "no chat completion"), ("{}", 200, "no chat completion"), ("[1]", 200, "no chat completion"),
    ('{"choices": []}', 200, "no chat completion"), (completion(None), 200, "without any text"),
    (f"bad token {TOKEN}", 401, "answers 401"), ("gone", 500, "answers 500"), ("{" * 5000, 200, "no chat completion"),
])  # fmt: skip
def test_bad_answers(server: Server, answer: str, status: int, message: str) -> None:
    server.answer = lambda h: h.say(answer, status)
    with pytest.raises(ServerError, match=message) as caught:
        LocalServer(server.address, token=TOKEN).complete("?")
    assert TOKEN not in str(caught.value) and len(str(caught.value)) < 400


def test_redirects_are_not_followed(server: Server) -> None:
    server.answer = lambda h: h.say("", 307, Location="http://example.org/v1/chat/completions")
    with pytest.raises(ServerError, match="answers 307"):
        LocalServer(server.address, token=TOKEN).complete("?")


def test_too_much_is_cut_off(server: Server) -> None:
    server.answer = lambda h: h.say(completion("x" * 100_000))
    with pytest.raises(ServerError, match="max_bytes=1000"):
        LocalServer(server.address, max_bytes=1000).complete("?")


def drip(handler: Handler) -> None:
    """One byte of an answer after the other, for ever."""
    try:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.02)
    except OSError:
        pass


def drip_headers(handler: Handler) -> None:
    try:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while True:
            handler.wfile.write(b"X")
            time.sleep(0.02)
    except OSError:
        pass


@pytest.mark.parametrize("slow", [drip, drip_headers, lambda h: time.sleep(1.0)])
def test_time_limit_is_for_the_whole_answer(server: Server, slow: Any) -> None:
    server.answer = slow
    started = time.monotonic()
    with pytest.raises(ServerError, match=r"no answer within 0\.3 s"):
        LocalServer(server.address, timeout=0.3).complete("?")
    assert time.monotonic() - started < 5


def test_nobody_there() -> None:
    made = Server()
    address = made.address
    made.server_close()
    with pytest.raises(ServerError, match="cannot be asked"):
        LocalServer(address, timeout=5).complete("?")


@pytest.mark.parametrize("address", ["http://192.0.2.7:1", "https://example.org/v1", "http://[2001:db8::1]/"])
def test_other_machines_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"is not this machine.*allow_hosts="):
        LocalServer(address)
    host = address.split("/")[2].partition(":1")[0].strip("[]")
    LocalServer(address, allow_hosts=["2001:db8::1" if "2001" in address else host])


def test_a_name_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("192.0.2.7", 80))])
    with pytest.raises(ServerError, match=r"leads to 192\.0\.2\.7"):
        LocalServer("http://localhost").complete("?")


@pytest.mark.parametrize("wrong", [
    {"address": "ftp://127.0.0.1"}, {"address": "127.0.0.1:80"}, {"address": "http://"}, {"address": "http://127.0.0.1:x"},
    {"address": f"http://u:{TOKEN}@127.0.0.1"}, {"address": f"http://127.0.0.1/?key={TOKEN}"},
    {"token": f"{TOKEN}\r\nX: y"}, {"timeout": 0}, {"timeout": float("nan")}, {"max_bytes": 0}, {"max_tokens": 0},
])  # fmt: skip
def test_wrong_arguments(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        LocalServer(**{"address": "http://127.0.0.1:1", **wrong})
    assert TOKEN not in str(caught.value)


def test_no_secret_in_its_name() -> None:
    assert TOKEN not in repr(LocalServer("http://127.0.0.1:1", token=TOKEN))
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), "x"):
        with pytest.raises(ValueError, match="a picture is a uint8 array"):
            LocalServer("http://127.0.0.1:1").complete("?", wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("content", ["", " \n", [{"text": 3}], [{"text": None}, 4], []])
def test_answers_without_text(server: Server, content: Any) -> None:
    server.answer = lambda h: h.say(completion(content))
    with pytest.raises(ServerError, match="without any text"):
        LocalServer(server.address).complete("?")


def test_an_escaped_token_is_hidden_too(server: Server) -> None:
    token = 'sk/very"secret'
    server.answer = lambda h: h.say(json.dumps({"error": token}), 401)
    with pytest.raises(ServerError, match=r"\*\*\*") as caught:
        LocalServer(server.address, token=token).complete("?")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"allow_hosts": [3]}, {"allow_hosts": None}, {"allow_hosts": "x"}, {"model": 3}])
def test_wrong_kinds(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="must be"):
        LocalServer("http://127.0.0.1:1", **wrong)
    for address in ("http://127.0.0.1:0", "http://127.0.0.1\n"):
        with pytest.raises(ValueError, match="port 0 or characters"):
            LocalServer(address)
    with pytest.raises(TypeError, match="must be texts"):
        LocalServer("http://127.0.0.1:1").complete(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a picture is"):
        LocalServer("http://127.0.0.1:1").complete("?", np.zeros((0, 4, 3), np.uint8))
