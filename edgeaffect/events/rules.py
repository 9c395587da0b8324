"""Rules: which signal makes an event, from which value on, and for how long."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._checks import check, check_seconds, is_number, show
from .._toml import load_toml
from ..action_units import ACTION_UNITS
from ..circumplex import EMOTIONS
from ..results import Face

Signal = Callable[[Face], float | None]
"""A number of one face; None, or a number that is not finite, while it is not known."""

_LONGEST_NAME = 128
_FIELDS = ("signal", "start", "stop", "change_over", "min_seconds", "stop_seconds", "cooldown", "max_gap")


def _cue(name: str) -> Signal:
    def read(face: Face) -> float | None:
        return None if face.cues is None else getattr(face.cues, name)

    return read


def _extra(name: str) -> Signal:
    def read(face: Face) -> float | None:
        return None if face.cues is None else face.cues.extra.get(name)

    return read


def _unit(number: int) -> Signal:
    def read(face: Face) -> float | None:
        return None if face.cues is None else face.cues.action_units.get(number)

    return read


def _eyes_closed(face: Face) -> float | None:
    return None if face.cues is None else 1 - face.cues.eyes_open


def _affect(name: str) -> Signal:
    def read(face: Face) -> float | None:
        return None if face.affect is None else float(getattr(face.affect, name))

    return read


def _emotion(index: int) -> Signal:
    def read(face: Face) -> float | None:
        return None if face.affect is None else float(face.affect.probabilities[index])

    return read


SIGNALS: Mapping[str, Signal] = {
    **{name: _emotion(index) for index, name in enumerate(EMOTIONS)},
    **{name: _affect(name) for name in ("valence", "arousal", "dominance", "quality")},
    **{name: _cue(name) for name in ("looking_at_camera", "mouth_open", "eyes_open", "speaking")},
    **{name: _extra(name) for name in ("nod", "shake", "blink_rate", "eyes_closed_share")},
    **{f"AU{unit.number}": _unit(unit.number) for unit in ACTION_UNITS},
    "eyes_closed": _eyes_closed,
}
"""Signals by name, for rules in TOML; a rule in Python may bring any function of a `Face`."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One kind of event. With `start` above `stop` the event is a high value, below it a low one.

    Raises:
        ValueError: a value outside its range; the message names it.
        TypeError: the signal is neither a name of `SIGNALS` nor a function.
    """

    name: str
    signal: str | Signal
    start: float
    """The event begins when the signal reaches this value ..."""
    stop: float
    """... and ends when it has fallen back to this one (hysteresis)."""
    change_over: float = 0.0
    """Above 0, the rule looks at the signal's change over so many seconds instead of its value."""
    min_seconds: float = 0.2
    """The signal must stay past `start` or between `start` and `stop` so long before the event is told."""
    stop_seconds: float = 0.2
    """It must be past `stop` so long before the end is told."""
    cooldown: float = 0.0
    """Seconds after an end before the next event may begin."""
    max_gap: float = 1.0
    """An event ends when its face or its signal was not seen for so long."""

    def __post_init__(self) -> None:
        check(
            isinstance(self.name, str) and 0 < len(self.name) <= _LONGEST_NAME and self.name.isprintable(),
            "name",
            self.name,
            f"a text of 1 to {_LONGEST_NAME} printable characters",
        )
        if isinstance(self.signal, str):
            check(self.signal in SIGNALS, f"{self.name}: signal", self.signal, f"one of {', '.join(SIGNALS)}")
        elif not callable(self.signal):
            raise TypeError(
                f"{self.name}: signal must be a name of SIGNALS or a function of a Face; got {show(self.signal)}"
            )
        for key in ("start", "stop"):
            check(is_number(getattr(self, key)), f"{self.name}: {key}", getattr(self, key), "a finite number")
        check(self.start != self.stop, f"{self.name}: stop", self.stop, f"another value than start ({self.start})")
        for key in ("change_over", "min_seconds", "stop_seconds", "cooldown", "max_gap"):
            check_seconds(f"{self.name}: {key}", getattr(self, key))

    def value(self, face: Face) -> float | None:
        """The rule's signal of a face; None where nobody knows it, as NaN says too (the quality of many models)."""
        value = SIGNALS[self.signal](face) if isinstance(self.signal, str) else self.signal(face)
        return None if value is None or not math.isfinite(value) else float(value)

    def is_on(self, value: float) -> bool:
        """Whether the signal has reached `start`."""
        return value >= self.start if self.start > self.stop else value <= self.start

    def is_off(self, value: float) -> bool:
        """Whether the signal has fallen back to `stop`."""
        return value <= self.stop if self.start > self.stop else value >= self.stop

    def is_stronger(self, value: float, peak: float) -> bool:
        """Whether a value is further out than the peak so far."""
        return value > peak if self.start > self.stop else value < peak


_CUE_SIGNALS = frozenset(
    name
    for name in SIGNALS
    if name.startswith("AU")
    or name in (
        "looking_at_camera", "mouth_open", "eyes_open", "speaking", "nod", "shake", "blink_rate", "eyes_closed_share",
        "eyes_closed",
    )
)  # fmt: skip


def checked_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """All of these, which must be rules.

    Raises:
        TypeError: something that is none.
        ValueError: two of one name.
    """
    found = tuple(rules)
    for rule in found:
        if not isinstance(rule, Rule):
            raise TypeError(f"rules must be objects of Rule, got {show(rule)}; built-in ones are builtin_rules([name])")
    names = [rule.name for rule in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two rules are called {', '.join(twice)}: names must differ")
    return found


def usable_rules(
    rules: Iterable[Rule] | None, *, has_cues: bool, has_affect: bool, known: Iterable[Rule] = ()
) -> tuple[Rule, ...]:
    """Rules whose signals can be known.

    Args:
        rules: what was asked for; None takes those of `known` that can be seen.
        has_cues: whether cues are read.
        has_affect: whether affect is read.
        known: what there is to choose from.

    Raises:
        TypeError: something that is no rule.
        ValueError: a rule that was asked for by name needs a signal that nothing reads.
    """
    if rules is not None:
        rules = checked_rules(rules)
    seen = [
        rule
        for rule in (known if rules is None else rules)
        if rules is not None or _needs(rule, has_cues, has_affect) is None
    ]
    for rule in seen:
        if (missing := _needs(rule, has_cues, has_affect)) is not None:
            raise ValueError(f"event {rule.name!r} looks at {rule.signal!r}, which needs {missing}")
    return tuple(seen)


def _needs(rule: Rule, has_cues: bool, has_affect: bool) -> str | None:
    """What a rule lacks; functions of the user's own are trusted."""
    if not isinstance(rule.signal, str):
        return None
    if rule.signal in _CUE_SIGNALS:
        return None if has_cues else "cues: make the pipeline with cues=True"
    return None if has_affect else "affect: leave out affect=False"


def read_rules(path: str | os.PathLike[str]) -> tuple[Rule, ...]:
    """Rules of a TOML file: one table a rule, named by its key.

        [big_smile]
        signal = "AU12"
        start = 0.7
        stop = 0.4

    Raises:
        ValueError: not TOML, no rule, an unknown key, or a value outside its range; the message names file and rule.
        DependencyError: Python 3.10 without tomli.
    """
    data = load_toml(path)
    if not data:
        raise ValueError(f"{os.fspath(path)} names no rule: it needs a table for each")
    try:
        return tuple(_rule(name, values) for name, values in data.items())
    except (TypeError, ValueError) as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from error


def _rule(name: str, values: Any) -> Rule:
    if not isinstance(values, dict):
        raise ValueError(f"{show(name)} must be a table with {', '.join(_FIELDS)}; got {show(values)}")
    unknown = sorted(set(values) - set(_FIELDS))
    missing = sorted({"signal", "start", "stop"} - set(values))
    if unknown or missing:
        raise ValueError(
            f"{show(name)}: unknown {show(unknown) if unknown else 'none'}, missing {', '.join(missing) or 'none'}; "
            f"known: {', '.join(_FIELDS)}"
        )
    if not isinstance(values["signal"], str):
        raise ValueError(f"{show(name)}: signal must be one of {', '.join(SIGNALS)}; got {show(values['signal'])}")
    return Rule(name=name, **values)
