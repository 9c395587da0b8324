"""Inputs of every kind: shapes, JSON, what crops become, and hostile specs."""

import copy
import json

import numpy as np
import pytest

from edgeaffect import SpecError, native
from edgeaffect.models import (
    AudioInput,
    FeatureInput,
    ImageInput,
    ModelSpec,
    OutputSpec,
    StateInput,
    TokenInput,
    find,
    metadata,
)
from edgeaffect.models.inputs import input_from_dict, input_to_dict
from edgeaffect.models.preprocess import crop_to_input
from edgeaffect.models.spec import METADATA_KEY

INPUTS = [
    ImageInput("x", (20, 30), "gray", "nhwc", "uint8"),
    ImageInput("x", (20, 30), dtype="int8", quant=(0.02, -3)),
    AudioInput("wave", 16000, samples=16000),
    AudioInput("mel", 16000, mel_bands=64, frames=96, window=400, hop=160, layout="n1mt"),
    TokenInput("tokens", 512, pad=0),
    StateInput("past", (2, "batch", 4, "past", 16), "present"),
    StateInput("hidden", (1, "batch", 128), "hidden_out", "float16"),
    FeatureInput("points", (478, 2), "landmarks", ("x", "y"), "pixels"),
]


@pytest.mark.parametrize("given", INPUTS, ids=lambda given: given.name + given.kind)
def test_every_kind_survives_json(given):
    assert input_from_dict("inputs[0]", json.loads(json.dumps(input_to_dict(given)))) == given


def test_shapes_follow_the_layout():
    assert ImageInput("x", (20, 30)).shape(4) == (4, 3, 30, 20)
    assert ImageInput("x", (20, 30), "gray", "nhwc").shape(4) == (4, 30, 20, 1)
    assert ImageInput("x", (0, 0)).shape(1, (64, 32)) == (1, 3, 32, 64)
    assert ImageInput("x", (0, 0)).lengths() == (None, 3, None, None)
    assert AudioInput("a", 8000, mel_bands=40, frames=9, window=200, hop=80, layout="ntm").shape(2) == (2, 9, 40)
    assert AudioInput("a", 8000).shape(1, 123) == (1, 123) and AudioInput("a", 8000).lengths() == (None, None)
    assert TokenInput("t", 9).shape(2, 5) == (2, 5)
    past = StateInput("past", (2, "batch", 4, "past", 16), "present")
    assert past.growing == ("past",) and past.shape(3, {"past": 7}) == (2, 3, 4, 7, 16) and past.shape(1)[3] == 0


def test_uint8_is_the_picture_itself():
    image = ImageInput("x", (7, 5), "rgb", "nhwc", "uint8")
    frame = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    whole = np.array([[[1, 0, 0], [0, 1, 0]]], np.float32)
    assert image.scale == 1
    out = np.zeros(image.shape(1), np.uint8)
    assert crop_to_input(image, frame, whole, color="rgb", border="constant", out=out) is out
    np.testing.assert_array_equal(out[0], frame)
    np.testing.assert_array_equal(crop_to_input(image, frame, whole, color="rgb", border="constant"), out)


def test_quantised_uint8_agrees_with_its_formula():
    image = ImageInput("x", (6, 6), "gray", dtype="uint8", scale=1 / 255, mean=(0.5,), std=(0.25,), quant=(1 / 64, 128))
    frame = np.random.default_rng(1).integers(0, 256, (11, 9)).astype(np.uint8)
    matrix = np.array([[[1.5, 0.1, 0], [0, 1.7, 0.3]]], np.float32)
    floats = native.crop_normalize(
        frame, matrix, (6, 6), color="gray", to="gray", scale=1 / 255, mean=(0.5,), std=(0.25,), border="replicate"
    )
    expected = np.clip(np.rint(floats.astype(np.float64) * 64) + 128, 0, 255)
    made = crop_to_input(image, frame, matrix, color="gray", border="replicate").astype(float)
    assert np.abs(made - expected).max() <= 1  # a value half way between two steps may fall either way


def test_only_one_image_is_an_image_model():
    spec = ModelSpec("m", "1", "cues", (INPUTS[0], INPUTS[2]), (OutputSpec("y", "features"),))
    with pytest.raises(SpecError, match=r"one image and nothing else.* x \(image\), wave \(audio\)"):
        _ = spec.image


def test_units_and_columns_of_cues():
    assert OutputSpec("p", "head_pose", (0, 3)).unit == "degrees"
    assert OutputSpec("p", "landmarks").unit == "pixels" and OutputSpec("p", "gaze", unit="radians").columns == 2
    with pytest.raises(SpecError, match="unit of gaze"):
        OutputSpec("p", "gaze", unit="pixels")
    with pytest.raises(SpecError, match="takes 4 columns; head_pose has 3"):
        OutputSpec("p", "head_pose", (0, 4))


def affect():
    return find("affect-nano", "affect").spec.to_dict()


def detector():
    return find(None, "face-detector").spec.to_dict()


HOSTILE = [
    (detector, ("detector", "pad_multiple"), 0, "pad_multiple"),
    (detector, ("detector", "pad_multiple"), -32, "pad_multiple"),
    (detector, ("detector", "pad_multiple"), 32_000_000, "pad_multiple"),
    (detector, ("detector", "pad_multiple"), 40, "every stride"),
    (detector, ("detector", "nms", "top_k"), 10**12, "top_k"),
    (detector, ("detector", "strides"), [8.5, 17.0, 34.0], "strides"),
    (detector, ("detector", "landmarks_order"), [], "unknown key"),
    (affect, ("outputs", 0, "labels"), [1, 2, 3, 4, 5, 6, 7, 8], "labels"),
    (affect, ("outputs", 0, "labels"), "abcdefgh", "list of texts"),
    (affect, ("outputs", 0, "slice"), [0, 8, 9], "slice"),
    (affect, ("outputs", 0, "slice"), [0.0, 8.0], "slice"),
    (affect, ("inputs", 0, "std"), [10**400], "std"),
    (affect, ("inputs", 0, "std"), [1e-300], "std"),
    (affect, ("inputs", 0, "size"), [10**9, 10**9], "size"),
    (affect, ("inputs", 0, "size"), [0, 48], "two lengths"),
    (affect, ("inputs", 0, "kind"), "smell", r"inputs\[0\].kind"),
    (affect, ("inputs",), "x", "inputs"),
    (affect, ("calibration", "temperature"), {"probabilities": 1e-320}, "temperature"),
    (affect, ("calibration", "temperature"), {"moods": 1.0}, "key"),
    (affect, ("training_data",), 5, "training_data"),
    (affect, ("recipe",), [1, 2], "recipe"),
    (affect, ("sha256_source",), {"a": 1}, "sha256_source"),
    (affect, ("name",), "n" * 10_000, "128 characters"),
    (affect, ("name",), "evil\x1b[2J\nname", "printable"),
    (affect, ("name",), "../pwn", "slash"),
    (affect, ("alignment", "square"), "yes", "true or false"),
    (affect, ("alignment", "template"), 7, "template"),
]


@pytest.mark.parametrize(("base", "path", "value", "message"), HOSTILE)
def test_hostile_values_are_refused_in_one_short_line(base, path, value, message):
    spec = copy.deepcopy(json.loads(json.dumps(base())))
    node = spec
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    with pytest.raises(SpecError, match=message) as caught:
        ModelSpec.from_dict(spec)
    text = str(caught.value)
    assert text.isprintable() and len(text) < 400


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("[" * 200_000, "nested too deep"),
        ('{"name": ' + "9" * 5000 + "}", "thousands of digits"),
        (json.dumps({**affect(), "name": "n" * 10_000_000}), "metadata takes"),
        (b"\xff\xfe{}", "utf-8"),
        ("7", "JSON object"),
    ],
)
def test_hostile_documents_name_the_file(tmp_path, document, message):
    data = document if isinstance(document, bytes) else document.encode()
    entry = metadata.encode_bytes(1, METADATA_KEY.encode()) + metadata.encode_bytes(2, data)
    path = tmp_path / "h.onnx"
    path.write_bytes(find("affect-nano", "affect").path.read_bytes() + metadata.encode_bytes(14, entry))
    with pytest.raises(SpecError, match=message) as caught:
        ModelSpec.from_onnx(path)
    assert "h.onnx" in str(caught.value) and len(str(caught.value)) < 400


def test_sizes_are_bounded_before_anything_is_read(tmp_path, monkeypatch):
    path = tmp_path / "large.onnx"
    with path.open("wb") as stream:
        stream.truncate(3 << 20)
    monkeypatch.setenv("EDGEAFFECT_MAX_MODEL_MB", "2")
    with pytest.raises(SpecError, match="set EDGEAFFECT_MAX_MODEL_MB"):
        metadata.read(path)
    monkeypatch.setenv("EDGEAFFECT_MAX_MODEL_MB", "lots")
    with pytest.raises(SpecError, match="whole number of megabytes"):
        metadata.read(path)
    monkeypatch.delenv("EDGEAFFECT_MAX_MODEL_MB")
    path.write_bytes(b"\x08\x01" * 200_000)
    with pytest.raises(SpecError, match="more than 100000 fields"):
        metadata.read(path)
