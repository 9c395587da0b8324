"""What microphones, rooms, lines and codecs do to a voice, on samples at 16 kHz.

Each function takes and returns float32 [n] in about -1..1 and draws from the generator it is given; the length stays,
except where a name says otherwise (`change_speed`, `change_pitch` keep it to a frame or so).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from edgeaffect._lazy import require
from training.voice.corpora import SAMPLE_RATE

Samples = NDArray[np.float32]
Random = np.random.Generator

# Slopes of the power spectrum in dB per octave: white, pink, red, and in between.
_SLOPES = (0.0, -6.0)
_LEAST = 1e-10


def gain(x: Samples, random: Random, decibels: tuple[float, float] = (-30.0, 6.0)) -> Samples:
    """The clip at another level, clipped at full scale as a converter clips."""
    peak = max(float(np.abs(x).max(initial=0.0)), _LEAST)
    factor = 10 ** (random.uniform(*decibels) / 20) / peak
    return np.clip(x * factor, -1, 1).astype(np.float32)


def coloured_noise(count: int, random: Random, slope: float | None = None) -> Samples:
    """Gaussian noise of unit power whose spectrum falls by `slope` dB an octave (0 white, -3 pink, -6 red)."""
    slope = random.uniform(_SLOPES[1], _SLOPES[0]) if slope is None else slope
    size = 1 << max(1, count - 1).bit_length()
    spectrum = np.fft.rfft(random.standard_normal(size, np.float32))
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE), 50.0)
    noise = np.fft.irfft(spectrum * (hertz / 1000) ** (slope / 20 / np.log10(2)), size)[:count]
    return (noise / max(float(noise.std()), _LEAST)).astype(np.float32)


def of_length(x: Samples, count: int, random: Random) -> Samples:
    """A random stretch of `count` samples; a shorter sound is repeated."""
    if len(x) < count:
        x = np.tile(x, -(-count // max(1, len(x))))
    start = int(random.integers(0, len(x) - count + 1))
    return x[start : start + count]


def speech_power(x: Samples) -> float:
    """Mean square of the louder half of 20 ms frames, so that pauses do not count."""
    frames = x[: len(x) // 320 * 320].reshape(-1, 320)
    if not len(frames):
        return float(np.square(x).mean())
    power = np.sort(np.square(frames).mean(1))
    return float(power[len(power) // 2 :].mean())


def add_noise(x: Samples, noise: Samples, decibels: float) -> Samples:
    """Speech with noise [n] at a ratio of `decibels` of speech power to noise power."""
    factor = np.sqrt(speech_power(x) / max(float(np.square(noise).mean()), _LEAST) / 10 ** (decibels / 10))
    return (x + factor * noise).astype(np.float32)


def room_response(random: Random) -> Samples:
    """The impulse response of a room: a direct sound, early echoes, and noise that decays in 0.15 to 0.9 s (T60).

    The later part decays faster at high frequencies; the direct sound is 0 to 15 dB above all echoes together.
    """
    t60 = random.uniform(0.15, 0.9)
    count = int(t60 * SAMPLE_RATE)
    time = np.arange(count) / SAMPLE_RATE
    tail = random.standard_normal(count)
    dull = signal.lfilter([1.0], [1.0, -random.uniform(0.3, 0.8)], random.standard_normal(count))
    mixed = tail * np.exp(-6.9 * time / (0.5 * t60)) + dull / dull.std() * np.exp(-6.9 * time / t60)
    mixed[: int(random.uniform(0.001, 0.004) * SAMPLE_RATE)] = 0
    for at in random.uniform(0.002, 0.05, int(random.integers(3, 10))):
        mixed[min(count - 1, int(at * SAMPLE_RATE))] += random.normal() * 4 * np.exp(-6.9 * at / t60)
    direct = 10 ** (random.uniform(0, 15) / 20)
    mixed *= 1 / (direct * max(float(np.sqrt(np.square(mixed).sum())), _LEAST))
    mixed[0] = 1.0
    return mixed.astype(np.float32)


def reverberate(x: Samples, response: Samples) -> Samples:
    """The sound in a room; its end rings out beyond the clip and is cut."""
    out: Samples = signal.oaconvolve(x, response)[: len(x)].astype(np.float32)
    return out


def equalise(x: Samples, random: Random, decibels: float = 9.0) -> Samples:
    """A device's own frequency response: a smooth random curve over the octaves, of up to about `decibels`."""
    count = len(x)
    size = 1 << (count - 1).bit_length()
    octaves = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE), 40.0) / 40.0)
    points = np.linspace(0, octaves[-1], 6)
    curve = np.interp(octaves, points, random.uniform(-decibels, decibels, len(points)))
    out: Samples = np.fft.irfft(np.fft.rfft(x, size) * 10 ** (curve / 20), size)[:count].astype(np.float32)
    return out


def limit_band(x: Samples, random: Random) -> Samples:
    """A telephone line (about 300 to 3400 Hz), a cheap microphone, or a dull one."""
    low = random.choice([0.0, random.uniform(80, 350)])
    high = random.choice([3400.0, random.uniform(3000, 7000)])
    if low:
        sections = signal.butter(2, [low, high], "bandpass", fs=SAMPLE_RATE, output="sos")
    else:
        sections = signal.butter(4, high, "lowpass", fs=SAMPLE_RATE, output="sos")
    out: Samples = signal.sosfilt(sections, x).astype(np.float32)
    return out


def mu_law(x: Samples) -> Samples:
    """8 bits by the logarithmic law of telephony (ITU-T G.711, mu = 255, the continuous formula)."""
    peak = max(float(np.abs(x).max(initial=0.0)), _LEAST)
    y = np.sign(x) * np.log1p(255 * np.abs(x) / peak) / np.log(256)
    y = np.round(y * 127) / 127
    return (np.sign(y) * np.expm1(np.abs(y) * np.log(256)) / 255 * peak).astype(np.float32)


def compress(x: Samples, subtype: str, level: float) -> Samples:
    """Through Ogg Vorbis or Opus and back.

    Args:
        x: samples.
        subtype: "VORBIS" or "OPUS", as libsndfile names them.
        level: 0 best to 1 smallest.
    """
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", SAMPLE_RATE, 1, subtype, format="OGG", compression_level=level) as encoder:
        encoder.write(np.clip(x, -1, 1))
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    out = np.zeros(len(x), np.float32)
    out[: len(decoded)] = decoded[: len(x)]
    return out


def change_speed(x: Samples, factor: float) -> Samples:
    """Played faster (above 1) or slower: pitch, formants and tempo change together; length is n / factor."""
    soxr = require("soxr")
    out: Samples = soxr.resample(x, SAMPLE_RATE * factor, SAMPLE_RATE, quality="MQ").astype(np.float32)
    return out


def change_tempo(x: Samples, factor: float) -> Samples:
    """Faster (above 1) or slower at the same pitch, by overlapping pieces at their most alike (WSOLA)."""
    size, hop, search = 640, 320, 160
    fade = np.hanning(size + 1)[:size].astype(np.float32)
    count = max(1, round(len(x) / factor) // hop)
    padded = np.pad(x, (search, size + hop + 2 * search))
    out = np.zeros(count * hop + size, np.float32)
    previous = search
    for piece in range(count):
        wanted = min(round(piece * hop * factor) + search, len(padded) - size - search)
        start = wanted
        if piece:
            target = padded[previous + hop : previous + hop + size]
            area = padded[wanted - search : wanted + search + size]
            if len(target) == size and len(area) == size + 2 * search:
                # Every fourth offset: the pieces need not fit to the sample.
                views = np.lib.stride_tricks.sliding_window_view(area, size)[::4, ::4]
                start = wanted - search + 4 * int(np.argmax(views @ target[::4]))
        out[piece * hop : piece * hop + size] += padded[start : start + size] * fade
        previous = start
    return out[: max(1, round(len(x) / factor))]


def change_pitch(x: Samples, factor: float) -> Samples:
    """Pitch and formants times `factor` at about the same length."""
    return change_tempo(change_speed(x, factor), 1 / factor)


@dataclass(frozen=True)
class Damage:
    """How often each change happens."""

    pitch: float = 0.5
    tempo: float = 0.4
    room: float = 0.4
    device: float = 0.5
    band: float = 0.2
    codec: float = 0.35
    noise: float = 0.4


def damaged(x: Samples, random: Random, noises: Sequence[Samples] = (), damage: Damage | None = None) -> Samples:
    """One random version of a clip: another voice, pace, room, device, background and line, in this order.

    Args:
        x: a clip.
        random: generator.
        noises: recordings without speech; half of the backgrounds are one of them, the others coloured noise.
        damage: how often each change happens.
    """
    damage = damage or Damage()
    if random.random() < damage.pitch:
        x = change_pitch(x, float(2 ** (random.uniform(-2.0, 2.0) / 12)))
    if random.random() < damage.tempo:
        x = change_tempo(x, float(random.uniform(0.88, 1.14)))
    if random.random() < damage.room:
        x = reverberate(x, room_response(random))
    if random.random() < damage.noise:
        recorded = len(noises) > 0 and random.random() < 0.5
        noise = noises[int(random.integers(len(noises)))] if recorded else coloured_noise(len(x), random)
        x = add_noise(x, of_length(noise, len(x), random), float(random.uniform(0, 30)))
    if random.random() < damage.device:
        x = equalise(x, random)
    if random.random() < damage.band:
        x = limit_band(x, random)
    x = gain(x, random)
    if random.random() < damage.codec:
        kind = random.choice(["mu-law", "OPUS", "VORBIS"], p=[0.6, 0.1, 0.3])  # in order of their cost
        x = mu_law(x) if kind == "mu-law" else compress(x, str(kind), float(random.uniform(0.3, 1.0)))
    return x
