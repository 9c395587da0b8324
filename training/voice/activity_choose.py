"""Sets the threshold of voice activity on validation files: 0.5 becomes the one that few files without speech reach.

    python -m training.voice.activity_choose --scenes DIR [--false 0.05]

Tells what that means for clips of speech at 10 dB by validation speakers; no clip of the corpus that is left out is
looked at. Adds what it finds to the checkpoint as `bias` of the logits, which the export adds.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edgeaffect.options import VoiceActivityOptions
from edgeaffect.voice.segments import needed_frames
from training.data import data_folder
from training.files import save_checkpoint
from training.voice.activity_data import LEFT_OUT, RATE, Wave
from training.voice.activity_network import ActivityConfig, ActivityNet
from training.voice.activity_peers import HOP
from training.voice.activity_trials import Noises, spoken, unspoken
from training.voice.front_end import frames_of


def logits(net: ActivityNet, samples: Wave) -> NDArray[np.float32]:
    """Logit [n] of speech of each frame of a sound."""
    frames = torch.from_numpy(frames_of(samples))[None]
    with torch.no_grad():
        answer: NDArray[np.float32] = net(frames, net.zeros(1))[0][0].numpy()
    return answer


def limit(values: NDArray[np.float32], frames: int) -> float:
    """The value that so many frames reach: the largest threshold at which the clip is called speech."""
    return float(np.sort(values)[-min(frames, len(values))]) if len(values) else -20.0


def bias(others: NDArray[np.float64], share: float) -> float:
    """What to add to logits so that at most this share of the clips without speech reaches 0."""
    return -float(np.nextafter(np.quantile(others, 1 - share, method="higher"), np.inf))


def choose(checkpoint: Path, folder: Path, share: float) -> dict[str, Any]:
    """Find the bias and store it; what it means on the validation part."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = ActivityNet(ActivityConfig())
    net.load_state_dict(state["net"])
    net = net.folded()
    frames = needed_frames(VoiceActivityOptions().min_speech, HOP / RATE)
    noises = Noises.of(folder, "validation")
    trials = [t for t in spoken(folder, "validation", noises) if t.kind != LEFT_OUT]
    speech = np.array([limit(logits(net, t.samples), frames) for t in trials])
    others = np.array([limit(logits(net, t.samples), frames) for t in unspoken(folder, "validation")])
    state["bias"] = bias(others, share)
    save_checkpoint(state, checkpoint)
    return {
        "bias": round(state["bias"], 3),
        "speech kept": round(float((speech + state["bias"] >= 0).mean()), 4),
        "others called speech": round(float((others + state["bias"] >= 0).mean()), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--scenes", type=Path, required=True, help="folder with activity.pt")
    parser.add_argument("--false", type=float, default=0.05, help="share of clips without speech (default %(default)s)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(choose(arguments.scenes / "activity.pt", data_folder(arguments.data), arguments.false))


if __name__ == "__main__":
    main()
