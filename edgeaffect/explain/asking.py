"""The part of a text that asks: "She looks gorgeous, but is she smiling?" asks "is she smiling?"."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"(?<=[.!?;:\u2026])\s+|\s+[-\u2013\u2014]+\s+|,\s+(?:but|so|and|because)\s+", re.IGNORECASE)
# Behind a comma only what begins as a question does is one: "he smiles, lips closed" is of one piece.
_QUESTION = re.compile(
    r",\s+(?=(?:is|are|isn't|aren't|does|do|doesn't|don't|did|has|have|can|could|would|what|who|whose|where|how|why|which"
    r"|tell me|say)\b)",
    re.IGNORECASE,
)
# Shorter parts are tags ("isn't she?") and calls, which ask nothing by themselves.
_LEAST, _LEAST_BEHIND_COMMA = 3, 4


def asking_part(text: str) -> str:
    """What is asked by itself, without what is said before and behind; the text where it is of one piece.

    The last part that ends in a question mark, else the last one.
    """
    parts = [part for part in _BETWEEN.split(text) if len(part.split()) > 1 and any(map(str.isalnum, part))]
    asked = [part for part in parts if part.rstrip().endswith("?")] or parts
    part = asked[-1] if len(parts) > 1 and len(asked[-1].split()) >= _LEAST else text
    *before, last = _QUESTION.split(part)
    return last if before and len(last.split()) >= _LEAST_BEHIND_COMMA else part
