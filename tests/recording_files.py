"""Recordings for the tests of tables and plots: short films of a real face, with sound, pictures, a broken file."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import voice_nets

FPS = 10
RATE = 16000


def face(side: int = 160) -> np.ndarray:
    """BGR picture [side, side, 3] of a smiling face."""
    import cv2
    from skimage import data

    return cv2.resize(np.ascontiguousarray(data.astronaut()[0:260, 90:350, ::-1]), (side, side))


def write_film(path: Path, frames: int = 12, *, blank: range = range(0), sound: bool = False, shift: int = 0) -> Path:
    """A face that drifts to the right; in `blank` frames there is none."""
    import av

    picture = face()
    with av.open(str(path), "w") as film:
        video = film.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        video.width = video.height = 192
        audio = film.add_stream("aac", rate=RATE, layout="mono") if sound else None
        for number in range(frames):
            canvas = np.full((192, 192, 3), 96, np.uint8)
            if number not in blank:
                left = min(32, shift + number)
                canvas[16:176, left : left + 160] = picture
            frame = av.VideoFrame.from_ndarray(canvas, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        if audio is not None:
            samples = voice_nets.murmur(frames / FPS).astype(np.float32)[None]
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            film.mux(audio.encode(frame))
            film.mux(audio.encode(None))
    return path


def write_wav(path: Path, seconds: float = 2.0) -> Path:
    """Something like speech."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(voice_nets.murmur(seconds) * 32767).astype("<i2").tobytes())
    return path


def write_picture(path: Path, *, has_face: bool = True) -> Path:
    """One picture."""
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), face() if has_face else np.zeros((96, 96, 3), np.uint8))
    return path
