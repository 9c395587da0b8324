"""Things that people wear or hold before their faces: masks, glasses, hands, drawn over gray crops.

Shapes are functions of a pixel's place in the 48 px template crop (`training.affect.alignment`), whose pixels all sizes
below are in, so that a mask sits below the eyes however the face is turned in its view.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from training.affect.alignment import read_template

Draw = Callable[[float, float], torch.Tensor]
"""Uniform random numbers [n, 1, 1] between two bounds."""


def mask(x: torch.Tensor, y: torch.Tensor, landmarks: np.ndarray, draw: Draw) -> tuple[torch.Tensor, torch.Tensor]:
    """A face mask, or a scarf that hides less of the nose: how much of a pixel it hides, and its own tone."""
    nose, mouth = landmarks[2], landmarks[3:].mean(0)
    middle = float(nose[0])
    top = draw(float(nose[1]) - 5, float(nose[1]) + 4)
    # The upper edge falls from the bridge of the nose to the ears.
    edge = top + ((x - middle) / draw(9, 14)) ** 2 * 3
    width, height = draw(18, 25), draw(14, 20)
    inside = ((x - middle) / width) ** 2 + ((y - float(mouth[1]) + 1) / height) ** 2 < 1
    folds = 0.06 * torch.sin((y - top) / draw(0.7, 1.4) + draw(0, 6))
    return (inside & (y > edge)).float() * draw(0.9, 1.0), draw(0.05, 1.0) + folds


def glasses(x: torch.Tensor, y: torch.Tensor, landmarks: np.ndarray, draw: Draw) -> tuple[torch.Tensor, torch.Tensor]:
    """Sunglasses, or a rim and what shines on clear glass."""
    (left_x, eye_y), (right_x, _) = landmarks[0], landmarks[1]
    rx, ry, power = draw(5.5, 8.5), draw(4.0, 6.5), draw(2, 5)  # round to square
    middle = float(left_x + right_x) / 2
    across = (x - middle).abs() - float(right_x - left_x) / 2  # both eyes at once
    radius = (across / rx).abs() ** power + ((y - float(eye_y) - draw(-0.5, 2)) / ry).abs() ** power
    bridge = ((y - float(eye_y)).abs() < draw(0.6, 1.2)) & (across < 0)
    rim = (radius < 1) & (radius > draw(0.45, 0.75)) | bridge & (radius > 1)
    dark = (draw(0, 1) < 0.5).float()
    glass = (radius < 1).float() * (dark * draw(0.7, 1.0) + (1 - dark) * draw(0.0, 0.25))
    tone = dark * draw(0.0, 0.35) + (1 - dark) * draw(0.6, 1.0)
    return torch.where(rim, draw(0.7, 1.0), glass), torch.where(rim, draw(0.0, 0.4), tone)


def hand(x: torch.Tensor, y: torch.Tensor, landmarks: np.ndarray, draw: Draw) -> tuple[torch.Tensor, torch.Tensor]:
    """One to four fingers that come from outside and end somewhere on the face, rounder at their sides."""
    angle = draw(0, 2 * np.pi)
    tip_x, tip_y = draw(12, 36), draw(14, 42)
    along = (x - tip_x) * angle.cos() + (y - tip_y) * angle.sin()
    aside = (y - tip_y) * angle.cos() - (x - tip_x) * angle.sin()
    width, count = draw(3.5, 6.5), draw(0.6, 4.4).round()
    inside_all = aside.abs() < width * count / 2
    within = (aside / width + count / 2) % 1 - 0.5  # place in the finger, -0.5 .. 0.5
    length = draw(0, 3) * torch.sin((aside / width).round() * 2.4)  # no two fingers end alike
    inside = inside_all & (along + length + (2 * within) ** 2 * width / 2 > 0)
    return inside.float() * draw(0.9, 1.0), draw(0.15, 0.9) - 0.25 * (2 * within) ** 2


SHAPES = (mask, glasses, hand)


def cover(x: torch.Tensor, places: torch.Tensor, share: float, generator: torch.Generator) -> torch.Tensor:
    """Puts one of `SHAPES` before a share of the faces.

    Args:
        x: gray faces [B, 1, 48, 48] in 0..1.
        places: [B, 48, 48, 2], where each pixel lies in the template crop (x, y).
        share: of the faces, 0..1.
        generator: source of all random numbers.
    """
    n = len(x)
    kind = torch.randint(len(SHAPES), (n,), generator=generator)
    chosen = torch.rand(n, generator=generator) < share
    landmarks = read_template()
    x = x.clone()
    for number, shape in enumerate(SHAPES):
        rows = (chosen & (kind == number)).nonzero().flatten()

        def draw(low: float, high: float, count: int = len(rows)) -> torch.Tensor:
            return (torch.rand(count, generator=generator) * (high - low) + low).view(-1, 1, 1)

        opacity, tone = shape(places[rows, :, :, 0], places[rows, :, :, 1], landmarks, draw)
        # The picture was taken in some light: what is worn is lit like the face behind it.
        lit = tone.clamp(0, 1) * (0.5 + x[rows, 0].mean((1, 2), keepdim=True))
        x[rows, 0] = x[rows, 0] * (1 - opacity) + lit.clamp(0, 1) * opacity
    return x
