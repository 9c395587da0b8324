"""Takes the shipped bundle back into checkpoints to begin with or to judge: `python -m training.explain.restore`.

`--out DIR [--bundle FILE.zip]` writes `OUT/vision.pt`, `OUT/student.pt`, `evidence.json`, `salience.json` and
`fact_limits.json`. Weights are those of the files, rounded as they are there. Heads that only training needs (votes of
the eyes, affect of words, match) are not in the files and begin anew.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.bundle import ModelBundle
from edgeaffect.models.registry import FILES
from training.data import data_folder
from training.explain.decoder import Decoder, DecoderConfig
from training.explain.export import decoder_graph, encoder_graph
from training.explain.network import SeeingNet, float_weights
from training.explain.speak import SIZES
from training.explain.vad import vad_table
from training.files import save_checkpoint


def weights_in_order(model: onnx.ModelProto) -> list[np.ndarray]:
    """float32 constants of a graph, once for each use, in the order of the nodes that use them."""
    values = float_weights(model)
    return [
        values[name]
        for node in model.graph.node
        if node.output[0] not in values  # else it only turns a stored weight back
        for name in node.input
        if name in values and values[name].dtype == np.float32 and values[name].ndim
    ]


def mark(net: nn.Module) -> None:
    """Gives every parameter numbers that no other has, and makes normalisations do nothing but add their shift."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            module.running_mean.zero_()
            module.running_var.fill_(1 - module.eps)
    shifts = {id(m.weight) for m in net.modules() if isinstance(m, nn.BatchNorm2d)}
    for parameter in net.parameters():
        parameter.fill_(1.0) if id(parameter) in shifts else parameter.normal_()


def place(parameters: list[nn.Parameter], marked: np.ndarray, stored: np.ndarray) -> nn.Parameter:
    """Writes `stored` into the parameter whose marks a graph holds as `marked`, and returns it.

    Raises:
        ValueError: none has these marks, or the file holds another shape.
    """
    for parameter in parameters:
        mine = parameter.detach().numpy()
        for turned in (False, True):
            seen = mine.T if turned and mine.ndim == 2 else mine
            if seen.shape == marked.shape == stored.shape and np.allclose(seen, marked, atol=1e-5):
                parameter.copy_(torch.from_numpy(np.array(stored.T if turned and mine.ndim == 2 else stored)))
                return parameter
    raise ValueError(f"the bundle holds a weight of shape {stored.shape} where this network has {marked.shape}")


@torch.no_grad()
def restore(bundle: ModelBundle, vad: torch.Tensor | None = None) -> tuple[SeeingNet, Decoder]:
    """Eyes and decoder with the weights of a bundle.

    Args:
        bundle: that `training.explain.export` wrote.
        vad: [words, 3] affect of words to go on training with; the table of words has it folded in already.

    Raises:
        ValueError: the bundle holds other networks.
    """
    eyes = SeeingNet().eval()
    decoder = Decoder(DecoderConfig(Vocabulary().speakable_end, **SIZES["student"]), vad).eval()
    decoder.vad_in.weight.zero_()
    own = [p for p in decoder.vad_in.parameters()]
    fresh, decoder.has_vad = decoder.has_vad, False
    torch.manual_seed(0)
    mark(eyes)
    mark(decoder)
    graphs = {"encoder": encoder_graph(eyes, decoder), "decoder": decoder_graph(decoder)}
    left = [*eyes.parameters(), *decoder.parameters()]
    written: list[nn.Parameter] = []
    for name, graph in graphs.items():
        marked, stored = weights_in_order(graph), weights_in_order(onnx.load(str(bundle.part(name))))
        if len(marked) != len(stored):
            raise ValueError(f"{bundle.path}: {name} uses {len(stored)} weights, this network {len(marked)}")
        known: list[tuple[np.ndarray, nn.Parameter]] = []
        for mine, its in zip(marked, stored, strict=True):
            if any(mine.shape == old.shape and np.array_equal(mine, old) for old, _ in known):
                continue  # one table, used twice
            known.append((mine, place(left, mine, its)))
        written += [parameter for _, parameter in known]
    kept = {id(parameter) for parameter in written}
    begin_anew(eyes, kept)
    begin_anew(decoder, kept)
    for parameter in own:
        parameter.zero_()
    decoder.has_vad = fresh
    return eyes, decoder


def begin_anew(net: nn.Module, kept: set[int]) -> None:
    """Starts the layers afresh that no file holds."""
    for module in net.modules():
        if isinstance(module, nn.Linear) and id(module.weight) not in kept:
            module.reset_parameters()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--bundle", type=Path, default=FILES / "explainer.zip")
    arguments = parser.parse_args()
    out, bundle = arguments.out, ModelBundle.open(arguments.bundle)
    eyes, decoder = restore(bundle, torch.from_numpy(vad_table(Vocabulary(), data_folder(arguments.data))))
    save_checkpoint({"average": eyes.state_dict()}, out / "vision.pt")
    state = {"net": decoder.state_dict(), "config": vars(decoder.config), "has_vad": decoder.has_vad}
    save_checkpoint(state, out / "student.pt")
    evidence = json.loads(bundle.read("evidence"))
    (out / "evidence.json").write_text(json.dumps(evidence))
    salience = {name: evidence[name] for name in ("salience", "means", "least_salience")}
    (out / "salience.json").write_text(json.dumps(salience))
    (out / "fact_limits.json").write_text(json.dumps(evidence["facts"]))


if __name__ == "__main__":
    main()
