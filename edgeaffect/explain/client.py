"""`LocalServer`: asks a vision-language model on this machine (llama.cpp, Ollama, vLLM), over HTTP.

Nothing is sent anywhere unless an address is given, and then only to this machine, unless its host is allowed by name.
Only the standard library is used. What the server says is somebody else's text: `describe_face` checks it clause by
clause against the face before anybody sees it.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Collection
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .._checks import check_count, check_positive, show
from .._hosts import is_loopback
from .._json import load_json
from .._lazy import require
from .._redact import HIDDEN, redact
from .._version import __version__
from ..errors import Error

INSTRUCTIONS = (
    "You describe one face from a picture and from measured facts. Say in one or two short English sentences what the "
    "face shows and why, naming only what is visible. Do not mention identity, age, gender, origin, health, honesty, "
    "attraction, motives or causes outside the picture."
)

_PATH = "/v1/chat/completions"
_CHUNK = 1 << 14
_QUALITY = 90
_LONGEST_SIDE = 512
_LONGEST_ANSWER = 4000


class ServerError(Error, OSError):
    """A local server cannot be reached, is too slow, or answers with something that is no answer."""


class Prompts(Protocol):
    """Something that knows a face: `Explanation`."""

    def to_prompt(self, format: str = "text") -> str:
        """What is known."""


class LocalServer:
    """An OpenAI-compatible server (`/v1/chat/completions`). May be used from several threads.

    Args:
        address: such as `http://127.0.0.1:8080`; a path is kept (`/v1` gets `/chat/completions`).
        model: name of the model there; empty sends none.
        token: sent as a bearer token; it appears in no message.
        allow_hosts: hosts besides this machine that faces may be sent to, each by its exact name.
        timeout: seconds for one answer in all.
        max_bytes: most bytes of an answer.
        max_tokens: most tokens that the server is asked for.

    Raises:
        ValueError: no http or https address, or a host that is not this machine and not allowed.
    """

    def __init__(
        self,
        address: str,
        *,
        model: str = "",
        token: str | None = None,
        allow_hosts: Collection[str] = (),
        timeout: float = 30.0,
        max_bytes: int = 1 << 20,
        max_tokens: int = 120,
    ) -> None:
        if not isinstance(address, str):
            raise TypeError(f"address must be a text such as 'http://127.0.0.1:8080'; got {show(address)}")
        if isinstance(allow_hosts, str) or not _are_texts(allow_hosts):
            raise TypeError(f"allow_hosts must be a list of names; got {show(allow_hosts)}")
        if not isinstance(model, str):
            raise TypeError(f"model must be the name of a model, or empty; got {show(model)}")
        if token is not None and (not isinstance(token, str) or not token.isascii() or not token.isprintable()):
            raise ValueError("token must be a text of printable ASCII characters, or None")
        check_positive("timeout", timeout, " (seconds)", most=3600)
        check_count("max_bytes", max_bytes, 1, 1 << 30)
        check_count("max_tokens", max_tokens, 1, 1 << 16)
        try:
            parts = urllib.parse.urlsplit(address)
            port, host = parts.port, parts.hostname
        except ValueError as error:
            raise ValueError(f"address {redact(address)!r} is none: {error}") from None
        if port == 0 or not address.isprintable():
            raise ValueError(f"address {redact(address)!r} is none: it has port 0 or characters that none has")
        if parts.scheme not in ("http", "https") or not host:
            raise ValueError(f"address must begin with http:// or https:// and name a host; got {redact(address)!r}")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(f"address {redact(address)!r} must hold no user, query or fragment: give token=")
        self._allowed = {name.lower() for name in allow_hosts}
        if not is_loopback(host) and host not in self._allowed:
            raise ValueError(f"{host} is not this machine: pictures of faces go there only with allow_hosts=[{host!r}]")
        self.address = address
        self._host, self._secure = host, parts.scheme == "https"
        self._port = port or (443 if self._secure else 80)
        path = parts.path.rstrip("/")
        if not path:
            path = _PATH
        elif not path.endswith("/chat/completions"):
            path += "/chat/completions"
        self._path = urllib.parse.quote(path)
        self.model, self.timeout, self.max_bytes, self.max_tokens = model, timeout, max_bytes, max_tokens
        self._token = token

    def __repr__(self) -> str:
        return f"LocalServer({redact(self.address)!r}, model={self.model!r})"

    def complete(self, prompt: str, picture: NDArray[np.uint8] | None = None, *, system: str = INSTRUCTIONS) -> str:
        """What the model says.

        Args:
            prompt: of the user.
            picture: [h, w, 3] uint8 BGR, sent as JPEG; None sends words alone.
            system: what the model is told first.

        Raises:
            ServerError: the server cannot be reached, is too slow, says too much, or answers with an error.
            TypeError, ValueError: the prompt is no text, or the picture none.
        """
        if not isinstance(prompt, str) or not isinstance(system, str):
            raise TypeError(f"prompt and system must be texts; got {show(prompt)} and {show(system)}")
        content: list[dict[str, Any]] = [{"type": "text", "text": prompt}]
        if picture is not None:
            url = f"data:image/jpeg;base64,{base64.b64encode(_jpeg(picture)).decode('ascii')}"
            content.append({"type": "image_url", "image_url": {"url": url}})
        asked: dict[str, Any] = {
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": content}],
            "max_tokens": self.max_tokens,
            "temperature": 0,
            "stream": False,
        }
        if self.model:
            asked["model"] = self.model
        body = json.dumps(asked).encode()
        return self._answer_of(self._post(body))

    def _post(self, body: bytes) -> bytes:
        deadline = time.monotonic() + self.timeout
        headers = {"Content-Type": "application/json", "User-Agent": f"edgeaffect/{__version__}"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        with contextlib.ExitStack() as stack:
            try:
                connection = self._connect(deadline)
                stack.callback(connection.close)
                # A time limit of the socket's own begins anew with every byte; this one ends whatever drips.
                timer = threading.Timer(max(deadline - time.monotonic(), 0), _shut, (connection.sock,))
                timer.daemon = True
                stack.callback(timer.cancel)
                timer.start()
                connection.request("POST", self._path, body, headers)
                with connection.getresponse() as response:
                    data = self._read(response)
                if time.monotonic() >= deadline:
                    raise TimeoutError
            except ServerError:
                raise
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() >= deadline or isinstance(error, TimeoutError):
                    raise ServerError(self._message(f"gave no answer within {self.timeout:g} s")) from None
                what = self._hidden(" ".join(str(error).split()) or repr(error))
                raise ServerError(self._message(f"cannot be asked: {what}")) from None
        if response.status != 200:
            raise ServerError(self._message(f"answers {response.status}: {self._excerpt(data)}"))
        return data

    def _connect(self, deadline: float) -> http.client.HTTPConnection:
        """A connection to an address that was looked at: a name that leads elsewhere is refused before it is used."""
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        if self._host not in self._allowed:
            for *_, place in found:
                if not ipaddress.ip_address(str(place[0]).partition("%")[0]).is_loopback:
                    raise ServerError(self._message(f"leads to {place[0]}, which is not this machine"))
        failure: OSError | None = None
        for *_, place in found:
            try:
                plain = socket.create_connection((str(place[0]), int(place[1])), max(deadline - time.monotonic(), 1e-3))
                break
            except OSError as error:
                failure = error
        else:
            raise failure or OSError("no address")
        plain.settimeout(max(deadline - time.monotonic(), 1e-3))
        if self._secure:
            plain = ssl.create_default_context().wrap_socket(plain, server_hostname=self._host)
        connection = http.client.HTTPConnection(self._host, self._port)
        connection.sock = plain
        return connection

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := response.read1(_CHUNK):
            size += len(piece)
            if size > self.max_bytes:
                raise ServerError(self._message(f"says more than max_bytes={self.max_bytes} allows"))
            pieces.append(piece)
        return b"".join(pieces)

    def _answer_of(self, data: bytes) -> str:
        try:
            said = load_json(data, limit=self.max_bytes)
            content = said["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ServerError(
                self._message(f"answers with something that is no chat completion: {self._excerpt(data)}")
            ) from error
        if isinstance(content, list):
            texts = [part.get("text") for part in content if isinstance(part, dict)]
            content = "".join(text for text in texts if isinstance(text, str))
        if not isinstance(content, str) or not content[:_LONGEST_ANSWER].strip():
            raise ServerError(self._message("answers without any text"))
        return content[:_LONGEST_ANSWER]

    def _message(self, what: str) -> str:
        return f"the server at {redact(self.address)} {what}"

    def _excerpt(self, data: bytes) -> str:
        return show(self._hidden(data[:2000].decode("utf-8", "replace")))

    def _hidden(self, text: str) -> str:
        if not self._token:
            return text
        quoted = json.dumps(self._token)[1:-1]
        for form in (self._token, quoted, quoted.replace("/", "\\/"), urllib.parse.quote(self._token, safe="")):
            text = text.replace(form, HIDDEN)
        return text


def _shut(sock: socket.socket) -> None:
    """End a connection that takes too long; whoever reads from it sees its end."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _are_texts(values: object) -> bool:
    return isinstance(values, Collection) and all(isinstance(value, str) for value in values)


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    if (
        not isinstance(picture, np.ndarray)
        or picture.dtype != np.uint8
        or picture.ndim != 3
        or picture.shape[2] != 3
        or not picture.size
    ):
        raise ValueError("a picture is a uint8 array [height, width, 3], BGR")
    cv2 = require("cv2")
    longest = max(picture.shape[:2])
    if longest > _LONGEST_SIDE:
        scale = _LONGEST_SIDE / longest
        size = tuple(max(round(n * scale), 1) for n in picture.shape[1::-1])
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError(f"OpenCV cannot write a picture of shape {list(picture.shape)} as JPEG")
    return bytes(data)
