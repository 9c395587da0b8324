"""`FirstLook`: a small network looks at every face first; only faces it is not sure of go to the larger one."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from typing import Any

from numpy.typing import NDArray

from ..errors import DeviceError, SpecError
from ..labels import canonical
from ..models import ModelSpec
from ..models.own_head import PROBABILITIES, VALUE
from ..options import AffectOptions
from ..results import Affect
from ..runtime import Placement
from .affect import FaceAffect
from .face_model import Crops

_DISTRIBUTIONS = ("probabilities", "logits", "log_probs")
_OWN = (PROBABILITIES, VALUE)


class FirstLook(FaceAffect):
    """Reads affect from faces with two networks, on the CPU. Belongs to one thread.

    A face ends with the first network where that one's label has at least the probability `options.first_confidence`
    and its quality is at least `options.first_quality`; every other face is read by the second, as if there had been no
    first. Both take the same crop, cut once. The first network sees every face by itself, so that no rounding of a
    batch decides who reads a face.

    Args:
        first: name or path of the small model; None takes `options.first`.
        model: name or path of the larger one, or None for the default.
        options: thresholds of `is_sure` and of the first look.
        device: `auto | cpu`.
        runtime: `auto | onnxruntime`.
        threads: intra-op threads of each network.

    Raises:
        DeviceError: one of the two would run on a GPU.
        SpecError: the two do not answer the same question about the same crop.
        ValueError: no first model, one for another task, or a calibration that is of the second alone.
    """

    def __init__(
        self,
        first: str | os.PathLike[str] | None = None,
        model: str | os.PathLike[str] | None = None,
        *,
        options: AffectOptions | None = None,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        options = options or AffectOptions()
        named = os.fspath(first) if first is not None else options.first
        if named is None:
            raise ValueError("FirstLook needs the name or path of a small model, such as 'affect-nano'; got None")
        dataclasses.replace(options, first=named)  # as a pipeline checks them
        refuse_gpu(Placement(device, runtime, threads))
        each = dataclasses.replace(options, first=None)
        place: dict[str, Any] = {"device": device, "runtime": runtime, "threads": threads}
        self.first = FaceAffect(named, options=each, **place)
        """The small network; closed with this stage."""
        with contextlib.ExitStack() as opened:
            opened.callback(self.first.close)
            super().__init__(model, options=each, **place)
            opened.callback(self.session.close)
            _check_pair(self.first.model.spec, self.model.spec)
            for session in (self.first.session, self.session):
                if (where := session.describe()["device"]) != "cpu":
                    raise _no_gpu(where)
            opened.pop_all()
        self._confidence, self._quality = options.first_confidence, options.first_quality
        self._is_warm = False
        self.seen = 0
        """Faces looked at so far."""
        self.ended = 0
        """Those that the first network answered."""

    def describe(self) -> dict[str, Any]:
        """What really runs: the second network, and under `first` the first and how many faces ended there."""
        return {
            **super().describe(),
            "first": {
                **self.first.describe(), "confidence": self._confidence, "quality": self._quality,
                "seen": self.seen, "ended": self.ended,
            },
        }  # fmt: skip

    def close(self) -> None:
        """Release both models; safe to call twice.

        Raises:
            RuntimeError: it is at work in another thread.
        """
        super().close()
        self.first.close()

    def _run(self, batch: NDArray[Any], crops: Crops) -> list[Affect]:
        self.timer.lap("crop")
        if not self._is_warm:  # or the first hard face, maybe minutes later, would wait for memory
            self.session.run({self._input.name: batch[:1]}, self.wanted())
            self._is_warm = True
            self.timer.lap("model")
        answers = [self._look(batch, crops, row) for row in range(len(batch))]
        hard = [row for row, affect in enumerate(answers) if affect is None]
        self.seen += len(answers)
        self.ended += len(answers) - len(hard)
        self.timer.lap("first")
        if hard:
            rest = batch if len(hard) == len(batch) else batch[hard]
            places = Crops(crops.matrices[hard], [crops.sizes[row] for row in hard])
            for row, affect in zip(hard, super()._run(rest, places), strict=True):
                answers[row] = affect
        return [affect for affect in answers if affect is not None]

    def _look(self, batch: NDArray[Any], crops: Crops, row: int) -> Affect | None:
        """What the first network says of one row; None where that is not enough."""
        rows, first = slice(row, row + 1), self.first
        outputs = first.session.run({first.model.spec.image.name: batch[rows]}, first.wanted())
        (affect,) = first.read(outputs, crops[rows])
        enough = affect.confidence >= self._confidence and affect.quality >= self._quality
        return affect if enough else None

    def __enter__(self) -> FirstLook:
        return self


def refuse_gpu(placement: Placement) -> None:
    """Raise `DeviceError` where a placement can only mean a GPU."""
    if placement.is_gpu:
        raise _no_gpu(f"device={placement.device!r}, runtime={placement.runtime!r}")


def _no_gpu(where: str) -> DeviceError:
    return DeviceError(
        f"a first look runs on the CPU only; got {where}: take device='cpu', or leave first_look out (on a GPU the "
        "larger network takes hardly longer than the way back from the smaller one)"
    )


def _check_pair(first: ModelSpec, second: ModelSpec) -> None:
    """Refuse a first model whose answers cannot stand beside those of the second."""
    if first.output("quality") is None:
        raise SpecError(
            f"{first.name} says nothing about quality, so hidden faces would look easy to it: take affect-nano as the "
            "first look, or a model with an output of meaning 'quality'"
        )
    for name, one, other in (
        ("reads", _input(first), _input(second)),
        ("has the labels", _labels(first, _DISTRIBUTIONS), _labels(second, _DISTRIBUTIONS)),
        ("has the labels of your own", _labels(first, _OWN), _labels(second, _OWN)),
        ("has valence and arousal", first.va_source or "derived", second.va_source or "derived"),
    ):
        if one != other:
            raise SpecError(
                f"{first.name} cannot look first for {second.name}: it {name} {_told(one)}, the other {_told(other)}; "
                "take a first model that was trained for the same answers, or leave first_look out"
            )


def _input(spec: ModelSpec) -> tuple[Any, ...]:
    """What decides a crop, pixel by pixel."""
    image = dataclasses.replace(spec.image, name="image")
    return image, spec.alignment


def _labels(spec: ModelSpec, meanings: tuple[str, ...]) -> tuple[str, ...]:
    """Names of its classes, in one order for all models."""
    found = next((output for meaning in meanings if (output := spec.output(meaning))), None)
    return () if found is None else tuple(sorted(canonical(label) for label in found.labels))


def _told(value: Any) -> str:
    if isinstance(value, tuple) and value and not isinstance(value[0], str):
        image = value[0]
        return f"{image.size[0]}x{image.size[1]} {image.color} crops of its own alignment and scale"
    return ", ".join(value) if isinstance(value, tuple) and value else str(value or "none")
