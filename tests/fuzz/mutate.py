"""Changes of a file as a fuzzer makes them: bits, numbers at limits, words, parts doubled, cut or of another file."""

from __future__ import annotations

import random

_NUMBERS = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    (1 << 63) - 1,
    (1 << 64) - 1,
)
_WORDS = (
    b"null", b"true", b"NaN", b"Infinity", b"-1", b"1e999", b"0.0", b"[]", b"{}", b'""', b"[[[[[[[[", b"\x00",
    b"\xff\xfe", b"../../x", b"9" * 40, b"\\ud800", b"\n", b"=", b'"' * 3, b"inf", b"-9223372036854775809",
)  # fmt: skip


def mutate(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """One to six changes of `data`; parts may come from `other`."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        _change(out, other, rng)
    return bytes(out[: 1 << 16])


def _change(out: bytearray, other: bytes, rng: random.Random) -> None:
    at = rng.randrange(len(out) + 1)
    length = min(rng.choice((1, 2, 4, 8, 16, 64, 300)), len(out) - at)
    kind = rng.randrange(8)
    if kind == 0 and length:
        out[rng.randrange(at, at + length)] ^= 1 << rng.randrange(8)
    elif kind == 1:
        size = rng.choice((1, 2, 4, 8))
        number = (rng.choice(_NUMBERS) + rng.randrange(-1, 2)) % (1 << 8 * size)
        out[at : at + size] = number.to_bytes(size, rng.choice(("little", "big")))
    elif kind == 2:
        out[at : at + rng.choice((0, length))] = rng.choice(_WORDS)
    elif kind == 3:
        del out[at : at + length]
    elif kind == 4:
        out[at:at] = bytes(out[at : at + length]) * rng.choice((1, 2, 50))
    elif kind == 5 and other:
        begin = rng.randrange(len(other))
        out[at : at + rng.choice((0, length))] = other[begin : begin + max(1, length)]
    elif kind == 6:
        del out[at:]
    else:
        out[at : at + length] = rng.randbytes(length)
