"""Your own larger model as a teacher: what it said of pictures becomes training targets, through `check`.

`python -m training.explain.own_teacher --lines teacher.jsonl --pictures DIR --out OUT [--name vision]`

Each line is one picture that a larger vision-language model was asked about, whatever model it was:

    {"image": "0001.jpg", "text": "She looks happy because she is smiling.", "label": "happiness",
     "probabilities": {"happiness": 0.9, "neutral": 0.1}, "confidence": 0.9, "action_units": ["AU6", "AU12"]}

`image` and one of `text` and `action_units` are needed. Nothing that the face does not bear out is learnt: `check`
takes the text apart, and clauses that are contradicted, hidden or about motives fall away; action units are claims like
any other; the label is the affect stage's. What is left is said in the grammar's words (a student's vocabulary is
closed) and proved. `probabilities`, or else `confidence` of the label, teach how sure to be, as shares of votes do.

Writes `OUT/seen-own.npz` (what the eyes see of the pictures), `OUT/texts-own.npz` and `OUT/own.json` (what was kept):

    python -m training.explain.speak --out OUT --name mine --begin student --seen seen-own.npz --texts texts-own.npz
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
import torch

from edgeaffect import Pipeline
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.content import Known
from edgeaffect.explain.cues import COMPOSITES, CUES, FACTS
from edgeaffect.explain.evidence import Evidence
from edgeaffect.explain.explainer import Explainer
from edgeaffect.explain.grammar import realise
from edgeaffect.explain.meaning import Claim, Request, bin_of, prefix
from edgeaffect.explain.parsing import parse, words_of
from edgeaffect.explain.result import SUPPORTED
from edgeaffect.explain.sight import Sight
from edgeaffect.image import Image
from training.explain.features import Seen
from training.explain.network import SeeingNet
from training.explain.vision import load

ACTION_UNITS = {
    1: "inner_brows_raised", 2: "outer_brows_raised", 4: "brows_lowered", 5: "eyes_wide", 12: "smile",
    15: "corners_down", 25: "mouth_open", 26: "mouth_open", 27: "mouth_open", 43: "eyes_closed",
    51: "head_left", 52: "head_right",
    53: "head_up", 54: "head_down", 55: "head_tilted", 56: "head_tilted", 61: "looking_left", 62: "looking_right",
    63: "looking_up", 64: "looking_down",
}  # fmt: skip
"""FACS number -> cue; others claim nothing that is measured. FACS says left and right as the person does, cues as the
viewer does: see `_MIRRORED`."""
_MIRRORED = {51: 52, 52: 51, 61: 62, 62: 61}
_MOST_CUES = 3
_STATES = {"present": 1.0, "absent": 0.0}


class LineError(ValueError):
    """A line of the teacher's file is wrong; the message names it."""


@dataclass(frozen=True)
class Told:
    """One line."""

    image: str
    text: str = ""
    label: str | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    """Emotion -> probability; sums to 1, or is empty."""
    units: tuple[int, ...] = ()


def read_lines(path: Path) -> Iterator[Told]:
    """The lines of a file; empty ones are passed over.

    Raises:
        LineError: a line is no JSON object, lacks what is needed, or holds an impossible value.
    """
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            yield told(line, f"{path.name}, line {number}")


def told(line: str, where: str) -> Told:
    """One line, checked; see `read_lines`."""
    try:
        data = json.loads(line)
    except ValueError as error:
        raise LineError(f"{where}: no JSON ({error})") from error
    image, text = (data.get(name, "") if isinstance(data, dict) else None for name in ("image", "text"))
    if not isinstance(image, str) or not image or not isinstance(text, str):
        raise LineError(f"{where}: image and text must be texts; got {line[:80]}")
    units, label = _units(data.get("action_units", ()), where), data.get("label")
    if not text.strip() and not units:
        raise LineError(f"{where}: a text or action_units are needed")
    if label is not None and label not in EMOTIONS:
        label = None  # of another set of emotions: says nothing here
    return Told(image, text, label, _shares(data, label, where), units)


def _units(given: Any, where: str) -> tuple[int, ...]:
    """FACS numbers of "AU12" and 12, or of the active ones of {"AU12": 0.8}."""
    names = [name for name, value in given.items() if value >= 0.5] if isinstance(given, dict) else given
    try:
        return tuple(int(str(name).upper().removeprefix("AU")) for name in names)
    except (TypeError, ValueError) as error:
        raise LineError(f"{where}: action_units must be like AU12; got {given!r}") from error


def _shares(data: Mapping[str, Any], label: str | None, where: str) -> dict[str, float]:
    given, sure = data.get("probabilities") or {}, data.get("confidence")
    try:
        found = {name: float(value) for name, value in given.items() if name in EMOTIONS}
        sure = None if sure is None else float(sure)
    except (AttributeError, TypeError, ValueError) as error:
        raise LineError(f"{where}: probabilities and confidence must be numbers") from error
    if any(not 0 <= value <= 1 for value in (*found.values(), sure or 0.0)):
        raise LineError(f"{where}: probabilities and confidence lie between 0 and 1")
    if not found and label is not None and sure is not None:
        rest = (1 - sure) / (len(EMOTIONS) - 1)
        found = {name: sure if name == label else rest for name in EMOTIONS}
    total = sum(found.values())
    return {name: value / total for name, value in found.items()} if total > 0 else {}


@dataclass(frozen=True)
class Target:
    """What is learnt of one picture."""

    claims: tuple[Claim, ...]
    tokens: tuple[str, ...]
    asked: int
    """Clauses and action units of the teacher."""
    kept: int


def target(line: Told, explainer: Explainer, sight: Sight, rng: Random) -> Target | None:
    """What of a line the face bears out, as a sentence of the grammar; None where nothing is.

    Raises:
        AssertionError: the words do not say what they should; a mistake in the grammar.
    """
    parts = explainer.check(line.text, sight.frame, sight.face, color=sight.color).parts if line.text.strip() else ()
    evidence = explainer.evidence(sight)
    known = evidence.known
    units = [ACTION_UNITS.get(_MIRRORED.get(number, number)) for number in line.units]
    names = [part.cue for part in parts if part.verdict == SUPPORTED and part.cue is not None]
    true_units = [name for name in units if name is not None and known.state(name) == "present"]
    claims = claims_of([*names, *true_units], known)
    if not claims:
        return None
    tokens = tuple(realise(claims, rng))
    said = parse(words_of(tokens))
    if said != claims:
        raise AssertionError(f"{' '.join(tokens)!r} says {said}, not {claims}")
    asked = len(parts) + sum(name is not None for name in units)
    return Target(claims, tokens, asked, len(names) + len(true_units))


def claims_of(names: list[str], known: Known) -> tuple[Claim, ...]:
    """The label with what was said for it: cues that speak for it as its reasons, the others as they are."""
    parts = [part for name in names for part in COMPOSITES.get(name, (name,))]
    seen = dict.fromkeys(name for name in parts if name in CUES and known.state(name) in _STATES)
    facts = dict.fromkeys(name for name in parts if name in FACTS and known.state(name) == "present")
    reasons = [n for n in known.reasons.get(known.label, ()) if n in seen and known.state(n) == "present"][:_MOST_CUES]
    others = [name for name in seen if name not in reasons][: _MOST_CUES - len(reasons)]
    if not (seen or facts or known.label in names):
        return ()
    return (
        Claim("emotion", known.label), Claim("bin", bin_of(known.confidence)),
        *(known.claim(name, is_reason=True) for name in reasons), *map(known.claim, others),
        *(Claim("fact", name) for name in list(facts)[:1]),
    )  # fmt: skip


def adapt(
    lines: Iterator[Told], pictures: Path, explainer: Explainer, net: SeeingNet, out: Path, seed: int = 0
) -> dict[str, Any]:
    """Writes the targets of all lines, and returns what became of them.

    Raises:
        LineError: a picture is not there or cannot be read.
    """
    rng, rows, texts, counts = (
        Random(seed),
        [],
        [],
        {"lines": 0, "no_face": 0, "nothing_left": 0, "asked": 0, "kept": 0},
    )
    with Pipeline(cues=True) as pipeline:
        for line in lines:
            counts["lines"] += 1
            pixels = cv2.imread(str(pictures / line.image))
            if pixels is None:
                raise LineError(f"{line.image} is no picture in {pictures}")
            faces = pipeline.process(pixels).faces
            if not faces:
                counts["no_face"] += 1
                continue
            sight = Sight(pixels, max(faces, key=lambda face: float(np.prod(face.box[2:] - face.box[:2]))))
            made = target(line, explainer, sight, rng)
            if made is None:
                counts["nothing_left"] += 1
                continue
            counts["asked"], counts["kept"] = counts["asked"] + made.asked, counts["kept"] + made.kept
            seen, known = seen_of(sight, line, explainer, net)
            front = prefix(Request("explain"), known.label, known.confidence)
            request = {"intent": "explain", "slot": "none", "present": True}
            texts.append(json.dumps(request | {"prefix": front, "tokens": [*made.tokens, "<eos>"]}))
            rows.append(seen)
    if not rows:
        raise LineError("no line left anything to learn from")
    np.savez(out / "texts-own.npz", rows=np.arange(len(rows)), texts=np.array(texts))
    columns: dict[str, Any] = {f.name: np.concatenate([getattr(row, f.name) for row in rows]) for f in fields(Seen)}
    np.savez(out / "seen-own.npz", **columns)
    counts["pictures"] = len(rows)
    (out / "own.json").write_text(json.dumps(counts, indent=1) + "\n")
    return counts


def seen_of(sight: Sight, line: Told, explainer: Explainer, net: SeeingNet) -> tuple[Seen, Known]:
    """What the eyes see of a face, with the teacher's shares in place of people's votes."""
    evidence: Evidence = explainer.evidence(sight)
    known, affect = evidence.known, evidence.affect
    crop, _ = explainer.vision.crop(Image.of(sight.frame, sight.color), sight.face)
    with torch.no_grad():
        patches, cues, facts, _ = (part.numpy() for part in net(torch.from_numpy(crop.copy())))
    human = [line.shares.get(name, 0.0 if line.shares else np.nan) for name in EMOTIONS]
    return Seen(
        patches=patches.astype(np.float16),
        summary=np.concatenate([cues, facts], 1).astype(np.float32),
        cues=_row([_STATES.get(known.state(name), 0.5) for name in CUES]),
        facts=_row([_STATES.get(known.state(name), 0.5) for name in FACTS]),
        fact_known=np.zeros((1, len(FACTS)), bool),
        affect=_row([*affect.votes, affect.valence, affect.arousal, affect.entropy, affect.confidence]),
        label=np.array([EMOTIONS.index(known.label)]),
        human=_row(human),
        taught=np.ones(1, bool),
        plain=np.ones(1, bool),
        row=np.zeros(1, np.int64),
    ), known


def _row(values: list[float]) -> np.ndarray:
    return np.array([values], np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", required=True, type=Path, help="JSON Lines of the larger model")
    parser.add_argument("--pictures", required=True, type=Path, help="folder of the pictures they name")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--name", default="vision", help="checkpoint of training.explain.vision in OUT")
    parser.add_argument("--model", help="bundle that checks; default: the bundled one")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    net = load(arguments.out / f"{arguments.name}.pt")
    with Explainer(arguments.model) as explainer:
        print(adapt(read_lines(arguments.lines), arguments.pictures, explainer, net, arguments.out))


if __name__ == "__main__":
    main()
