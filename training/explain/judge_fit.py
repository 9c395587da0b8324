"""Calibrates `judge`: `python -m training.explain.judge_fit --fit explain-dev.zip --statements A.json ...`.

Archives are of `training.explain.evaluation_set` (once with `--split dev`). Statements are paired with faces on which
they hold and with as many on which they do not; bias and scale of `JudgeRule` are fitted on the pairs of `--fit` by
maximum likelihood, and `--score explain-test.zip` tells what they are worth. With `--evidence FILE` they are written
into that `evidence.json`, for `training.explain.repack`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect.cli.eval_explain import read_face
from edgeaffect.evaluation.evaluate_explain import Seen
from edgeaffect.evaluation.evaluate_talk import statement_holds
from edgeaffect.evaluation.explain_data import Statement, read_explain_data
from edgeaffect.explain.explainer import Explainer
from edgeaffect.explain.judge import truth_of
from edgeaffect.explain.judge_rule import JudgeRule
from edgeaffect.explain.sight import Sight
from edgeaffect.face.affect import FaceAffect
from edgeaffect.face.cues import FaceCues
from training.provenance import provenance

EACH = 6
"""At most so many faces on which a statement is true, and as many on which it is false."""
FACES = 300
BINS = 10


def pairs(archive: Path, statements: list[bytes], explainer: Explainer) -> tuple[np.ndarray, np.ndarray]:
    """Truth that the reader and evidence give (`truth_of`), and whether the statement holds, of every pair."""
    texts: list[Statement] = []
    for data in statements:
        texts += read_explain_data(archive, {"statements": data}).statements
    faces = read_explain_data(archive).faces
    faces = tuple(faces[i] for i in np.random.default_rng(0).permutation(len(faces))[:FACES])
    with FaceAffect() as affect, FaceCues() as cues:
        seen = [Seen(face, read_face(face, affect, cues)) for face in faces]
    evidence = [explainer.evidence(Sight(one.labelled.image, one.face)) for one in seen]
    readings = explainer.reader.read_many([statement.text for statement in texts])
    found, holds = [], []
    for number, (statement, reading) in enumerate(zip(texts, readings, strict=True)):
        taken = Counter[bool]()
        for i in np.random.default_rng(number).permutation(len(seen)).tolist():
            value = statement_holds(seen[i], statement)
            if value is None or taken[value] >= EACH:
                continue
            truth = truth_of(dict(reading.claims), evidence[i])
            if truth is not None and reading.is_checkable:
                taken[value] += 1
                found.append(truth)
                holds.append(value)
    return np.array(found), np.array(holds, float)


def fit(truth: np.ndarray, holds: np.ndarray, steps: int = 50) -> JudgeRule:
    """Bias and scale that make the statements' truth most likely: Newton's method, a little pulled towards 0 and 1."""
    x = np.stack([np.ones_like(truth), np.log(truth / (1 - truth))], 1)
    prior = np.array([0.0, 1.0])
    w = prior.copy()
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (p - holds) + (w - prior)
        w = w - np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.eye(2), gradient)
    return JudgeRule(round(float(w[0]), 4), round(float(w[1]), 4))


def quality(rule: JudgeRule, truth: np.ndarray, holds: np.ndarray) -> dict[str, float]:
    """Expected calibration error over ten bins, and the log score."""
    p = np.array([rule.probability(float(value)) for value in truth])
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    gaps = [abs(p[bins == b].mean() - holds[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    log = -(holds * np.log(p + 1e-9) + (1 - holds) * np.log(1 - p + 1e-9)).mean()
    return {"ece": round(float(sum(gaps)), 4), "log_score": round(float(log), 4), "pairs": len(p)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", required=True, type=Path, help="archive of development faces")
    parser.add_argument("--score", type=Path, help="archive of test faces")
    parser.add_argument("--statements", required=True, nargs="+", type=Path)
    parser.add_argument("--scored", nargs="*", type=Path, help="statements for --score; default: --statements")
    parser.add_argument("--model", help="bundle; default: the bundled one")
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("JUDGE.json"))
    parser.add_argument("--evidence", type=Path, help="evidence.json to write the rule into")
    arguments = parser.parse_args()
    record: dict[str, Any] = provenance(Path(__file__).parent)
    with Explainer(arguments.model) as explainer:
        rule = fit(*pairs(arguments.fit, [p.read_bytes() for p in arguments.statements], explainer))
        record["rule"] = {"bias": rule.bias, "scale": rule.scale}
        if arguments.score:
            texts = [path.read_bytes() for path in arguments.scored or arguments.statements]
            truth, holds = pairs(arguments.score, texts, explainer)
            record["as it is"], record["fitted"] = quality(JudgeRule(), truth, holds), quality(rule, truth, holds)
    if arguments.evidence:
        data = json.loads(arguments.evidence.read_text())
        arguments.evidence.write_text(json.dumps(data | {"judge": record["rule"]}, separators=(",", ":")) + "\n")
    arguments.results.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
