"""ONNX -> engine, by TensorRT or TensorRT for RTX, with the precision that the graph itself asks for.

Networks are strongly typed: TensorRT 11 has no precision flags and no calibrators left, and under earlier versions
they would choose what nobody wrote down. fp16 is casts and int8 is Q/DQ nodes in the ONNX file (`export/precision`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import Error
from ...models.precision import GraphPrecision, read_precision, refuse_cpu_integers
from .variants import Variant, find_variant, log, logger_of

_LOG_INTERVAL = 5.0  # seconds
_MIN_SIDE = 32  # largest stride of the detectors
_CACHE_AXES, _CACHE_LENGTH = 6, 4  # a cache of keys and values: [layers, 2, batch, heads, tokens, size]

Shape = tuple[int, ...]
Bounds = tuple[Shape, Shape, Shape]
"""min, opt and max shape. Engines are tuned for the opt one."""
Profile = dict[str, Bounds]
"""Input name -> bounds."""

ProgressCallback = Callable[[str, int, int], None]
"""phase, steps done, steps in all."""


# Log-mel frames [batch, frames, bands] of one run, where they are free: a block of voice activity, a window of voice,
# ten seconds of it.
_SOUND_FRAMES = (4, 300, 1000)


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """How to build; everything here is part of the cache key."""

    variant: str | None = None
    """`tensorrt`, `tensorrt_rtx`, or None for the one that is installed (TensorRT first)."""
    max_batch: int = 16
    """Most faces in one run, where the batch is free."""
    opt_batch: int = 2
    """Faces that engines are tuned for, if `max_batch` allows."""
    max_frames: int = 1
    """Most pictures in one run of a detector whose batch, height and width are free. More are worth it for several
    cameras; memory for all of them at `max_side` is set aside per execution context."""
    max_side: int = 1280
    """Longest side of a detector's picture, where height and width are free."""
    max_tokens: int = 64
    """Most tokens of a text in one run, and in a cache that grows, where their number is free."""
    opt_size: tuple[int, int] = (320, 256)
    """Width, height a detector is tuned for: the default `detect.max_side` with a 4:3 frame, padded."""
    compute_capabilities: tuple[str, ...] = ()
    """TensorRT for RTX only: GPUs to build for, such as `SM86`; none is one portable engine (Ampere and later)."""
    tf32: bool = False
    """Let float32 layers round to TF32 (10-bit mantissa)."""
    workspace_mib: int | None = None
    """Scratch memory a layer may take; None leaves it to TensorRT."""

    def __post_init__(self) -> None:
        for name in ("opt_batch", "max_batch", "max_frames", "max_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more; got {getattr(self, name)}")
        if min(*self.opt_size, self.max_side) < _MIN_SIDE:
            raise ValueError(f"opt_size and max_side must be {_MIN_SIDE} or more; got {self.opt_size}, {self.max_side}")
        if self.workspace_mib is not None and self.workspace_mib < 1:
            raise ValueError(f"workspace_mib must be positive or None; got {self.workspace_mib}")


@dataclass(frozen=True)
class SerializedEngine:
    """A serialised engine and what is known about it."""

    data: bytes
    variant: Variant
    precision: str
    profile: Profile
    layers: tuple[tuple[str, str, str], ...]
    """Name, kind and output type of every layer of the parsed network, before TensorRT fuses them."""
    seconds: float


def build_plan(
    onnx_path: str | os.PathLike[str],
    options: BuildOptions | None = None,
    *,
    profile: Mapping[str, Bounds] | None = None,
    precision: GraphPrecision | None = None,
    progress: ProgressCallback | None = None,
) -> SerializedEngine:
    """Parse an ONNX file and build an engine from it; takes seconds to minutes.

    Args:
        onnx_path: any ONNX file, with or without a `ModelSpec`.
        options: None is all defaults.
        profile: shapes of inputs whose axes are free; those not named follow `options`.
        precision: what the file says about its numbers, if that has been read already.
        progress: called from the builder as it advances; an exception in it cancels the build and is raised here.
            None writes a line to the log every few seconds.

    Raises:
        DependencyError: that TensorRT is not installed.
        Error: the parser or the builder refuses the model; the message names the nodes.
        ValueError: an unknown compute capability, or a profile that does not fit the model.
    """
    options = options or BuildOptions()
    variant = find_variant(options.variant)
    path = Path(onnx_path)
    precision = precision or read_precision(path)
    refuse_cpu_integers(path, precision)
    started = time.perf_counter()
    logger = logger_of(variant)
    logger.take_errors()
    builder = variant.api.Builder(logger)
    network, parser = _parse(variant, builder, path)
    layers = _layers(network)
    _check_precision(path, precision.name, layers)
    config = builder.create_builder_config()
    _configure(variant, config, options)
    shapes = _profile(network, options, profile or {})
    if shapes:
        chosen = builder.create_optimization_profile()
        for name, bounds in shapes.items():
            chosen.set_shape(name, *bounds)
        if config.add_optimization_profile(chosen) < 0:
            raise ValueError(f"{path.name}: {variant.name} refuses the profile {shapes}: {logger.take_errors()}")
    monitor = _watch(variant, config, progress)
    log.info("building %s for %s %s", path.name, variant.name, variant.version)
    data = builder.build_serialized_network(network, config)
    del parser  # it owns weights that the network points to, and had to live until here
    if monitor is not None and monitor.error is not None:
        raise monitor.error
    if data is None:
        raise Error(f"{variant.name} {variant.version} cannot build {path}: {logger.take_errors()}")
    seconds = time.perf_counter() - started
    log.info("built %s in %.1f s", path.name, seconds)
    return SerializedEngine(bytes(data), variant, precision.name, shapes, layers, seconds)


def build_flags(options: BuildOptions, variant: Variant) -> list[str]:
    """Builder flags in words, for the cache key and the engine file."""
    flags = ["strongly-typed"]
    if _own_memory(variant) is not None:
        flags.append("own-memory")
    if options.tf32:
        flags.append("tf32")
    if options.workspace_mib is not None:
        flags.append(f"workspace={options.workspace_mib}MiB")
    return flags


def _own_memory(variant: Variant) -> Any:
    """The flag by which engines of TensorRT for RTX 1.2 and later allocate nothing while they run.

    Without it they cannot be recorded in a CUDA graph. None where there is none (TensorRT needs none).
    """
    return getattr(getattr(variant.api, "BuilderFlag", None), "REQUIRE_USER_ALLOCATION", None)


def _parse(variant: Variant, builder: Any, path: Path) -> tuple[Any, Any]:
    """Network and parser."""
    flag = getattr(variant.api.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    network = builder.create_network(0 if flag is None else 1 << int(flag))
    parser = variant.api.OnnxParser(network, logger_of(variant))
    # From the path, not from bytes: weights may lie in files beside it.
    if not parser.parse_from_file(str(path)):
        errors = [parser.get_error(i) for i in range(parser.num_errors)]
        lines = [f"{e.node_name() or '?'} ({e.node_operator() or '?'}): {e.desc()}" for e in errors[:5]]
        more = f" and {len(errors) - 5} more" if len(errors) > 5 else ""
        raise Error(f"{variant.name} {variant.version} cannot read {path}: {'; '.join(lines)}{more}")
    return network, parser


def _layers(network: Any) -> tuple[tuple[str, str, str], ...]:
    rows = []
    for i in range(network.num_layers):
        layer = network.get_layer(i)
        kind = layer.get_output(0).dtype.name.lower() if layer.num_outputs else ""
        rows.append((layer.name, layer.type.name.lower(), kind))
    return tuple(rows)


def _check_precision(path: Path, precision: str, layers: tuple[tuple[str, str, str], ...]) -> None:
    """An engine called int8 that holds no quantised layer is the lie this refuses to tell."""
    kinds = {kind for _, _, kind in layers}
    if (precision == "int8" and "int8" not in kinds) or (precision == "fp16" and "half" not in kinds):
        found = ", ".join(sorted(kinds))
        raise Error(f"{path} says it is {precision}, but its layers are only {found}: export it again")


def _configure(variant: Variant, config: Any, options: BuildOptions) -> None:
    api = variant.api
    # So that the engine inspector can name the kernels and their types on the device.
    config.profiling_verbosity = api.ProfilingVerbosity.DETAILED
    if options.tf32:
        config.set_flag(api.BuilderFlag.TF32)
    else:
        config.clear_flag(api.BuilderFlag.TF32)
    own_memory = _own_memory(variant)
    if own_memory is not None:
        config.set_flag(own_memory)
    if options.workspace_mib is not None:
        config.set_memory_pool_limit(api.MemoryPoolType.WORKSPACE, options.workspace_mib << 20)
    if not options.compute_capabilities:
        return
    known = getattr(api, "ComputeCapability", None)
    if known is None:
        raise ValueError(
            f"compute_capabilities={options.compute_capabilities} is for variant tensorrt_rtx: {variant.name} builds "
            "for the GPU of the machine it runs on"
        )
    allowed = [name for name in known.__members__ if name.startswith("SM")]
    wrong = sorted(set(options.compute_capabilities) - set(allowed))
    if wrong:
        raise ValueError(f"compute capability {', '.join(wrong)} is not one of {', '.join(sorted(allowed))}")
    chosen = sorted(set(options.compute_capabilities))
    config.num_compute_capabilities = len(chosen)
    for i, name in enumerate(chosen):
        config.set_compute_capability(known.__members__[name], i)


def _profile(network: Any, options: BuildOptions, given: Mapping[str, Bounds]) -> Profile:
    """Shapes of the inputs that have free axes."""
    shapes: Profile = {}
    names = [network.get_input(i).name for i in range(network.num_inputs)]
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise ValueError(f"profile names {', '.join(unknown)}, but the inputs are {', '.join(names)}")
    for i, name in enumerate(names):
        shape = tuple(network.get_input(i).shape)
        if name in given:
            low, opt, high = given[name]
            shapes[name] = (tuple(low), tuple(opt), tuple(high))
        elif -1 in shape:
            shapes[name] = _default_bounds(name, shape, options)
    return shapes


def _default_bounds(name: str, shape: Shape, options: BuildOptions) -> Bounds:
    bounds = {0: (1, min(options.opt_batch, options.max_batch), options.max_batch)}
    if len(shape) == 4:
        channels_last = shape[3] in (1, 3) and shape[1] not in (1, 3)
        height, width = (1, 2) if channels_last else (2, 3)
        for axis, opt in ((width, options.opt_size[0]), (height, options.opt_size[1])):
            bounds[axis] = (_MIN_SIDE, min(opt, options.max_side), options.max_side)
        if -1 in (shape[height], shape[width]):
            bounds[0] = (1, options.max_frames, options.max_frames)
    if len(shape) == 2:  # tokens: engines are tuned for one more
        bounds[1] = (1, 1, options.max_tokens)
    if len(shape) == _CACHE_AXES:
        bounds[_CACHE_LENGTH] = (0, max(1, options.max_tokens // 4), options.max_tokens)
    if len(shape) == 3:
        bounds[1] = _SOUND_FRAMES
    free = [axis for axis, length in enumerate(shape) if length == -1]
    if not set(free) <= set(bounds):
        raise ValueError(f"input {name!r} has shape {shape}: give its min, opt and max shape as profile")
    low, opt_shape, high = ([bounds[a][k] if n == -1 else n for a, n in enumerate(shape)] for k in range(3))
    return tuple(low), tuple(opt_shape), tuple(high)


def _logged_progress() -> ProgressCallback:
    """A line in the log every few seconds, for callers that show nothing themselves."""
    due = time.monotonic() + _LOG_INTERVAL

    def report(phase: str, done: int, total: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + _LOG_INTERVAL
            log.info("still building: %s %d/%d", phase, done, total)

    return report


def _watch(variant: Variant, config: Any, callback: ProgressCallback | None) -> Any:
    """Attach a progress monitor where these bindings have one."""
    base = getattr(variant.api, "IProgressMonitor", None)
    if base is None:
        return None
    report = callback or _logged_progress()

    class Monitor(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            base.__init__(self)  # type: ignore[misc]
            self.steps: dict[str, int] = {}
            self.error: BaseException | None = None

        def phase_start(self, phase: str, parent: str | None, steps: int) -> None:
            self.steps[phase] = steps

        def step_complete(self, phase: str, step: int) -> bool:
            # Called from C++: an exception may not cross it, so it is kept and raised once the builder is back.
            try:
                report(phase, step + 1, self.steps.get(phase, step + 1))
            except BaseException as error:
                self.error = error
            return self.error is None

        def phase_finish(self, phase: str) -> None:
            self.steps.pop(phase, None)

    monitor = Monitor()
    config.progress_monitor = monitor
    return monitor
