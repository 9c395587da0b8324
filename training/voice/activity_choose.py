"""Sets the threshold of voice activity on validation speakers: 0.5 becomes the probability that keeps most speech.

    python -m training.voice.activity_choose --scenes DIR [--kept 0.96]

Looks at clips of speech at 10 dB and at files without speech, all of the validation part, no clip of the corpus that is
left out. Adds what it finds to the checkpoint as `bias` of the logits, which the export adds.
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
    """Of each frame of a sound."""
    frames = torch.from_numpy(frames_of(samples))[None]
    with torch.no_grad():
        answer: NDArray[np.float32] = net(frames, net.zeros(1))[0][0].numpy()
    return answer


def limit(values: NDArray[np.float32], frames: int) -> float:
    """The value that so many frames reach: the largest threshold at which the clip is called speech."""
    return float(np.sort(values)[-min(frames, len(values))]) if len(values) else -20.0


def bias(speech: NDArray[np.float64], kept: float) -> float:
    """What to add to logits so that this share of the clips reaches 0."""
    return -float(np.quantile(speech, 1 - kept, method="lower"))


def choose(checkpoint: Path, folder: Path, kept: float) -> dict[str, Any]:
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
    state["bias"] = bias(speech, kept)
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
    parser.add_argument("--kept", type=float, default=0.96, help="share of speech clips (default %(default)s)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(choose(arguments.scenes / "activity.pt", data_folder(arguments.data), arguments.kept))


if __name__ == "__main__":
    main()
