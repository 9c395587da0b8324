"""Options of the watchdog over live sources."""

from __future__ import annotations

from dataclasses import dataclass

from .._checks import check, check_seconds


@dataclass(frozen=True, kw_only=True)
class WatchdogOptions:
    """What is done about a live source that gives no frames, whatever it hangs in (docs/robustness.md)."""

    seconds: float = 0.0
    """A source that has given no frame for so long is stalled; 0 = nobody watches."""
    action: str = "log"
    """`log` a warning, and when it is back how long it was away; or `raise` a `SourceError`, which ends `stream`, and
    in `stream_batch` is a `CameraError` of its camera."""

    def __post_init__(self) -> None:
        check_seconds("watchdog.seconds", self.seconds)
        check(self.action in ("log", "raise"), "watchdog.action", self.action, "log or raise")
