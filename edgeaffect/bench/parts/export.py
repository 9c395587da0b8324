"""The models in float32 and in int8, whichever the files are: is lower precision worth it on this CPU?"""

from __future__ import annotations

import dataclasses

import numpy as np

from ...errors import DependencyError
from ...models import ModelFile, find
from ...models.precision import graph_precision
from ...runtime import Placement, open_session
from ..context import TASKS, Bench
from ..conversion import converted
from ..stats.measurement import Measurement, record
from ..stats.timing import TimingPlan, measure


def measurements(bench: Bench, plan: TimingPlan) -> list[Measurement]:
    """Inference alone, one input, in float32 and int8. Accuracy is not looked at here: `edgeaffect export` does."""
    settings = bench.settings
    if settings.runtime == "tensorrt" or settings.device.startswith("cuda"):
        bench.note("int8 was not measured beside float32: this part is for ONNX Runtime on the CPU")
        return []
    entries = []
    for task in TASKS:
        model = find(bench.models[task], task)
        variants = {settings.precision: model}
        if settings.precision == "as-is":
            variants |= _other(bench, model)
        entries += [_entry(bench, plan, task, precision, variant) for precision, variant in variants.items()]
    return entries


def _other(bench: Bench, model: ModelFile) -> dict[str, ModelFile]:
    """The same model in the precision that its file is not in."""
    if graph_precision(model.path) == "int8":
        return {"fp32": find(None, model.spec.task, float32=True)}
    int8 = _int8(bench, model)
    return {} if int8 is None else {"int8": int8}


def _int8(bench: Bench, model: ModelFile) -> ModelFile | None:
    """Converted in the first round, found in the scratch folder in the later ones; None where that cannot be done."""
    made = bench.folder / f"{model.name}-int8.onnx"
    if made.exists():
        return find(made, model.spec.task)
    try:
        return converted(model, "int8", "onnxruntime", bench.folder)
    except DependencyError as error:
        bench.note(f"int8 was not measured: {error}")
        return None


def _entry(bench: Bench, plan: TimingPlan, task: str, precision: str, model: ModelFile) -> Measurement:
    session = open_session(model, Placement(**bench.place))
    spec = model.spec.image
    width, height = spec.size if min(spec.size) else (320, 256)
    x = np.random.default_rng(0).normal(0, 0.5, (1, spec.channels, height, width)).astype(spec.dtype)
    entry = record(f"{task}.model", "export", measure(lambda: session.run({spec.name: x}), plan), precision=precision)
    session.close()
    return dataclasses.replace(entry, facts={"file_bytes": model.size_bytes})
