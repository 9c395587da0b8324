"""The self-test that engine files carry: what it lets pass and what it refuses."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from edgeaffect.models.engine_file import read_engine
from edgeaffect.models.file import ModelFile
from edgeaffect.models.spec import ImageInput
from edgeaffect.runtime.onnxruntime import OnnxRuntimeSession
from edgeaffect.runtime.tensorrt import SelfTestError
from edgeaffect.runtime.tensorrt.selftest import make_self_test, run_self_test, sample_input

pytest.importorskip("onnx")
from backend_parts import model, own_home  # noqa: F401
from engine_parts import builder, engine_bytes, engine_path  # noqa: F401
from fixture_nets import tiny_affect


def runner(model: ModelFile):  # type: ignore[no-untyped-def]
    return OnnxRuntimeSession(model).run


def test_self_test_passes_for_the_same_model_and_fails_for_another(
    model: ModelFile, engine_path: Path, tmp_path: Path
) -> None:
    test = read_engine(engine_path).header.self_test
    assert run_self_test(test, model.spec, runner(model)) < 1e-6
    other = tiny_affect(tmp_path / "other.onnx", seed=1)
    with pytest.raises(SelfTestError, match="does not compute"):
        run_self_test(test, model.spec, runner(other))


def test_self_test_sees_noise_above_its_tolerance(model: ModelFile) -> None:
    for precision, noise, passes in (("fp32", 5e-4, True), ("fp32", 1e-2, False), ("int8", 5e-2, True)):
        test = make_self_test(model, precision, {"image": (2, 1, 16, 16)})

        def noisy(feeds, noise=noise):  # type: ignore[no-untyped-def]
            out = runner(model)(feeds)
            return {k: v + noise * v.max() for k, v in out.items()}

        if passes:
            assert run_self_test(test, model.spec, noisy) == pytest.approx(noise, rel=0.1)
        else:
            with pytest.raises(SelfTestError):
                run_self_test(test, model.spec, noisy)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_self_test_refuses_what_is_not_finite(model: ModelFile, engine_path: Path, broken: float) -> None:
    test = read_engine(engine_path).header.self_test
    with pytest.raises(SelfTestError):
        run_self_test(test, model.spec, lambda f: {k: v * np.float32(broken) for k, v in runner(model)(f).items()})


@pytest.mark.parametrize(
    "change",
    [
        {"outputs": {}},
        {"seed": 1},
        {"shapes": "x"},
        {"shapes": {"image": [2, 1, 10**6, 10**6]}},
        {"tolerance": "much"},
        {"input_sha256": "0"},
    ],
)
def test_a_weakened_self_test_is_refused(model: ModelFile, engine_path: Path, change: dict[str, object]) -> None:
    test = {**read_engine(engine_path).header.self_test, **change}
    with pytest.raises(SelfTestError):
        run_self_test(test, model.spec, runner(model))


def test_missing_output_and_wrong_shape(model: ModelFile, engine_path: Path) -> None:
    test = read_engine(engine_path).header.self_test
    for answer in ({}, {"probabilities": np.zeros((1, 8), np.float32)}):
        with pytest.raises(SelfTestError, match="shape"):
            run_self_test(test, model.spec, lambda _, answer=answer: answer)


def test_sample_input_is_in_the_models_format() -> None:
    spec = ImageInput("x", (7, 5), "rgb", "nchw", scale=1 / 255, mean=(0.5,), std=(0.5,))
    x = sample_input(spec, (2, 3, 5, 7))
    assert x.dtype == np.float32 and x.min() == -1 and x.max() == 1 and x.std() > 0.2
    assert not np.array_equal(x[0], x[1])
    assert np.array_equal(x, sample_input(spec, (2, 3, 5, 7)))
    nhwc = sample_input(dataclasses.replace(spec, layout="nhwc"), (2, 5, 7, 3))
    assert np.array_equal(nhwc.transpose(0, 3, 1, 2), x)
    quantised = sample_input(dataclasses.replace(spec, dtype="int8", quant=(0.01, 3)), (2, 3, 5, 7))
    assert quantised.dtype == np.int8 and np.abs((quantised.astype(int) - 3) * 0.01 - x).max() <= 0.0051
