"""Dense distillation: what YuNet-n says at every cell of the very crop that the network sees.

Both networks answer at strides 8, 16 and 32, so that their maps lie on top of each other. The network learns the
teacher's score at every cell (its doubt on hands, lettering and blurred faces included), its boxes and points where no
label knows better, and its features. Labels that people gave win; those that the teacher gave, seeing more of the
picture, say whether this view is mistaken: a place that only it takes for a face counts half.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from edgeaffect.export.zoo.face_net import STRIDES, WIDTH
from torch import nn

from training.face.loss import LIFT_AT_MOST, LIFT_TO, assign, giou, located
from training.files import open_on_one_thread

# Tensors of the teacher's file in front of its heads, one per stride, 64 channels each.
FEATURES = ("287", "291", "295")
# Teacher scores from which a cell also learns a box and points.
SEEN = 0.2
# What remains of a score that the labels do not share, and the overlap at which they do.
UNSHARED, SHARED_IOU = 0.5, 0.4
# Focal power: what is nearly right costs little. 2, as usual, leaves scores of small faces low and false ones at 0.4.
POWER = 1.0
# A face below this side (pixels) answers in one to three cells; each of them counts up to this much more.
SMALL, SMALL_AT_MOST = 16.0, 2.5
BOX_WEIGHT, POINTS_WEIGHT = 2.0, 6.0


@dataclass
class Maps:
    """What the teacher says about a batch: cells in the order of `loss.cell_centres`.

    Attributes:
        score: float32 [b, n] in 0..1.
        boxes: float32 [b, n, 4] xyxy in pixels.
        points: float32 [b, n, 10] in pixels.
        features: float32 [b, 64, h/s, w/s] of each stride.
    """

    score: torch.Tensor
    boxes: torch.Tensor
    points: torch.Tensor
    features: list[torch.Tensor]


class DenseTeacher:
    """YuNet-n through ONNX Runtime on one thread, with its features as further outputs."""

    def __init__(self, path: Path) -> None:
        import onnx

        model = onnx.load(path)
        for name in FEATURES:
            model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
        self.session = open_on_one_thread(model.SerializeToString())
        self.names = [o.name for o in self.session.get_outputs()]

    def __call__(self, images: np.ndarray) -> Maps:
        """Maps of BGR crops uint8 [b, h, w, 3] whose sides are multiples of 32."""
        # One picture at a time stays in the cache and is faster than a batch.
        rows = [
            self.session.run(None, {"input": np.ascontiguousarray(i.transpose(2, 0, 1)[None], np.float32)})
            for i in images
        ]
        out = {n: torch.from_numpy(np.concatenate([r[k] for r in rows])) for k, n in enumerate(self.names)}
        score, boxes, points = [], [], []
        for stride in STRIDES:
            score.append((out[f"cls_{stride}"].clamp(0, 1) * out[f"obj_{stride}"].clamp(0, 1)).sqrt()[..., 0])
            y, x = torch.meshgrid(
                torch.arange(images.shape[1] // stride), torch.arange(images.shape[2] // stride), indexing="ij"
            )
            cell = torch.stack([x, y], -1).reshape(-1, 2).float()
            centre = (cell + out[f"bbox_{stride}"][..., :2]) * stride
            half = out[f"bbox_{stride}"][..., 2:].clamp(max=5).exp() * stride / 2
            boxes.append(torch.cat([centre - half, centre + half], -1))
            points.append((cell.repeat(1, 5) + out[f"kps_{stride}"]) * stride)
        return Maps(torch.cat(score, 1), torch.cat(boxes, 1), torch.cat(points, 1), [out[n] for n in FEATURES])


class FeatureLoss(nn.Module):
    """How far the branches of the network are from the teacher's, from whose weights they began."""

    spread: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("spread", torch.ones(len(STRIDES), WIDTH, 1, 1))

    @torch.no_grad()
    def measure(self, features: list[torch.Tensor]) -> None:
        """Takes the unit of each channel, its standard deviation, from one batch."""
        for level, maps in enumerate(features):
            self.spread[level] = maps.std((0, 2, 3))[:, None, None].clamp(min=1e-3)

    def forward(self, branches: list[torch.Tensor], teacher: Maps) -> torch.Tensor:
        """Smooth L1 in units of the spread; cells at faces count ten times."""
        total, begin = torch.zeros(()), 0
        for branch, wanted, spread in zip(branches, teacher.features, self.spread, strict=True):
            batch, _, height, width = wanted.shape
            score = teacher.score[:, begin : begin + height * width].reshape(batch, 1, height, width)
            begin += height * width
            weight = 1 + 9 * nn.functional.max_pool2d(score, 3, 1, 1)
            error = nn.functional.smooth_l1_loss(branch.float() / spread, wanted / spread, reduction="none")
            total = total + (error.mean(1, keepdim=True) * weight).sum() / weight.sum()
        return total / len(STRIDES)


def distillation_loss(
    outputs: tuple[torch.Tensor, ...], teacher: Maps, faces: torch.Tensor, owner_image: torch.Tensor
) -> tuple[torch.Tensor, dict[str, float]]:
    """Loss of a batch against labels and teacher; arguments as in `loss.detection_loss`."""
    centres, strides, flat, boxes = located(outputs)
    logits = flat[..., 0]
    score = logits.detach().sigmoid()
    faces = faces.clone()
    # What the teacher said of other views says where a face is; how sure to be of it, this view tells.
    faces[faces[:, 4] < 1, 4] = 0
    given, owner = assign(score, boxes.detach(), centres, strides, faces, owner_image)
    seen, match = shared(teacher, faces, owner_image)
    target = torch.maximum(given, seen)
    total = target.sum().clamp(min=1.0)
    learns = (given > 0) | (seen >= SEEN)
    image, cell = torch.nonzero(learns, as_tuple=True)
    face = torch.where(given > 0, owner, match)[image, cell]
    weight = target[image, cell]
    labelled = given[image, cell] > 0
    known = face >= 0
    rows = faces[face.clamp(min=0)] if len(faces) else torch.zeros(len(face), 16)
    wanted = torch.where(known[:, None], rows[:, :4], teacher.boxes[image, cell])
    side = (wanted[:, 2:] - wanted[:, :2]).prod(-1).clamp(min=1).sqrt()
    lift = (SMALL / side).clamp(1.0, SMALL_AT_MOST)
    mass = torch.zeros(len(faces)).index_add_(0, face[labelled], weight[labelled])
    lift[labelled] = torch.maximum(lift[labelled], (LIFT_TO / mass[face[labelled]]).clamp(1.0, LIFT_AT_MOST))
    entropy = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    importance = torch.ones_like(logits)
    importance[image, cell] = lift
    loss_score = ((target - score).abs() ** POWER * entropy * importance).sum() / total
    pointed = known & (rows[:, 5] > 0)
    wanted_points = torch.where(pointed[:, None], rows[:, 6:], teacher.points[image, cell])
    # A label without points asks nothing of points: the teacher's belong to its own box.
    teaches = pointed | ~known
    weight = weight * lift
    _, generalised = giou(boxes[image, cell], wanted)
    loss_box = ((1 - generalised) * weight).sum() / total
    side = side[:, None]
    points = centres[cell].repeat(1, 5) + flat[image, cell, 5:] * strides[cell, None]
    error = nn.functional.smooth_l1_loss(points / side, wanted_points / side, beta=0.03, reduction="none").mean(-1)
    loss_points = (error * weight * teaches).sum() / total
    loss = loss_score + BOX_WEIGHT * loss_box + POINTS_WEIGHT * loss_points
    return loss, {"score": loss_score.item(), "box": loss_box.item(), "points": loss_points.item()}


@torch.no_grad()
def shared(teacher: Maps, faces: torch.Tensor, owner_image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The teacher's scores with those halved that no label shares, and the label of each cell (-1 without one)."""
    score, match = teacher.score.clone(), torch.full(teacher.score.shape, -1, dtype=torch.int64)
    image, cell = torch.nonzero(score >= SEEN, as_tuple=True)
    if not len(image):
        return score, match
    best, index = torch.zeros(len(image)), torch.full((len(image),), -1, dtype=torch.int64)
    if len(faces):
        overlap, _ = giou(teacher.boxes[image, cell][:, None], faces[None, :, :4])
        overlap[image[:, None] != owner_image[None]] = 0
        best, index = overlap.max(1)
    agreed = best >= SHARED_IOU
    score[image[~agreed], cell[~agreed]] *= UNSHARED
    match[image[agreed], cell[agreed]] = index[agreed]
    return score, match
