"""`Watchdog`: notices live sources that give no frames."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection

from ..errors import SourceError
from ..options.watchdog import WatchdogOptions

logger = logging.getLogger(__name__)


class Watchdog:
    """Knows since when each of several sources is waited for, and which of them have been told to be stalled.

    Args:
        options: how long, and what then.
    """

    def __init__(self, options: WatchdogOptions) -> None:
        self._options = options
        self._since: dict[int, float] = {}
        self.stalled: set[int] = set()
        """Those that have been told, and are not back."""

    @property
    def is_on(self) -> bool:
        """Whether anything is watched."""
        return self._options.seconds > 0

    def ask(self, sources: Collection[int]) -> None:
        """A frame of these is waited for from now on."""
        now = time.monotonic()
        self._since |= dict.fromkeys(sources, now)

    def left(self, waited: Collection[int]) -> float | None:
        """Seconds until the next of these is stalled; None where none will be."""
        if not self.is_on:
            return None
        moments = [self._since[i] for i in waited if i not in self.stalled]
        return max(0.0, min(moments) + self._options.seconds - time.monotonic()) if moments else None

    def arrive(self, source: int, name: str) -> None:
        """It gave a frame, or ended."""
        if source in self.stalled:
            self.stalled.discard(source)
            logger.warning("%s is back after %.1f s", name, time.monotonic() - self._since[source])

    def stalls(self, waited: dict[int, str]) -> dict[int, SourceError]:
        """Those that have just become stalled: told once per stall, and given where `action` is `raise`.

        Args:
            waited: position of each source that is waited for, and its name.
        """
        if not self.is_on:
            return {}
        now, seconds = time.monotonic(), self._options.seconds
        found = {i: n for i, n in waited.items() if i not in self.stalled and now - self._since[i] >= seconds}
        self.stalled |= found.keys()
        for name in found.values():
            logger.warning("%s has given no frame for %g s", name, seconds)
        if self._options.action == "log":
            return {}
        return {
            i: SourceError(
                f"{name} has given no frame for {seconds:g} s, which watchdog.seconds allows: look at its cable, "
                "network and driver"
            )
            for i, name in found.items()
        }
