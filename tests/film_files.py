"""Films for the tests of sources, written by PyAV: how many frames, in what container, with what damage."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from scenes import scene

from edgeaffect.sources.geometry import Turn

FPS = 25


# Rows of what takes (x, y), y downwards, to (x, y) @ matrix (ISO/IEC 14496-12, 6.2.2).
CLOCKWISE, MIRROR = np.array([[0, 1], [-1, 0]]), np.array([[-1, 0], [0, 1]])
TURNS = [Turn(90 * quarters, mirror) for mirror in (False, True) for quarters in range(4)]


def matrix_of(turn: Turn) -> np.ndarray:
    """The matrix that asks a player for this turn."""
    return np.linalg.matrix_power(CLOCKWISE, turn.rotate // 90) @ (MIRROR if turn.mirror else np.eye(2, dtype=int))


def write_film(
    path: Path,
    codec: str = "libx264",
    *,
    frames: int = 60,
    size: tuple[int, int] = (64, 48),
    times: Iterable[int] = (),
    shape: tuple[int, int] = (1, 1),
    is_still: bool = False,
) -> Path:
    """A film of `scene`s that move, a key frame in twelve.

    `times` in frame distances makes its rate variable, `shape` its pixels oblong; a still one always shows `scene()`.
    """
    import av

    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.gop_size = 12
        stream.codec_context.sample_aspect_ratio = Fraction(*shape)
        for number, stamp in enumerate(times or range(frames)):
            picture = scene(*size) if is_still else np.roll(scene(*size, level=3 * number % 250), number, axis=1)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
            frame.pts, frame.time_base = stamp, Fraction(1, FPS)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def erase_packets(path: Path, numbers: Iterable[int]) -> None:
    """Overwrite packets of the picture track with zeros; what the container says of them stays, but for TS."""
    import av

    data = bytearray(path.read_bytes())
    with av.open(str(path)) as file:
        packets = [(bytes(packet), packet.pos) for packet in file.demux(video=0) if packet.size]
    for held, position in (packets[number] for number in numbers):
        begin = data.find(held)
        begin = position if begin < 0 else begin
        data[begin : begin + len(held)] = bytes(len(held))
    path.write_bytes(data)


def remux(source: Path, target: Path, options: dict[str, str] | None = None) -> Path:
    """The same packets in another container."""
    import av

    with av.open(str(source)) as film, av.open(str(target), "w", options=options or {}) as copy:
        track = film.streams.video[0]
        stream = copy.add_stream_from_template(track)
        for packet in film.demux(track):
            if packet.dts is not None:
                packet.stream = stream
                copy.mux(packet)
    return target


def write_matrix(path: Path, box: bytes, turn: Turn) -> None:
    """Set the matrix of a `tkhd` or `mvhd` of version 0."""
    data = bytearray(path.read_bytes())
    at = data.index(box) + 4 + {b"tkhd": 40, b"mvhd": 36}[box]
    assert data[at : at + 4] == struct.pack(">i", 1 << 16)
    a, b, c, d = (int(value) << 16 for value in matrix_of(turn).ravel())
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
