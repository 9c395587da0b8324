"""TensorRT sessions: an engine file, its self-test on this GPU, and runs on host or device memory."""

from __future__ import annotations

import hashlib
import json
import logging
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._process_bound import ProcessBound
from ...errors import DeviceError
from ...models.engine_file import SUFFIX, EngineFile, EngineFileError, read_engine
from ...models.file import ModelFile
from ...models.spec import ModelSpec
from ..cuda_driver import CudaStream, Gpu, driver
from ..session import DevicePointer, TensorInfo, check_pointers
from .builder import BuildOptions, ProgressCallback
from .cache import VERIFIED, EngineCache
from .context import ExecutionContext, TensorRTContext
from .request import onnx_digest
from .selftest import run_self_test
from .target import incompatibility
from .variants import find_variant, logger_of

log = logging.getLogger("edgeaffect.runtime")


class TensorRTSession(ProcessBound):
    """One model as a TensorRT engine.

    Args:
        model: an ONNX file, whose engine comes from the cache and is built when it is not there; or an engine file.
        device_id: which GPU.
        options: how to build; None is all defaults.
        progress: called while an engine is built.

    Raises:
        DeviceError: no driver, no such GPU, or an engine file for another one.
        DependencyError: TensorRT is not installed.
        SelfTestError: the engine does not compute what its model computes.
        Error: the engine cannot be built or loaded.
    """

    def __init__(
        self,
        model: ModelFile,
        *,
        device_id: int = 0,
        options: BuildOptions | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        gpu = driver().gpu(device_id)
        self._execution: ExecutionContext | None = None
        self._contexts: weakref.WeakSet[TensorRTContext] = weakref.WeakSet()
        self._engine: Any = None
        self._runtime: Any = None
        self._stream = CudaStream(device_id)
        try:
            self._engine_file, self._engine = self._load(model, gpu, options or BuildOptions(), progress)
            self._open(gpu)
        except BaseException:
            self.close()
            raise

    def _load(
        self, model: ModelFile, gpu: Gpu, options: BuildOptions, progress: ProgressCallback | None
    ) -> tuple[EngineFile, Any]:
        """Engine file and deserialised engine; what does not load is rebuilt once, if its ONNX is at hand."""
        if model.path.suffix == SUFFIX:
            try:
                found = read_engine(model.path)
                return found, self._deserialise(found, gpu)
            except (EngineFileError, DeviceError) as error:
                onnx = _onnx_beside(model.path)
                if onnx is None:
                    raise
                log.warning("%s; building it again from %s", error, onnx.name)
                model = ModelFile(onnx, ModelSpec.from_onnx(onnx))
        cache = EngineCache()
        found = cache.get(model, options, device_index=gpu.index, progress=progress)
        try:
            return found, self._deserialise(found, gpu)
        except DeviceError as error:
            if found.header.target.get("compute_capabilities") is not None:
                raise  # built for the right GPUs and refused by this one: a second build would be the same file
            found = cache.get(model, options, device_index=gpu.index, progress=progress, rebuild=str(error))
        return found, self._deserialise(found, gpu)

    def _deserialise(self, file: EngineFile, gpu: Gpu) -> Any:
        variant = find_variant(file.header.variant)
        if reason := incompatibility(file.header, variant, gpu):
            raise DeviceError(f"{file.path} does not run here: {reason}")
        logger = logger_of(variant)
        logger.take_errors()
        self._stream.make_current()
        self._runtime = variant.api.Runtime(logger)
        engine = self._runtime.deserialize_cuda_engine(file.payload())
        if engine is None:
            raise DeviceError(f"{variant.name} {variant.version} does not load {file.path}: {logger.take_errors()}")
        return engine

    def _open(self, gpu: Gpu) -> None:
        header = self._engine_file.header
        self._variant = find_variant(header.variant)
        api = self._variant.api
        self._execution = ExecutionContext(self._engine, self._engine_file, self._variant, self._stream)
        self.spec = header.spec
        self._device = f"cuda:{gpu.index}"
        inputs: dict[str, TensorInfo] = {}
        outputs: dict[str, TensorInfo] = {}
        for i in range(self._engine.num_io_tensors):
            name = self._engine.get_tensor_name(i)
            shape = tuple(n if n >= 0 else None for n in self._engine.get_tensor_shape(name))
            dtype = np.dtype(api.nptype(self._engine.get_tensor_dtype(name)))
            if self._engine.get_tensor_mode(name) == api.TensorIOMode.INPUT:
                bounds = header.profile.get(name)
                most = int(bounds[2][0]) if bounds and shape[0] is None else None
                inputs[name] = TensorInfo(name, shape, dtype, most)
            else:
                outputs[name] = TensorInfo(name, shape, dtype)
        self.inputs: Mapping[str, TensorInfo] = inputs
        self.outputs: Mapping[str, TensorInfo] = outputs
        self._description = {
            "model": f"{self.spec.name} {self.spec.version}",
            "file": str(self._engine_file.path),
            "runtime": f"{header.variant} {header.version}",
            "device": self._device,
            "gpu": gpu.name,
            "precision": header.precision,
            "threads": 1,
        }
        self._verify_once(gpu)

    def _verify_once(self, gpu: Gpu) -> None:
        """Run the self-test, once per engine, GPU and driver."""
        header = self._engine_file.header
        facts = [header.payload_sha256, gpu.name, gpu.sm, gpu.driver, header.version, header.self_test]
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        note = EngineCache().folder / VERIFIED / digest
        if note.exists():
            return
        difference = run_self_test(header.self_test, self.spec, self.run)
        log.info("self-test of %s passed on %s: off by %.2g", self._engine_file.path.name, gpu.name, difference)
        try:
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(f"{difference:.6g}\n", "ascii")
        except OSError as error:  # the test will run again next time, which costs one run
            log.info("cannot note the passed self-test: %s", error)

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
        """See `Session.run`."""
        stream, execution = self._stream, self._open_run()
        stream.make_current()
        self._check_feeds(feeds)
        held = {name: np.ascontiguousarray(value) for name, value in feeds.items()}
        for name, value in held.items():
            address = stream.buffer(name, value.nbytes)
            stream.upload(address, value.ctypes.data, value.nbytes)
            execution.bind_input(name, address, value.shape)
        results = {name: np.empty(execution.shape(name), info.dtype) for name, info in self.outputs.items()}
        for name, value in results.items():
            execution.bind(name, stream.buffer(name, value.nbytes))
        execution.execute(stream.handle)
        wanted = list(results) if outputs is None else list(outputs)
        for name in wanted:
            value = results[name]
            stream.download(value.ctypes.data, stream.buffer(name, value.nbytes), value.nbytes)
        stream.wait()
        return {name: results[name] for name in wanted}

    def run_device(
        self, feeds: Mapping[str, DevicePointer], outputs: Mapping[str, DevicePointer], stream: int = 0
    ) -> None:
        """See `Session.run_device`."""
        check_pointers(self.inputs, feeds, self._device, every=True)
        check_pointers(self.outputs, outputs, self._device, every=False)
        self._open_run().run_device(feeds, outputs, self.outputs, stream)

    def new_context(self) -> TensorRTContext:
        """See `Session.new_context`."""
        self._stream.make_current()
        run = ExecutionContext(self._engine, self._engine_file, self._variant, self._stream, recordable=True)
        context = TensorRTContext(self, run)
        self._contexts.add(context)
        return context

    def refusal(self, stream: int) -> str:
        """See `Session.refusal`."""
        return self._open_run().refusal(stream)

    def _open_run(self) -> ExecutionContext:
        if self._execution is None:
            raise DeviceError("this session is closed")
        return self._execution

    def _check_feeds(self, feeds: Mapping[str, NDArray[Any]]) -> None:
        if set(feeds) != set(self.inputs):
            raise ValueError(f"inputs are {', '.join(self.inputs)}; got {', '.join(feeds)}")
        for name, value in feeds.items():
            if value.dtype != self.inputs[name].dtype:
                raise ValueError(f"input {name!r} must be {self.inputs[name].dtype}, got {value.dtype}")

    def layers(self) -> str:
        """The engine inspector's account of kernels and their precisions on this GPU, as JSON."""
        inspector = self._engine.create_engine_inspector()
        inspector.execution_context = self._open_run().context
        return str(inspector.get_engine_information(self._variant.api.LayerInformationFormat.JSON))

    def describe(self) -> dict[str, Any]:
        """See `Session.describe`."""
        return dict(self._description)

    def close(self) -> None:
        """Free the engine and all its contexts; again is allowed."""
        # The order matters: contexts before their engine, the engine before its runtime, all before the CUDA context.
        self._stream.make_current()
        for context in list(self._contexts):
            context.close()
        if self._execution is not None:
            self._execution.close()
            self._execution = None
        self._engine = None
        self._runtime = None
        self._stream.close()


def _onnx_beside(engine: Path) -> Path | None:
    """The ONNX file that an engine was built from, if it still lies beside it."""
    onnx = engine.with_suffix(".onnx")
    try:
        return onnx if onnx_digest(onnx) == read_engine(engine).header.onnx_sha256 else None
    except (OSError, EngineFileError):
        return onnx if onnx.is_file() else None
