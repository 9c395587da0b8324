"""The temperature of the logits, fitted to whole clips of the validation speakers as `VoiceAffect` answers them.

    python -m training.voice.calibrate --data DIR --file FILE (--strangers FILE | --path-only)

`--strangers` is the file of the same training before the validation speakers took part: its answers through
`VoiceAffect` are fitted, and FILE gets the temperature. Where only a file is left that has heard these speakers, a fit
would be far too sure; `--path-only` then keeps the temperature that strangers gave to windows of the model alone, and
multiplies it by what `VoiceAffect` changes: the ratio of the two fits, through it and alone, of FILE itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeaffect import VoiceAffect
from edgeaffect.models.spec import Calibration, ModelSpec
from training.data import data_folder
from training.voice.clips import Said, ask
from training.voice.corpora import CORPORA, LABELS, SPLIT_SEED, TRAINED, Clip, read_clips, read_samples
from training.voice.evaluate import of_file
from training.voice.front_end import frames_of
from training.voice.heard import hear, of_rows
from training.voice.prepare import Rows
from training.voice.scores import Array, own_labels

TEMPERATURES = np.geomspace(0.3, 4.0, 261)


def log_loss(logs: Array, clips: Sequence[Clip]) -> float:
    """Mean over corpora of the mean -log probability of the label, over the corpus's own labels."""
    corpora = [clip.corpus for clip in clips]
    shares = own_labels(np.exp(logs), corpora)
    truth = np.array([LABELS.index(clip.label) for clip in clips])
    each = -np.log(np.maximum(shares[np.arange(len(clips)), truth], 1e-12))
    return float(np.mean([each[np.array(corpora) == corpus].mean() for corpus in dict.fromkeys(corpora)]))


def fit_temperature(said: Said, clips: Sequence[Clip]) -> float:
    """The temperature with the least `log_loss` of what was said about `clips`."""
    losses = [log_loss(said.log_probabilities(t), clips) for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def fit_through_runtime(file: Path, clips: Sequence[Clip], waves: Sequence[NDArray[np.float32]]) -> float:
    """The same of what `VoiceAffect` says; clips without speech say nothing.

    Raises:
        ValueError: no clip has speech.
    """
    with VoiceAffect(file, device="cpu") as voice:
        said, found = hear(voice, waves, temperature_of(file))
    rows = np.flatnonzero(found).tolist()
    if not len(rows):
        raise ValueError(f"VoiceAffect finds no speech in any of {len(clips)} clips: nothing to fit a temperature to")
    return fit_temperature(of_rows(said, rows), [clips[row] for row in rows])


def fit_to_windows(file: Path, clips: Sequence[Clip], waves: Sequence[NDArray[np.float32]]) -> float:
    """The same of the model alone, without a test for speech."""
    predict, _ = of_file(file)
    said = ask(predict, range(len(clips)), Rows.of(frames_of(samples) for samples in waves))
    return fit_temperature(said, clips)


def temperature_of(file: Path) -> float:
    """What its logits are divided by."""
    calibration = ModelSpec.from_onnx(file).calibration
    return calibration.temperature.get("logits", 1.0) if calibration else 1.0


def write_temperature(file: Path, temperature: float, *, note: str = "", version: str | None = None) -> None:
    """Puts a temperature, and what it was fitted on, into a file."""
    spec = ModelSpec.from_onnx(file)
    named = ", ".join(CORPORA[name].title.split(" (")[0] for name in TRAINED if CORPORA[name].labels)
    fitted_on = (
        f"validation speakers of {named} (split seed {SPLIT_SEED}), whole clips through VoiceAffect, over each "
        f"corpus's own labels{note}"
    )
    calibration = spec.calibration or Calibration()
    calibration = replace(calibration, temperature={"logits": round(temperature, 4)}, fitted_on=fitted_on)
    replace(spec, calibration=calibration, version=version or spec.version).write_to(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--file", required=True, type=Path, help="voice file that gets the temperature")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--strangers", type=Path, help="file whose network has not heard the validation speakers")
    way.add_argument("--path-only", action="store_true", help="only what VoiceAffect changes, beside the model alone")
    parser.add_argument("--version", help="new version of the file")
    arguments = parser.parse_args()
    data, file = data_folder(arguments.data), arguments.file
    named = [name for name in TRAINED if CORPORA[name].labels]
    clips = [clip for clip in read_clips(data, named) if clip.part == "validation"]
    waves = list(read_samples(data, clips))
    before = temperature_of(file)
    if arguments.path_only:
        through, alone = fit_through_runtime(file, clips, waves), fit_to_windows(file, clips, waves)
        temperature = before * through / alone
        note = f"; the factor of VoiceAffect in it, {through / alone:.3f}, by fits of this file, which has heard these "
        note += "speakers; the rest by a network that had not"
        print(f"fits of this file: through VoiceAffect {through:.4f}, alone {alone:.4f}")
    else:
        temperature, note = fit_through_runtime(arguments.strangers, clips, waves), ""
    write_temperature(file, temperature, note=note, version=arguments.version)
    print(f"{file}: temperature {before:.4f} -> {temperature:.4f}")


if __name__ == "__main__":
    main()
