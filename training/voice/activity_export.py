"""Weights -> `voice-activity.onnx`: probability of speech per frame, one state tensor, weights stored as fp16.

python -m training.voice.activity_export --scenes DIR [--file FILE]
"""

from __future__ import annotations

import argparse
import io
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from edgeaffect.models import ModelSpec
from edgeaffect.models.inputs import StateInput
from edgeaffect.models.spec import OutputSpec
from training.files import open_on_one_thread
from training.provenance import commit
from training.storage import shorten_names, store_as_half
from training.voice.activity_data import LEFT_OUT
from training.voice.activity_network import ActivityConfig, ActivityNet
from training.voice.corpora import CORPORA
from training.voice.front_end import BANDS, INPUT

VERSION = "1.2.0"
TOLERANCE = 1e-5
"""Largest difference of a probability between the file and the network, and between any two chunkings."""
TRAINING_DATA = (
    *(facts.title for name, facts in CORPORA.items() if name != LEFT_OUT),
    "1,369 recordings without speech: rooms, streets, baby cries, coughs, breath, screams, laughter, crying, animals, "
    "clicks (mixed, parts CC BY-NC)",
    "synthesised music and noise",
    "frame labels with the help of silero-vad 6.2 (MIT)",
)


class Exported(nn.Module):
    """The network with probabilities for logits."""

    def __init__(self, net: ActivityNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, log_mel: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        logits, state = self.net(log_mel, state)
        return logits.sigmoid(), state


def as_stored(net: ActivityNet) -> ActivityNet:
    """The network with its normalisations folded into the convolutions and weights as the file rounds them."""
    net = net.folded()
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.numel() >= 16:
                parameter.copy_(parameter.half().float())
        for buffer in net.buffers():
            buffer.copy_(buffer.half().float())
    return net


def spec(config: ActivityConfig, recipe: str) -> ModelSpec:
    """What the file says about itself."""
    return ModelSpec(
        name="voice-activity", version=VERSION, task="voice-activity",
        inputs=(INPUT, StateInput("state", ("batch", *config.state), "next_state")),
        outputs=(OutputSpec("speech", "speech"), OutputSpec("next_state", "state")),
        licence="research-data", training_data=TRAINING_DATA, recipe=recipe,
    )  # fmt: skip


def to_onnx(net: ActivityNet) -> onnx.ModelProto:
    """The graph: `log_mel` [N, T, 64], `state` [N, C, 1, past] -> `speech` [N, T], `next_state`."""
    buffer = io.BytesIO()
    axes = {"log_mel": {0: "n", 1: "t"}, "state": {0: "n"}, "speech": {0: "n", 1: "t"}, "next_state": {0: "n"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that keeps Conv + bias in the plain form is "legacy"
        torch.onnx.export(
            Exported(net),
            (torch.zeros(2, 7, BANDS), net.zeros(2)),
            buffer,  # type: ignore[arg-type]  # the legacy exporter writes to streams too
            input_names=["log_mel", "state"],
            output_names=["speech", "next_state"],
            opset_version=17,
            dynamo=False,
            dynamic_axes=axes,
        )
    return onnx.load_from_string(buffer.getvalue())


def check(path: Path, net: ActivityNet) -> float:
    """Largest difference of a probability to the network, whole and in chunks of 1 to 9 frames.

    Raises:
        ValueError: it is more than `TOLERANCE`.
    """
    session, random = open_on_one_thread(path), np.random.default_rng(0)
    x = random.normal(-9, 4, (1, 300, BANDS)).astype(np.float32).cumsum(1) / 10 - 8
    with torch.no_grad():
        wanted = net(torch.from_numpy(x), net.zeros(1))[0].sigmoid().numpy()
    whole = session.run(["speech"], {"log_mel": x, "state": net.zeros(1).numpy()})[0]
    state, at, parts = net.zeros(1).numpy(), 0, []
    while at < x.shape[1]:
        n = int(random.integers(1, 10))
        said, state = session.run(["speech", "next_state"], {"log_mel": x[:, at : at + n], "state": state})
        parts.append(said)
        at += n
    worst = max(float(np.abs(whole - wanted).max()), float(np.abs(np.concatenate(parts, 1) - whole).max()))
    if not worst <= TOLERANCE:
        raise ValueError(f"{path} differs from the network or from itself in chunks by {worst}, allowed {TOLERANCE}")
    return worst


def export(checkpoint: Path, path: Path) -> float:
    """Write the file and return the largest difference that `check` finds."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = ActivityNet(ActivityConfig())
    net.load_state_dict(state["net"])
    assert net.out.bias is not None
    with torch.no_grad():
        net.out.bias.add_(state.get("bias", 0.0))  # of activity_choose
    net = as_stored(net)
    graph = to_onnx(net)
    store_as_half(graph)
    shorten_names(graph)
    onnx.checker.check_model(graph)
    path.write_bytes(graph.SerializeToString())
    recipe = (
        f"training.voice.activity_train, commit {commit(Path(__file__).parent)}, seed {state['seed']}, "
        f"step {state['step']}"
    )
    spec(net.config, recipe).write_to(path)
    return check(path, net)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=Path, required=True, help="folder with activity.pt")
    parser.add_argument("--file", type=Path, help="ONNX file to write (default: DIR/voice-activity.onnx)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    path = arguments.file or arguments.scenes / "voice-activity.onnx"
    worst = export(arguments.scenes / "activity.pt", path)
    print(f"{path}: {path.stat().st_size} bytes, largest difference {worst:.1e}")


if __name__ == "__main__":
    main()
