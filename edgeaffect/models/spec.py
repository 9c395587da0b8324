"""`ModelSpec`: everything the runtime must know about a model file, carried by the file itself.

The spec is one JSON document under the ONNX metadata key `edgeaffect.spec`, or a sidecar `NAME.edgeaffect.json`
beside files made elsewhere. The runtime holds no constant of any model. `spec_parts` and `inputs` hold its sections.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._checks import show
from .._files import read_bounded
from .._json import LIMIT, load_json
from ..errors import SpecError
from . import metadata
from . import spec_values as values
from .inputs import (
    AudioInput,
    FeatureInput,
    ImageInput,
    Input,
    StateInput,
    TokenInput,
    input_from_dict,
    input_to_dict,
)
from .spec_parts import MEANINGS, Alignment, Calibration, DetectorSpec, Nms, OutputSpec

__all__ = [
    "MEANINGS", "METADATA_KEY", "SCHEMA", "SIDECAR_SUFFIX", "TASKS", "Alignment", "AudioInput", "Calibration",
    "DetectorSpec", "FeatureInput", "ImageInput", "ModelSpec", "Nms", "OutputSpec", "StateInput", "TokenInput",
    "sidecar_path",
]  # fmt: skip

SCHEMA = "edgeaffect.model/1"
METADATA_KEY = "edgeaffect.spec"
SIDECAR_SUFFIX = ".edgeaffect.json"

TASKS = (
    "affect", "face-detector", "cues", "face-mesh", "blendshapes", "expression", "voice", "voice-activity", "explain",
    "context",
)  # fmt: skip
"""What a model is for. `affect` reads pictures of faces; `face-mesh` finds MediaPipe's 478 points, `blendshapes` come
from these, `expression` is affect from blendshapes; `context` takes two pictures, a body and then the whole scene."""
VA_SOURCES = ("derived", "rated")


@dataclass(frozen=True)
class ModelSpec:
    """What a model file says about itself."""

    name: str
    version: str
    task: str
    inputs: tuple[Input, ...]
    outputs: tuple[OutputSpec, ...]
    alignment: Alignment = field(default_factory=Alignment)
    detector: DetectorSpec | None = None
    calibration: Calibration | None = None
    va_source: str | None = None
    licence: str = "unknown"
    training_data: tuple[str, ...] = ()
    recipe: str = ""
    sha256_source: str | None = None
    schema: str = SCHEMA

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise SpecError(
                f"schema {show(self.schema)} is not the one this version reads ({SCHEMA}): update edgeaffect"
            )
        values.name("name", self.name)
        values.text("version", self.version)
        values.text("licence", self.licence)
        values.choose("task", self.task, TASKS)
        values.texts("training_data", self.training_data, longest=values.MAX_TEXT)
        values.text("recipe", self.recipe, longest=values.MAX_TEXT, empty=True)
        if self.va_source is not None:
            values.choose("va_source", self.va_source, VA_SOURCES)
        if self.sha256_source is not None:
            values.text("sha256_source", self.sha256_source)
        self._check_sections()
        self._check_inputs()
        self._check_detector()

    def _check_sections(self) -> None:
        sections: tuple[tuple[str, Any, Any], ...] = (
            ("inputs", self.inputs, Input), ("outputs", self.outputs, OutputSpec),
        )  # fmt: skip
        for where, given, kind in sections:
            if not all(isinstance(part, kind) for part in values.entries(where, given)):
                raise SpecError(f"{where} must be a list of its own kind of sections; got {show(given)}")
        if not isinstance(self.alignment, Alignment):
            raise SpecError(f"alignment must be a section; got {show(self.alignment)}")

    def _check_inputs(self) -> None:
        names = [given.name for given in self.inputs]
        if len(set(names)) != len(names):
            raise SpecError(f"inputs names a tensor twice: {show(names)}")
        made = {output.name for output in self.outputs}
        for given in self.inputs:
            if isinstance(given, StateInput) and given.output not in made:
                raise SpecError(
                    f"the state {given.name!r} comes from output {given.output!r}, which outputs does not name: add it "
                    "with meaning 'state'"
                )
            if self.task == "affect" and isinstance(given, ImageInput) and given.has_free_size:
                raise SpecError(f"an affect model has a fixed input size; got {list(given.size)}")

    def _check_detector(self) -> None:
        if (self.task == "face-detector") != (self.detector is not None):
            raise SpecError("a face-detector has a `detector` section, and nothing else has one")
        if self.detector is None:
            return
        maps = [o for o in self.outputs if o.meaning == "detector_stride"]
        if len(maps) != len(self.detector.strides):
            raise SpecError(
                f"{len(self.detector.strides)} strides need as many detector_stride outputs; got {len(maps)}"
            )
        for given in self.inputs:
            if isinstance(given, ImageInput) and any(n % max(self.detector.strides) for n in given.size):
                raise SpecError(
                    f"a detector's input size must be a multiple of its strides {list(self.detector.strides)}; got "
                    f"{list(given.size)}"
                )

    @property
    def image(self) -> ImageInput:
        """The only image input.

        Raises:
            SpecError: the model has several inputs, or one that is no image.
        """
        if len(self.inputs) == 1 and isinstance(self.inputs[0], ImageInput):
            return self.inputs[0]
        found = ", ".join(f"{given.name} ({given.kind})" for given in self.inputs)
        raise SpecError(f"{self.name} must take one image and nothing else to be used here; its inputs are {found}")

    @property
    def pictures(self) -> tuple[ImageInput, ImageInput]:
        """Body and scene of a context model.

        Raises:
            SpecError: its inputs are not two pictures.
        """
        given = [one for one in self.inputs if isinstance(one, ImageInput) and not one.has_free_size]
        if len(given) != 2 or len(self.inputs) != 2:
            found = ", ".join(f"{one.name} ({one.kind})" for one in self.inputs)
            raise SpecError(
                f"a context model takes two pictures of a fixed size, the body and then the scene; the inputs of "
                f"{self.name} are {found}"
            )
        return given[0], given[1]

    def output(self, meaning: str) -> OutputSpec | None:
        """The output of that meaning, or None."""
        return next((o for o in self.outputs if o.meaning == meaning), None)

    def to_dict(self) -> dict[str, Any]:
        """The spec as plain data; `from_dict` makes the same spec of it."""
        return {**dataclasses.asdict(self), "inputs": [input_to_dict(given) for given in self.inputs]}

    def to_json(self, indent: int | None = None) -> str:
        """The spec as a JSON text."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ModelSpec:
        """Build from a JSON-like mapping.

        Raises:
            SpecError: unknown or missing key, wrong type, impossible value; the message names the key.
        """
        return values.build(
            cls,
            "model spec",
            data,
            {
                "inputs": lambda v: tuple(
                    input_from_dict(f"inputs[{i}]", o) for i, o in enumerate(values.entries("inputs", v))
                ),
                "outputs": lambda v: tuple(
                    values.build(OutputSpec, f"outputs[{i}]", o) for i, o in enumerate(values.entries("outputs", v))
                ),
                "alignment": lambda v: values.build(Alignment, "alignment", v),
                "detector": lambda v: None if v is None else DetectorSpec.from_dict(v),
                "calibration": lambda v: None if v is None else values.build(Calibration, "calibration", v),
            },
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> ModelSpec:
        """Build from a JSON text.

        Raises:
            SpecError: see `from_dict`; or the text is not JSON, or too long or nested too deep to be a spec.
        """
        try:
            data = load_json(text)
        except ValueError as error:
            raise SpecError(f"the model spec cannot be read: {error}") from error
        return cls.from_dict(data)

    @classmethod
    def from_onnx(cls, path: str | os.PathLike[str]) -> ModelSpec:
        """Spec of an ONNX file: its metadata first, else the sidecar `NAME.edgeaffect.json`.

        Raises:
            SpecError: neither is there, or it is wrong.
        """
        path = Path(path)
        text: str | bytes | None = metadata.read(path).get(METADATA_KEY)
        source = path
        if text is None:
            source = sidecar_path(path)
            if not source.exists():
                raise SpecError(
                    f"{path} does not say what it is: no metadata {METADATA_KEY!r} and no {source.name} beside it. "
                    f"Describe it once with: edgeaffect models annotate {path}"
                )
            try:
                text = read_bounded(source, LIMIT)
            except ValueError as error:
                raise SpecError(f"{error}: it is no model spec") from error
        try:
            return cls.from_json(text)
        except SpecError as error:
            raise SpecError(f"{source}: {error}. Describe it anew with: edgeaffect models annotate {path}") from error

    def write_to(self, path: str | os.PathLike[str]) -> None:
        """Store this spec in the metadata of an existing ONNX file."""
        metadata.write(path, METADATA_KEY, self.to_json())


def sidecar_path(path: str | os.PathLike[str]) -> Path:
    """`x.onnx` -> `x.edgeaffect.json`."""
    return Path(path).with_suffix(SIDECAR_SUFFIX)
