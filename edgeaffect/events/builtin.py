"""The built-in events; docs/events.md says what was measured.

`start` and `stop` of smile, looks_away and blink were chosen on people of the training part whose stills were rendered
(`python -m training.cues.events --choose`), those of blink and eyes_closed also on real frames with open and shut eyes;
the others are round numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

from .rules import Rule

BUILTIN: tuple[Rule, ...] = (
    Rule(name="smile", signal="AU12", start=0.6, stop=0.4),
    Rule(name="frown", signal="AU4", start=0.5, stop=0.3),
    Rule(name="surprise", signal="surprise", start=0.6, stop=0.4),
    Rule(name="looks_at_camera", signal="looking_at_camera", start=0.6, stop=0.4, min_seconds=0.3),
    Rule(name="looks_away", signal="looking_at_camera", start=0.3, stop=0.5, min_seconds=0.5),
    Rule(name="eyes_closed", signal="eyes_closed", start=0.45, stop=0.35, min_seconds=1.0),
    Rule(name="blink", signal="eyes_closed", start=0.4, stop=0.35, min_seconds=0.0, stop_seconds=0.0),
    Rule(name="nod", signal="nod", start=0.99, stop=0.4, min_seconds=0.0, cooldown=0.5),
    Rule(name="shake", signal="shake", start=0.99, stop=0.4, min_seconds=0.0, cooldown=0.5),
    Rule(name="speaks", signal="speaking", start=0.7, stop=0.3, min_seconds=0.3, stop_seconds=0.5),
    Rule(name="valence_falls", signal="valence", change_over=3.0, start=-0.4, stop=-0.2, min_seconds=0.3, cooldown=1.0),
)


def builtin_rules(names: Iterable[str] | None = None) -> tuple[Rule, ...]:
    """The built-in rules of those names; all when None.

    Raises:
        ValueError: no such event; the message lists them.
    """
    by_name = {rule.name: rule for rule in BUILTIN}
    if names is None:
        return BUILTIN
    wanted = list(names)
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise ValueError(f"no built-in event {', '.join(unknown)}: choose {', '.join(by_name)}")
    return tuple(by_name[name] for name in wanted)
