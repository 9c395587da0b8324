"""Scores of an explainer on faces whose cues an independent measure knows. The explainer comes as an object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..image import Frame
from ..results import Face
from .affect_metrics import wilson_interval
from .explain_data import ExplainFace

Progress = Callable[[int, int], object]

REGION_BOXES = {"mouth": (0.0, 1.0, 1.1, 0.7), "eyes": (0.0, 0.0, 1.25, 0.42), "brows": (0.0, -0.45, 1.3, 0.36)}
"""Region -> patch that covers it: centre (across, down) from the middle between the eyes, width, height, all in units
of the distance from the middle between the eyes to the middle of the mouth; right for faces from the front."""
_CONTROL = (0.0, 2.1, 1.1, 0.5)  # below the chin: covers nothing that is spoken of
_GRAY = 118
_DECIDED = ("present", "absent")


class Answer(Protocol):
    """What an explainer gives: `edgeaffect.Explanation`."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def confidence(self) -> float: ...  # noqa: D102
    @property
    def refused(self) -> str | None: ...  # noqa: D102


class Judged(Protocol):
    """What an explainer says of a statement."""

    @property
    def probability(self) -> float: ...  # noqa: D102


class Explains(Protocol):
    """What is scored: `edgeaffect.Explainer`."""

    def explain(self, frame: Frame, face: Face) -> Answer: ...  # noqa: D102
    def ask(self, frame: Frame, face: Face, question: str) -> Answer: ...  # noqa: D102
    def judge(self, frame: Frame, face: Face, statement: str) -> Judged: ...  # noqa: D102


@dataclass(frozen=True)
class Said:
    """One claim of a text about a cue or fact: state `present`, `absent`, or anything else where it is left open."""

    name: str
    state: str


ClaimsOf = Callable[[str], Sequence[Said]]
"""Text of the explainer -> its claims about cues and facts."""


@dataclass(frozen=True)
class Seen:
    """A labelled face as the models read it."""

    labelled: ExplainFace
    face: Face

    def holds(self, name: str) -> bool | None:
        """Whether a cue or fact is there by the independent measure; None where that does not say."""
        share = self.labelled.cues.get(name, self.labelled.facts.get(name))
        return None if share is None else share >= 0.5


def share_of(right: int, count: int) -> dict[str, Any]:
    """A share with its Wilson interval, as the tables of `eval` show it."""
    return {
        "share": right / count if count else None,
        "interval": wilson_interval(right, count) if count else None,
        "count": count,
    }


def evaluate_explain(
    explainer: Explains,
    faces: Sequence[Seen],
    claims_of: ClaimsOf,
    spoken: Sequence[str],
    *,
    regions: Callable[[str], Sequence[str]],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Whether explanations say what is there.

    Args:
        explainer: what is scored.
        faces: whom it looks at.
        claims_of: reads its texts.
        spoken: cues that an explanation may name.
        regions: region -> its cues.
        progress: called with the number of faces done and of all.

    Returns:
        Shares with intervals: `hallucinated` (cue said to be there, and it is not), `denied` (said not to be there, and
        it is), `unspoken` (spoken cue that is there and not named), `label_agreement`, `faithfulness` per region, ...
    """
    told: Counter[str] = Counter()
    texts: list[str] = []
    bins: dict[str, list[bool]] = {}
    for number, seen in enumerate(faces, 1):
        answer = explainer.explain(seen.labelled.image, seen.face)
        texts.append(answer.text)
        said = {one.name: one.state for one in claims_of(answer.text)}
        _count_claims(told, said, seen)
        for name in spoken:
            if seen.holds(name):
                told["there"] += 1
                told["named"] += said.get(name) == "present"
        if seen.labelled.label is not None:
            told["labelled"] += 1
            told["label right"] += answer.label == seen.labelled.label
            bins.setdefault(f"{min(9, int(10 * answer.confidence)) / 10:.1f}", []).append(
                answer.label == seen.labelled.label
            )
        if progress:
            progress(number, len(faces))
    return {
        "faces": len(faces),
        "hallucinated": share_of(told["said, not there"], told["said"]),
        "denied": share_of(told["denied, but there"], told["denied"]),
        "unspoken": share_of(told["there"] - told["named"], told["there"]),
        "label_agreement": share_of(told["label right"], told["labelled"]),
        "label_right_by_confidence": {key: share_of(sum(v), len(v)) for key, v in sorted(bins.items())},
        "distinct_texts": len(set(texts)),
        "faithfulness": faithfulness(explainer, faces, claims_of, regions),
    }


def _count_claims(told: Counter[str], said: dict[str, str], seen: Seen) -> None:
    for name, state in said.items():
        holds = seen.holds(name)
        if holds is None:
            continue
        if state == "present":
            told["said"] += 1
            told["said, not there"] += not holds
        elif state == "absent":
            told["denied"] += 1
            told["denied, but there"] += holds


def faithfulness(
    explainer: Explains, faces: Iterable[Seen], claims_of: ClaimsOf, regions: Callable[[str], Sequence[str]]
) -> dict[str, Any]:
    """How often claims about a region go when it is covered, and when a place that is not spoken of is covered.

    Returns:
        Region -> `claims` before, `drop` and `control_drop`: shares of them that are not said of the covered face;
        `blank`: share of blank pictures about which no cue is claimed.
    """
    result: dict[str, Any] = {}
    faces = list(faces)
    for region, box in REGION_BOXES.items():
        own = set(regions(region))
        before = after = control = 0
        for seen in faces:
            said = _of(explainer, seen.labelled.image, seen.face, region, claims_of, own)
            if not said:
                continue
            before += len(said)
            points = seen.labelled.points
            for patch, is_control in ((box, False), (_CONTROL, True)):
                covered = cover(seen.labelled.image, points, patch)
                kept = len(said & _of(explainer, covered, seen.face, region, claims_of, own))
                control, after = (control + kept, after) if is_control else (control, after + kept)
        result[region] = {
            "claims": before,
            "drop": 1 - after / before if before else None,
            "control_drop": 1 - control / before if before else None,
        }
    blank = [np.full_like(seen.labelled.image, _GRAY) for seen in faces[:20]]
    every = {name for region in REGION_BOXES for name in regions(region)}
    silent = [
        not [
            one
            for one in claims_of(explainer.explain(frame, _bare(seen.face)).text)
            if one.state in _DECIDED and one.name in every
        ]
        for frame, seen in zip(blank, faces, strict=False)
    ]
    result["blank"] = share_of(sum(silent), len(silent))
    return result


def _of(
    explainer: Explains, frame: Frame, face: Face, region: str, claims_of: ClaimsOf, own: set[str]
) -> set[tuple[str, str]]:
    """Decided claims about a region's cues, read anew from the frame."""
    question = f"What do the {region} do?" if region != "mouth" else "What does the mouth do?"
    claims = claims_of(explainer.ask(frame, _bare(face), question).text)
    return {(one.name, one.state) for one in claims if one.name in own and one.state in _DECIDED}


def _bare(face: Face) -> Face:
    """A face whose cues must be read anew."""
    return Face(face.box, face.score, face.landmarks, affect=face.affect)


def cover(image: Frame, points: np.ndarray, box: tuple[float, float, float, float]) -> Frame:
    """A copy with a gray patch, turned with the face; see `REGION_BOXES`."""
    import cv2

    eyes, mouth = points[:2].mean(0), points[3:].mean(0)
    down = mouth - eyes
    across = np.array([down[1], -down[0]])
    middle = eyes + box[0] * across + box[1] * down
    half_a, half_d = across * box[2] / 2 * 1.35, down * box[3] / 2
    corners = np.array([middle + a * half_a + d * half_d for a, d in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    result: Frame = image.copy()
    cv2.fillConvexPoly(result, np.round(corners).astype(np.int32), (_GRAY,) * 3)
    return result
