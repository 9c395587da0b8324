"""Takes the weights of a shipped expression model back into a checkpoint that trainings can start from or learn from.

`python -m training.affect.restore --file FILE.onnx --arch base --data DIR --out DIR --name STAGE` writes
`OUT/STAGE.pt`, which `training.affect.make` takes for that stage's end.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from edgeaffect.export.precision.layers import load_float_graph
from edgeaffect.export.zoo.affect_net import AffectNet

from edgeaffect.models import find
from training.affect.networks import build
from training.affect.views import network_input
from training.data import data_folder, read_ferplus
from training.files import save_checkpoint
from training.norms import convolutions, restore_norms, unfold

FACES = 1024  # that give the norms their statistics
_SOURCE = "restored_from"


def restore(path: Path, arch: str, batch: torch.Tensor) -> AffectNet:
    """The network `arch` with the weights of a file that `training.affect.export` wrote.

    Args:
        path: the file.
        arch: a name of `training.affect.networks.CONFIGS`.
        batch: normalised faces [N, 1, 48, 48] that training would see.

    Raises:
        ValueError: the file holds another network.
    """
    graph = load_float_graph(path)
    layers = [node for node in graph.proto.node if node.op_type in ("Conv", "Gemm")]
    stored = [[torch.from_numpy(graph.constant(name).copy()) for name in node.input[1:]] for node in layers]
    net = build(arch)
    assert isinstance(net, AffectNet)
    pairs = list(convolutions(net))
    linear = [net.head, *([net.guard.inner, net.guard.outer] if net.guard else [])]
    wanted = [*(conv.weight.shape for conv, _ in pairs), *(layer.weight.shape for layer in linear)]
    found = [tensors[0].shape for tensors in stored]
    # Files before 3.2.0 have no guard: theirs stays fresh.
    if found not in (wanted, wanted[: len(pairs) + 1]):
        raise ValueError(f"{path} does not hold a network {arch!r}: give its own --arch")
    for (conv, norm), (weight, bias) in zip(pairs, stored, strict=False):
        unfold(conv, norm, weight, bias)
    with torch.no_grad():
        for layer, (weight, bias) in zip(linear, stored[len(pairs) :], strict=False):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
    restore_norms(net, [batch])
    return net


def is_restored(checkpoint: Path) -> bool:
    """Whether a checkpoint is the end of a training that nobody can go on with, because it came out of a file."""
    return checkpoint.exists() and _SOURCE in torch.load(checkpoint, map_location="cpu", weights_only=True)


def save(
    net: AffectNet,
    arch: str,
    path: Path,
    checkpoint: Path,
    recipe: str = "recipe not recorded",
    data: Sequence[str] = (),
) -> None:
    """Writes a checkpoint that names the file `path` as its source, how that was made, and of which data."""
    state = {
        "arch": arch, "average": net.state_dict(), _SOURCE: path.name, "restored_recipe": recipe,
        "restored_data": list(data),
    }  # fmt: skip
    save_checkpoint(state, checkpoint)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--file", required=True, type=Path)
    parser.add_argument("--arch", required=True, help="nano, small, base or former")
    parser.add_argument("--out", required=True, type=Path, help="work folder of `training.affect.make`")
    parser.add_argument("--name", required=True, help="stage that the checkpoint stands for")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    faces = read_ferplus(data_folder(arguments.data)).part("fit")
    net = restore(arguments.file, arguments.arch, network_input(torch.from_numpy(faces.images[:FACES])))
    arguments.out.mkdir(parents=True, exist_ok=True)
    spec = find(arguments.file, "affect").spec
    checkpoint = arguments.out / f"{arguments.name}.pt"
    save(net, arguments.arch, arguments.file, checkpoint, spec.recipe, spec.training_data)


if __name__ == "__main__":
    main()
