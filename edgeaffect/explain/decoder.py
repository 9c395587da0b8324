"""`Decoder`: the language model of a bundle with its KV cache; `prefill` in one call, then `step` token by token.

The graphs that a bundle of task `explain` holds, and their specs (`P` tokens are in the cache, `T` come, `S` memory
tokens of the face, `L` layers, `H` heads of `dh` numbers, `V` words):

    encoder.onnx   image [1, 1, 96, 96] (ImageInput, cut as face-cues cuts it: `spec.alignment` says how),
                   affect [1, 12] (FeatureInput: 8 votes in EMOTIONS order, valence, arousal, entropy of the votes,
                   confidence of the label), change [1, C] (FeatureInput, labels = cue names: cue now minus before, 0 =
                   unknown)
                   -> cues [1, C] logits (labels = cue names), facts [1, F] logits (labels = fact names),
                   keys_values [1, L, 2, H, S, dh] (meaning `features`)
    decoder.onnx   growing cache: tokens [1, T] int64 (TokenInput), past [L, 2, 1, H, P, dh] (StateInput with axes
                   (L, 2, 1, H, "past", dh) and output "present"), keys_values [1, L, 2, H, S, dh] (FeatureInput)
                   -> logits [1, T, V] (`token_logits`), present [L, 2, 1, H, P + T, dh] (`state`).
                   Token t stands at position P + t. P = 0 is the first call (prefill).
    static cache   of the same weights, for runtimes with fixed shapes (TensorRT): past and present are both
                   [L, 2, 1, H, M, dh] and one more input, position [1, 1] (FeatureInput, float32: P), says how many of
                   the M slots are filled; slots from P on are not looked at, and the T new ones are written there.
                   TensorRT: T from 1 to the length of the prefix, as a profile of `tokens`.
    reader.onnx    tokens [1, T] int64 (TokenInput with its pad) -> see `reader.py`.

Batch comes first everywhere but in the cache, so that `ModelSpec` can say it; the cache holds one row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from ..errors import SpecError
from ..models.inputs import FeatureInput, StateInput, TokenInput
from ..runtime import Session
from ..runtime.session import DevicePointer

Logits = NDArray[np.float32]

TOKENS, PAST, MEMORY, POSITION = "tokens", "past", "keys_values", "position"
LOGITS, PRESENT = "logits", "present"


class Cache(Protocol):
    """Keys and values of the tokens that one hypothesis has so far."""

    @property
    def length(self) -> int:
        """Tokens in it."""


class _Buffers:
    """Two buffers for a cache: one run reads the one and writes the other, then they change places."""

    __slots__ = ("length", "now", "other")

    def __init__(self, size: int) -> None:
        self.now, self.other = np.zeros(size, np.float32), np.zeros(size, np.float32)
        self.length = 0


class Decoder:
    """Runs the decoder graph. Belongs to one thread; every buffer is made once.

    Args:
        session: of a growing or a static decoder, open.
        longest: most tokens of a text, prefix included.
        prefix: most tokens of one `prefill`.
        width: most hypotheses that live at once.
        before_run: called before each run of the graph.

    Raises:
        SpecError: the graph is not one described above.
    """

    def __init__(
        self,
        session: Session,
        *,
        longest: int,
        prefix: int,
        width: int = 1,
        before_run: Callable[[], object] = lambda: None,
    ) -> None:
        self.session, self._before_run = session, before_run
        name = session.describe()["file"]
        inputs = {given.name: given for given in session.spec.inputs}
        tokens, past, memory = inputs.get(TOKENS), inputs.get(PAST), inputs.get(MEMORY)
        if not (isinstance(tokens, TokenInput) and isinstance(past, StateInput) and isinstance(memory, FeatureInput)):
            raise SpecError(
                f"{name}: a decoder takes {TOKENS}, {PAST} and {MEMORY}; its inputs are {', '.join(inputs)}"
            )
        if (
            len(past.axes) != 6
            or past.output != PRESENT
            or not all(isinstance(n, int) for n in (*past.axes[:4], past.axes[5]))
        ):
            raise SpecError(f"{name}: {PAST} must be [L, 2, 1, H, P, dh] and come from {PRESENT}; got {past.axes}")
        self.vocabulary = tokens.vocabulary
        self.is_static = isinstance(past.axes[4], int)
        if self.is_static != (POSITION in inputs):
            raise SpecError(f"{name}: a cache of fixed length, and nothing else, goes with an input {POSITION!r}")
        self._slots = int(past.axes[4]) if self.is_static else longest
        self.longest = min(longest, self._slots)
        self._prefix = min(prefix, self.longest)
        self._layers, self._size = tuple(map(int, past.axes[:4])), int(past.axes[5])
        self._row = math.prod(self._layers) * self._size
        self._free = [_Buffers(self._row * self._slots) for _ in range(width)]
        self._caches = tuple(self._free)
        self._memory = np.zeros(memory.shape(1), np.float32)
        self._tokens = np.zeros((1, self._prefix), np.int64)
        self._position = np.zeros((1, 1), np.float32)
        # A prefill gives logits for all its tokens; only the last row is looked at.
        self._logits = np.zeros((1, self._prefix, self.vocabulary), np.float32)
        self._on_host = session.describe()["device"] == "cpu"

    def look_at(self, memory: NDArray[np.float32]) -> None:
        """Take the memory of a face, `keys_values` of the encoder; every cache is forgotten.

        Raises:
            ValueError: it has another shape than this decoder takes.
        """
        if memory.shape != self._memory.shape:
            raise ValueError(f"{MEMORY} must be {list(self._memory.shape)}, got {list(memory.shape)}")
        self._memory[...] = memory
        for cache in self._caches:
            cache.length = 0
        self._free = list(self._caches)

    def prefill(self, tokens: Sequence[int]) -> tuple[Cache, Logits]:
        """A new cache that holds the tokens, after one run for all of them (several where they are more than a prefix).

        Returns:
            The cache, and the logits [V] of what comes next, valid until the next run.

        Raises:
            ValueError: no token, more than `longest`, or a number that is none.
            RuntimeError: more hypotheses than this decoder was made for.
        """
        if not 1 <= len(tokens) <= self.longest:
            raise ValueError(f"a text has 1 to {self.longest} tokens; got {len(tokens)}")
        cache = self._take()
        for first in range(0, len(tokens), self._prefix):
            logits = self._run(cache, tokens[first : first + self._prefix])
        return cache, logits

    def step(self, cache: Cache, token: int) -> Logits:
        """One more token; logits [V] of the next one, valid until the next run.

        Raises:
            ValueError: the cache is full, or the token is none.
        """
        assert isinstance(cache, _Buffers)
        if cache.length >= self.longest:
            raise ValueError(f"a text has at most {self.longest} tokens: the cache is full")
        return self._run(cache, (token,))

    def fork(self, cache: Cache) -> Cache:
        """A copy, for another hypothesis that begins the same.

        Raises:
            RuntimeError: more hypotheses than this decoder was made for.
        """
        assert isinstance(cache, _Buffers)
        copy = self._take()
        used = self._view(cache.now, cache.length)
        np.copyto(self._view(copy.now, cache.length), used)
        copy.length = cache.length
        return copy

    def release(self, cache: Cache) -> None:
        """Give a cache back that is not needed any more."""
        assert isinstance(cache, _Buffers)
        cache.length = 0
        self._free.append(cache)

    def _take(self) -> _Buffers:
        if not self._free:
            raise RuntimeError(f"all {len(self._caches)} caches of this decoder are in use: release one")
        cache = self._free.pop()
        cache.length = 0
        return cache

    def _view(self, buffer: NDArray[np.float32], length: int) -> NDArray[np.float32]:
        """The cache in a buffer, C-contiguous: of a growing one the beginning, as long as it takes."""
        tokens = self._slots if self.is_static else length
        return buffer[: self._row * tokens].reshape(*self._layers, tokens, self._size)

    def _run(self, cache: _Buffers, tokens: Sequence[int]) -> Logits:
        self._before_run()
        count = len(tokens)
        for place, token in enumerate(tokens):
            if not 0 <= token < self.vocabulary:
                raise ValueError(f"a token is a number from 0 to {self.vocabulary - 1}; got {show(token)}")
            self._tokens[0, place] = token
        given: dict[str, NDArray[Any]] = {
            TOKENS: self._tokens[:, :count],
            PAST: self._view(cache.now, cache.length),
            MEMORY: self._memory,
        }
        if self.is_static:
            self._position[0, 0] = cache.length
            given[POSITION] = self._position
        after = self._view(cache.other, cache.length + count)
        # A flat beginning of the buffer, so that it is contiguous for any number of tokens.
        logits = self._logits.reshape(-1)[: count * self.vocabulary].reshape(1, count, self.vocabulary)
        if self._on_host:
            self.session.run_device(
                {name: DevicePointer.of(value) for name, value in given.items()},
                {LOGITS: DevicePointer.of(logits), PRESENT: DevicePointer.of(after)},
            )
        else:
            said = self.session.run(given, (LOGITS, PRESENT))
            np.copyto(logits, said[LOGITS])
            np.copyto(after, said[PRESENT])
        cache.now, cache.other = cache.other, cache.now
        cache.length += count
        last: Logits = logits[0, -1]
        return last
