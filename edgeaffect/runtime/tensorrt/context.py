"""`ExecutionContext`: a TensorRT context and what is bound to it. `TensorRTContext`: a session with its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DeviceError, Error
from ...models.engine_file import EngineFile
from ..cuda_driver import CudaStream
from ..session import DevicePointer, Session, TensorInfo, check_pointers
from .variants import Variant, logger_of


class ExecutionContext:
    """An execution context, the shapes and addresses bound to it, and memory for outputs that nobody asks for.

    What is bound already is not bound again, and spare memory keeps its place: a CUDA graph recorded from a context is
    valid only while that context stays as it was (TensorRT developer guide, CUDA graphs).

    Args:
        engine: deserialised; outlives this.
        file: where it came from.
        variant: the TensorRT it belongs to.
        stream: a stream of the same GPU, for its allocations; outlives this.
        recordable: for one shape, to be recorded: TensorRT for RTX then compiles kernels for that shape at once, where
            by default it starts with general ones, which a recording would keep.

    Raises:
        DeviceError: no memory for the context.
    """

    def __init__(
        self, engine: Any, file: EngineFile, variant: Variant, stream: CudaStream, *, recordable: bool = False
    ) -> None:
        self._file, self._variant, self._stream = file, variant, stream
        self._bound: dict[str, Any] = {}
        self._spare: dict[tuple[str, int], int] = {}
        strategies = getattr(variant.api, "DynamicShapesKernelSpecializationStrategy", None)
        if recordable and strategies is not None:
            config = engine.create_runtime_config()
            config.dynamic_shapes_kernel_specialization_strategy = strategies.EAGER
            self.context: Any = engine.create_execution_context(config)
        else:
            self.context = engine.create_execution_context()
        if self.context is None:
            raise DeviceError(f"no execution context for {file.path}: the GPU's memory is too full")

    def bind_input(self, name: str, address: int, shape: tuple[int, ...]) -> None:
        """Set shape and memory of an input.

        Raises:
            ValueError: the shape is outside the engine's profile.
        """
        if self._bound.get(f"shape of {name}") != shape:
            if not self.context.set_input_shape(name, shape):
                bounds = self._file.header.profile.get(name, "its fixed shape")
                raise ValueError(
                    f"input {name!r} of shape {list(shape)} is outside the engine's profile {bounds}: build it with "
                    "other shapes (edgeaffect engines build --max-batch, --max-frames, --max-side)"
                )
            self._bound[f"shape of {name}"] = shape
        self.bind(name, address)

    def bind(self, name: str, address: int) -> None:
        """Set the memory of a tensor."""
        if self._bound.get(name) == address:
            return
        if not self.context.set_tensor_address(name, address):
            raise Error(f"TensorRT refuses memory at {address:#x} for {name!r}")
        self._bound[name] = address

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of an output, for the inputs bound."""
        return tuple(self.context.get_tensor_shape(name))

    def execute(self, stream: int) -> None:
        """Enqueue a run of what is bound.

        Raises:
            DeviceError: TensorRT refuses it.
        """
        if not self.context.execute_async_v3(stream):
            errors = logger_of(self._variant).take_errors()
            raise DeviceError(f"TensorRT could not run {self._file.path.name}: {errors}")

    def run_device(
        self,
        feeds: Mapping[str, DevicePointer],
        outputs: Mapping[str, DevicePointer],
        infos: Mapping[str, TensorInfo],
        stream: int,
    ) -> None:
        """Enqueue one run; what was given has been checked.

        Args:
            feeds: input name -> memory.
            outputs: output name -> memory.
            infos: all outputs of the model.
            stream: handle of a CUDA stream.
        """
        self._stream.make_current()
        for name, pointer in feeds.items():
            self.bind_input(name, pointer.address, pointer.shape)
        for name, info in infos.items():
            shape, given = self.shape(name), outputs.get(name)
            if given is not None and given.shape != shape:
                raise ValueError(f"output {name!r} will have shape {shape}, the memory given has {given.shape}")
            self.bind(name, self._spare_for(name, shape, info) if given is None else given.address)
        self.execute(stream)

    def refusal(self, stream: int) -> str:
        """See `Session.refusal`."""
        # Only TensorRT for RTX can be asked.
        asked = getattr(self.context, "is_stream_capturable", None)
        return "" if asked is None or asked(stream) else f"{self._variant.name} cannot record {self._file.path.name}"

    def _spare_for(self, name: str, shape: tuple[int, ...], info: TensorInfo) -> int:
        size = int(np.prod(shape)) * info.dtype.itemsize
        if (name, size) not in self._spare:
            self._spare[name, size] = self._stream.allocate(size)
        return self._spare[name, size]

    def close(self) -> None:
        """Free the context and its memory; nothing of it may be running. Again is allowed."""
        self._stream.make_current()
        self.context = None
        self._bound.clear()
        for address in self._spare.values():
            self._stream.free(address)
        self._spare.clear()


class TensorRTContext:
    """A session on the engine of another, with a context of its own; see `Session.new_context`."""

    def __init__(self, session: Session, run: ExecutionContext) -> None:
        self._session, self._run = session, run
        self.spec, self.inputs, self.outputs = session.spec, session.inputs, session.outputs

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
        """See `Session.run`."""
        return self._session.run(feeds, outputs)

    def run_device(
        self, feeds: Mapping[str, DevicePointer], outputs: Mapping[str, DevicePointer], stream: int = 0
    ) -> None:
        """See `Session.run_device`."""
        device = str(self._session.describe()["device"])
        check_pointers(self.inputs, feeds, device, every=True)
        check_pointers(self.outputs, outputs, device, every=False)
        self._run.run_device(feeds, outputs, self.outputs, stream)

    def refusal(self, stream: int) -> str:
        """See `Session.refusal`."""
        return self._run.refusal(stream)

    def new_context(self) -> Session:
        """See `Session.new_context`."""
        return self._session.new_context()

    def describe(self) -> dict[str, Any]:
        """See `Session.describe`."""
        return self._session.describe()

    def close(self) -> None:
        """Free the context; the session stays."""
        self._run.close()
