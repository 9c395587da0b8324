"""What the explainer's report is made of: language scores, calibration of the judge, the loss of false claims."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not (Path(__file__).resolve().parents[2] / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from edgeaffect.explain.content import Known  # noqa: E402
from edgeaffect.explain.cues import CUES, FACTS  # noqa: E402
from edgeaffect.explain.meaning import CLAIM_OF, Request  # noqa: E402
from edgeaffect.explain.vocabulary import Vocabulary  # noqa: E402
from training.explain import card, judge_fit, language, losses, times  # noqa: E402
from training.explain.sequences import IGNORED, false_plans  # noqa: E402

REQUESTS = (Request("describe_region", "mouth"), Request("explain"))


def face(label: str, **states: str) -> Known:
    return Known(
        states=dict.fromkeys(CUES, "absent") | states, facts=dict.fromkeys(FACTS, "absent"), label=label,
        confidence=0.9, votes={label: 1.0}, reasons={"happiness": ("smile",)},
    )  # fmt: skip


def test_the_template_beats_a_stranger_and_a_copy_beats_all() -> None:
    faces = [face("happiness", smile="present"), face("sadness", corners_down="present"), face("surprise")]
    wanted = language.references(faces, REQUESTS)
    assert len(wanted) == 6 and all(len(row) == language.REFERENCES for row in wanted)
    found = language.compare({
        "copy": lambda: [row[0] for row in wanted],
        "template": lambda: language.planned(faces, REQUESTS, 7),
        "stranger": lambda: ["qwert zuiop yxcv"] * 6,
    }, wanted)  # fmt: skip
    assert found["copy"]["bleu"] == found["copy"]["rouge_l"] == 1 and found["copy"]["cider_d"] > 1
    assert found["copy"]["rouge_l"] > found["template"]["rouge_l"] > found["stranger"]["rouge_l"] == 0
    assert found["stranger"]["distinct"] == pytest.approx(1 / 6, abs=1e-4)


def test_the_judges_rule_is_found_again() -> None:
    random = np.random.default_rng(0)
    truth = random.uniform(0.02, 0.98, 6000)
    logit = np.log(truth / (1 - truth))
    holds = (random.random(6000) < 1 / (1 + np.exp(-(0.7 + 1.8 * logit)))).astype(float)
    rule = judge_fit.fit(truth, holds)
    assert rule.bias == pytest.approx(0.7, abs=0.12) and rule.scale == pytest.approx(1.8, abs=0.15)
    before, after = (judge_fit.quality(r, truth, holds) for r in (judge_fit.JudgeRule(), rule))
    assert after["ece"] < 0.03 < before["ece"] and after["log_score"] < before["log_score"]


def test_false_plans_are_those_that_the_face_contradicts() -> None:
    vocabulary = Vocabulary()
    states = np.full((1, len(CUES)), 0.5)
    states[0, CUES.index("smile")], states[0, CUES.index("mouth_open")] = 1, 0
    false = {vocabulary.tokens[i] for i in np.flatnonzero(false_plans(states, vocabulary)[0])}
    assert "<smile->" in false and "<smile+>" not in false
    assert "<mouth_open+>" in false and "<mouth_open->" not in false
    assert {"<eyes_wide+>", "<eyes_wide->"} <= false and "<eyes_wide?>" not in false
    assert all(CLAIM_OF[token].kind == "cue" for token in false)


def test_the_loss_of_false_claims_is_the_formula() -> None:
    random, plans = np.random.RandomState(1), 5
    logits, targets = random.randn(2, 3, 9), np.array([[2, 7, 3], [8, IGNORED, 1]])
    false = random.rand(2, plans) < 0.5
    wanted = []
    for row in range(2):
        for place in range(3):
            if 0 <= targets[row, place] < plans:
                p = np.exp(logits[row, place]) / np.exp(logits[row, place]).sum()
                wanted.append(-np.log(1 - p[:plans][false[row]].sum()))
    found = losses.false_claim_loss(torch.from_numpy(logits), torch.from_numpy(targets), torch.from_numpy(false), plans)
    assert float(found) == pytest.approx(np.mean(wanted))
    nothing = torch.full((2, 3), IGNORED)
    assert float(losses.false_claim_loss(torch.from_numpy(logits), nothing, torch.from_numpy(false), plans)) == 0


def test_planned_sentences_differ_with_the_seed_and_not_without() -> None:
    faces = [face("happiness", smile="present")] * 5
    assert language.planned(faces, REQUESTS, 1) == language.planned(faces, REQUESTS, 1)
    assert len({language.told(REQUESTS[0], faces[0], Random(seed)) for seed in range(9)}) > 1


def test_times_are_medians_of_rounds_and_differences_are_paired() -> None:
    quiet, talks = "explain.frame, quiet", "explain.frame, while it explains"
    rounds = [
        {quiet: {"p50": 1.0, "p99": base}, talks: {"p50": 2.0, "p99": base + more}}
        for base, more in ((10.0, 0.5), (30.0, 0.4), (20.0, 0.6))
    ]
    assert times.joined(rounds)[quiet] == {"p50": 1.0, "p99": 20.0}
    found = times.difference(rounds, "")
    assert found["median"] == 0.5 and found["interval"][0] >= 0.4 - 1e-6 and found["interval"][1] <= 0.6 + 1e-6


def test_the_card_tells_what_speaking_costs() -> None:
    names = ("encoder", "first_token", "token", "sentence", "explain", "ask", "judge")
    paces = [f"frame, {pace}{mode}" for pace in ("30 frames/s, ", "") for mode in ("quiet", "while it explains")]
    rows = {f"explain.{name}": {"p50": 0.5, "p99": 7.25} for name in (*names, *paces)}
    record = {
        "rows": rows, "rounds": [{}] * 4, "answers": 9, "facts": {"bundle_mb": 3.3}, "commit": "abc", "processor": "P",
        "instruction_set": ["AVX2"],
        "talking_minus_quiet_p99": {"back to back": {"median": 1.5, "interval": [0.1, 2.0]}},
    }  # fmt: skip
    text = "\n".join(card.spoken_in(record))
    assert "2000 tokens/s" in text and "back to back +1.50 (+0.10 to +2.00)" in text and text.count("7.25") == 11
    assert card.spoken_in({}) == []
