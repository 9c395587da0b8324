"""Gives small faces their due: raises the score of the finest stride, which answers for them, in a finished file.

The threshold is chosen on faces of every size, of which few are small. By the least step of `OFFSETS` with which the
development part's faces of 12 and 16 px are found oftener than by YuNet-n at its own threshold, the file's stays right
for them too. The order of faces of one size does not change.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import logging
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from edgeaffect.export.zoo.face_net import FaceNet

from edgeaffect.evaluation.detection_metrics import precision_recall
from edgeaffect.models.spec import ModelSpec
from training.face import peers, refine
from training.face.checkpoint import load_average
from training.face.data import read_pictures
from training.face.evaluate import PEER_THRESHOLDS, Case, Labelled, points_case, robustness_cases, run
from training.face.export import export

LOG = logging.getLogger("training.face.small")
SIZES = ("face of 12 px", "face of 16 px")
OFFSETS = np.linspace(0, 1, 11)
MARGIN = 0.02  # half a standard error of the development part's 181 frames


def raised(net: FaceNet, offset: float) -> FaceNet:
    """A copy whose finest score logit is `offset` higher everywhere."""
    net = copy.deepcopy(net)
    with torch.no_grad():
        net.head[0][-1].bias[0] += offset
    return net


def found(detect: peers.Detect, cases: dict[str, list[Case]], threshold: float) -> np.ndarray:
    """Share of the faces of each of `SIZES` that is found at a threshold."""
    return np.array([precision_recall(run(detect, cases[size])[0]).at(threshold)[1] for size in SIZES])


def raise_small(net: FaceNet, facts: ModelSpec, data: Path, labels: Path) -> tuple[FaceNet, float]:
    """The network raised by the least offset that is enough, and the offset.

    Args:
        net: as `export` takes it.
        facts: what its file says, score threshold included.
        data: folder of the data sets.
        labels: `labels.npz` of `training.face.teacher`.

    Raises:
        ValueError: no offset is enough.
    """
    assert facts.detector is not None
    known = Labelled(labels)
    frames = [points_case(p, known) for p in read_pictures(data, ("points68",)) if p.split == "dev"]
    cases = robustness_cases(frames)
    peer = peers.yunet(data / "baselines" / "yunet_n_dynamic.onnx", 0)
    wanted = found(peer, cases, PEER_THRESHOLDS["yunet-n"])
    for offset in map(float, OFFSETS):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "face-detector.onnx"
            export(raised(net, offset), file, facts)
            share = found(peers.ours(file, 0), cases, facts.detector.nms.score_threshold)
        LOG.info("offset %.1f: 12 and 16 px %s, YuNet-n %s", offset, share.round(3), wanted.round(3))
        if (share >= wanted + MARGIN).all():
            return raised(net, offset), offset
    raise ValueError(f"no offset up to {OFFSETS[-1]:.1f} finds small faces as YuNet-n does: train further")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with labels.npz and the checkpoint")
    parser.add_argument(
        "--checkpoint", default=refine.OUTPUT, help="name of the checkpoint that the file was made from"
    )
    parser.add_argument("--file", type=Path, required=True, help="ONNX file with its final threshold; written anew")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    cv2.setNumThreads(1)
    net, _, _ = load_average(args.out / args.checkpoint)
    facts = ModelSpec.from_onnx(args.file)
    net, offset = raise_small(net, facts, args.data, args.out / "labels.npz")
    export(net, args.file, dataclasses.replace(facts, recipe=f"{facts.recipe}, small faces +{offset:.1f}"))


if __name__ == "__main__":
    main()
