"""`Call`: what a frame on its way asks of a stage; `run_frame` and `drive` answer one frame, and several together."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..results import Result
from .stages import BatchStage


@dataclass(frozen=True, eq=False, slots=True)
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

Stages = Mapping[str, BatchStage]
"""The stages of a pipeline by name, in the order in which they are asked."""

Job = Callable[[], Sequence[Any]]
Run = Callable[[Sequence[Job]], Sequence[Sequence[Any]]]
"""Gives what each of several jobs gives; it may run them at once."""


def in_turn(jobs: Sequence[Job]) -> list[Sequence[Any]]:
    """What each job gives, one after the other."""
    return [job() for job in jobs]


def run_frame(frame: Steps, stages: Stages, run: Run = in_turn) -> Result | None:
    """Run one frame to its result; None where it is dropped.

    Args:
        frame: of one camera.
        stages: of the pipeline.
        run: runs what the frame asks of several stages in one go.

    Raises:
        Exception: whatever ends the frame.
    """
    try:
        asked = next(frame)
        while True:
            if isinstance(asked, Call):
                (answer,) = _ask(asked.stage, [asked.item], stages)
            else:
                (answer,) = _answered([asked], stages, run)
            asked = _go_on(frame, answer)
    except StopIteration as end:
        ended: Result | None = end.value
        return ended


def drive(frames: Sequence[Steps], stages: Stages, run: Run = in_turn) -> list[Result | Exception | None]:
    """Run frames of several cameras side by side; calls to one stage are answered together, in the order of the frames.

    An exception in one frame ends that frame only. When a stage fails on several items, or gives another number of
    answers, each is asked again by itself, so that the frames it can answer go on.

    Args:
        frames: one of each camera.
        stages: of the pipeline; a frame waits for others at an earlier stage, to be answered together with them later.
        run: runs what frames ask of several stages in one go.

    Returns:
        For each frame its result, the exception that ended it, or None where it was dropped.
    """
    ends: list[Result | Exception | None] = [None] * len(frames)
    waiting: dict[int, Asked] = {}

    def advance(i: int, answer: Any) -> None:
        try:
            waiting[i] = _go_on(frames[i], answer)
        except StopIteration as end:
            ends[i] = end.value
        except Exception as failure:
            ends[i] = failure

    for i in range(len(frames)):
        advance(i, None)
    while waiting:
        turn = _turn(waiting, stages)
        for i, answer in zip(turn, _answered([waiting.pop(i) for i in turn], stages, run), strict=True):
            advance(i, answer)
    return ends


def _go_on(frame: Steps, answer: Any) -> Asked:
    """Hand a frame its answer; what it asks next."""
    return frame.throw(answer) if isinstance(answer, Exception) else frame.send(answer)


def _turn(waiting: Mapping[int, Asked], stages: Stages) -> list[int]:
    """Frames to answer now: those that ask the earliest stage, and those that ask only stages at work for them."""
    asked = {i: {id(call.stage) for call in _calls(waiting[i])} for i in sorted(waiting)}
    first = next(id(stage) for stage in stages.values() if any(id(stage) in ids for ids in asked.values()))
    at_work = set().union(*(ids for ids in asked.values() if first in ids))
    return [i for i, ids in asked.items() if ids <= at_work]


def _answered(asked: Sequence[Asked], stages: Stages, run: Run) -> list[Any]:
    """The answer to each; calls to one stage are answered together, different stages by one `run`."""
    calls = [call for one in asked for call in _calls(one)]
    once = {id(stage): stage for stage in stages.values()}  # one object may be two stages
    by_stage = [[call for call in calls if call.stage is stage] for stage in once.values()]
    due = [calls for calls in by_stage if calls]
    jobs = [functools.partial(_ask, same[0].stage, [call.item for call in same], stages) for same in due]
    answers: dict[Call, Any] = {}
    for same, given in zip(due, run(jobs), strict=True):
        answers.update(zip(same, given, strict=True))
    return [answers[one] if isinstance(one, Call) else [answers[call] for call in one] for one in asked]


def _calls(asked: Asked) -> tuple[Call, ...]:
    return (asked,) if isinstance(asked, Call) else asked


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
    if isinstance(answers, Sequence) and len(answers) == count:
        return answers
    rule = f"the {name} stage must give a list of one answer per {of}, in their order"
    if not isinstance(answers, Sequence):
        raise TypeError(f"{rule}: expected {count}, got {type(answers).__name__}")
    raise ValueError(f"{rule}: expected {count}, got {len(answers)}")


def _ask(stage: BatchStage, items: Sequence[Any], stages: Stages) -> Sequence[Any]:
    """What a stage answers to items; an exception in the place of each that it cannot answer."""
    stage.timer.reset()
    try:
        name = next(name for name, one in stages.items() if one is stage)
        return checked_answers(name, stage.run_many(items), len(items), "item")
    except Exception as error:
        return [error] if len(items) == 1 else [_ask(stage, [item], stages)[0] for item in items]
