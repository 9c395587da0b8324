"""`Call`: what a frame on its way asks of a stage; `drive`: answers frames of several cameras together."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..results import Result
from .stages import BatchStage


@dataclass(frozen=True, eq=False)
class Call:
    """A step of a frame that waits for a stage to answer an item."""

    stage: BatchStage
    item: Any


Asked = Call | tuple[Call, ...]
"""A call, answered by its answer, or raised its error; or several to different stages, none of which needs another's
answer: they are answered by a list, with an exception in the place of each that failed."""

Steps = Generator[Asked, Any, Result | None]
"""A frame on its way through a pipeline: yields what it needs, is sent the answer, returns the result, or None for a
frame that is dropped."""

Job = Callable[[], Sequence[Any]]


def in_turn(jobs: Sequence[Job]) -> list[Sequence[Any]]:
    """What each job gives, one after the other."""
    return [job() for job in jobs]


def drive(
    steps: Sequence[Steps],
    stages: Mapping[str, BatchStage],
    run: Callable[[Sequence[Job]], list[Sequence[Any]]] = in_turn,
) -> list[Result | Exception | None]:
    """Run frames side by side; calls to one stage are answered together, in the order of the frames.

    An exception in one frame ends that frame only. When a stage fails on several items, or gives another number of
    answers, each is asked again by itself, so that the frames it can answer go on.

    Args:
        steps: one frame of each camera.
        stages: the pipeline's, by name; earlier ones are answered first, so that later ones get everybody's items at
            once.
        run: runs what several stages have to do, which frames asked of them in one go; it may do so at once.

    Returns:
        For each frame its result, the exception that ended it, or None where it was dropped.
    """
    ends: dict[int, Result | Exception | None] = {}
    waiting: dict[int, Asked] = {}
    answers: dict[Call, Any] = {}

    def advance(i: int, answer: Any = None) -> None:
        try:
            waiting[i] = steps[i].throw(answer) if isinstance(answer, Exception) else steps[i].send(answer)
        except StopIteration as end:
            ends[i] = end.value
        except Exception as failure:
            ends[i] = failure

    for i in range(len(steps)):
        advance(i)
    while waiting:
        frames = sorted(waiting)
        due = _due(stages, [waiting[i] for i in frames], answers)
        jobs = [
            functools.partial(_answers, name, stages[name], [call.item for call in calls])
            for name, calls in due.items()
        ]
        for calls, given in zip(due.values(), run(jobs), strict=True):
            answers.update(zip(calls, given, strict=True))
        for i in frames:
            asked = waiting[i]
            if isinstance(asked, tuple):
                if all(call in answers for call in asked):
                    del waiting[i]
                    advance(i, [answers.pop(call) for call in asked])
            elif asked in answers:
                del waiting[i]
                advance(i, answers.pop(asked))
    return [ends[i] for i in range(len(steps))]


def _due(stages: Mapping[str, BatchStage], waiting: Sequence[Asked], answers: Container[Call]) -> dict[str, list[Call]]:
    """By stage the calls to answer now: to the earliest that is called, and to those that a frame calls with it."""
    calls: list[Call] = []
    several: list[tuple[Call, ...]] = []
    for asked in waiting:
        if isinstance(asked, tuple):
            several.append(asked)
            calls += [call for call in asked if call not in answers]
        else:
            calls.append(asked)
    due: dict[str, list[Call]] = {}
    beside: set[int] = set()
    for name, stage in stages.items():
        if due and id(stage) not in beside:
            continue
        found = [call for call in calls if call.stage is stage]
        if found and not due:
            beside = {id(one.stage) for asked in several if any(call.stage is stage for call in asked) for one in asked}
            beside.discard(id(stage))
        if found:
            due[name] = found
    return due


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
