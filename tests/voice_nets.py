"""Tiny voice models with real ONNX Runtime behind them, and sounds to try them on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edgeaffect.models.file import ModelFile
from edgeaffect.models.inputs import AudioInput, Input, StateInput
from edgeaffect.models.spec import Calibration, ModelSpec, OutputSpec

RATE = 16000
LOG_MEL = AudioInput("log_mel", RATE, mel_bands=64, window=400, hop=160, low_hz=20.0, high_hz=7600.0, layout="ntm")
LABELS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "calm", "boredom")
_HIDDEN = 8


def _save(
    path: Path, nodes: list[Any], weights: dict[str, np.ndarray], inputs: dict[str, Any], outputs: dict[str, Any],
    spec: ModelSpec,
) -> ModelFile:  # fmt: skip
    graph = helper.make_graph(
        nodes, "net",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
        [numpy_helper.from_array(v, n) for n, v in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    spec.write_to(path)
    return ModelFile(path, spec)


def tiny_voice(
    path: Path, *, labels: tuple[str, ...] = LABELS, arousal: bool = True, temperature: float | None = 1.5,
    given: AudioInput = LOG_MEL, gain: float = 0.2,
) -> ModelFile:  # fmt: skip
    """A convolution over time, its mean, a linear layer of logits and, if asked for, one of arousal."""
    random = np.random.default_rng(3)
    weights = {
        "conv": (random.normal(size=(16, 64, 3)) * 0.02).astype(np.float32),
        "w": (random.normal(size=(16, len(labels))) * gain).astype(np.float32),
        "b": np.zeros(len(labels), np.float32),
        "wa": (random.normal(size=(16, 1)) * 0.3).astype(np.float32),
    }
    nodes = [
        helper.make_node("Transpose", ["log_mel"], ["x"], perm=[0, 2, 1]),
        helper.make_node("Conv", ["x", "conv"], ["c"], kernel_shape=[3], pads=[1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "w", "b"], ["logits"]),
    ]
    outputs: dict[str, Any] = {"logits": ["N", len(labels)]}
    meanings = [OutputSpec("logits", "logits", None, labels)]
    if arousal:
        nodes += [helper.make_node("MatMul", ["f", "wa"], ["a"]), helper.make_node("Tanh", ["a"], ["arousal"])]
        outputs["arousal"] = ["N", 1]
        meanings.append(OutputSpec("arousal", "arousal"))
    else:
        del weights["wa"]
    calibration = None if temperature is None else Calibration({"logits": temperature})
    spec = ModelSpec(
        "tiny-voice", "1", "voice", (given,), tuple(meanings), calibration=calibration, va_source="derived",
        licence="apache-2.0",
    )  # fmt: skip
    return _save(path, nodes, weights, {"log_mel": ["N", "T", 64]}, outputs, spec)


def tiny_activity(path: Path, *, threshold: float = -12.0, given: AudioInput = LOG_MEL) -> ModelFile:
    """Loud frames are speech: a gate on the mean energy, and a small recurrent part that carries a state."""
    random = np.random.default_rng(4)
    weights = {
        "W": (random.normal(size=(1, 3 * _HIDDEN, 64)) * 0.01).astype(np.float32),
        "R": (random.normal(size=(1, 3 * _HIDDEN, _HIDDEN)) * 0.1).astype(np.float32),
        "u": (random.normal(size=(_HIDDEN, 1)) * 0.2).astype(np.float32),
        "gate": np.float32(threshold),
        "flat": np.array([1, -1], np.int64),
        "axis": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Transpose", ["log_mel"], ["x"], perm=[1, 0, 2]),
        helper.make_node("GRU", ["x", "W", "R", "", "", "h"], ["y", "h_out"], hidden_size=_HIDDEN),
        helper.make_node("Squeeze", ["y", "axis"], ["y3"]),
        helper.make_node("MatMul", ["y3", "u"], ["small"]),
        helper.make_node("Reshape", ["small", "flat"], ["small1"]),
        helper.make_node("ReduceMean", ["log_mel"], ["mean"], axes=[2], keepdims=0),
        helper.make_node("Sub", ["mean", "gate"], ["over"]),
        helper.make_node("Add", ["over", "small1"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["speech"]),
    ]
    inputs: tuple[Input, ...] = (given, StateInput("h", (1, 1, _HIDDEN), "h_out"))
    spec = ModelSpec(
        "tiny-activity", "1", "voice-activity", inputs,
        (OutputSpec("speech", "speech"), OutputSpec("h_out", "state")), licence="apache-2.0",
    )  # fmt: skip
    shapes = {"log_mel": [1, "T", 64], "h": [1, 1, _HIDDEN]}
    return _save(path, nodes, weights, shapes, {"speech": [1, "T"], "h_out": [1, 1, _HIDDEN]}, spec)


def murmur(seconds: float, *, pitch: float = 150.0, level: float = 0.3, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """Voiced sound of a sort: harmonics of a gliding pitch in syllables of a quarter of a second, float32."""
    t = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * t))) / rate
    tone = sum(np.sin(k * phase) / k for k in range(1, 20) if k * pitch * 1.1 < rate / 2)
    noise = np.random.default_rng(seed).normal(size=len(t)) * 0.02
    return (level * 0.4 * (tone * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)) + noise)).astype(np.float32)


def hush(seconds: float, *, rate: int = RATE) -> np.ndarray:
    """Faint noise, float32."""
    return (np.random.default_rng(1).normal(size=round(seconds * rate)) * 1e-4).astype(np.float32)
