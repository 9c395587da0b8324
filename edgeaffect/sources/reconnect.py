"""`ReconnectPolicy`: how long, and how often, a lost camera is opened again."""

from __future__ import annotations

from dataclasses import dataclass

from .._checks import check, check_count, check_positive, check_seconds, is_number

_LEAST_WAIT = 1e-3
"""Seconds; what rounding leaves of the time is no wait."""


@dataclass(frozen=True, kw_only=True)
class ReconnectPolicy:
    """Limits of opening a lost camera again, and the waits in between.

    A camera that comes back and is lost again before it has lasted for `steady` seconds goes on with the same loss: it
    cannot come and go for ever.

    Raises:
        ValueError: a value outside its range.
    """

    seconds: float = 30.0
    """How long to keep trying; 0 gives up at once."""
    attempts: int | None = None
    """Most attempts; None = as many as `seconds` allow."""
    first_wait: float = 0.25
    """Seconds before the first attempt."""
    growth: float = 2.0
    """Factor from one wait to the next, 1 or more."""
    longest_wait: float = 5.0
    """Seconds that no wait exceeds."""
    steady: float = 10.0
    """Seconds of frames after which the next loss is a new one, with all its attempts."""

    def __post_init__(self) -> None:
        for name in ("seconds", "steady"):
            check_seconds(name, getattr(self, name))
        for name in ("first_wait", "longest_wait"):
            check_positive(name, getattr(self, name), unit=" seconds")
        check(is_number(self.growth) and self.growth >= 1, "growth", self.growth, "a number, 1 or more")
        if self.attempts is not None:
            check_count("attempts", self.attempts, least=0)

    @classmethod
    def of(cls, given: float | ReconnectPolicy) -> ReconnectPolicy:
        """A policy as it is, or the usual one for so many seconds.

        Raises:
            ValueError: neither a policy nor seconds.
        """
        if isinstance(given, cls):
            return given
        check_seconds("reconnect", given)
        assert not isinstance(given, ReconnectPolicy)
        return cls(seconds=given)


class Reconnect:
    """One loss under a policy: says how long to wait before each attempt, and when it is enough.

    Args:
        policy: the limits.
    """

    def __init__(self, policy: ReconnectPolicy) -> None:
        self._policy = policy
        self._began: float | None = None
        self._opened = 0.0
        self._attempts = 0

    def open(self, now: float) -> None:
        """The camera delivers, since `now` in seconds."""
        self._opened = now

    def lose(self, now: float) -> None:
        """The camera was lost."""
        if self._began is None or now - self._opened >= self._policy.steady:
            self._began, self._attempts = now, 0

    def wait(self, now: float) -> float | None:
        """Seconds to wait before one more attempt; None when the limits are reached."""
        assert self._began is not None, "lose comes first"
        policy, left = self._policy, self._policy.seconds - (now - self._began)
        if left < _LEAST_WAIT or (policy.attempts is not None and self._attempts >= policy.attempts):
            return None
        # Bounded before it is raised: a camera that is away for days must not overflow.
        wait = min(policy.first_wait * policy.growth ** min(self._attempts, 64), policy.longest_wait)
        self._attempts += 1
        return min(wait, left)

    def failure(self, now: float) -> str:
        """What was tried, for a message."""
        assert self._began is not None, "lose comes first"
        tried = f"{self._attempts} attempt{'' if self._attempts == 1 else 's'}"
        return f"within {max(0.0, now - self._began):.1f} s and {tried}"
