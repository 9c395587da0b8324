"""`Call`: what a frame on its way asks of a stage; `drive`: answers frames of several cameras together."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..results import Result
from .stages import BatchStage


@dataclass(frozen=True, eq=False)
class Call:
    """A step of a frame that waits for a stage to answer an item."""

    stage: BatchStage
    item: Any


Steps = Generator[Call, Any, Result | None]
"""A frame on its way through a pipeline: yields what it needs, is sent the answer, returns the result, or None for a
frame that is dropped."""


def drive(steps: Sequence[Steps], stages: Mapping[str, BatchStage]) -> list[Result | Exception | None]:
    """Run frames side by side; calls to one stage are answered together.

    An exception in one frame ends that frame only. When a stage fails on several items, or gives another number of
    answers, each is asked again by itself, so that the frames it can answer go on.

    Args:
        steps: one frame of each camera.
        stages: the pipeline's, by name; earlier ones are answered first, so that later ones get everybody's items at
            once.

    Returns:
        For each frame its result, the exception that ended it, or None where it was dropped.
    """
    ends: dict[int, Result | Exception | None] = {}
    waiting: dict[int, Call] = {}

    def advance(i: int, answer: Any = None, error: Exception | None = None) -> None:
        try:
            waiting[i] = steps[i].send(answer) if error is None else steps[i].throw(error)
        except StopIteration as end:
            ends[i] = end.value
        except Exception as failure:
            ends[i] = failure

    for i in range(len(steps)):
        advance(i)
    while waiting:
        name = next(name for name in stages if any(call.stage is stages[name] for call in waiting.values()))
        due = [i for i, call in waiting.items() if call.stage is stages[name]]
        items = [waiting.pop(i).item for i in due]
        for i, answer in zip(due, _answers(name, stages[name], items), strict=True):
            if isinstance(answer, Exception):
                advance(i, error=answer)
            else:
                advance(i, answer)
    return [ends[i] for i in range(len(steps))]


def checked_answers(name: str, answers: Any, count: int, of: str) -> Sequence[Any]:
    """What a stage answered, if it is one answer for each thing it was asked about.

    Args:
        name: of the stage.
        answers: what it gave.
        count: number of things it was asked about.
        of: what they are, in the singular.

    Raises:
        TypeError: the answers are no list or tuple.
        ValueError: their number is another one.
    """
    rule = f"the {name} stage must give a list of one answer per {of}, in their order"
    if not isinstance(answers, Sequence):
        raise TypeError(f"{rule}: expected {count}, got {type(answers).__name__}")
    if len(answers) != count:
        raise ValueError(f"{rule}: expected {count}, got {len(answers)}")
    return answers


def _answers(name: str, stage: BatchStage, items: Sequence[Any]) -> Sequence[Any]:
    stage.timer.reset()
    try:
        return checked_answers(name, stage.run_many(items), len(items), "item")
    except Exception as error:
        return [error] if len(items) == 1 else [_answers(name, stage, [item])[0] for item in items]
