"""Which decoder of a bundle a runtime gets: that with a growing cache, or for fixed shapes (TensorRT) the static one.

A bundle holds the decoder's weights once, in `decoder.onnx` (growing cache). `decoder-static.onnx` is a graph without
them: its nodes call constants by the names that they have in `decoder.onnx`. Both are protobuf, whose messages merge
when their bytes are joined, so the whole graph is the second file followed by a model that holds nothing but the
constants of the first. No package beside NumPy is needed for that.
"""

from __future__ import annotations

import io
from pathlib import Path

from .._files import file_sha256, read_bounded, write_atomically
from ..errors import SpecError
from ..models.bundle import ModelBundle
from ..models.file import ModelFile
from ..models.inputs import StateInput
from ..models.metadata import max_model_bytes, walk
from ..models.spec import ModelSpec
from ..runtime import Placement
from ..runtime.placement import GPU_RUNTIMES
from ..runtime.select import tensorrt_available

DECODER, STATIC = "decoder", "decoder-static"
# Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer; and the wire type of both.
_GRAPH, _INITIALIZER, BYTES = 7, 5, 2


def decoder_for(bundle: ModelBundle, placement: Placement) -> ModelFile:
    """The decoder with a cache that grows, or where TensorRT runs it the static one of the same weights."""
    on_gpu = placement.runtime in GPU_RUNTIMES
    if on_gpu or (placement.kind == "cuda" and placement.runtime == "auto" and tensorrt_available()):
        return static_decoder(bundle)
    return bundle.model(DECODER)


def most_tokens(bundle: ModelBundle) -> int | None:
    """Places that the decoder knows: a growing one does not say it, the static one of the same weights does."""
    if STATIC not in bundle.manifest.parts:
        return None
    inputs = ModelSpec.from_onnx(bundle.part(STATIC)).inputs
    states = [given for given in inputs if isinstance(given, StateInput) and isinstance(given.axes[-2], int)]
    return min((int(state.axes[-2]) for state in states), default=None)


def static_decoder(bundle: ModelBundle, folder: Path | None = None) -> ModelFile:
    """The static decoder of a bundle, as a file that a runtime can open; written once.

    Args:
        bundle: of task `explain`.
        folder: where the file goes; None is the bundle's own unpacked folder.

    Raises:
        BundleError: the bundle has no static decoder.
        SpecError: a part is no ONNX file.
    """
    growing, bones = bundle.part(DECODER), bundle.part(STATIC)
    spec = ModelSpec.from_onnx(bones)
    path = (folder or bundle.folder) / f"static-{file_sha256(bones)[:12]}-{file_sha256(growing)[:12]}.onnx"
    if not path.is_file():
        limit = max_model_bytes()
        write_atomically(path, joined(read_bounded(growing, limit), read_bounded(bones, limit)))
    return ModelFile(path, spec)


def joined(growing: bytes, bones: bytes) -> bytes:
    """The graph of `bones` with the constants of `growing`.

    Raises:
        SpecError: `growing` is no ONNX file, or has no constants.
    """
    constants = b"".join(growing[start:end] for start, end in _initializers(growing))
    if not constants:
        raise SpecError("the decoder holds no constants: it is no model that a static one can take its weights from")
    return bones + _key(_GRAPH) + _varint(len(constants)) + constants


def _initializers(model: bytes) -> list[tuple[int, int]]:
    """Where each constant's field begins and ends in a model, its key included."""
    found = []
    stream = io.BytesIO(model)
    for number, wire, _, end in walk(stream, len(model)):
        if number == _GRAPH and wire == BYTES:
            begin = stream.tell()
            inside = io.BytesIO(model[begin:end])
            for part, kind, first, last in walk(inside, end - begin):
                if part == _INITIALIZER and kind == BYTES:
                    found.append((begin + first, begin + last))
    return found


def _key(number: int) -> bytes:
    return _varint(number << 3 | BYTES)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
