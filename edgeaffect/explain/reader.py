"""`Reader`: a small text encoder that understands questions and statements about a face in free words.

The graph `reader.onnx` of a bundle takes `tokens` [B, T] int64, padded with 0, and gives probabilities `intent`
[B, len(READ_INTENTS)] and `slot` [B, len(SLOTS)], `present` and `absent` [B, len(ASPECTS)]: the text says that the
aspect is there, or that it is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from ..errors import SpecError
from ..models.inputs import TokenInput
from ..runtime import Session
from .asking import asking_part
from .cues import ASPECTS
from .meaning import SLOTS
from .outside import reason_outside
from .reading import LONGEST, READ_INTENTS, REFUSED, Reading, Said
from .spelling import reading_words
from .vocabulary import PAD, Vocabulary

TOKENS = "tokens"
INTENT, SLOT, PRESENT, ABSENT = "intent", "slot", "present", "absent"
LABELS = {INTENT: READ_INTENTS, SLOT: SLOTS, PRESENT: ASPECTS, ABSENT: ASPECTS}
_AT_ONCE = 256  # a text in thousands of pieces takes no more memory than one in hundreds
MAX_CHARACTERS = 2000
"""A longer text is refused; `clauses.split` cuts texts into sentences."""


class Reader:
    """Reads texts. Belongs to one thread.

    Args:
        session: of `reader.onnx`, open.
        vocabulary: of the same bundle.

    Raises:
        SpecError: the graph is none of a reader, or of another vocabulary.
    """

    def __init__(self, session: Session, vocabulary: Vocabulary) -> None:
        self._session, self._vocabulary = session, vocabulary
        name = session.describe()["file"]
        tokens = next((given for given in session.spec.inputs if given.name == TOKENS), None)
        if not isinstance(tokens, TokenInput):
            raise SpecError(f"{name}: a reader takes {TOKENS}; its inputs are {list(session.inputs)}")
        if tokens.vocabulary != len(vocabulary):
            raise SpecError(
                f"{name} knows {tokens.vocabulary} tokens, the vocabulary {len(vocabulary)}: take both of one bundle"
            )
        found = {output.name: output.labels for output in session.spec.outputs}
        for output, labels in LABELS.items():
            if found.get(output) != labels:
                raise SpecError(
                    f"{name}: its {output!r} names {show(found.get(output))}, this edgeaffect knows {show(labels)}: "
                    "use the explainer that belongs to this version"
                )

    def read(self, text: str) -> Reading:
        """Understand one text.

        Raises:
            TypeError: it is no text.
            ValueError: it is empty or longer than `MAX_CHARACTERS`.
        """
        return self.read_many([text])[0]

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """Understand several texts, `_AT_ONCE` in one run; see `read`."""
        runs = range(0, len(texts), _AT_ONCE)
        return [reading for begin in runs for reading in self._run(texts[begin : begin + _AT_ONCE])]

    def read_questions(self, texts: Sequence[str]) -> list[Reading]:
        """`read_many` of texts that ask: each is read once as it is and once as its `asking_part`, and both count.

        So that what is said around a question, and what the question is, are weighed against each other.
        """
        parts = [asking_part(text) if isinstance(text, str) else text for text in texts]
        readings = self.read_many([*texts, *(part for text, part in zip(texts, parts, strict=True) if part != text)])
        rest = iter(readings[len(texts) :])
        return [
            reading if part == text else reading.between(next(rest))
            for reading, text, part in zip(readings, texts, parts, strict=False)
        ]

    def _run(self, texts: Sequence[str]) -> list[Reading]:
        words = [self._words(text) for text in texts]
        ids = [self._vocabulary.encode(row)[-LONGEST:] for row in words]
        tokens = np.full((len(ids), max(map(len, ids))), PAD, np.int64)
        for row, given in zip(tokens, ids, strict=True):
            row[: len(given)] = given
        out = self._session.run({TOKENS: tokens}, tuple(LABELS))
        return [
            self._reading(text, words[i], {name: array[i] for name, array in out.items()})
            for i, text in enumerate(texts)
        ]

    def _words(self, text: str) -> list[str]:
        if not isinstance(text, str):
            raise TypeError(f"a text must be a str; got {show(text)}")
        if len(text) > MAX_CHARACTERS:
            raise ValueError(f"a text has at most {MAX_CHARACTERS} characters; got {len(text)}")
        words = reading_words(text, self._vocabulary)
        if not words:
            raise ValueError(f"the text is empty; got {show(text)}")
        return words

    def _reading(self, text: str, words: list[str], out: dict[str, NDArray[np.float32]]) -> Reading:
        strange = sum(word not in self._vocabulary for word in words)
        intents, slots = _named(READ_INTENTS, out[INTENT]), _named(SLOTS, out[SLOT])
        if (reason := reason_outside(" ".join(words))) is not None and intents["refuse"] < REFUSED:
            intents = {name: float(name == "refuse") for name in READ_INTENTS}
            slots = {name: float(name == reason) for name in SLOTS}
        return Reading(
            text=text,
            intents=intents,
            slots=slots,
            claims={
                name: Said(float(present), float(absent))
                for name, present, absent in zip(ASPECTS, out[PRESENT], out[ABSENT], strict=True)
            },
            unknown=strange / len(words),
        )


def _named(names: Sequence[str], values: NDArray[np.float32]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
