"""Output tensors -> Affect, for our own models and for foreign ones."""

from pathlib import Path

import numpy as np
import pytest

from edgeaffect import SpecError
from edgeaffect.circumplex import EMOTIONS, complete_dominance, vad_from_votes, votes_from_vad
from edgeaffect.errors import ModelError
from edgeaffect.face.postprocess import AffectPostprocess
from edgeaffect.labels import LabelMap, canonical
from edgeaffect.models import Calibration, ImageInput, ModelFile, ModelSpec, OutputSpec
from edgeaffect.options import AffectOptions

# Orders in which published models write their classes.
AFFECTNET = ("Neutral", "Happy", "Sad", "Surprise", "Fear", "Disgust", "Anger", "Contempt")
HSEMOTION = ("Anger", "Contempt", "Disgust", "Fear", "Happiness", "Neutral", "Sadness", "Surprise")
FER2013 = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def postprocess(*outputs, calibration=None, va_source=None, options=None):
    spec = ModelSpec(
        "toy", "1", "affect", (ImageInput("x", (8, 8)),), outputs, calibration=calibration, va_source=va_source
    )
    return AffectPostprocess(ModelFile(Path("toy.onnx"), spec), options or AffectOptions())


@pytest.mark.parametrize("labels", [AFFECTNET, HSEMOTION, FER2013, EMOTIONS])
def test_one_hot_per_class_comes_out_under_the_right_name(labels):
    read = postprocess(OutputSpec("y", "logits", None, labels))
    results = read.read({"y": np.eye(len(labels), dtype=np.float32) * 50})
    for label, result in zip(labels, results, strict=True):
        assert result.label == canonical(label) in EMOTIONS
        assert result.probabilities[EMOTIONS.index(result.label)] == pytest.approx(1)
        assert not result.extra


def test_logits_take_the_temperature_and_log_probs_do_not():
    z = np.array([[1.0, 0.0]], np.float32)
    calibration = Calibration({"logits": 0.5}, "dev")
    hot = postprocess(OutputSpec("y", "logits", None, ("happy", "sad")), calibration=calibration).read({"y": z})[0]
    assert hot.confidence == pytest.approx(1 / (1 + np.exp(-2)))
    log = np.log(np.array([[0.3, 0.7]], np.float32))
    plain = postprocess(OutputSpec("y", "log_probs", None, ("happy", "sad")), calibration=calibration).read({"y": log})[
        0
    ]
    assert plain.label == "sadness" and plain.confidence == pytest.approx(0.7, abs=1e-6)


def test_foreign_labels_keep_their_name_and_can_win():
    p = np.array([[0.2, 0.5, 0.3]], np.float32)
    result = postprocess(OutputSpec("y", "probabilities", None, ("Happy", "boredom", "sad"))).read({"y": p})[0]
    assert result.extra == {"boredom": pytest.approx(0.5)} and result.label == "boredom"
    assert result.probabilities.sum() == pytest.approx(0.5)
    assert result.votes.sum() == pytest.approx(1)  # canonical share stands in for votes


def test_derived_vad_is_the_mixture():
    p = np.random.default_rng(0).dirichlet(np.ones(8), 3).astype(np.float32)
    for row, result in zip(
        p, postprocess(OutputSpec("y", "probabilities", None, EMOTIONS)).read({"y": p}), strict=True
    ):
        mean, cov = vad_from_votes(row)
        np.testing.assert_allclose([result.valence, result.arousal, result.dominance], mean, atol=1e-6)
        assert result.valence_std == pytest.approx(np.sqrt(cov[0, 0])) and result.va_source == "derived"


def test_rated_heads_are_used_clamped_and_named():
    outputs = (
        OutputSpec("y", "logits", (0, 8), HSEMOTION),
        OutputSpec("y", "valence", (8, 9)),
        OutputSpec("y", "arousal", (9, 10)),
    )
    y = np.zeros((1, 10), np.float32)
    y[0, 4], y[0, 8], y[0, 9] = 9, -1.4, 0.25
    result = postprocess(*outputs, va_source="rated").read({"y": y})[0]
    assert (result.valence, result.arousal, result.va_source) == (-1.0, 0.25, "rated")
    assert -1 <= result.dominance <= 1 and result.valence_std > 0


def test_model_of_valence_and_arousal_alone_is_read_by_the_anchors():
    """CAGE's third model: happy is pleasant and lively, sad is neither."""
    outputs = (OutputSpec("y", "valence", (0, 1)), OutputSpec("y", "arousal", (1, 2)))
    points = np.array([[0.81, 0.51], [-0.63, -0.27], [0.0, 0.0], [-3.0, 0.2]], np.float32)
    results = postprocess(*outputs, va_source="rated").read({"y": points})
    assert [result.label for result in results[:3]] == ["happiness", "sadness", "neutral"]
    for point, result in zip(points.clip(-1, 1), results, strict=True):
        np.testing.assert_allclose(result.probabilities, votes_from_vad(point), atol=1e-6)
        assert (result.valence, result.arousal) == pytest.approx(tuple(point)) and result.va_source == "rated"
    with pytest.raises(SpecError, match="no output means"):
        postprocess(outputs[0])


def test_abstention_needs_confidence_and_quality():
    outputs = (OutputSpec("y", "probabilities", (0, 2), ("happy", "sad")), OutputSpec("q", "quality"))
    read = postprocess(*outputs, options=AffectOptions(min_confidence=0.6, min_quality=0.5))
    y, q = (
        np.array([[0.9, 0.1], [0.55, 0.45], [0.9, 0.1]], np.float32),
        np.array([[0.9], [0.9], [0.2]], np.float32),
    )
    assert [a.is_sure for a in read.read({"y": y, "q": q})] == [True, False, False]


def test_broken_models_are_not_passed_on():
    read = postprocess(OutputSpec("y", "logits", None, ("happy", "sad")))
    for row in ([np.nan, 0], [np.inf, 0], [-np.inf, -np.inf]):
        with pytest.raises(ModelError, match=r"toy\.onnx returned .* not finite in its output 'y' \(logits\)"):
            read.read({"y": np.array([[0, 0], row], np.float32)})
    assert read.read({"y": np.array([[-np.inf, 0]], np.float32)})[0].label == "sadness"  # a probability of zero
    names = ("probabilities", "votes", "vad_mean", "vad_std", "quality")
    sizes = dict(zip(names, (2, 2, 3, 3, 1), strict=True))
    read = postprocess(
        *(OutputSpec(name, name, labels=("happy", "sad") if size == 2 else ()) for name, size in sizes.items())
    )
    whole = {name: np.full((1, size), 0.5, np.float32) for name, size in sizes.items()}
    assert len(read.read(whole)) == 1
    for name in names:
        with pytest.raises(ModelError, match=rf"toy\.onnx returned .* output '{name}'"):
            read.read({**whole, name: np.full_like(whole[name], np.nan)})
    with pytest.raises(SpecError, match="no output means"):
        postprocess(OutputSpec("y", "features"))
    with pytest.raises(SpecError, match="labels must name"):
        postprocess(OutputSpec("y", "logits"))
    with pytest.raises(ValueError, match="same emotion"):
        LabelMap(["happy", "joy"])


def test_batches_of_none():
    assert (
        postprocess(OutputSpec("y", "logits", None, ("happy", "sad"))).read({"y": np.zeros((0, 2), np.float32)}) == []
    )


def test_votes_of_the_model_itself_are_not_its_probabilities():
    p, votes = (np.random.default_rng(seed).dirichlet(np.ones(8), 2).astype(np.float32) for seed in (1, 2))
    read = postprocess(OutputSpec("p", "probabilities", None, EMOTIONS), OutputSpec("v", "votes", None, EMOTIONS[::-1]))
    assert set(read.wanted) == {"p", "v"}
    for i, result in enumerate(read.read({"p": p, "v": votes[:, ::-1]})):
        np.testing.assert_allclose(result.probabilities, p[i])
        np.testing.assert_allclose(result.votes, votes[i])
        assert result.entropy == pytest.approx(-(votes[i] * np.log(votes[i])).sum() / np.log(8), abs=1e-6)
        assert result.valence == pytest.approx(vad_from_votes(votes[i])[0][0], abs=1e-6)


@pytest.mark.parametrize("label", ["anger", "fear", "happiness"])
def test_dominance_that_a_model_lacks_is_that_of_its_label(label):
    p = np.full((1, 9), 0.02, np.float32)
    p[0, EMOTIONS.index(label)] = 0.5
    outputs = [OutputSpec("p", "probabilities", None, (*EMOTIONS, "boredom")), OutputSpec("v", "valence"),
               OutputSpec("a", "arousal")]  # fmt: skip
    point = {"v": np.float32([[-0.3]]), "a": np.float32([[0.2]])}
    (result,) = postprocess(*outputs, va_source="rated").read({"p": p, **point})
    assert (result.label, result.va_source) == (label, "rated")
    assert result.dominance == pytest.approx(float(complete_dominance(-0.3, 0.2, label)), abs=1e-6)
    # A label outside the eight has no anchor: that of the likeliest emotion stands in.
    p[0, 8] = 0.9
    (foreign,) = postprocess(*outputs, va_source="rated").read({"p": p, **point})
    assert foreign.label == "boredom"
    assert foreign.dominance == pytest.approx(float(complete_dominance(-0.3, 0.2, label)), abs=1e-6)
