"""Judges the voice activity model beside silero-vad and webrtcvad and writes ACTIVITY.json.

    python -m training.voice.activity_evaluate [--part development] [--file FILE] [--json FILE] [--only pink clips ...]

Speakers are those that nothing was trained or tuned on, one corpus is new as a whole, and the clips without speech are
held-out files. All detectors answer for the same log-mel frames. `--part validation` is for choices. With `--only`, the
sections named are measured and the others kept as FILE has them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect._files import file_sha256
from edgeaffect.models import find
from edgeaffect.options import VoiceActivityOptions
from edgeaffect.voice import LogMelStream, VoiceActivity
from edgeaffect.voice.activity import BLOCK
from edgeaffect.voice.segments import needed_frames
from training.data import data_folder
from training.provenance import provenance
from training.voice.activity_data import LEFT_OUT, RATE, Wave
from training.voice.activity_peers import HOP, WINDOW, Silero, WebRtc
from training.voice.activity_train import auc
from training.voice.activity_trials import (
    Noises,
    Stream,
    Trial,
    as_they_are,
    spoken,
    streams,
    synthesised,
    unspoken,
    with_noise,
)

SECTIONS = ("pink", "recorded", "clips", "delay", "cost")
SNRS = (20, 15, 10, 5, 0)
KEPT = 0.95
"""Share of the speech clips at 10 dB that must be called speech."""
SILERO = 0.5
"""silero-vad's own threshold."""
Detector = Callable[[Wave], NDArray[np.float32]]


def wilson(hits: int, count: int) -> list[float]:
    """95 % interval of a share (Wilson 1927)."""
    if not count:
        return [0.0, 1.0]
    z, p = 1.96, hits / count
    middle, half = p + z * z / (2 * count), z * np.sqrt(p * (1 - p) / count + z * z / (4 * count**2))
    low, high = (middle - half) / (1 + z * z / count), (middle + half) / (1 + z * z / count)
    return [round(float(max(0, low)), 4), round(float(min(1, high)), 4)]


def frame_scores(
    given: Sequence[Stream], noises: Noises, kind: str, detectors: Mapping[str, Detector], seed: int = 0
) -> dict[str, Any]:
    """Frame AUC in one kind of noise: SNR -> detector -> {all, each corpus, by the other label}."""
    result: dict[str, Any] = {}
    for snr in SNRS:
        random = np.random.default_rng([seed, 7, snr])
        noisy = [with_noise(s.samples, s.energy == 1, noises.noise(kind, len(s.samples), random), snr) for s in given]
        result[str(snr)] = row = {}
        for name, detector in detectors.items():
            said = [detector(wave) for wave in noisy]
            row[name] = {
                "auc": _auc(said, [s.energy for s in given]),
                "auc_agreed_labels": _auc(said, [s.agreed for s in given]),
                **{s.corpus: _auc([p], [s.energy]) for s, p in zip(given, said, strict=True)},
            }
    return result


def _auc(said: Sequence[NDArray[np.float32]], labels: Sequence[NDArray[np.int8]]) -> float:
    score, label = np.concatenate(said), np.concatenate(labels)
    sure = label >= 0
    return round(auc(score[sure], label[sure] == 1), 4)


def clip_score(said: NDArray[np.float32], frames: int) -> float:
    """The largest `enter` at which `is_speech` calls the clip speech."""
    return float(np.sort(said)[-min(frames, len(said))]) if len(said) else 0.0


def clip_scores(trials: Sequence[Trial], detector: Detector, frames: int) -> dict[str, NDArray[np.float64]]:
    """Kind -> scores of its clips."""
    found: dict[str, list[float]] = defaultdict(list)
    for trial in trials:
        found[trial.kind].append(clip_score(detector(trial.samples), frames))
    return {kind: np.array(scores) for kind, scores in sorted(found.items())}


def shares(scores: Mapping[str, NDArray[np.float64]], threshold: float) -> dict[str, Any]:
    """Share called speech of each kind and of all, with intervals."""
    rows = {**scores, "all": np.concatenate(list(scores.values()))}
    return {
        kind: {
            "clips": len(s),
            "called": int((s >= threshold).sum()),
            "share": round(float((s >= threshold).mean()), 4),
            "interval": wilson(int((s >= threshold).sum()), len(s)),
        }
        for kind, s in rows.items()
    }


def clip_decisions(
    speech: Sequence[Trial], clean: Sequence[Trial], empty: Sequence[Trial], made: Sequence[Trial],
    detectors: Mapping[str, Detector], options: VoiceActivityOptions,
) -> dict[str, Any]:  # fmt: skip
    """What each detector calls speech: at its default, and at the threshold that keeps `KEPT` of the noisy speech.

    Args:
        speech: with noise.
        clean: as it is.
        empty: recordings without speech.
        made: synthesised sounds.
        detectors: name -> what gives a number for each frame.
        options: ours; silero-vad's default is 0.5, webrtcvad has none.
    """
    defaults = {"edgeaffect": options.enter, "silero-vad": SILERO}
    frames = needed_frames(options.min_speech, HOP / RATE)
    result: dict[str, Any] = {"min_speech": options.min_speech, "kept_asked": KEPT}
    for name, detector in detectors.items():
        told, alone, silent, synthetic = (clip_scores(t, detector, frames) for t in (speech, clean, empty, made))
        # A share of KEPT lies at or above this score.
        every = np.sort(np.concatenate(list(told.values())))
        threshold = float(every[int(np.floor((1 - KEPT) * len(every)))])
        points = {"at_kept": threshold, **({"at_default": defaults[name]} if name in defaults else {})}
        result[name] = {
            point: {
                "threshold": round(value, 5),
                "speech": shares(told, value),
                "clean_speech": shares(alone, value),
                "non_speech": shares(silent, value),
                "synthesised": shares(synthetic, value),
            }
            for point, value in points.items()
        }
        both = np.concatenate([*told.values(), *silent.values()])
        is_speech = np.arange(len(both)) < len(every)
        result[name]["clip_auc"] = round(auc(both, is_speech), 4)
    return result


def delays(
    given: Sequence[Stream], noises: Noises, ours: Detector, silero: Silero, enter: float, snr: int, seed: int = 0
) -> dict[str, Any]:
    """Seconds from the start of speech to the first moment a detector can say so, in recorded noise.

    A frame's answer is there when its block is complete, a chunk's at its end. Answers before the start count as false
    alarms, and as found at once.
    """
    random = np.random.default_rng([seed, 8, snr])
    found: dict[str, list[float]] = {"edgeaffect": [], "silero-vad": []}
    for stream in given:
        wave = with_noise(
            stream.samples, stream.energy == 1, noises.noise("recorded", len(stream.samples), random), snr
        )
        frames = np.flatnonzero(ours(wave) >= enter)
        ready = ((frames // BLOCK + 1) * BLOCK - 1) * HOP + WINDOW
        chunks = (np.flatnonzero(silero.chunks(wave) >= SILERO) + 1) * 512
        for name, times in (("edgeaffect", ready), ("silero-vad", chunks)):
            for onset in stream.onsets:
                later = times[times > onset]
                found[name].append(float(later[0] - onset) / RATE if len(later) else np.inf)
    return {
        name: {
            "median": _quantile(d, 0.5),
            "p90": _quantile(d, 0.9),
            "within_1_s": round(float(np.mean(np.array(d) < 1)), 4),
            "onsets": len(d),
        }
        for name, d in found.items()
    }


def _quantile(seconds: Sequence[float], share: float) -> float | None:
    """None where that share is never found."""
    value = float(np.quantile(seconds, share, method="higher"))
    return round(value, 3) if np.isfinite(value) else None


def cost(activity: VoiceActivity, silero: Silero, seconds: int = 20) -> dict[str, float]:
    """CPU milliseconds per second of sound, median of 5: ours with its front end in pieces of 10 ms, and peers."""
    wave = (np.random.default_rng(0).standard_normal(seconds * RATE) * 0.1).astype(np.float32)
    webrtc = WebRtc()

    def stream() -> None:
        front = LogMelStream(activity.front_end, RATE)
        activity.reset()
        for chunk in np.split(wave, seconds * 100):
            activity.accept(front.accept(chunk))
        activity.finish()

    calls = {
        "edgeaffect, log-mel and model, 10 ms pieces": stream,
        "edgeaffect, whole clip": lambda: activity.probabilities(wave, RATE),
        "silero-vad, its ONNX file, 32 ms pieces": lambda: silero.stream(wave),
        "webrtcvad, one mode, 10 ms pieces": lambda: webrtc.mode(wave, 2),
    }
    result = {}
    for name, call in calls.items():
        call()
        times = []
        for _ in range(5):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
        result[name] = round(float(np.median(times)) * 1000 / seconds, 3)
    return result


def evaluate(folder: Path, part: str, file: Path | None, sections: Sequence[str] = SECTIONS) -> dict[str, Any]:
    """The figures of some sections."""
    activity, silero, webrtc = VoiceActivity(file), Silero(), WebRtc()
    options = activity.options
    detectors: dict[str, Detector] = {
        "edgeaffect": lambda wave: activity.probabilities(wave, RATE),
        "silero-vad": silero.frames,
        "webrtcvad": webrtc.frames,
    }
    noises = Noises.of(folder, part)
    given = streams(folder, part, silero) if {"pink", "recorded", "delay"} & set(sections) else []
    record: dict[str, Any] = {
        "part": part,
        "left_out_corpus": LEFT_OUT,
        "file": activity.model.path.name,
        "version": activity.model.spec.version,
        "bytes": activity.model.size_bytes,
        "sha256": file_sha256(activity.model.path),
        "frames": {
            kind: frame_scores(given, noises, kind, detectors) for kind in ("pink", "recorded") if kind in sections
        },
    }
    if "clips" in sections:
        sounds = (spoken(folder, part, noises), as_they_are(folder, part), unspoken(folder, part), synthesised())
        record["clips"] = clip_decisions(*sounds, detectors, options)
    if "delay" in sections:
        record["delay_seconds"] = {
            str(snr): delays(given, noises, detectors["edgeaffect"], silero, options.enter, snr) for snr in (20, 10, 5)
        }
    if "cost" in sections:
        record["cost_ms_per_second"] = cost(activity, silero)
    return record


def merged(before: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """A record with some sections measured anew.

    Raises:
        ValueError: the record is that of another file or part.
    """
    for key in ("sha256", "part"):
        if before.get(key, new[key]) != new[key]:
            raise ValueError(f"the record is of {key} {before[key]}, this run of {new[key]}: measure all sections anew")
    return {**before, **new, "frames": {**before.get("frames", {}), **new["frames"]}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--part", choices=("validation", "development"), default="development")
    parser.add_argument("--file", type=Path, help="model (default: the bundled one)")
    parser.add_argument("--json", type=Path, help="write the record here")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="sections to measure (default: all)")
    arguments = parser.parse_args()
    file = arguments.file or find(None, "voice-activity").path
    sections = arguments.only or SECTIONS
    record = {
        **provenance(Path(__file__).parent),
        **evaluate(data_folder(arguments.data), arguments.part, file, sections),
    }
    if arguments.only and arguments.json and arguments.json.exists():
        record = merged(json.loads(arguments.json.read_text("utf-8")), record)
    text = json.dumps(record, indent=1, allow_nan=False)
    if arguments.json:
        arguments.json.write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
