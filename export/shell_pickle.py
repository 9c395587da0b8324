"""Read the tensors of a pickled PyTorch object without running any of its code.

A pickle is a program: it names functions and calls them. Here every name becomes one of our own inert stand-ins.
Tensors are kept as descriptions (`_Tensor`) until the whole stream has been read, so that nothing real is built
while a stranger's program runs; only `_resolve` makes tensors, from bytes, with bounds checked.

Refused outright: names from Python's standard library and calls of torch functions that no saved module needs
(`os.system`, `builtins.eval`, `torch.hub.load` ...), and every malformed or escaping storage reference.
"""

from __future__ import annotations

import _compat_pickle
import io
import math
import pickle
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import torch
from torch import Tensor

from edgeaffect._checks import show, show_error

from .errors import CheckpointError

_DTYPES = {
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}

# Standard-library names that saved modules and training states hold; all become inert stand-ins.
_HARMLESS_STDLIB = {
    ("argparse", "Namespace"),
    ("collections", "Counter"),
    ("collections", "defaultdict"),
    ("collections", "deque"),
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("functools", "partial"),
    ("pathlib", "Path"),
    ("pathlib", "PosixPath"),
    ("pathlib", "PurePosixPath"),
    ("pathlib", "WindowsPath"),
    ("types", "SimpleNamespace"),
    ("_codecs", "encode"),
    *(("builtins", name) for name in ("bool", "bytearray", "bytes", "complex", "dict", "float", "int", "list")),
    *(("builtins", name) for name in ("object", "range", "slice", "str", "tuple")),
}

# Torch names that a pickle may call; their results are inert too. Classes are built by NEWOBJ and need no entry.
_INERT_TORCH_CALLS = {
    "torch.device",
    "torch.Size",
    "torch.Generator",
    "torch.nn.backends.thnn._get_thnn_function_backend",
}

# First object of a file written by torch < 1.6 (not a zip archive), and the version that follows it.
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001

# Bounds that no real file reaches: a pickle can nest and share objects so that walking them takes for ever.
_MAX_DEPTH = 200
_MAX_MODULES = 100_000
_MAX_RATIO = 200
_MAX_PICKLE = 1 << 28  # bytes of the pickle alone, without the tensors


# Named tuples have neither __dict__ nor settable fields: a pickle's BUILD cannot change one after it was checked.
class _Storage(NamedTuple):
    key: str
    dtype: torch.dtype
    offset: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


class _ShellType(type):
    """Class of the stand-ins. Calling one (REDUCE) is how a pickle runs code: refused for torch functions."""

    path: str

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls.path.startswith("torch.") and cls.path not in _INERT_TORCH_CALLS:
            raise CheckpointError(f"the pickle calls {cls.path}, which no saved module needs; it was not run")
        return Shell.__new__(cls)  # type: ignore[arg-type]


class Shell(metaclass=_ShellType):
    """Inert stand-in for an object of an unknown class; keeps the state that the pickle gives it."""

    path = "shell"

    def __new__(cls, *args: Any, **kwargs: Any) -> Shell:  # noqa: D102
        shell = object.__new__(cls)
        object.__setattr__(shell, "state", {})
        return shell

    def __setstate__(self, state: Any) -> None:
        """Keep it."""
        object.__setattr__(self, "state", state)

    # A pickle fills containers through these; the items of an unknown container hold no parameters.
    def append(self, item: Any) -> None:
        """Drop it."""

    def extend(self, items: Any) -> None:
        """Drop them."""

    def add(self, item: Any) -> None:
        """Drop it."""

    def __setitem__(self, key: Any, value: Any) -> None: ...


def _shell(module: str, name: str) -> _ShellType:
    path = f"{module}.{name}"
    return _ShellType(path, (Shell,), {"path": path})


def _integers(values: Any) -> tuple[int, ...]:
    if not isinstance(values, (tuple, list)) or not all(type(v) is int and v >= 0 for v in values):
        raise CheckpointError(f"the pickle describes a tensor with sizes or strides {values!r:.80}")
    return tuple(values)


def _rebuild_tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise CheckpointError(f"the pickle builds a tensor from {type(storage).__name__}, not from a storage")
    return _Tensor(storage, _integers((offset,))[0], _integers(size), _integers(stride))


def _rebuild_parameter(data: Any, *_: Any) -> _Tensor:
    if not isinstance(data, _Tensor):
        raise CheckpointError(f"the pickle builds a parameter from {type(data).__name__}, not from a tensor")
    return data


def _reconstructor(cls: Any, *_: Any) -> Any:
    """`copyreg._reconstructor`: how protocol 0 and 1 make an instance before its state is set."""
    if not isinstance(cls, _ShellType):
        raise CheckpointError(f"the pickle reconstructs {cls!r:.80}")
    return Shell.__new__(cls)  # type: ignore[arg-type]


class _Call:
    """A function that a pickle may call but not alter: BUILD sets attributes of whatever stands on the stack."""

    __slots__ = ("_function",)
    _function: Callable[..., Any]

    def __init__(self, function: Callable[..., Any]) -> None:
        object.__setattr__(self, "_function", function)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("read-only")

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)


_REBUILDERS: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
    ("copyreg", "_reconstructor"): _Call(_reconstructor),
    ("torch._utils", "_rebuild_tensor"): _Call(_rebuild_tensor),
    ("torch._utils", "_rebuild_tensor_v2"): _Call(_rebuild_tensor),
    ("torch._utils", "_rebuild_parameter"): _Call(_rebuild_parameter),
    ("torch._utils", "_rebuild_parameter_with_state"): _Call(_rebuild_parameter),
}


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream)
        self.widths: dict[str, int] = {}
        """Storage key -> bytes per element."""

    def find_class(self, module: str, name: str) -> Any:
        # torch.save writes Python 2's names (protocol 2): `commands.check_call` is subprocess.check_call.
        module, name = _compat_pickle.NAME_MAPPING.get((module, name), (module, name))
        module = _compat_pickle.IMPORT_MAPPING.get(module, module)
        if rebuilder := _REBUILDERS.get((module, name)):
            return rebuilder
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        standard = module.split(".")[0] in sys.stdlib_module_names
        if standard and (module, name) not in _HARMLESS_STDLIB:
            raise CheckpointError(f"the pickle names {module}.{name}, which no saved module needs; it was not run")
        return _shell(module, name)

    def persistent_load(self, reference: Any) -> Any:
        if not isinstance(reference, tuple) or not reference:
            raise CheckpointError(f"malformed storage reference {reference!r:.80}")
        if reference[0] == "module" and len(reference) == 4:
            return reference[1]  # legacy whole-module files: the class, beside its source text
        if reference[0] != "storage" or len(reference) not in (5, 6):
            raise CheckpointError(f"malformed storage reference {reference!r:.80}")
        _, dtype, key, _, numel, *view = reference
        if not isinstance(dtype, torch.dtype) or type(key) is not str or not key.isalnum():
            raise CheckpointError(f"malformed storage reference {reference!r:.80}")
        _integers((numel,))
        offset = 0
        if view and view[0] is not None:  # legacy: (key of the view, offset, length)
            offset = _integers(view[0][1:2])[0]
        self.widths[key] = dtype.itemsize
        return _Storage(key, dtype, offset)


def _load(stream: IO[bytes]) -> tuple[Any, dict[str, int]]:
    """One pickle and its storages' element widths. Any failure inside a stranger's program is a refusal."""
    unpickler = _Unpickler(stream)
    try:
        return unpickler.load(), unpickler.widths
    except CheckpointError:
        raise
    except Exception as error:
        raise CheckpointError(f"the pickle cannot be read: {show_error(error)}") from error


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive, a damaged one included."""
    try:
        return zipfile.is_zipfile(path)
    except zipfile.BadZipFile:
        return True


def open_archive(path: Path) -> zipfile.ZipFile:
    """A zip archive that unpacks to a sane multiple of its size; torch.save does not even compress.

    Raises:
        CheckpointError: damaged, or one that asks for more.
    """
    try:
        archive = zipfile.ZipFile(path)
    except Exception as error:
        raise CheckpointError(
            f"{path} is a damaged zip archive ({show_error(error)}): fetch or save it again"
        ) from error
    total = sum(entry.file_size for entry in archive.infolist())
    if total > (1 << 20) + _MAX_RATIO * path.stat().st_size:
        archive.close()
        raise CheckpointError(f"{path} unpacks to more than {_MAX_RATIO} times its size: it is not read")
    return archive


def _read_zip(path: Path) -> tuple[Any, Callable[[_Storage], bytes]]:
    archive = open_archive(path)
    found = [name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/data.pkl")]
    if len(found) != 1:
        raise CheckpointError(f"{path} is a zip archive without a data.pkl: not written by torch.save")
    root = found[0].removesuffix("data.pkl")
    if archive.getinfo(found[0]).file_size > _MAX_PICKLE:
        raise CheckpointError(f"{path} holds a pickle of more than {_MAX_PICKLE >> 20} MB, which is not read")
    try:
        content = archive.read(found[0])
        order = archive.read(root + "byteorder") if root + "byteorder" in archive.namelist() else b"little"
    except Exception as error:
        raise CheckpointError(f"{path} is damaged: {show_error(error)}") from error
    if order != b"little":
        raise CheckpointError(f"{path} was written on a big-endian machine; save it again on a little-endian one")

    def read(storage: _Storage) -> bytes:
        try:
            return archive.read(f"{root}data/{storage.key}")
        except Exception as error:
            raise CheckpointError(
                f"{path}: storage {show(storage.key)} is missing or damaged: {show_error(error)}"
            ) from error

    return _load(io.BytesIO(content))[0], read


def _read_legacy(path: Path) -> tuple[Any, Callable[[_Storage], bytes]]:
    """Files of torch < 1.6: five pickles in a row, then each storage as a count and raw elements."""
    with open(path, "rb") as stream:
        if _load(stream)[0] != _LEGACY_MAGIC or _load(stream)[0] != _LEGACY_PROTOCOL:
            raise CheckpointError(f"{path} is neither a zip archive nor a legacy file of torch.save")
        _load(stream)  # byte order and integer sizes of the writer: always little-endian in practice
        (root, widths), (keys, _) = _load(stream), _load(stream)
        rest = stream.read()
    if not isinstance(keys, list) or not all(type(key) is str for key in keys):
        raise CheckpointError(f"{path}: malformed list of storages")
    raw, position = {}, 0
    for key in keys:
        if key not in widths:
            raise CheckpointError(f"{path} holds a storage {key!r:.80} that no tensor uses")
        count = int.from_bytes(rest[position : position + 8], "little")
        end = position + 8 + count * widths[key]
        if end > len(rest):
            raise CheckpointError(f"{path} is cut off inside storage {key}")
        raw[key], position = rest[position + 8 : end], end

    def read(storage: _Storage) -> bytes:
        try:
            return raw[storage.key]
        except KeyError:
            raise CheckpointError(f"{path}: storage {show(storage.key)} is missing") from None

    return root, read


def _resolve(tensor: _Tensor, read: Callable[[_Storage], bytes]) -> Tensor:
    storage = tensor.storage
    if len(tensor.size) != len(tensor.stride):
        raise CheckpointError(f"a tensor has sizes {tensor.size} but strides {tensor.stride}")
    if math.prod(tensor.size) == 0:
        return torch.empty(tensor.size, dtype=storage.dtype)
    data = read(storage)
    if math.prod(tensor.size) * storage.dtype.itemsize > len(data):  # strides of 0 would make terabytes of one number
        raise CheckpointError(f"storage {storage.key} has {len(data)} bytes, too few for a tensor {tensor.size}")
    start = storage.offset + tensor.offset
    last = start + sum((n - 1) * s for n, s in zip(tensor.size, tensor.stride, strict=True))
    if (last + 1) * storage.dtype.itemsize > len(data):
        raise CheckpointError(f"storage {storage.key} has {len(data)} bytes, too few for a tensor {tensor.size}")
    flat = torch.frombuffer(bytearray(data), dtype=storage.dtype)
    return flat.as_strided(tensor.size, tensor.stride, start).clone()


def _module_tensors(module: Shell) -> dict[str, _Tensor]:
    """Tensors of a pickled module in state_dict order: own parameters, own buffers, then each child's."""
    found: dict[str, _Tensor] = {}
    stack, visited = [("", module)], 0
    while stack:
        prefix, shell = stack.pop()
        visited += 1
        if visited > _MAX_MODULES:
            raise CheckpointError(f"the pickle holds more than {_MAX_MODULES} modules")
        state = shell.state if isinstance(shell, Shell) else None  # type: ignore[attr-defined]
        if not isinstance(state, Mapping):
            continue
        hidden = state.get("_non_persistent_buffers_set") or ()
        for group in ("_parameters", "_buffers"):
            for name, value in (state.get(group) or {}).items():
                if isinstance(value, _Tensor) and not (group == "_buffers" and name in hidden):
                    found[f"{prefix}{name}"] = value
        children = (state.get("_modules") or {}).items()
        stack += reversed([(f"{prefix}{name}.", child) for name, child in children])
    return found


def read(path: Path) -> Any:
    """The object that `torch.save` wrote, reduced to dicts, lists, plain values and tensors.

    A module becomes its state_dict; any other object becomes an empty `Shell`.

    Raises:
        CheckpointError: not such a file, damaged, or a pickle that asks for more than tensors.
    """
    root, fetch = _read_zip(path) if is_archive(path) else _read_legacy(path)
    done: dict[int, Any] = {}

    def plain(node: Any, depth: int = 0) -> Any:
        if depth > _MAX_DEPTH:
            raise CheckpointError(f"{path} is nested deeper than {_MAX_DEPTH}")
        if id(node) not in done:
            done[id(node)] = reduce(node, depth + 1)
        return done[id(node)]

    def reduce(node: Any, depth: int) -> Any:
        if isinstance(node, _Tensor):
            return _resolve(node, fetch)
        if isinstance(node, Shell):
            tensors = _module_tensors(node)
            return {key: _resolve(value, fetch) for key, value in tensors.items()} if tensors else Shell()
        if isinstance(node, Mapping):
            return {key: plain(value, depth) for key, value in node.items()}
        if isinstance(node, (list, tuple)):
            return [plain(value, depth) for value in node]
        return node

    try:
        return plain(root)
    except CheckpointError:
        raise
    except Exception as error:  # objects of a stranger's pickle, in places where others were expected
        raise CheckpointError(f"{path} is malformed: {show_error(error)}") from error
