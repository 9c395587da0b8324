"""The explainer on texts written elsewhere, beside a parser of keywords and a template: `ELSEWHERE.json`.

`python -m training.explain.elsewhere --archive OUT/explain-test.zip --texts tests/explain/elsewhere/third`

What `edgeaffect eval explain` measures, three times: as shipped; with the parser of keywords (`keywords`) in the
reader's place, so that the same decoder answers what it understood; and with the content planner's own sentences in the
decoder's place.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from edgeaffect.cli.eval_explain import claims_of, read_face
from edgeaffect.evaluation.evaluate_explain import Seen, evaluate_explain
from edgeaffect.evaluation.evaluate_talk import evaluate_ask, evaluate_judge, evaluate_paraphrases
from edgeaffect.evaluation.explain_data import ExplainData, read_explain_data
from edgeaffect.explain.answers import fixed, refused
from edgeaffect.explain.aspects import UNKNOWN
from edgeaffect.explain.content import plan
from edgeaffect.explain.cues import ADMITTED, cues_of
from edgeaffect.explain.explainer import Explainer
from edgeaffect.explain.grammar import realise
from edgeaffect.explain.judge import judged, truth_of
from edgeaffect.explain.leaning import leaning
from edgeaffect.explain.meaning import Request, parts_of
from edgeaffect.explain.parsing import words_of
from edgeaffect.explain.reading import Said
from edgeaffect.explain.result import Explanation
from edgeaffect.explain.sight import Sight
from edgeaffect.explain.viewpoint import from_camera
from edgeaffect.explain.vocabulary import detokenize
from edgeaffect.face.affect import FaceAffect
from edgeaffect.face.cues import FaceCues
from edgeaffect.image import Frame
from edgeaffect.results import Face
from training.explain.keywords import parse_keywords
from training.provenance import provenance

RESULTS = Path(__file__).with_name("ELSEWHERE.json")
FACES = 300
PARTS = ("questions", "paraphrases", "statements", "explanations")


class Keywords:
    """The explainer with the parser of keywords in the reader's place."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer

    def explain(self, frame: Frame, face: Face) -> Explanation:
        """As it is."""
        return self._explainer.explain(frame, face)

    def ask(self, frame: Frame, face: Face, question: str) -> Explanation:
        """The decoder's answer to what the keywords say."""
        return self._explainer.answer(parse_keywords(question).request, Sight(frame, face))


class Template(Keywords):
    """The reader as it is, and the planner's sentences in the decoder's place."""

    def ask(self, frame: Frame, face: Face, question: str) -> Explanation:
        """The planner's answer."""
        request: Request = self._explainer.reader.read_questions([from_camera(question)])[0].request()
        evidence = self._explainer.evidence(Sight(frame, face))
        if request.intent in ("refuse", "unclear"):
            return refused(fixed(request, None), evidence)
        chances = {**evidence.probabilities, **evidence.facts}
        known = leaning(request, evidence.known, chances, self._explainer.rules.leans)
        plans = [realise(plan(part, known, Random(0)), Random(0)) for part in parts_of(request)]
        text = " ".join(detokenize(words_of(tokens)) for tokens in plans)
        return Explanation(text, evidence.affect.label, evidence.affect.confidence)


def talk_scores(system: Any, seen: list[Seen], data: ExplainData, part: str) -> Any:
    """Answers and refusals, or wordings, of one system."""
    if part == "questions":
        return evaluate_ask(system, seen, data.questions, claims_of, cues_of)
    return evaluate_paraphrases(system, seen, data.paraphrases)


def judge_scores(explainer: Explainer, seen: list[Seen], data: ExplainData) -> dict[str, dict[str, Any]]:
    """AUC on statements as the reader and as the keywords understand them; a face is looked at once."""
    looks = {id(one): explainer.evidence(Sight(one.labelled.image, one.face)) for one in seen}
    texts = [statement.text for statement in data.statements]
    readings = dict(zip(texts, explainer.reader.read_many([from_camera(text) for text in texts]), strict=True))

    def ours(one: Seen, text: str) -> float:
        reading = readings[text]
        return judged(reading, looks[id(one)], explainer.rules.judge_rule) if reading.is_checkable else UNKNOWN

    def keywords(one: Seen, text: str) -> float:
        said = parse_keywords(text).claims
        claims = {name: Said(float(holds), float(not holds)) for name, holds in said.items()}
        truth = truth_of(claims, looks[id(one)]) if claims else None
        return UNKNOWN if truth is None else truth

    return {
        name: evaluate_judge(judge, seen, data.statements) for name, judge in (("ours", ours), ("keywords", keywords))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", required=True, type=Path)
    parser.add_argument("--texts", required=True, type=Path, help="folder with questions, paraphrases, statements")
    parser.add_argument("--model", help="bundle; default: the bundled one")
    parser.add_argument("--faces", type=int, default=FACES)
    parser.add_argument("--parts", nargs="*", default=PARTS, choices=PARTS, help="what to measure; the rest stays")
    parser.add_argument("--systems", nargs="*", default=("ours", "keywords", "template"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    names = ("questions", "paraphrases", "statements")
    data = read_explain_data(arguments.archive, {n: (arguments.texts / f"{n}.json").read_bytes() for n in names})
    with FaceAffect() as affect, FaceCues() as cues, Explainer(arguments.model) as explainer:
        seen = [Seen(face, read_face(face, affect, cues)) for face in data.faces[: arguments.faces]]
        record: dict[str, Any] = json.loads(arguments.results.read_text()) if arguments.results.exists() else {}
        record |= {"texts": arguments.texts.name, "faces": len(seen), **provenance(Path(__file__).parent)}
        systems = {"ours": explainer, "keywords": Keywords(explainer), "template": Template(explainer)}
        for part in arguments.parts:
            if part == "explanations":
                record[part] = evaluate_explain(explainer, seen, claims_of, ADMITTED, regions=cues_of)
            elif part == "statements":
                for name, row in judge_scores(explainer, seen, data).items():
                    record.setdefault(name, {})[part] = row
            else:
                for name, system in systems.items():
                    if name in arguments.systems:
                        record.setdefault(name, {})[part] = talk_scores(system, seen, data, part)
    arguments.results.write_text(json.dumps(record, indent=1, default=_plain) + "\n")
    print(json.dumps({name: record.get(name) for name in systems}, default=_plain))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else list(value)


if __name__ == "__main__":
    main()
