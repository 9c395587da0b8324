"""Clause forms of cues, as tables. One template a line; `(a|b)` chooses, `(a|)` may be left out.

`that`: the plain form, also used behind "whether"; `noun`: the form behind "because of" and "with"; `not` and `no`: the
same of its absence, always with no, not or without; `began`, `ended`: what changed; `missing`: behind "it would need".
"""

from __future__ import annotations

from . import cues
from .grammar_brows import BROWS
from .grammar_eyes import EYES
from .grammar_head import HEAD
from .grammar_mouth import MOUTH

_REGIONS = {**MOUTH, **BROWS, **EYES, **HEAD}

CUES: dict[str, dict[str, str]] = {name: _REGIONS[name] for name in cues.CUES}
"""Forms of every cue, in the order of `cues.CUES`."""

GENERIC: dict[str, str] = {
    "unclear": """
        it is (hard to tell|not clear|unclear|difficult to say) whether {that}
        there (may|might) be {missing}
        whether {that} is (hard to tell|not clear)""",
    "hidden": """
        it cannot be seen whether {that}
        whether {that} cannot be seen
        (we|one) cannot see whether {that}
        it is hidden whether {that}""",
}
"""Forms that are made of a cue's own: `{that}` its plain form, `{missing}` what would be seen."""
