"""Draws `timeline.png` of made-up numbers, for `plots.md`: `python docs/make_plots.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect.circumplex import EMOTIONS, vad_from_votes
from edgeaffect.plot import save, timeline

SECONDS, FPS = 24.0, 25.0


def bump(time: Any, middle: float, width: float) -> Any:
    """A smooth rise and fall."""
    return np.exp(-(((time - middle) / width) ** 2))


def table() -> tuple[dict[str, Any], dict[str, Any]]:
    """A face that smiles, leaves, comes back surprised and talks; and its events."""
    time = np.arange(0, SECONDS, 1 / FPS)
    rng = np.random.default_rng(3)

    def slow(size: float) -> Any:
        return size * np.convolve(rng.normal(size=len(time) + 60), np.hanning(61) / 30, "valid")

    smile, surprise, frown = bump(time, 5, 1.6), bump(time, 14, 1.2), bump(time, 20, 1.8)
    rest = -1.5
    strength = {"neutral": 1.4, "happiness": rest + 5.5 * smile, "surprise": rest + 5 * surprise,
                "sadness": rest + 4.2 * frown, "anger": rest + 1.5 * frown}  # fmt: skip
    votes = np.stack([np.exp(strength.get(name, rest) + 0 * time + slow(0.1)) for name in EMOTIONS], 1)
    votes /= votes.sum(1, keepdims=True)
    mean, cov = vad_from_votes(votes)
    is_there = (time < 8.5) | (time > 11)
    columns: dict[str, Any] = {
        "valence": mean[:, 0], "arousal": mean[:, 1], "valence_std": np.sqrt(cov[:, 0, 0]),
        "arousal_std": np.sqrt(cov[:, 1, 1]), "is_sure": (votes.max(1) > 0.5).astype(float), "face": np.ones(len(time)),
        "head_yaw": -4 + slow(9), "head_pitch": 3 + slow(5), "gaze_yaw": -2 + slow(12), "gaze_pitch": slow(7),
        "looking_at_camera": np.clip(0.6 + slow(0.9), 0, 1), "speaking": np.clip(bump(time, 16, 3) + slow(0.1), 0, 1),
        "eyes_open": np.clip(0.9 - sum(bump(time, t, 0.12) for t in (2.1, 6.4, 12.6, 17.9, 21.3)), 0, 1),
        "AU1": 0.7 * surprise + 0.4 * frown, "AU2": 0.8 * surprise, "AU4": 0.7 * frown, "AU5": 0.6 * surprise,
        "AU6": 0.7 * smile, "AU7": 0.4 * smile, "AU9": 0.05 + 0 * time, "AU10": 0.4 * smile, "AU12": 0.95 * smile,
        "AU14": 0.1 * smile, "AU15": 0.6 * frown, "AU17": 0.5 * frown, "AU24": 0.1 + 0 * time, "AU26": 0.7 * surprise,
    }  # fmt: skip
    columns |= {f"p_{name}": votes[:, i] for i, name in enumerate(EMOTIONS)}
    columns = {name: np.where(is_there, np.clip(values, -40, 40), np.nan) for name, values in columns.items()}
    talks = (time > 13.5) & (time < 19.5)
    columns |= {
        "time": time, "voice_speech": talks.astype(float), "voice_level": np.where(talks, -24, -58) + slow(3),
        "voice_valence": np.where(talks, 0.25 + slow(0.2), np.nan), "voice_arousal": np.where(talks, 0.45, np.nan),
        "agreement": np.where(talks, 0.7 + slow(0.2), np.nan),
        "recording": np.array(["example"] * len(time), object), "label": np.array(["neutral"] * len(time), object),
    }  # fmt: skip
    events = [("blink", 2.0, 2.2), ("smile", 3.9, 6.3), ("blink", 6.3, 6.5), ("blink", 12.5, 12.7),
              ("surprise", 13.3, 14.8), ("speaks", 13.8, 19.2), ("nod", 16.2, 17.0),
              ("frown", 18.6, 21.4)]  # fmt: skip
    return columns, {
        "event": np.array([name for name, _, _ in events], object), "face": np.ones(len(events)),
        "start": np.array([start for _, start, _ in events]), "end": np.array([end for _, _, end in events]),
    }  # fmt: skip


if __name__ == "__main__":
    save(timeline(*table()), Path(__file__).with_name("timeline.png"), dpi=110)
