"""Which cell answers for which face, and how well its box fits.

Assignment follows task alignment (TOOD, Feng et al. 2021): of the cells inside a face, those whose score and box
already fit best are its positives, with a soft target that is 1 only for the best of them.
"""

from __future__ import annotations

import torch
from edgeaffect.export.zoo.face_net import STRIDES

from training.face.augment import CERTAIN

# Face sides (pixels) for which a stride may answer; the ranges overlap so that alignment decides.
RANGES = {8: (0.0, 56.0), 16: (28.0, 120.0), 32: (72.0, 1e9)}
TOP_CELLS = 9
TINY = 11.0
# A tiny face has one or two cells where a large one has nine; its cells count up to this much more.
LIFT_TO, LIFT_AT_MOST = 2.5, 3.0


def cell_centres(height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Centres [n, 2] in pixels and strides [n] of all cells, finest stride first, row by row."""
    centres, strides = [], []
    for stride in STRIDES:
        y, x = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        centres.append((torch.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride)
        strides.append(torch.full((len(centres[-1]),), float(stride)))
    return torch.cat(centres), torch.cat(strides)


def flatten(outputs: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Maps [b, 15, h, w] of all strides -> [b, cells, 15] float32."""
    return torch.cat([o.float().flatten(2).transpose(1, 2) for o in outputs], 1)


def giou(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """IoU and generalised IoU of boxes that broadcast against each other."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    overlap = (high - low).clamp(min=0).prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - overlap
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1)
    iou = overlap / union.clamp(min=1e-6)
    return iou, iou - (hull - union) / hull.clamp(min=1e-6)


@torch.no_grad()
def assign(
    scores: torch.Tensor,
    boxes: torch.Tensor,
    centres: torch.Tensor,
    strides: torch.Tensor,
    faces: torch.Tensor,
    image: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Picks positives; a face of a score below `CERTAIN` gets none.

    Args:
        scores: [b, n] probabilities.
        boxes: [b, n, 4] predicted boxes in pixels.
        centres: [n, 2], strides: [n] of the cells.
        faces: [f, 16] of the whole batch.
        image: int64 [f], the picture each face is in.

    Returns:
        target [b, n] (soft, 0 = background), owner [b, n] (row of `faces`).
    """
    truth, wanted = faces[:, :4], faces[:, 4] >= CERTAIN
    side = (truth[:, 2:] - truth[:, :2]).prod(-1).sqrt()
    x, y = centres[:, 0], centres[:, 1]
    depth = torch.minimum(
        torch.minimum(x - truth[:, :1], truth[:, 2:3] - x), torch.minimum(y - truth[:, 1:2], truth[:, 3:4] - y)
    )
    fits = torch.zeros_like(depth, dtype=torch.bool)
    for stride, (least, most) in RANGES.items():
        fits |= ((side >= least) & (side < most))[:, None] & (strides == stride)
    # A tiny face may hold no cell centre: the cells of at least an 11 px box around it count as inside.
    band = (TINY / 2 - side / 2).clamp(min=0)[:, None]
    row, cell = torch.nonzero((depth > -band) & fits & wanted[:, None], as_tuple=True)
    iou = torch.zeros_like(depth)
    iou[row, cell] = giou(boxes[image[row], cell], truth[row])[0]
    metric = torch.zeros_like(depth)
    metric[row, cell] = scores[image[row], cell].sqrt() * (iou[row, cell] + 0.02) ** 4
    best = metric.topk(TOP_CELLS, -1)
    # A cell wanted by several faces goes to the one it fits best.
    row = torch.arange(len(faces))[:, None].expand_as(best.indices)[best.values > 0]
    cell, value = best.indices[best.values > 0], best.values[best.values > 0]
    top = torch.zeros_like(scores)
    top.view(-1).scatter_reduce_(0, image[row] * len(centres) + cell, value, "amax")
    won = value == top[image[row], cell]
    row, cell, value = row[won], cell[won], value[won]
    peak, reach = torch.zeros(len(faces)), torch.zeros(len(faces))
    peak.scatter_reduce_(0, row, value, "amax")
    reach.scatter_reduce_(0, row, iou[row, cell], "amax")
    target, owner = torch.zeros_like(scores), torch.zeros_like(scores, dtype=torch.int64)
    # The root lifts tiny faces, whose boxes overlap less at the same error, towards large ones in the ranking.
    target[image[row], cell] = value / peak[row] * reach[row].clamp(min=0.1).sqrt() * faces[row, 4]
    owner[image[row], cell] = row
    return target, owner


def located(
    outputs: tuple[torch.Tensor, ...],
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """What every cell says: its centre [c, 2] and stride [c] in pixels, raw row [b, c, 15] and box [b, c, 4] xyxy."""
    centres, strides = cell_centres(outputs[0].shape[-2] * STRIDES[0], outputs[0].shape[-1] * STRIDES[0])
    flat = flatten(outputs)
    step = strides[:, None]
    boxes = torch.cat([centres - flat[..., 1:3] * step, centres + flat[..., 3:5] * step], -1)
    return centres, strides, flat, boxes
