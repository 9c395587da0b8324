"""Is int8 faster on this CPU? Measured, never assumed."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import onnx

from .crops import Crops
from .ranges import session_of

_ROUNDS = 40
_LEAST_GAIN = 1.1


@dataclass(frozen=True)
class Speed:
    """Best of interleaved runs of one input, one thread, milliseconds."""

    float32_ms: float
    lower_ms: float

    @property
    def speedup(self) -> float:
        """How many times faster the lower precision is."""
        return self.float32_ms / self.lower_ms

    @property
    def is_worth_it(self) -> bool:
        """At least a tenth faster; less is within the noise and not worth the accuracy."""
        return self.speedup >= _LEAST_GAIN

    def __str__(self) -> str:
        return f"{self.float32_ms:.3f} ms in float32, {self.lower_ms:.3f} ms in int8"

    def to_dict(self) -> dict[str, Any]:
        """As JSON, with a verdict in words."""
        verdict = "worth it on this CPU" if self.is_worth_it else "not worth it on this CPU"
        return {**asdict(self), "speedup": self.speedup, "verdict": verdict}


def compare_speed(float32: onnx.ModelProto, lower: onnx.ModelProto, crops: Crops) -> Speed:
    """Run both in turns, so that whatever else the machine does hits both alike."""
    sessions = [session_of(model) for model in (float32, lower)]
    feed = {sessions[0].get_inputs()[0].name: next(crops.batches(1))}
    best = [float("inf"), float("inf")]
    for _ in range(_ROUNDS):
        for i, session in enumerate(sessions):
            started = time.perf_counter()
            session.run(None, feed)
            best[i] = min(best[i], time.perf_counter() - started)
    return Speed(best[0] * 1e3, best[1] * 1e3)
