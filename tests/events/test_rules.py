"""Rules: what their signals read, which of them can be seen, what is refused, and the table in the guide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edgeaffect._toml import MOST_BYTES
from edgeaffect.action_units import ACTION_UNITS
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.events import BUILTIN, EventDetector, Rule, read_rules
from edgeaffect.events.rules import SIGNALS, usable_rules

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "events.md"

AFFECT_NAMES = (*EMOTIONS, "valence", "arousal", "dominance", "quality")


def face() -> Any:
    """A face of which every number is another one."""
    affect = SimpleNamespace(
        probabilities=np.arange(8, dtype=np.float32) / 100, valence=-0.1, arousal=-0.2, dominance=-0.3, quality=0.4
    )
    cues = SimpleNamespace(
        looking_at_camera=0.51, mouth_open=0.52, eyes_open=0.75, speaking=0.54,
        extra={"nod": 0.61, "shake": 0.62, "blink_rate": 17.0, "eyes_closed_share": 0.64},
        action_units={unit.number: unit.number + 0.5 for unit in ACTION_UNITS},
    )  # fmt: skip
    return SimpleNamespace(affect=affect, cues=cues)


WANTED = {
    **{name: index / 100 for index, name in enumerate(EMOTIONS)},
    "valence": -0.1, "arousal": -0.2, "dominance": -0.3, "quality": 0.4,
    "looking_at_camera": 0.51, "mouth_open": 0.52, "eyes_open": 0.75, "speaking": 0.54, "eyes_closed": 0.25,
    "nod": 0.61, "shake": 0.62, "blink_rate": 17.0, "eyes_closed_share": 0.64,
    **{f"AU{unit.number}": unit.number + 0.5 for unit in ACTION_UNITS},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted({*SIGNALS, *WANTED}))
def test_a_signal_is_the_number_it_is_named_for(name: str) -> None:
    value = Rule(name="r", signal=name, start=1, stop=0).value(face())
    assert value == pytest.approx(WANTED[name])
    unknown: Any = SimpleNamespace(affect=None, cues=None)
    assert SIGNALS[name](unknown) is None


@pytest.mark.parametrize("name", ["nod", "AU12"])
def test_a_signal_that_is_not_known_yet_is_none(name: str) -> None:
    young = face()
    young.cues.extra, young.cues.action_units = {}, {}
    assert SIGNALS[name](young) is None


def rules_for(names: Iterable[str]) -> list[Rule]:
    return [Rule(name=name, signal=name, start=1, stop=0) for name in names]


@pytest.mark.parametrize(("has_cues", "has_affect"), [(False, False), (False, True), (True, False), (True, True)])
def test_of_what_there_is_the_rules_that_can_be_seen(has_cues: bool, has_affect: bool) -> None:
    seen = usable_rules(None, has_cues=has_cues, has_affect=has_affect, known=rules_for(SIGNALS))
    wanted = [name for name in SIGNALS if (has_affect if name in AFFECT_NAMES else has_cues)]
    assert [rule.name for rule in seen] == wanted


@pytest.mark.parametrize("name", SIGNALS)
def test_a_rule_that_was_asked_for_and_cannot_be_seen_is_refused(name: str) -> None:
    asked, has_affect = rules_for([name]), name in AFFECT_NAMES
    assert usable_rules(asked, has_cues=not has_affect, has_affect=has_affect) == tuple(asked)
    remedy = "affect: leave out affect=False" if has_affect else "cues: make the pipeline with cues=True"
    with pytest.raises(ValueError, match=f"^event {name!r} looks at {name!r}, which needs {remedy}$"):
        usable_rules(asked, has_cues=has_affect, has_affect=not has_affect)


def test_functions_of_the_users_own_are_trusted() -> None:
    own = Rule(name="own", signal=lambda face: 1.0, start=1, stop=0)
    assert usable_rules([own], has_cues=False, has_affect=False) == (own,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "name must be a text of 1 to 128 printable characters"),
        ({"name": 3}, "name must be a text of 1 to 128 printable characters"),
        ({"signal": "AU99"}, "r: signal must be one of neutral, "),
        ({"start": float("nan")}, "r: start must be a finite number"),
        ({"stop": "low"}, "r: stop must be a finite number"),
        ({"stop": 0.6}, r"r: stop must be another value than start \(0\.6\)"),
        *(({key: -1.0}, f"r: {key}") for key in ("change_over", "min_seconds", "stop_seconds", "cooldown", "max_gap")),
    ],
)
def test_a_wrong_value_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        Rule(**{"name": "r", "signal": "AU12", "start": 0.6, "stop": 0.4, **changes})


@pytest.mark.parametrize(("start", "stop", "sign"), [(0.6, 0.4, 1), (-0.6, -0.4, -1)])
def test_values_at_the_thresholds_count(start: float, stop: float, sign: int) -> None:
    rule = Rule(name="r", signal="AU12", start=start, stop=stop)
    assert [rule.is_on(sign * value) for value in (0.59, 0.6, 0.61)] == [False, True, True]
    assert [rule.is_off(sign * value) for value in (0.41, 0.4, 0.39)] == [False, True, True]
    assert rule.is_stronger(sign * 0.8, sign * 0.7)
    assert not rule.is_stronger(sign * 0.7, sign * 0.7)


def test_a_file_of_the_largest_size_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    text = '[grin]\nsignal = "AU12"\nstart = 0.7\nstop = 0.4\n'
    path.write_text(text.ljust(MOST_BYTES, "\n"), "utf-8", newline="\n")
    assert [rule.name for rule in read_rules(path)] == ["grin"]
    path.write_text(text.ljust(MOST_BYTES + 1, "\n"), "utf-8", newline="\n")
    with pytest.raises(ValueError, match=r"rules\.toml is larger than 65536 bytes, the most that is read"):
        read_rules(path)


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="AU1"):
        EventDetector([*rules_for(["AU1"]), *rules_for(["AU1"])])


def told(text: str, default: float) -> tuple[float, float]:
    """Value and seconds of a cell such as `0.2 or less for 0.5 s`."""
    value, seconds = re.fullmatch(r"(-?[\d.]+)(?: or less)?(?: for ([\d.]+) s)?", text).groups()  # type: ignore[union-attr]
    return float(value), default if seconds is None else float(seconds)


@pytest.mark.skipif(not GUIDE.is_file(), reason="needs the source tree around tests/")
def test_the_table_of_the_guide_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
    signals = {"probability of surprise": "surprise", "1 - `eyes_open`": "eyes_closed",
               "change of valence over 3 s": "valence"}  # fmt: skip
    by_name = {rule.name: rule for rule in BUILTIN}
    listed = []
    for names, signal, starts, stops in rows:
        for name, its_signal in zip(
            re.findall(r"`(\w+)`", names), re.findall(r"`(\w+)`", signal) or [""], strict=False
        ):
            rule = by_name[name]
            listed.append(name)
            assert rule.signal == signals.get(signal, its_signal)
            assert rule.change_over == (3.0 if "change" in signal else 0.0)
            assert told(starts, rule.min_seconds if name in ("blink", "nod", "shake") else 0.2) == (
                rule.start,
                rule.min_seconds,
            )
            assert told(stops, rule.stop_seconds if name == "blink" else 0.2) == (rule.stop, rule.stop_seconds)
    assert sorted(listed) == sorted(by_name)


def test_short_events_are_told_at_once_and_not_twice_for_one_swing() -> None:
    by_name = {rule.name: rule for rule in BUILTIN}
    assert all(by_name[name].min_seconds == 0 for name in ("blink", "nod", "shake"))
    assert by_name["blink"].stop_seconds == 0
    assert all(by_name[name].cooldown == 0.5 for name in ("nod", "shake")) and by_name["valence_falls"].cooldown == 1
