"""Training of who speaks and of fusion: rendered mouths, their curves, scenes, joined pairs, fits. No data needed."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("training.voice.speaks", reason="training/ is only in the source tree")
from edgeaffect.affect import Affect, entropy
from edgeaffect.circumplex import EMOTIONS, vad_from_votes
from edgeaffect.voice import fusion as runtime
from edgeaffect.voice.lip_sync import FEATURES
from edgeaffect.voice.pooling import SHARED
from edgeaffect.voice.speaker import CONSTANTS, probability_of
from training.cues.sequences import Still
from training.voice import fusion, speaks
from training.voice.joint_card import FUSION, SPEAKS, joint_card
from training.voice.lips import LipRenderer, Lips, Person
from training.voice.mouths import Performance
from training.voice.scenes import KINDS, Conditions, examples, heard, seen
from training.voice.sides import Side, pairs
from training.voice.talk import ACTS, FPS, Habits, act_curves, levels, motions, speech_curves

HABITS = Habits(opening=0.3, rounding=0.1, follows=1.0)


def points68() -> np.ndarray:
    """A plain face of 68 points in 128 pixels."""
    angle = np.linspace(0, np.pi, 17)
    jaw = np.stack([64 - 40 * np.cos(angle), 50 + 55 * np.sin(angle)], 1)
    brows = np.stack([np.linspace(32, 96, 10), np.full(10, 40)], 1)
    nose = np.stack([np.full(9, 64.0), np.linspace(50, 72, 9)], 1)
    eyes = np.concatenate([
        np.stack([x + 7 * np.cos(a), 52 - 3 * np.sin(a)], 1)
        for x, a in ((46, np.linspace(np.pi, -np.pi, 7)[:6]), (82, np.linspace(np.pi, -np.pi, 7)[:6]))
    ])  # fmt: skip
    outer = [np.pi - 2 * np.pi * i / 12 for i in range(12)]
    inner = [np.pi - 2 * np.pi * i / 8 for i in range(8)]
    mouth = [[64 + 16 * np.cos(a), 84 - 5 * np.sin(a)] for a in outer]
    mouth += [[64 + 13 * np.cos(a), 84 - 0.5 * np.sin(a)] for a in inner]
    return np.concatenate([jaw, brows, nose, eyes, np.array(mouth)])


def face() -> Person:
    random = np.random.default_rng(0)
    picture = np.clip(random.normal(150, 10, (128, 128, 3)), 0, 255).astype(np.uint8)
    return Person("somebody", "made", Still(picture, points68()), look=1)


def test_a_mouth_at_rest_shows_the_still() -> None:
    person = face()
    frame = LipRenderer(person).frame(Lips()).astype(int)
    # The spline is smoothed a little (1e-3), and pixels are resampled.
    assert np.abs(frame - person.still.picture).mean() < 3


def test_a_dropped_jaw_shows_the_inside_and_chewing_does_not() -> None:
    person = face()
    renderer = LipRenderer(person)
    rest, open_, shut = (renderer.frame(lips).astype(int) for lips in (Lips(), Lips(jaw=0.5), Lips(chew=0.5)))
    middle = (slice(84, 92), slice(60, 68))
    assert open_[middle].mean() < rest[middle].mean() - 30
    assert abs(shut[middle].mean() - rest[middle].mean()) < 10
    assert np.abs(shut - rest).mean() > 0.5  # the chin moves


def murmur(seconds: float = 2.0) -> np.ndarray:
    """A vowel, four times a second loud and silent."""
    t = np.arange(int(seconds * 16000)) / 16000
    voice = sum(np.sin(2 * np.pi * 150 * k * t) / k for k in range(1, 12))
    return (0.1 * voice * (np.sin(2 * np.pi * 2 * t) > 0)).astype(np.float32)


def test_the_jaw_follows_the_energy() -> None:
    sound = murmur()
    jaw, spread = speech_curves(sound, np.random.default_rng(0), HABITS)
    assert len(jaw) == len(spread) == pytest.approx(2 * FPS, abs=1)
    level = np.interp(np.arange(len(jaw)) / FPS, np.arange(len(levels(sound))) / 100, levels(sound))
    assert np.corrcoef(jaw, level)[0, 1] > 0.6
    assert jaw.min() >= 0 and 0.05 < jaw.max() < 0.6


@pytest.mark.parametrize("act", ACTS[1:])
def test_acts_are_as_long_as_asked_for_and_finite(act: str) -> None:
    random = np.random.default_rng(0)
    moments = motions(act_curves(act, 4.0, random, HABITS), random)
    assert len(moments) == 4 * FPS
    assert np.isfinite([[m.jaw, m.chew, m.smile, m.yaw] for m in moments]).all()
    if act == "still":
        assert all(m.jaw == m.chew == m.smile == 0 for m in moments)


def test_an_act_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no act 'sneezing'"):
        act_curves("sneezing", 1.0, np.random.default_rng(0), HABITS)


def performance(name: str, seed: int) -> Performance:
    """What a perfect cue model would read of somebody."""
    random = np.random.default_rng(seed)
    sound = murmur(5.0) * np.repeat(random.random(20) > 0.4, 4000)
    sound = (sound + 1e-4 * random.standard_normal(len(sound))).astype(np.float32)
    jaw, _ = speech_curves(sound, random, HABITS)
    mouths = {"speech": np.stack([jaw, 0.5 * jaw, 0.5 + 0 * jaw], 1)}
    for act in ACTS[1:]:
        curves = act_curves(act, 4.0, random, HABITS)
        mouths[act] = np.stack([curves["jaw"], 0.5 * curves["jaw"], 0.5 + 0.1 * curves["smile"]], 1)
    return Performance(name, "youtube", f"corpus/{name}", "corpus", sound, mouths, jaw)


def test_frames_come_late_and_in_order() -> None:
    conditions = Conditions(delay=0.1, fps=15, jitter=0.01, snr=float("inf"))
    mouths = np.stack([np.arange(60) / 60, np.zeros(60), np.zeros(60)], 1)
    mouths[10:20] = np.nan
    looks = list(seen(mouths, np.random.default_rng(0), conditions))
    times = np.array([time for time, _ in looks])
    assert (np.diff(times) > 0).all()
    assert 15 <= len(looks) <= 30
    # What is seen at a time is what the mouth did 0.1 s before, to within a frame and the jitter.
    assert np.abs(times - 0.1 - [mouth.jaw * 2 for _, mouth in looks]).max() < 1 / FPS + 0.05


def test_examples_hold_every_kind_and_the_own_voice_fits_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaks, "_STEPS", 200)
    monkeypatch.setattr(speaks, "_RESAMPLES", 50)
    people = [performance(name, seed) for seed, name in enumerate("abc")]
    found = examples(people, np.random.default_rng(0), rounds=1, delays=(0.04, 0.16))
    assert {one.kind for one in found} == {"speaker", *KINDS}
    assert all(one.is_speaker == (one.kind == "speaker") for one in found)
    own = np.mean([one.values[0] for one in found if one.is_speaker])
    assert own > np.mean([one.values[0] for one in found if not one.is_speaker]) + 0.2
    constants, area = speaks.fit(found, found, hidden=2)
    assert area > 0.9
    facts = speaks.measured(found, speaks.scores(constants, speaks.arrays(found)[0]))
    assert facts["interval"][0] <= facts["auc"] <= facts["interval"][1]


def test_the_shipped_network_is_the_one_that_was_measured() -> None:
    constants = json.loads(CONSTANTS.read_text("utf-8"))
    x = np.random.default_rng(0).normal(constants["mean"], constants["scale"], (20, len(FEATURES)))
    assert speaks.scores(constants, x) == pytest.approx([probability_of(row) for row in x], abs=1e-12)


def test_silence_is_no_speech() -> None:
    sound = murmur()
    speech = heard(sound, np.random.default_rng(0), float("inf"))
    loud = speech.level_dbfs > -40
    assert speech.probability[loud].mean() > 0.8 > 0.2 > speech.probability[~loud].mean()


def side(label: str, who: str, random: np.random.Generator, *, sure: float = 4.0, damage: int = 0) -> Side:
    """A side that mostly says its label."""
    logits = random.normal(0, 1, 8)
    logits[EMOTIONS.index(label)] += sure
    logits[7] = -9
    p = (np.exp(logits) / np.exp(logits).sum()).astype(np.float32)
    mean, covariance = vad_from_votes(p)
    std = np.sqrt(np.diag(covariance))
    top = int(p.argmax())
    affect = Affect(
        p,
        p,
        EMOTIONS[top],
        float(p[top]),
        entropy(p),
        *mean.tolist(),
        *std.tolist(),
        "derived",
        0.9,
        bool(p[top] > 0.5),
    )
    return Side(affect, label, who, damage, 0.8 if who.startswith("face") else float("nan"))


def sides(count: int = 140, sure: float = 3.0) -> tuple[list[Side], list[Side]]:
    random = np.random.default_rng(0)
    faces = [side(SHARED[i % 7], f"face-{i}", random, sure=sure) for i in range(count)]
    return faces, [side(SHARED[i % 7], f"corpus/{i % 5}", random, sure=sure) for i in range(count)]


def test_pairs_show_the_same_faces_twice_and_never_match_by_mistake() -> None:
    found = pairs(*sides(), np.random.default_rng(0))
    matching, other = ([pair for pair in found if pair.matches == truth] for truth in (True, False))
    assert len(matching) == len(other)
    assert sorted(pair.face.who for pair in matching) == sorted(pair.face.who for pair in other)
    assert sorted(pair.voice.who for pair in matching) == sorted(pair.voice.who for pair in other)


def test_a_side_survives_its_file() -> None:
    one = sides(7)[0][3]
    again = Side.from_json(one.to_json())
    assert (again.label, again.who, again.trust) == (one.label, one.who, one.trust)
    assert again.affect.probabilities == pytest.approx(one.affect.probabilities, abs=1e-5)  # JSON holds six places


def test_fitted_agreement_separates_and_shuffling_does_not() -> None:
    before = json.loads(json.dumps(runtime._constants()))
    found = pairs(*sides(), np.random.default_rng(0))
    constants = fusion.fit(found, before)
    assert sum(constants["prior"]) == pytest.approx(1, abs=1e-3)
    assert constants["agreement"]["slopes"][0] >= 0 >= max(constants["agreement"]["slopes"][1:])
    with fusion.Using(constants):
        score = np.array([fusion.raw_agreement(pair) for pair in found])
        assert fusion.separated(found, score)["auc"] > 0.8
        mean, _ = fusion.shuffled(found, np.random.default_rng(0))
    assert mean == pytest.approx(0.5, abs=0.06)
    assert runtime._constants() == before


def test_calibration_is_the_gap_between_told_and_true() -> None:
    score, truth = np.array([0.25] * 4 + [0.95] * 2), np.array([True, False, False, False, True, False])
    assert fusion.calibration_of(score, truth) == pytest.approx((0 + 0.9) / 6, abs=1e-4)


def test_the_card_takes_its_figures_from_the_records() -> None:
    text = "\n".join(joint_card())
    assert ("**Synthetic**" in text) == SPEAKS.exists()
    assert ("joined by label" in text) == FUSION.exists()
