"""Films for the tests of sources, written by PyAV: how many frames, in what container, with what damage."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from scenes import scene

FPS = 25


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
