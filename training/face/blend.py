"""The trained weights drawn back towards those they began with: `distilled.pt` -> `blended.pt`.

Training on this little data teaches small faces and forgets hard large ones. A point on the straight line between the
two networks keeps most of what each can do (WiSE-FT, Wortsman et al. 2022).
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch
from edgeaffect.export.zoo.face_net import FaceNet

from training.face.augment import Composer
from training.face.batches import load_sources
from training.face.checkpoint import load_average, save_average
from training.face.distill import CHECKPOINT, Plan, first_network

LOG = logging.getLogger("training.face.blend")
OUTPUT = "blended.pt"
# How much the trained weights count: of 0.3, 0.5, 0.7 and 1 the best on the training and development parts.
SHARE = 0.3


@torch.no_grad()
def blend(first: FaceNet, trained: FaceNet, share: float = SHARE) -> FaceNet:
    """The network `share` of the way from `first` to `trained`, statistics included; changes `first` in place."""
    for old, new in zip(first.state_dict().values(), trained.state_dict().values(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, share)
    return first


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with distilled.pt; writes blended.pt")
    parser.add_argument("--start", type=Path, help="the shipped file that the training began with instead of YuNet-n")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    trained, config, step = load_average(args.out / CHECKPOINT)
    composer = Composer(load_sources(args.data, args.out / "labels.npz"))
    first = first_network(Plan(), composer, args.data / "baselines" / "yunet_n_dynamic.onnx", args.start)
    save_average(blend(first, trained), config, step, args.out / OUTPUT)
    LOG.info("%s: %.1f of step %d", args.out / OUTPUT, SHARE, step)


if __name__ == "__main__":
    main()
