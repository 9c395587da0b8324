"""Augmentation of batches of 48 px gray faces: what cameras, detectors and hands do to a crop."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch.nn import functional

from training.affect.covers import cover
from training.data import FACE_SIZE

_CENTRE = FACE_SIZE / 2
_EDGE = torch.arange(FACE_SIZE) + 0.5
_PIXELS = torch.stack(torch.meshgrid(_EDGE, _EDGE, indexing="xy"), 2)  # [48, 48, 2], x and y of the centres

# Share of faces that wear or hold something before them, and that have a rectangle cut out, at a damage of 1.
COVERED, ERASED = 0.25, 0.3


class Augmenter:
    """Random views of faces; all randomness comes from one generator, whose state a checkpoint can hold.

    Args:
        alignments: float32 [N, 2, 3], per face the map from template crop to image (pixels, centres at +0.5), as
            `edgeaffect.face.alignment.similarity_matrix` makes them; NaN where no landmarks are known.
        generator: source of all random numbers.

    Attributes:
        damage: factor on the probabilities of degradation, covers and erasing; a training may end on cleaner faces.
    """

    def __init__(self, alignments: np.ndarray, generator: torch.Generator) -> None:
        self._alignments = torch.from_numpy(alignments)
        self._generator = generator
        self.damage = 1.0

    def __call__(self, images: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        """uint8 faces [B, 48, 48] and their places in `alignments` -> float32 views [B, 1, 48, 48] in 0..1."""
        x = images.unsqueeze(1).float() / 255
        x, places = self._reframe(x, index)
        x = cover(x, places, COVERED * self.damage, self._generator)
        x = self._light(x)
        x = self._degrade(x)
        return self._erase(x)

    def _uniform(self, count: int, low: float, high: float) -> torch.Tensor:
        return torch.rand(count, generator=self._generator) * (high - low) + low

    def _chance(self, count: int, probability: float) -> torch.Tensor:
        return torch.rand(count, generator=self._generator) < probability

    def _reframe(self, x: torch.Tensor, index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Half of the faces as the detector will frame them, all with a random similarity, aspect and mirror.

        Also returns where each pixel lies in the template crop, [B, 48, 48, 2] (x, y).
        """
        n = len(x)
        angle = torch.randn(n, generator=self._generator).clamp(-2, 2) * 0.16
        scale = torch.exp(torch.randn(n, generator=self._generator).clamp(-2, 2) * 0.08)
        aspect = torch.exp(self._uniform(n, -0.06, 0.06))
        mirror = torch.where(self._chance(n, 0.5), -1.0, 1.0)
        cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
        linear = torch.stack([cos * aspect * mirror, -sin, sin * aspect * mirror, cos], 1).view(n, 2, 2)
        shift = torch.randn(n, 2, generator=self._generator).clamp(-2, 2) * 1.5
        offset = _CENTRE + shift - linear @ torch.full((2,), _CENTRE)

        base = torch.eye(2, 3).repeat(n, 1, 1)
        aligned = self._alignments[index]
        known = ~torch.isnan(aligned[:, 0, 0])
        use = self._chance(n, 0.5) & known
        base[use] = aligned[use]
        linear, offset = base[:, :, :2] @ linear, (base[:, :, :2] @ offset.unsqueeze(2)).squeeze(2) + base[:, :, 2]

        # Faces without landmarks are taken to lie as the template has them.
        aligned = torch.where(known.view(n, 1, 1), aligned, torch.eye(2, 3))
        back = torch.linalg.inv(aligned[:, :, :2])
        to_template = back @ linear, (back @ (offset - aligned[:, :, 2]).unsqueeze(2)).squeeze(2)
        places = _PIXELS @ to_template[0].transpose(1, 2).unsqueeze(1) + to_template[1].view(n, 1, 1, 2)

        # affine_grid works in -1..1 about the centre: u = (p - c) / c.
        offset = (linear @ torch.full((2,), _CENTRE) + offset - _CENTRE) / _CENTRE
        grid = functional.affine_grid(torch.cat([linear, offset.unsqueeze(2)], 2), list(x.shape), align_corners=False)
        replicated = functional.grid_sample(x, grid, padding_mode="border", align_corners=False)

        # Beyond the crop lies the real background of a frame: unknown here, so any gray or any other picture.
        outside = (grid.abs() > 1).any(3).unsqueeze(1) & self._chance(n, 0.5).view(n, 1, 1, 1)
        gray = self._uniform(n, 0, 1).view(n, 1, 1, 1)
        background = torch.where(self._chance(n, 0.5).view(n, 1, 1, 1), gray, x.roll(1, 0).flip(2))
        return torch.where(outside, background, replicated), places

    def _light(self, x: torch.Tensor) -> torch.Tensor:
        n = len(x)
        gamma = torch.exp(torch.randn(n, generator=self._generator).clamp(-2, 2) * 0.3).view(n, 1, 1, 1)
        contrast = torch.exp(torch.randn(n, generator=self._generator).clamp(-2, 2) * 0.2).view(n, 1, 1, 1)
        brightness = torch.randn(n, generator=self._generator).clamp(-2, 2).view(n, 1, 1, 1) * 0.1
        mean = x.mean((1, 2, 3), keepdim=True)
        x = (x.clamp(min=1e-3) ** gamma - mean) * contrast + mean + brightness
        # Side light: a linear ramp across the face.
        ramp = torch.linspace(-1, 1, FACE_SIZE)
        slope = torch.randn(n, 2, generator=self._generator) * 0.12
        slope = slope * self._chance(n, 0.3).view(n, 1)
        x = x * (1 + slope[:, :1, None] * ramp[None, None, :] + slope[:, 1:, None] * ramp[None, :, None]).unsqueeze(1)
        return x.clamp(0, 1)

    def _degrade(self, x: torch.Tensor) -> torch.Tensor:
        n = len(x)
        for i in torch.flatten(self._chance(n, 0.1 * self.damage).nonzero()).tolist():
            side = int(self._uniform(1, 20, 44))
            small = functional.interpolate(x[i : i + 1], (side, side), mode="bilinear", antialias=True)
            x[i : i + 1] = functional.interpolate(small, (FACE_SIZE, FACE_SIZE), mode="bilinear")

        sigma = self._uniform(n, 0.3, 1.2) * self._chance(n, 0.2 * self.damage)
        taps = torch.arange(-2, 3).float()
        kernel = torch.exp(-0.5 * (taps[None] / sigma.clamp(min=1e-2)[:, None]) ** 2)
        kernel = kernel / kernel.sum(1, keepdim=True)
        padded = functional.pad(x, (2, 2, 2, 2), mode="replicate").transpose(0, 1)
        rows = functional.conv2d(padded, kernel.view(n, 1, 5, 1), groups=n)
        blurred = functional.conv2d(rows, kernel.view(n, 1, 1, 5), groups=n).transpose(0, 1)
        x = torch.where((sigma > 0).view(n, 1, 1, 1), blurred, x)

        strength = self._uniform(n, 0, 0.07) * self._chance(n, 0.2 * self.damage)
        x = x + torch.randn(x.shape, generator=self._generator) * strength.view(n, 1, 1, 1)
        x = x.clamp(0, 1)
        for i in torch.flatten(self._chance(n, 0.08 * self.damage).nonzero()).tolist():
            pixels = (x[i, 0] * 255).byte().numpy()
            quality = int(self._uniform(1, 12, 70))
            _, code = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
            x[i, 0] = torch.from_numpy(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)).float() / 255
        return x

    def _erase(self, x: torch.Tensor) -> torch.Tensor:
        """A rectangle of gray or noise over part of the face: hair, phones, other heads, the edge of the picture."""
        n = len(x)
        half = self._uniform(2 * n, 3, 10).view(n, 2)
        centre = self._uniform(2 * n, 0, FACE_SIZE).view(n, 2)
        place = torch.arange(FACE_SIZE).float() + 0.5
        inside_y = (place[None] - centre[:, :1]).abs() < half[:, :1]
        inside_x = (place[None] - centre[:, 1:]).abs() < half[:, 1:]
        hole = (inside_y[:, :, None] & inside_x[:, None, :]).unsqueeze(1)
        hole = hole & self._chance(n, ERASED * self.damage).view(n, 1, 1, 1)
        noise = torch.rand(x.shape, generator=self._generator) * self._chance(n, 0.5).view(n, 1, 1, 1)
        fill = (self._uniform(n, 0, 1).view(n, 1, 1, 1) + noise) / 2
        return torch.where(hole, fill, x)


def mixup(
    x: torch.Tensor, targets: torch.Tensor, probability: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Blends a share of the batch with other faces (Zhang et al. 2018); the weight is uniform in 0.6..1."""
    n = len(x)
    weight = torch.rand(n, generator=generator) * 0.4 + 0.6
    weight = torch.where(torch.rand(n, generator=generator) < probability, weight, 1.0)
    other = torch.randperm(n, generator=generator)
    pixels = weight.view(n, 1, 1, 1)
    return x * pixels + x[other] * (1 - pixels), targets * weight[:, None] + targets[other] * (1 - weight[:, None])
