"""`Turn`: quarter turns and mirroring of a frame of any pixel format."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..image import Frame


@dataclass(frozen=True)
class Turn:
    """Turn a frame clockwise, then mirror it left to right.

    Raises:
        ValueError: not a quarter turn.
    """

    rotate: int = 0
    """Degrees clockwise: 0, 90, 180 or 270."""
    mirror: bool = False
    """Swap left and right, after the turn."""

    def __post_init__(self) -> None:
        if isinstance(self.rotate, bool) or self.rotate not in (0, 90, 180, 270):
            raise ValueError(f"rotate must be 0, 90, 180 or 270 degrees clockwise; got {self.rotate!r}")
        if not isinstance(self.mirror, bool):
            raise TypeError(f"mirror must be True or False; got {self.mirror!r}")

    def __bool__(self) -> bool:
        return bool(self.rotate) or self.mirror

    def __call__(self, image: Frame, color: str = "bgr") -> Frame:
        """The turned frame, contiguous; the frame itself where there is nothing to do.

        Raises:
            ValueError: a quarter turn of a yuyv frame with an odd height, whose pairs of pixels cannot be kept.
        """
        if not self:
            return image
        if color == "nv12":
            return self._nv12(image)
        if color == "yuyv":
            return self._yuyv(image)
        return np.ascontiguousarray(self._plane(image))

    def _plane(self, plane: Frame) -> Frame:
        turned = np.rot90(plane, -self.rotate // 90)
        return turned[:, ::-1] if self.mirror else turned

    def _nv12(self, image: Frame) -> Frame:
        height, width = image.shape[0] * 2 // 3, image.shape[1]
        luma = self._plane(image[:height])
        chroma = self._plane(image[height:].reshape(height // 2, width // 2, 2))
        return np.concatenate([luma, chroma.reshape(luma.shape[0] // 2, luma.shape[1])])

    def _yuyv(self, image: Frame) -> Frame:
        height, width = image.shape[:2]
        luma, chroma = image[..., 0], image[..., 1].reshape(height, width // 2, 2)
        if self.rotate in (90, 270):
            if height % 2:
                raise ValueError(f"a yuyv frame of {height} rows cannot be turned by {self.rotate}: crop a row")
            # Colour is shared by pairs in a row: those of two rows become one pair.
            pairs = chroma.reshape(height // 2, 2, width // 2, 2).astype(np.uint16)
            chroma = np.repeat(((pairs.sum(1) + 1) // 2).astype(np.uint8), 2, axis=1)
        luma, chroma = self._plane(luma), self._plane(chroma)
        return np.ascontiguousarray(np.stack([luma, chroma.reshape(luma.shape)], axis=-1))
