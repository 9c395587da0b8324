"""`EventDetector`: results in, events out."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._fields import Fields
from .._json import load_json
from ..results import Face, Result
from .builtin import BUILTIN
from .rules import Rule, checked_rules

EVENT_SCHEMA = "edgeaffect.event/1"


@dataclass(frozen=True)
class Event:
    """Something began or ended. Every end has the `id` of the start it belongs to."""

    id: int
    """Counts up from 1 within one detector; start and end of one event share it."""
    name: str
    phase: str
    """`start` or `end`."""
    track_id: int | None
    start: float
    """Seconds, clock of the results: when the signal passed the rule's `start`."""
    end: float | None
    """Seconds: when the signal, or its face, was last past `stop`; None at the start."""
    peak: float
    """Signal at its furthest so far."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with the schema's name."""
        return {
            "schema": EVENT_SCHEMA,
            "id": self.id,
            "event": self.name,
            "phase": self.phase,
            "track_id": self.track_id,
            "start": round(self.start, 6),
            "end": None if self.end is None else round(self.end, 6),
            "peak": round(self.peak, 6),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Event:
        """Inverse of `to_dict`; errors as for `from_json`."""
        fields = Fields(data, "event")
        fields.choice("schema", (EVENT_SCHEMA,))
        return cls(
            id=fields.count("id", 1),
            name=fields.text("event"),
            phase=fields.choice("phase", ("start", "end")),
            track_id=None if fields.is_null("track_id") else fields.count("track_id", 1),
            start=fields.seconds("start"),
            end=None if fields.is_null("end") else fields.seconds("end"),
            peak=fields.number("peak"),
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Event:
        """Read a line that `edgeaffect run --events` wrote.

        Raises:
            ValueError: not JSON, another schema, or a field is missing or of a wrong kind; the message names it.
        """
        try:
            data = load_json(text, finite=False)
        except ValueError as error:
            raise ValueError(f"an event is one JSON object a line: {error}") from error
        return cls.from_dict(data)


@dataclass
class _State:
    """One rule on one face. `id` is set while an event is on; `since` while one may be about to begin."""

    id: int | None = None
    since: float | None = None
    peak: float = 0.0
    seen: float = 0.0
    """Last time the signal was known."""
    held: float = 0.0
    """Last time the signal was not past `stop`."""
    blocked_until: float = float("-inf")
    history: deque[tuple[float, float]] = field(default_factory=deque)
    """(time, value) of the last `change_over` seconds, for rules that look at a change."""

    def change(self, value: float, now: float, seconds: float) -> float | None:
        """How much the signal has changed over `seconds`; None before it was watched for so long."""
        self.history.append((now, value))
        while len(self.history) > 1 and self.history[1][0] <= now - seconds:
            self.history.popleft()
        first, before = self.history[0]
        return value - before if first <= now - seconds else None


class EventDetector:
    """Follows every rule on every face.

    Give it results in the order of time. Where time goes back (`on_time_jump="reset"`, a looped recording) a new scene
    begins: what is on ends there.

    Args:
        rules: which events; the built-in ones by default.

    Raises:
        TypeError: something that is no rule.
        ValueError: two rules of one name.
    """

    def __init__(self, rules: Iterable[Rule] = BUILTIN) -> None:
        self.rules = checked_rules(rules)
        self._next_id = 1
        self.reset()

    def reset(self) -> None:
        """Forget every face; events that are on end without a word: call `finish` before to be told."""
        self._states: dict[tuple[int | None, str], _State] = {}
        self._now = -math.inf

    def update(self, result: Result) -> list[Event]:
        """Events that one more result starts or ends."""
        now = result.timestamp
        events = self.finish() if now < self._now else []
        self._now = now
        faces = {face.track_id: face for face in result.faces if face.track_id is not None}
        for track_id, face in faces.items():
            for rule in self.rules:
                state = self._states.setdefault((track_id, rule.name), _State(seen=now))
                self._advance(rule, state, track_id, face, now, events)
        for (known, name), state in list(self._states.items()):
            if known not in faces:
                rule = next(rule for rule in self.rules if rule.name == name)
                if now - state.seen > rule.max_gap:
                    self._end(rule, state, known, events)
                    del self._states[known, name]
        return events

    def finish(self) -> list[Event]:
        """The ends of all events that are on, when no more results come."""
        events: list[Event] = []
        for (track_id, name), state in self._states.items():
            self._end(next(rule for rule in self.rules if rule.name == name), state, track_id, events)
        self.reset()
        return events

    def _advance(
        self, rule: Rule, state: _State, track_id: int | None, face: Face, now: float, events: list[Event]
    ) -> None:
        value = rule.value(face)
        is_gap = now - state.seen > rule.max_gap
        if is_gap:
            self._end(rule, state, track_id, events)
            state.history.clear()
        if value is None:
            return
        state.seen = now
        if rule.change_over:
            change = state.change(value, now, rule.change_over)
            if change is None:
                return
            value = change
        is_off = rule.is_off(value)
        if not is_off:
            state.held = now
        if state.since is not None and rule.is_stronger(value, state.peak):
            state.peak = value
        if state.id is not None:
            if is_off and now - state.held >= rule.stop_seconds:
                self._end(rule, state, track_id, events)
            return
        self._begin(rule, state, track_id, value, now, events)

    def _begin(
        self, rule: Rule, state: _State, track_id: int | None, value: float, now: float, events: list[Event]
    ) -> None:
        """Start an event whose signal has been up for long enough."""
        if rule.is_off(value):
            state.since = None
        elif state.since is None and rule.is_on(value) and now >= state.blocked_until:
            state.since, state.peak = now, value
        if state.since is not None and now - state.since >= rule.min_seconds:
            state.id = self._next_id
            self._next_id += 1
            events.append(Event(state.id, rule.name, "start", track_id, state.since, None, state.peak))

    def _end(self, rule: Rule, state: _State, track_id: int | None, events: list[Event]) -> None:
        if state.id is not None and state.since is not None:
            events.append(Event(state.id, rule.name, "end", track_id, state.since, state.held, state.peak))
            state.blocked_until = state.held + rule.cooldown
        state.id = state.since = None
