"""A picture of which every orientation looks different."""

import numpy as np


def scene(width: int = 64, height: int = 48, level: int = 0) -> np.ndarray:
    """Left half blue, right half red, a green block in the top-left corner: every orientation looks different."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2, 0] = 200
    image[:, width // 2 :, 2] = 200
    image[: height // 4, : width // 4] = (0, 220, 0)
    image[-4:] = level
    return image
