"""PyTorch program -> ONNX graph with a free batch axis and the tensor names of the spec."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edgeaffect.models.spec import ModelSpec

from .errors import CheckpointError, GraphError
from .inputs import Given, feeds_of, image_inputs, row_count
from .load import Program
from .passes import OPSET
from .passes.batch import BATCH

# Two pictures in the traced batch: a batch of one hides broadcasts that only work for it.
_TRACED_BATCH = 2

log = logging.getLogger("edgeaffect.export")


def output_names(spec: ModelSpec) -> list[str]:
    """Names of the output tensors, in the order in which the spec first mentions them."""
    return list(dict.fromkeys(output.name for output in spec.outputs))


def named_outputs(result: Any, names: Sequence[str]) -> dict[str, Tensor]:
    """Name what a forward pass returned: a tensor, a sequence (its first tensors) or a dict (by name).

    Raises:
        CheckpointError: the spec names more, or other, outputs than the model returns.
    """
    if isinstance(result, Mapping):
        missing = [name for name in names if name not in result]
        if missing:
            raise CheckpointError(f"the model returns {sorted(map(str, result))}; the spec names {missing}")
        found = [result[name] for name in names]
    else:
        found = [result] if isinstance(result, Tensor) else list(result)
        if len(found) < len(names):
            raise CheckpointError(f"the model returns {len(found)} tensors; the spec names {list(names)}")
    # A vector of one number per picture becomes a column, so that slices of the last axis mean the same everywhere.
    return {n: v[:, None] if v.ndim == 1 else v for n, v in zip(names, found[: len(names)], strict=True)}


class _Named(nn.Module):
    """A model whose forward pass returns exactly the tensors of the spec."""

    def __init__(self, model: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.model, self.names = model, list(names)

    def forward(self, *images: Tensor) -> tuple[Tensor, ...]:
        return tuple(named_outputs(self.model(*images), self.names).values())


def run_program(program: Program, spec: ModelSpec, inputs: Given) -> dict[str, NDArray[np.float32]]:
    """Outputs of the original by name, for a batch of any size; several inputs go in the spec's order."""
    names = output_names(spec)
    model = program if isinstance(program, nn.Module) else program.module()
    feeds, count = feeds_of(spec, inputs), row_count(inputs)
    size = _fixed_batch(program, len(feeds)) or count
    parts = []
    with torch.inference_mode():
        for start in range(0, count, size):
            rows = min(size, count - start)
            chunks = [_padded(feeds[image.name][start : start + rows], size) for image in image_inputs(spec)]
            outputs = named_outputs(model(*chunks), names)
            parts.append({name: value[:rows].float().numpy() for name, value in outputs.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _padded(batch: NDArray[np.float32], size: int) -> Tensor:
    """A batch of exactly that size: a program traced for a fixed batch takes no other."""
    chunk = torch.from_numpy(np.ascontiguousarray(batch))
    short = size - len(chunk)
    return torch.cat([chunk, chunk[-1:].expand(short, *chunk.shape[1:])]) if short else chunk


def _fixed_batch(program: Program, inputs: int) -> int | None:
    """Batch size that an ExportedProgram was made for; None when it is free."""
    if isinstance(program, nn.Module):
        return None
    users = set(program.graph_signature.user_inputs)
    shapes = [n.meta["val"].shape for n in program.graph.nodes if n.op == "placeholder" and n.name in users]
    if len(shapes) != inputs:
        wanted = "one picture batch is" if inputs == 1 else f"{inputs} picture batches are"
        raise CheckpointError(f"the program takes {len(shapes)} inputs; {wanted} expected")
    return shapes[0][0] if isinstance(shapes[0][0], int) else None


def to_onnx(program: Program, spec: ModelSpec) -> onnx.ModelProto:
    """Graph in float32 with inputs and outputs called as in the spec.

    Modules and TorchScript go through PyTorch's trace-based exporter, which keeps convolutions with their biases and
    activations in the plain form that runtimes fuse; ExportedPrograms have only the newer one.

    Raises:
        GraphError: PyTorch cannot express the model in ONNX.
    """
    names = output_names(spec)
    try:
        if isinstance(program, nn.Module) and not isinstance(program, torch.jit.ScriptModule):
            model = _trace(_Named(program, names).eval(), spec, names)
        else:
            model = _from_compiled(program, spec, names)
    except CheckpointError:
        raise
    except Exception as error:  # whatever a foreign forward pass or the exporter raises
        raise GraphError(f"PyTorch cannot export this model to ONNX: {type(error).__name__}: {error}") from error
    onnx.checker.check_model(model)
    return model


def _trace(module: nn.Module, spec: ModelSpec, names: list[str]) -> onnx.ModelProto:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecation of the exporter, and hints on its own internals
        torch.onnx.export(
            module,
            _examples(spec, _TRACED_BATCH),
            buffer,  # type: ignore[arg-type]  # a stream is taken, the stubs say a path
            input_names=[image.name for image in image_inputs(spec)],
            output_names=names,
            dynamic_axes={name: {0: BATCH} for name in (*(image.name for image in image_inputs(spec)), *names)},
            opset_version=OPSET,
            dynamo=False,
        )
    return onnx.load_from_string(buffer.getvalue())


def _examples(spec: ModelSpec, rows: int) -> tuple[Tensor, ...]:
    return tuple(torch.zeros(image.shape(rows)) for image in image_inputs(spec))


def _from_compiled(program: Program, spec: ModelSpec, names: list[str]) -> onnx.ModelProto:
    """TorchScript and ExportedPrograms cannot be wrapped: their outputs are picked and named in the graph."""
    examples = _examples(spec, _fixed_batch(program, len(image_inputs(spec))) or _TRACED_BATCH)
    with torch.inference_mode():
        result = program(*examples) if isinstance(program, nn.Module) else program.module()(*examples)
    named_outputs(result, names)
    keys = _flat_keys(result, names)
    if isinstance(program, nn.Module):
        model = _trace(program, spec, keys)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            converted = torch.onnx.export(program, (), opset_version=OPSET, dynamo=True, verbose=False)
        assert converted is not None
        model = converted.model_proto
    outputs = {old.name: key for old, key in zip(model.graph.output, keys, strict=True)}
    wanted = sorted(
        (o for o in model.graph.output if outputs[o.name] in names), key=lambda o: names.index(outputs[o.name])
    )
    del model.graph.output[:]
    model.graph.output.extend(wanted)
    given = {old.name: image.name for old, image in zip(model.graph.input, image_inputs(spec), strict=False)}
    _rename(model.graph, given | {o.name: outputs[o.name] for o in wanted})
    _columns(model.graph, [name for name, value in _values(result, keys) if name in names and value.ndim == 1])
    return model


def _flat_keys(result: Any, names: Sequence[str]) -> list[str]:
    """One name per tensor that a forward pass returned; those beyond the spec's get names of their own."""
    if isinstance(result, Mapping):
        return [str(key) for key in result]
    count = 1 if isinstance(result, Tensor) else len(result)
    return [names[i] if i < len(names) else f"unnamed_{i}" for i in range(count)]


def _values(result: Any, keys: Sequence[str]) -> list[tuple[str, Tensor]]:
    tensors = result.values() if isinstance(result, Mapping) else [result] if isinstance(result, Tensor) else result
    return list(zip(keys, tensors, strict=True))


def _columns(graph: onnx.GraphProto, names: Sequence[str]) -> None:
    """Turn outputs of one number per picture into columns, as `named_outputs` does."""
    if not names:
        return
    axis = onnx.numpy_helper.from_array(np.array([1], np.int64), "column_axis")
    graph.initializer.append(axis)
    for name in names:
        vector = f"{name}_vector"
        for node in graph.node:
            node.input[:] = [vector if i == name else i for i in node.input]
            node.output[:] = [vector if o == name else o for o in node.output]
        graph.node.append(onnx.helper.make_node("Unsqueeze", [vector, axis.name], [name]))
        output = next(o for o in graph.output if o.name == name)
        output.type.tensor_type.shape.dim.add().dim_value = 1


def _rename(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    """Rename tensors, also where the bodies of If, Loop and Scan refer to them."""
    taken = set(names.values())

    def new(name: str) -> str:
        return names.get(name) or (f"{name}_inner" if name in taken else name)

    def rename(part: onnx.GraphProto) -> None:
        for node in part.node:
            node.input[:] = [new(name) for name in node.input]
            node.output[:] = [new(name) for name in node.output]
            for attribute in node.attribute:
                for body in (attribute.g, *attribute.graphs) if attribute.HasField("g") else attribute.graphs:
                    rename(body)
        for value in (*part.input, *part.output, *part.value_info, *part.initializer):
            value.name = new(value.name)

    rename(graph)
