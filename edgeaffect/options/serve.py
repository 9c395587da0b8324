"""Options of the live page (`edgeaffect.serve`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from .._checks import check, check_count, check_positive

LEAST_TOKEN, LONGEST_TOKEN = 16, 512
"""Characters of a token: shorter ones can be guessed."""


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """Where the live page is, who may see it, and how often it gets what."""

    host: str = "127.0.0.1"
    """Address to listen at. Every other than the machine's own (127.0.0.1, ::1, localhost) needs a token."""
    port: int = 8765
    """0 takes a free one."""
    token: str | None = field(default=None, repr=False)
    """Secret that every request for data must bring, of 16 to 512 visible ASCII characters; None: no token."""
    allow_hosts: tuple[str, ...] = ()
    """Further names by which the page may be asked for, such as that of a reverse proxy."""
    video_fps: float = 20.0
    """Pictures a second at most."""
    result_fps: float = 10.0
    """Results a second at most, of WebSocket and event stream."""
    video_width: int = 1280
    """Wider pictures are scaled down to this."""
    jpeg_quality: int = 80
    """1 to 100."""
    still_seconds: float = 2.0
    """Seconds that each picture of a folder is shown."""
    stall_after: float = 5.0
    """Seconds without a frame after which the source counts as stalled."""
    max_viewers: int = 32
    """Video streams, WebSockets and event streams at a time, each kind for itself."""

    def __post_init__(self) -> None:
        check(isinstance(self.host, str) and bool(self.host.strip()), "serve.host", self.host, "a name or address")
        check_count("serve.port", self.port, 0, 65535)
        if self.token is not None and not is_token(self.token):  # the message must not repeat it
            raise ValueError(
                f"serve.token must have {LEAST_TOKEN} to {LONGEST_TOKEN} visible ASCII characters without spaces"
            )
        hosts = self.allow_hosts
        check(
            isinstance(hosts, tuple) and all(isinstance(host, str) and host for host in hosts), "serve.allow_hosts",
            hosts, "a tuple of names",
        )  # fmt: skip
        for name in ("video_fps", "result_fps"):
            check_positive(f"serve.{name}", getattr(self, name), " (per second)", most=240)
        check_count("serve.video_width", self.video_width, 64, 16384)
        check_count("serve.jpeg_quality", self.jpeg_quality, 1, 100)
        for name in ("still_seconds", "stall_after"):
            check_positive(f"serve.{name}", getattr(self, name), " (seconds)", most=86400)
        check_count("serve.max_viewers", self.max_viewers, 1, 1000)


def is_token(text: object) -> bool:
    """Whether a text can be a token."""
    return (
        isinstance(text, str) and LEAST_TOKEN <= len(text) <= LONGEST_TOKEN and all("!" <= c <= "~" for c in text)
    )  # fmt: skip
