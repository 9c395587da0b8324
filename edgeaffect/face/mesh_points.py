"""Which of MediaPipe's 478 mesh points is what. Left and right are the person's own, as MediaPipe and iBUG count."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

COUNT = 478

# iBUG's 68 points in order; where two points are named their middle is meant. Published as `mediapipe2dlib` by
# P. Yan, 2024 (github.com/PeizhiYan/Mediapipe_2_Dlib_Landmarks).
POINTS_68 = (
    # jaw, from the person's right ear over the chin to the left
    (127,), (234,), (93,), (132, 58), (58, 172), (136,), (150,), (176,), (152,), (400,), (379,), (365,), (397, 288),
    (361,), (323,), (454,), (356,),
    # brows, right and left
    (70,), (63,), (105,), (66,), (107,), (336,), (296,), (334,), (293,), (300,),
    # nose: ridge, underside
    (168, 6), (197, 195), (5,), (4,), (75,), (97,), (2,), (326,), (305,),
    # eyes, right and left
    (33,), (160,), (158,), (133,), (153,), (144,), (362,), (385,), (387,), (263,), (373,), (380,),
    # lips, outer and inner line
    (61,), (39,), (37,), (0,), (267,), (269,), (291,), (321,), (314,), (17,), (84,), (91,),
    (78,), (82,), (13,), (312,), (308,), (317,), (14,), (87,),
)  # fmt: skip

EYES = ((468, (33, 133)), (473, (362, 263)))
"""Right and left eye: centre of the iris, and the eye's two corners."""

_FIRST = np.array([pair[0] for pair in POINTS_68])
_LAST = np.array([pair[-1] for pair in POINTS_68])


def to_68(points: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """The 68 iBUG points [..., 68, k] of MediaPipe's [..., 478, k]."""
    middles: NDArray[np.floating[Any]] = (points[..., _FIRST, :] + points[..., _LAST, :]) / 2
    return middles
