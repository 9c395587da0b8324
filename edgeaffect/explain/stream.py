"""`Stream`: one text of an explainer, clause by clause."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from .result import Explanation

Talking = Generator[str, object, Explanation]
"""Pieces of a text, often empty, then its result; sending False ends it."""


class Stream(Iterator[str]):
    """Clauses of one text, as soon as each is proved; belongs to the thread of its explainer.

    Args:
        talking: the text.
        proceed: takes its next piece, and raises what it raises.
    """

    def __init__(self, talking: Talking, proceed: Callable[[Talking], str]) -> None:
        self._talking, self._proceed = talking, proceed
        self._result: Explanation | None = None

    def __next__(self) -> str:
        while self._result is None:
            try:
                piece = self._proceed(self._talking)
            except StopIteration as end:
                self._result = end.value
            else:
                if piece:
                    return piece
        raise StopIteration

    @property
    def result(self) -> Explanation:
        """The whole answer; what has not been said yet is said first."""
        for _ in self:
            pass
        assert self._result is not None
        return self._result
