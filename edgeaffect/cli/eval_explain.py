"""The part of `edgeaffect eval explain` that opens models and reads faces."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..evaluation.evaluate_explain import Progress, Said, Seen, evaluate_explain
from ..evaluation.evaluate_talk import evaluate_ask, evaluate_judge, evaluate_paraphrases
from ..evaluation.explain_data import ExplainFace, read_explain_data
from ..explain import CUES, Explainer
from ..explain.cues import ADMITTED, FACTS, cues_of
from ..explain.parsing import ParseError, parse
from ..explain.vocabulary import tokenize
from ..face.affect import FaceAffect
from ..face.cues import FaceCues
from ..results import Face, Faces

_SPOKEN = frozenset((*CUES, *FACTS))


def explain_scores(
    path: Path, texts: Mapping[str, bytes], arguments: argparse.Namespace, progress: Progress
) -> dict[str, Any]:
    """Everything that `eval explain` measures of one archive."""
    data = read_explain_data(path, texts, known=_SPOKEN)
    place = {"device": arguments.device, "runtime": arguments.runtime}
    faces = data.faces[: arguments.faces or None]
    with FaceAffect(**place) as affect, FaceCues(**place) as cues, Explainer(arguments.model, **place) as explainer:
        seen = [Seen(face, read_face(face, affect, cues)) for face in faces]
        scores: dict[str, Any] = {
            "model": f"{explainer.bundle.name} {explainer.bundle.manifest.version}",
            "data": path.name,
            **evaluate_explain(explainer, seen, claims_of, ADMITTED, regions=cues_of, progress=progress),
        }
        if data.questions:
            scores["questions"] = evaluate_ask(explainer, seen, data.questions, claims_of, cues_of)
        if data.paraphrases:
            scores["paraphrases"] = evaluate_paraphrases(explainer, seen, data.paraphrases)
        if data.statements:

            def judge(one: Seen, text: str) -> float:
                return explainer.judge(one.labelled.image, one.face, text).probability

            scores["statements"] = evaluate_judge(judge, seen, data.statements)
    return scores


def read_face(face: ExplainFace, affect: FaceAffect, cues: FaceCues) -> Face:
    """A labelled face as the stages read it."""
    middle, eyes = face.points.mean(0), max(float(np.linalg.norm(face.points[0] - face.points[1])), 1.0)
    box = np.array([*(middle - 1.3 * eyes), *(middle + 1.4 * eyes)], np.float32)
    faces = Faces(box[None], np.ones(1, np.float32), face.points[None])
    return Face(
        box, 1.0, face.points,
        affect=affect.predict(face.image, faces)[0], cues=cues.predict(face.image, faces)[0],
    )  # fmt: skip


def claims_of(text: str) -> list[Said]:
    """What a text of the explainer says of cues and facts; a text that is not of its grammar says nothing."""
    try:
        claims = parse(tokenize(text))
    except ParseError:
        return []
    return [Said(claim.name, claim.state) for claim in claims if claim.name in _SPOKEN]
