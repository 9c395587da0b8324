"""Scores of answers and judgements: questions, refusals, paraphrases and statements, on faces with known cues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..circumplex import ANCHORS
from .binary_metrics import roc_auc
from .evaluate_explain import Answer, ClaimsOf, Explains, Seen, share_of
from .explain_data import Question, Statement

YES, NO, OPEN = "yes", "no", "hard to tell"
YES_NO = ("is_cue", "is_fact", "is_emotion")
REFUSE, CHANGE = "refuse", "what_changed"
# How far valence or arousal of a label's anchor must lie from 0 to count as one of two poles.
_POLE = 0.2
_POLES = {"positive": (0, 1), "negative": (0, -1), "high": (1, 1), "low": (1, -1)}
_POLES |= {"pleasant": (0, 1), "unpleasant": (0, -1), "lively": (1, 1), "calm": (1, -1)}

Regions = Callable[[str], Sequence[str]]


def holds(seen: Seen, kind: str, name: str) -> bool | None:
    """Whether a cue, fact, emotion or pole  of affect is there; None where unknown."""
    label = seen.labelled.label
    if name not in _POLES and kind == "emotion":
        return None if label is None else label == name
    if name in _POLES:
        if label is None:
            return None
        axis, sign = _POLES[name]
        value = sign * ANCHORS[label].mean[axis]
        return True if value >= _POLE else False if value <= -_POLE or label == "neutral" else None
    return seen.holds(name)


def statement_holds(seen: Seen, statement: Statement) -> bool | None:
    """Whether all claims hold; None where that cannot be known."""
    found = [(holds(seen, kind, name), present) for kind, name, present in statement.claims]
    if any(value is not None and value != present for value, present in found):
        return False
    return None if any(value is None for value, _ in found) else True


def evaluate_judge(
    judge: Callable[[Seen, str], float], faces: Sequence[Seen], statements: Sequence[Statement], *, each: int = 8
) -> dict[str, Any]:
    """AUC of judged probabilities over true and false statements.

    Args:
        judge: probability that a statement about a face holds.
        faces: whom the statements are about.
        statements: with their claims.
        each: at most this many faces on which a statement is true, and as many on which it is false.

    Returns:
        `auc` with an interval over persons, `statements` used, `pairs`, and `auc_by` number and kind of claims.
    """
    scores: list[float] = []
    truth: list[bool] = []
    people: list[str] = []
    kinds: list[str] = []
    used = 0
    for number, statement in enumerate(statements):
        order = np.random.default_rng(number).permutation(len(faces))
        taken = Counter[bool]()
        for i in order:
            value = statement_holds(faces[i], statement)
            if value is None or taken[value] >= each:
                continue
            taken[value] += 1
            scores.append(judge(faces[i], statement.text))
            truth.append(value)
            people.append(faces[i].labelled.person)
            kinds.append("several" if len(statement.claims) > 1 else _kind(statement))
        used += bool(taken)
    by = {}
    for kind in sorted(set(kinds)):
        rows = [i for i, one in enumerate(kinds) if one == kind]
        by[kind] = _auc([scores[i] for i in rows], [truth[i] for i in rows])
    return {
        "statements": used,
        "pairs": len(scores),
        "auc": _auc(scores, truth),
        "auc_interval": _auc_interval(scores, truth, people),
        "auc_by": by,
    }


def _kind(statement: Statement) -> str:
    kind, _, present = statement.claims[0]
    return f"{kind} {'present' if present else 'absent'}"


def _auc(scores: Sequence[float], truth: Sequence[bool]) -> float | None:
    return roc_auc(scores, truth) if len(set(truth)) == 2 else None


def _auc_interval(
    scores: Sequence[float], truth: Sequence[bool], people: Sequence[str], samples: int = 500
) -> tuple[float, float] | None:
    """Percentile bootstrap over persons."""
    rows: dict[str, list[int]] = {}
    for row, person in enumerate(people):
        rows.setdefault(person, []).append(row)
    groups, generator = list(rows.values()), np.random.default_rng(0)
    values = []
    for _ in range(samples):
        chosen = [row for k in generator.integers(0, len(groups), len(groups)) for row in groups[k]]
        value = _auc([scores[row] for row in chosen], [truth[row] for row in chosen])
        if value is not None:
            values.append(value)
    return (float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))) if values else None


def evaluate_ask(
    explainer: Explains,
    faces: Sequence[Seen],
    questions: Sequence[Question],
    claims_of: ClaimsOf,
    regions: Regions,
    *,
    each: int = 4,
) -> dict[str, Any]:
    """Whether questions are answered rightly, and refused when a face cannot tell.

    A yes/no answer is right when it begins as the independent measure says; "Hard to tell" is wrong. Any other answer
    is right when it is not refused, speaks of what was asked (or says that it is covered), and says nothing that the
    measure contradicts. What changed cannot be asked about single pictures: such questions are left out.

    Returns:
        `answers_right` over all answerable questions and `by_intent`; `refusal_recall` and `refusal_precision`.
    """
    right: Counter[str] = Counter()
    count: Counter[str] = Counter()
    refused: Counter[bool] = Counter()
    meant = caught = 0
    for number, question in enumerate(questions):
        if question.intent == CHANGE:
            continue
        asked = _faces_for(question, faces, each, number)
        is_refusal = question.intent == REFUSE
        for seen in asked:
            answer = explainer.ask(seen.labelled.image, seen.face, question.texts[0])
            if is_refusal:
                meant += 1
                caught += answer.refused is not None
            else:
                count[question.intent] += 1
                right[question.intent] += is_right(answer, question, seen, claims_of, regions)
            if answer.refused is not None:
                refused[is_refusal] += 1
    return {
        "answers_right": share_of(right.total(), count.total()),
        "by_intent": {name: share_of(right[name], count[name]) for name in sorted(count)},
        "refusal_recall": share_of(caught, meant),
        "refusal_precision": share_of(refused[True], refused.total()),
    }


def _faces_for(question: Question, faces: Sequence[Seen], each: int, seed: int) -> list[Seen]:
    """Faces to ask about; of yes/no questions half with yes and half with no, where the measure knows."""
    order = [faces[i] for i in np.random.default_rng(seed).permutation(len(faces))]
    if question.intent not in YES_NO or question.slot is None:
        return order[:each]
    kind = "emotion" if question.intent == "is_emotion" else "cue"
    found: dict[bool, list[Seen]] = {True: [], False: []}
    for seen in order:
        value = holds(seen, kind, question.slot)
        if value is not None and len(found[value]) < max(1, each // 2):
            found[value].append(seen)
    return found[True] + found[False]


def is_right(answer: Answer, question: Question, seen: Seen, claims_of: ClaimsOf, regions: Regions) -> bool:
    """See `evaluate_ask`."""
    if answer.refused is not None or not answer.text:
        return False
    if question.intent in YES_NO and question.slot is not None:
        kind = "emotion" if question.intent == "is_emotion" else "cue"
        expected = holds(seen, kind, question.slot) == (question.present is not False)
        return answer.text.lower().startswith(YES if expected else NO) and not answer.text.lower().startswith("none")
    states = {one.name: one.state for one in claims_of(answer.text)}
    about: set[str] = set()
    if question.intent == "describe_region" and question.slot not in (None, "all"):
        about = {*regions(question.slot), f"{question.slot}_covered"}
    elif question.intent == "where_looking":
        about = {*(name for name in regions("eyes") if name.startswith("looking")), "eyes_covered"}
    if about and not about & set(states) and OPEN not in answer.text.lower():
        return False
    return not any(
        state in ("present", "absent") and seen.holds(name) is not None and seen.holds(name) != (state == "present")
        for name, state in states.items()
    )


def evaluate_paraphrases(
    explainer: Explains, faces: Sequence[Seen], groups: Sequence[Question], *, each: int = 2
) -> Mapping[str, Any]:
    """Share of wordings whose answer is that of the first wording of their group, about the same face."""
    same = count = 0
    for number, group in enumerate(groups):
        for seen in _faces_for(group, faces, each, number)[:each]:
            answers = [explainer.ask(seen.labelled.image, seen.face, text) for text in group.texts]
            said = [(answer.text, answer.refused) for answer in answers]
            same += sum(one == said[0] for one in said[1:])
            count += len(said) - 1
    return share_of(same, count)
