"""Checkpoint -> `voice-small.onnx` with its `ModelSpec`: `python -m training.voice.export --data DIR --out DIR`.

Norms are folded into the convolutions and weights stored as fp16; the temperature is fitted on the validation part,
whose speakers the network has not heard by then and the report does not have, on answers to whole clips as the runtime
makes them.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import io
import json
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from edgeaffect.circumplex import ANCHORS, TERMS
from edgeaffect.models.inputs import input_to_dict
from edgeaffect.models.registry import FILES
from edgeaffect.models.spec import ModelSpec
from training.data import data_folder
from training.files import open_on_one_thread
from training.provenance import commit
from training.storage import shorten_names, store_as_half
from training.voice.calibrate import fit_temperature
from training.voice.clips import ask, of_network
from training.voice.corpora import CORPORA, HIGH_AROUSAL, LABELS, SPLIT_SEED, TRAINED, Clip, read_clips
from training.voice.front_end import BANDS, INPUT
from training.voice.network import VoiceConfig, VoiceNet
from training.voice.prepare import Rows
from training.voice.train import load_network, rows_of

NAME = "voice-small"
VERSION = "1.2.0"
LICENCE = "CC-BY-NC-SA-4.0"
OUTPUTS = ("logits", "arousal", "features")
# Largest difference of an output to the network that storing weights as fp16 (11 bits) may make.
TOLERANCE = 0.05

# Ends of the arousal scale: means of the anchors of the labels that count as high and low arousal. Calm has no
# canonical anchor: "quiet" stands for it.
AROUSAL_HIGH = float(np.mean([ANCHORS[label].mean[1] for label in HIGH_AROUSAL]))
AROUSAL_LOW = float(np.mean([ANCHORS["sadness"].mean[1], TERMS["quiet"][1]]))


class ExportedVoice(nn.Module):
    """The network as one graph; see `OUTPUTS`."""

    def __init__(self, net: VoiceNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, log_mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        logits, raw, embedding = self.net(log_mel)
        high = raw.sigmoid().unsqueeze(1)
        return logits, AROUSAL_LOW + (AROUSAL_HIGH - AROUSAL_LOW) * high, embedding


@torch.no_grad()
def folded(net: VoiceNet) -> VoiceNet:
    """A copy without norms: each is folded into the convolution or linear layer before it."""
    net = copy.deepcopy(net).eval()
    for module in list(net.modules()):
        for name, norm in list(module.named_children()):
            if not isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
                continue
            names = list(dict(module.named_children()))
            before = names[names.index(name) - 1]
            layer = getattr(module, before)
            fuse = fuse_linear_bn_eval if isinstance(layer, nn.Linear) else fuse_conv_bn_eval
            setattr(module, before, fuse(layer, norm))
            setattr(module, name, nn.Identity())
    return net


def model_spec(temperature: float, recipe: str, *, name: str = NAME, version: str = VERSION) -> ModelSpec:
    """What the file says about itself."""
    return ModelSpec.from_dict(
        {
            "name": name,
            "version": version,
            "task": "voice",
            "inputs": [input_to_dict(INPUT)],
            "outputs": [
                {"name": "logits", "meaning": "logits", "labels": list(LABELS)},
                {"name": "arousal", "meaning": "arousal"},
                {"name": "features", "meaning": "features"},
            ],
            "calibration": {
                "temperature": {"logits": round(temperature, 4)},
                "fitted_on": "validation speakers of "
                + ", ".join(CORPORA[c].title.split(" (")[0] for c in TRAINED if CORPORA[c].labels)
                + f" (split seed {SPLIT_SEED}), whole clips, over each corpus's own labels",
            },
            "va_source": "derived",
            "licence": LICENCE,
            "training_data": [
                *(f"{CORPORA[c].title}: {CORPORA[c].language}, {CORPORA[c].licence}" for c in TRAINED),
                "backgrounds without speech, some of them non-commercial",
            ],
            "recipe": recipe,
        }
    )


def write_onnx(net: VoiceNet, path: Path, spec: ModelSpec) -> float:
    """Writes the file, checks it against the network and returns the largest difference.

    Raises:
        ValueError: an output differs by more than `TOLERANCE`.
    """
    model = ExportedVoice(folded(net)).eval()
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that keeps Conv + bias + Relu in the plain form is "legacy"
        torch.onnx.export(
            model,
            (torch.randn(2, 300, BANDS) * 3 - 12,),
            buffer,  # type: ignore[arg-type]  # the legacy exporter writes to streams too
            input_names=["log_mel"],
            output_names=list(OUTPUTS),
            opset_version=17,
            dynamo=False,
            dynamic_axes={"log_mel": {0: "n", 1: "t"}, **{name: {0: "n"} for name in OUTPUTS}},
        )
    graph = onnx.load_from_string(buffer.getvalue())
    store_as_half(graph)
    shorten_names(graph)
    onnx.checker.check_model(graph)
    partial = path.with_suffix(".partial.onnx")
    partial.write_bytes(graph.SerializeToString())
    spec.write_to(partial)
    worst = check(partial, net)
    partial.replace(path)
    return worst


def check(path: Path, net: VoiceNet) -> float:
    """Largest difference between file and network, for windows of several lengths and levels."""
    session = open_on_one_thread(path)
    random = np.random.default_rng(0)
    model = ExportedVoice(net).eval()
    worst = 0.0
    for count, frames in ((1, 50), (3, 187), (2, 301), (1, 1000)):
        x = (random.normal(-12, 3, (count, frames, BANDS))).astype(np.float32)
        with torch.no_grad():
            expected = model(torch.from_numpy(x))
        for name, wanted, got in zip(OUTPUTS, expected, session.run(list(OUTPUTS), {"log_mel": x}), strict=True):
            difference = float(np.abs(wanted.numpy() - got).max())
            if not difference <= TOLERANCE:
                raise ValueError(f"{name} of {path} differs from the network by {difference:.4f}, allowed {TOLERANCE}")
            worst = max(worst, difference)
    return worst


def parameters(config: VoiceConfig) -> int:
    """Numbers that a training decides, norms folded."""
    return sum(p.numel() for p in folded(VoiceNet(config)).parameters())


def export(checkpoint: Path, clips: Sequence[Clip], out: Path, path: Path, *, strangers: Path | None = None) -> float:
    """Calibrates on the validation part, writes `path` and returns the temperature.

    Args:
        checkpoint: of the network that goes into the file.
        clips: all clips of the cache.
        out: folder of the cache.
        path: file to write.
        strangers: checkpoint of the same training before the validation speakers took part; the temperature is its.
    """
    rows = rows_of(clips, ("validation",), [c for c in TRAINED if CORPORA[c].labels])
    said = ask(of_network(load_network(strangers or checkpoint)), rows, Rows.load(out / "clean.npz"))
    temperature = fit_temperature(said, [clips[row] for row in rows])
    stages = [json.dumps(_settings(stage)) for stage in (strangers, checkpoint) if stage is not None]
    recipe = f"training.voice.make, commit {commit(Path(__file__).parent)}, {', then '.join(stages)}"
    worst = write_onnx(load_network(checkpoint), path, model_spec(temperature, recipe))
    print(f"{path}: {path.stat().st_size} bytes, temperature {temperature:.3f}, largest difference {worst:.1e}")
    return temperature


def _settings(checkpoint: Path) -> dict[str, object]:
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return {"step": state["step"], **{k: state["recipe"][k] for k in ("batch", "parts", "seed")}}


def ship(source: Path, folder: Path = FILES) -> None:
    """Copies a finished file into the package and writes its digest into SHA256SUMS."""
    target = folder / source.name
    target.write_bytes(source.read_bytes())
    sums = folder / "SHA256SUMS"
    lines = [line for line in sums.read_text("utf-8").splitlines() if line.split()[1:] != [target.name]]
    lines.append(f"{hashlib.sha256(target.read_bytes()).hexdigest()}  {target.name}")
    sums.write_text("\n".join(sorted(lines, key=lambda line: line.split()[1])) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder with prepared frames and the checkpoints")
    parser.add_argument("--ship", action="store_true", help="also put the file into the package")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    path = arguments.out / f"{NAME}.onnx"
    clips = read_clips(data_folder(arguments.data))
    strangers, last = (arguments.out / f"{NAME}-{stage}.pt" for stage in ("second", "finished"))
    export(last, clips, arguments.out, path, strangers=strangers)
    if arguments.ship:
        ship(path)


if __name__ == "__main__":
    main()
