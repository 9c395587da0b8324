"""`Film`: what a container says of its picture track, read without a decoder."""

from __future__ import annotations

from dataclasses import dataclass, field

from .geometry import Turn


@dataclass(frozen=True)
class Film:
    """What players need to know beside the pictures themselves."""

    has_pictures: bool = True
    """False: sound only; a cover picture does not count."""
    turn: Turn = field(default_factory=Turn)
    """Turns its frames upright."""
    size: tuple[int, int] | None = None
    """(width, height) of its frames in pixels as announced, before the turn."""
    frames: int | None = None
    """How many frames its index lists, where every one of them plays; None: the container does not say."""
    seconds: float | None = None
    """How long it plays; None: the container does not say."""
