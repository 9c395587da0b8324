"""How a voice file does under noise and bad lines: `python -m training.voice.robustness --data DIR`.

Every third development clip, as it is and changed; the noise is coloured noise and recordings of the development part,
which no training has heard. Adds `robustness` to `RESULTS.json`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect.models.registry import FILES
from edgeaffect.models.spec import ModelSpec
from training.data import data_folder
from training.provenance import provenance
from training.voice import augment
from training.voice.augment import Random, Samples
from training.voice.clips import ask
from training.voice.corpora import CORPORA, TRAINED, read_clips, read_samples, read_sound_samples, read_sounds
from training.voice.evaluate import Answers, mean_uar, of_file, statistic, within, write
from training.voice.front_end import frames_of
from training.voice.prepare import Rows

STEP = 3
Change = Callable[[Samples, Random], Samples]


def conditions(noises: list[Samples]) -> dict[str, Change]:
    """Names of the changes and what they do."""

    def recorded(decibels: float) -> Change:
        def change(x: Samples, random: Random) -> Samples:
            noise = noises[int(random.integers(len(noises)))]
            return augment.add_noise(x, augment.of_length(noise, len(x), random), decibels)

        return change

    def pink(decibels: float) -> Change:
        return lambda x, random: augment.add_noise(x, augment.coloured_noise(len(x), random, -3.0), decibels)

    return {
        "as it is": lambda x, random: x,
        "20 dB quieter": lambda x, random: x * np.float32(0.1),
        "pink noise, 20 dB": pink(20),
        "pink noise, 10 dB": pink(10),
        "recorded noise, 10 dB": recorded(10),
        "recorded noise, 0 dB": recorded(0),
        "room": lambda x, random: augment.reverberate(x, augment.room_response(random)),
        "telephone (band and mu-law)": lambda x, random: augment.mu_law(augment.limit_band(x, random)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--file", type=Path, default=FILES / "voice-small.onnx")
    arguments = parser.parse_args()
    data = data_folder(arguments.data)
    named = [name for name in TRAINED if CORPORA[name].labels]
    clips = [clip for clip in read_clips(data, named) if clip.part == "development"][::STEP]
    waves = list(read_samples(data, clips))
    sounds = [sound for sound in read_sounds(data) if sound.part == "development"]
    noises = [x for x in read_sound_samples(data, sounds) if len(x) >= 1600 and np.abs(x).max() > 1e-3]
    predict, temperature = of_file(arguments.file)
    rows = np.arange(len(clips))
    record: dict[str, Any] = {
        "clips": len(clips), "version": ModelSpec.from_onnx(arguments.file).version,
        **provenance(Path(__file__).parent), "conditions": {},
    }  # fmt: skip
    for name, change in conditions(noises).items():
        random = np.random.default_rng(0)
        frames = Rows.of(frames_of(change(x, random)) for x in waves)
        heard = ask(predict, rows, frames)
        said = Answers(clips, heard.log_probabilities(temperature), heard.arousal)
        record["conditions"][name] = {
            "mean_uar": statistic(said, rows, partial(mean_uar, said)),
            "arousal_auc_within": statistic(said, rows, partial(within, said)),
        }
        print(name, record["conditions"][name], flush=True)
    write({"robustness": record})


if __name__ == "__main__":
    main()
