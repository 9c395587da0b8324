"""Questions in the words of visible facts that ask for something else: what the reader takes for these is refused.

"Is her skin dark" is no question about light, and "is there more than one face" none about whether this one is seen.
"""

from __future__ import annotations

import re

_SUBJECT = r"(?:he|she|they|the (?:person|man|woman|child))"
_SHADE = r"(?:dark|light|pale|fair|black|white|brown)"
_PATTERNS = {
    "background": (
        r"\b(?:skin|skinned|complexion)\b"
        rf"|\b(?:is|are) {_SUBJECT} (?:very |rather |quite )?{_SHADE}\s*\??\s*$"
    ),
    "other": (
        r"\b(?:how many|several|more than one|two|three|many|other|another) (?:other )?(?:faces?|people|persons?)\b"
        r"|\b(?:any|some)(?:body|one) else\b"
    ),
}
_REASONS = {reason: re.compile(pattern) for reason, pattern in _PATTERNS.items()}


def reason_outside(words: str) -> str | None:
    """Why a text is refused (one of `meaning.REASONS`), whatever its words look like; None for all others.

    Args:
        words: as the reader takes them, lower case, joined by single spaces.
    """
    return next((reason for reason, pattern in _REASONS.items() if pattern.search(words)), None)
