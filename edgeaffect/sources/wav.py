"""`read_wav_header`: what a WAV file holds and where, for reading it without another package."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..errors import SourceError
from .sound import LEAST_RATE, MAX_CHANNELS, MOST_RATE, Samples

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_CODES = {2: "ADPCM", 6: "A-law", 7: "u-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x55: "MP3"}
_OPEN_ENDED = (0, 0xFFFFFFFF)
_MOST_CHUNKS, _LONGEST_FORMAT = 10_000, 1 << 16
_LENGTHS = {_PCM: (8, 16, 24, 32), _FLOAT: (32, 64)}


@dataclass(frozen=True)
class WavFormat:
    """Layout of the samples of a WAV file."""

    sample_rate: int
    channels: int
    bits: int
    is_float: bool
    begin: int
    """First byte of the samples."""
    frames: int
    """Whole frames that are there."""
    announced: int
    """Frames that the header promises; more than `frames`: the file is cut off."""

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of each channel."""
        return self.channels * self.bits // 8

    def decode(self, data: bytes) -> Samples:
        """Whole frames as float32 [n, channels], full scale at -1 and 1."""
        values: NDArray[np.float32]
        if self.is_float:
            with np.errstate(over="ignore"):  # beyond float32: infinite, which is found
                values = np.frombuffer(data, f"<f{self.bits // 8}").astype(np.float32)
        elif self.bits == 8:  # the only one without a sign
            values = (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / np.float32(128)
        elif self.bits == 24:
            padded = np.zeros((len(data) // 3, 4), np.uint8)
            padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            values = padded.view("<i4")[:, 0].astype(np.float32) / np.float32(1 << 31)
        else:
            values = np.frombuffer(data, f"<i{self.bits // 8}").astype(np.float32) / np.float32(1 << (self.bits - 1))
        return values.reshape(-1, self.channels)


class CompressedWavError(SourceError):
    """A WAV file whose samples are coded: another reader may know how."""


def read_wav_header(file: BinaryIO, name: str) -> WavFormat:
    """Find format and samples of a WAV file (RIFF or RF64).

    Raises:
        CompressedWavError: its samples are coded.
        SourceError: not a WAV file, or one that says nothing usable.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        raise SourceError(f"{name} is not a WAV file")
    at, form, long_data = 12, b"", None
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            break
        kind, length = head[:4], int.from_bytes(head[4:], "little")
        at += 8
        if kind == b"fmt ":
            form = file.read(min(length, _LONGEST_FORMAT))
        elif kind == b"ds64":
            long_data = int.from_bytes(file.read(16)[8:], "little")
        elif kind == b"data":
            return _format(form, at, long_data if length == 0xFFFFFFFF and long_data else length, size, name)
        at += length + length % 2
    raise SourceError(f"{name} is a WAV file without samples (no chunk 'data'): it may be cut off, copy it again")


def _format(form: bytes, begin: int, length: int, size: int, name: str) -> WavFormat:
    if len(form) < 16:
        raise SourceError(f"{name} is a WAV file that does not say its format")
    code, channels, rate, _, block, bits = (
        int.from_bytes(form[at : at + count], "little")
        for at, count in ((0, 2), (2, 2), (4, 4), (8, 4), (12, 2), (14, 2))
    )
    if code == _EXTENSIBLE and len(form) >= 26:
        code = int.from_bytes(form[24:26], "little")
    if code not in _LENGTHS:
        raise CompressedWavError(f"{name} holds {_CODES.get(code, f'samples of format {code}')} in a WAV file")
    wrong = (
        f"{bits} bits per sample" if bits not in _LENGTHS[code]
        else f"{channels} channels" if not 1 <= channels <= MAX_CHANNELS
        else f"{rate} Hz" if not LEAST_RATE <= rate <= MOST_RATE
        else f"{block} bytes per frame of {channels} x {bits} bits" if block != channels * bits // 8
        else ""
    )  # fmt: skip
    if wrong:
        raise SourceError(f"{name} is a WAV file of {wrong}: it is damaged, or of a kind that is not read")
    there = max(0, size - begin) // block
    announced = there if length in _OPEN_ENDED else length // block
    return WavFormat(rate, channels, bits, code == _FLOAT, begin, min(there, announced), announced)
