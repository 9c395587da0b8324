"""Scores of events and signals against what a rendered person did."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from edgeaffect import Cues, Result
from edgeaffect.events import Event, EventDetector, Rule
from training.cues.acts import FPS, Expected
from training.cues.evaluate import auc
from training.cues.sequences import Moment

# An event belongs to what it overlaps, with so many seconds to spare; signals over a window come late.
TOLERANCE = 0.5


@dataclass(frozen=True)
class Performance:
    """What one person did, what the pipeline saw of it frame by frame, and which events it should tell."""

    moments: list[Moment]
    results: list[Result]
    expected: list[Expected]


@dataclass
class Count:
    """What was told and what should have been."""

    right: int = 0
    told: int = 0
    expected: int = 0

    def add(self, other: Count) -> None:
        """Count what another counted too."""
        self.right, self.told, self.expected = (
            self.right + other.right, self.told + other.told, self.expected + other.expected
        )  # fmt: skip

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(self.told + self.expected, 1)

    def to_dict(self) -> dict[str, float | int | None]:
        """Counts, precision and recall; None where nothing was told or expected."""
        return {
            "right": self.right, "told": self.told, "expected": self.expected,
            "precision": round(self.right / self.told, 4) if self.told else None,
            "recall": round(self.right / self.expected, 4) if self.expected else None,
        }  # fmt: skip


def events_of(results: Iterable[Result], rules: Iterable[Rule]) -> list[Event]:
    """Finished events, as `Pipeline.events` tells them."""
    detector = EventDetector(rules)
    told = list(itertools.chain.from_iterable(detector.update(result) for result in results)) + detector.finish()
    return [event for event in told if event.phase == "end"]


def count(events: Iterable[Event], expected: Iterable[Expected], name: str) -> Count:
    """Match the events of one name with what was expected, each with one other, in the order of time."""
    told = [event for event in events if event.name == name]
    wanted = [e for e in expected if e.name == name]
    left, right = list(wanted), 0
    for event in told:
        end = event.start if event.end is None else event.end
        found = next((e for e in left if event.start <= e.end + TOLERANCE and end >= e.start - TOLERANCE), None)
        if found is not None:
            left.remove(found)
            right += 1
    return Count(right, len(told), len(wanted))


def score(performances: Iterable[Performance], rules: Iterable[Rule]) -> dict[str, Count]:
    """Counts of every event over all people."""
    rules = tuple(rules)
    counts = {rule.name: Count() for rule in rules}
    for performance in performances:
        events = events_of(performance.results, rules)
        for name, total in counts.items():
            total.add(count(events, performance.expected, name))
    return counts


@dataclass
class Tally:
    """What is kept of one performance: enough to score any number of them together."""

    counts: dict[str, Count]
    """Event -> counts."""
    shown: dict[str, list[tuple[float, bool]]]
    """Signal -> (value, whether the face did it) of the frames that are clear."""
    errors: dict[str, float]
    """Absolute errors of `blink_rate` (per minute) and `eyes_closed_share` at the end."""

    def to_json(self) -> str:
        """Inverse of `from_json`."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Tally:
        """Read what `to_json` wrote."""
        data = json.loads(text)
        shown = {name: [(value, did) for value, did in rows] for name, rows in data["shown"].items()}
        return cls({name: Count(**counts) for name, counts in data["counts"].items()}, shown, data["errors"])


def tally(performance: Performance, rules: Iterable[Rule]) -> Tally:
    """Count the events of one performance, and lay its signals beside what the face did.

    Clear frames: eyes shut or as at rest, mouth open or shut, head straight or turned by 25 degrees, speech from its
    first second on or none in the last second.
    """
    shown: dict[str, list[tuple[float, bool]]] = {}

    def note(name: str, value: float, *, yes: bool, no: bool) -> None:
        if yes or no:
            shown.setdefault(name, []).append((value, yes))

    spoken = [(e.start, e.end) for e in performance.expected if e.name == "speaks"]
    last: Cues | None = None
    for moment, result in zip(performance.moments, performance.results, strict=True):
        cues = result.faces[0].cues if result.faces else None
        if cues is None:
            continue
        t, last = result.timestamp, cues
        note("eyes_open", -cues.eyes_open, yes=moment.lids > 0.9, no=moment.lids == 0)
        note("mouth_open", cues.mouth_open, yes=moment.jaw > 0.3, no=moment.jaw == 0)
        note("looking_at_camera", cues.looking_at_camera, yes=abs(moment.yaw) < 5, no=abs(moment.yaw) > 25)
        if cues.speaking is not None:
            speaks = any(a + 1 < t < b for a, b in spoken)
            note("speaking", cues.speaking, yes=speaks, no=not any(a - 0.1 < t < b + 1 for a, b in spoken))
    errors = {}
    if last is not None and "blink_rate" in last.extra:
        minutes = len(performance.moments) / FPS / 60
        blinks = sum(e.name == "blink" for e in performance.expected)
        shut = sum(moment.lids > 0.5 for moment in performance.moments) / len(performance.moments)
        errors["blink_rate"] = abs(last.extra["blink_rate"] - blinks / minutes)
        errors["eyes_closed_share"] = abs(last.extra["eyes_closed_share"] - shut)
    return Tally(score([performance], rules), shown, errors)


def total(tallies: Iterable[Tally]) -> dict[str, Count]:
    """Counts of every event over all people."""
    counts: dict[str, Count] = {}
    for one in tallies:
        for name, own in one.counts.items():
            counts.setdefault(name, Count()).add(own)
    return counts


def signals(tallies: Iterable[Tally]) -> dict[str, float]:
    """Areas under the ROC curve over all clear frames, and mean absolute errors over people.

    Signals for which there is nothing to judge by are left out.
    """
    shown: dict[str, list[tuple[float, bool]]] = {}
    errors: dict[str, list[float]] = {}
    for one in tallies:
        for name, rows in one.shown.items():
            shown.setdefault(name, []).extend(rows)
        for name, error in one.errors.items():
            errors.setdefault(name, []).append(error)
    areas = {name: auc(*(np.array(column) for column in zip(*rows, strict=True))) for name, rows in shown.items()}
    means = {name: float(np.mean(some)) for name, some in errors.items()}
    return {name: round(value, 4) for name, value in (areas | means).items() if np.isfinite(value)}


def choose(performances: list[Performance], rule: Rule) -> tuple[Rule, Count]:
    """The rule with the `start` and `stop` that do best; of equal ones that nearest to the middle of them."""
    steps = [round(0.1 * i, 2) for i in range(1, 10)]
    is_high = rule.start > rule.stop
    pairs = [(a, b) for a in steps for b in steps if a != b and (a > b) == is_high and abs(a - b) < 0.35]
    tried = []
    for start, stop in pairs:
        other = dataclasses.replace(rule, start=start, stop=stop)
        tried.append((other, score(performances, [other])[rule.name]))
    best = max(result.f1 for _, result in tried)
    good = [(other, result) for other, result in tried if result.f1 == best]
    middle = np.median([(other.start, other.stop) for other, _ in good], 0)
    return min(good, key=lambda item: float(np.abs(middle - (item[0].start, item[0].stop)).sum()))
