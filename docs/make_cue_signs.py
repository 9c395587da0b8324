"""Draws `cue_signs.svg`: what the sign of every cue means, on the rigid head that head pose is defined by.

`python docs/make_cue_signs.py`. With `--check` it writes nothing, and ends with 1 when the picture is not what it would
be. The head is turned by the functions that the cues come from, so the picture cannot contradict them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeaffect.face import head_pose

Array = NDArray[np.float64]

PICTURE = Path(__file__).with_name("cue_signs.svg")

WIDTH, HEIGHT, COLUMNS, SCALE = 200, 220, 4, 6.5
LINES = ((17, 21), (22, 26), (27, 30), (31, 35))
RINGS = ((36, 41), (42, 47), (48, 59), (60, 67))
JAW, CHIN, LOWER_LIP = slice(0, 17), slice(4, 13), [56, 57, 58, 65, 66, 67]
UPPER_LIDS, LOWER_LIDS = {"right": [37, 38], "left": [43, 44]}, {"right": [41, 40], "left": [47, 46]}
EYES = {"right": slice(36, 42), "left": slice(42, 48)}
AXES = ("#f04e4e", "#3f8f3f", "#2f76c8")
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.small{font-size:11px;fill:#555}.skin{fill:#f6ead9;stroke:#444}"
    ".line{fill:none;stroke:#444}.gaze{stroke:#0892a8;stroke-width:3}.frame{fill:none;stroke:#999}"
)


@dataclass
class Panel:
    """One head and what it shows."""

    title: str
    text: str
    pose: tuple[float, float, float] = (0.0, 0.0, 0.0)
    eyes: tuple[float, float] = (0.0, 0.0)
    """Yaw, pitch of the eyes relative to the head."""
    closed: tuple[str, ...] = ()
    """The person's own left or right eye."""
    mouth: float = 0.0
    """Centimetres by which the jaw drops."""
    axes: bool = False
    gaze: bool = False
    place: float = 0.0
    """Where the face is in the picture, from -1 (left edge) to 1; other than 0 draws the edges of the picture."""
    names: tuple[str, ...] = field(default=())
    """Texts at the image's left and right of the face."""


def panels() -> list[Panel]:
    """Everything that has a sign or a side."""
    # A face 0.6 of the half width from the middle looks into the camera at this yaw.
    towards = head_pose.towards_camera((0.8, 0.5), (1, 1), head_pose.focal_length(1, None))[0]
    return [
        Panel("yaw 0, pitch 0, roll 0", "looks along the camera's axis", axes=True),
        Panel("yaw +30", "turns to the image's right", (30, 0, 0), axes=True),
        Panel("pitch +20", "turns up", (0, 20, 0), axes=True),
        Panel("roll +25", "leans clockwise", (0, 0, 25), axes=True),
        Panel("head and gaze differ", "head yaw -20, gaze yaw +10", (-20, 0, 0), (30, 0), axes=True, gaze=True),
        Panel("gaze yaw +25", "looks to the image's right", eyes=(25, 0), gaze=True),
        Panel("gaze pitch +20", "looks up", eyes=(0, 20), gaze=True),
        Panel(
            "looking_at_camera near 1", f"at the right, gaze yaw {towards:.0f}", (towards, 0, 0), gaze=True, place=0.6
        ),
        Panel("eyeBlinkLeft 1", "left is the person's own left", closed=("left",), names=("right", "left")),
        Panel("eyes_open 1, mouth_open 0", "open eyes, closed mouth"),
        Panel("eyes_open 0", "both eyes closed", closed=("left", "right")),
        Panel("mouth_open 1", "the jaw is down", mouth=2.2),
    ]


def head(panel: Panel) -> Array:
    """The 68 points of a face before it is turned [68, 3], centimetres."""
    points = head_pose.canonical_head()[1].copy()
    for side in panel.closed:
        points[UPPER_LIDS[side]] = points[LOWER_LIDS[side]]
    points[LOWER_LIP, 1] += panel.mouth
    points[[55, 59], 1] += panel.mouth / 2  # beside the corners of the mouth
    points[CHIN, 1] += panel.mouth * 0.8
    return points


def forehead(points: Array) -> Array:
    """An arc over the brows, from the last point of the jaw to the first."""
    angle = np.linspace(0, np.pi, 13)[1:-1]
    side, top = points[16], points[17:27, 1].min() - 5.5
    x, y = side[0] * np.cos(angle), side[1] + (top - side[1]) * np.sin(angle)
    return np.stack([x, y, side[2] - 3 * np.sin(angle)], 1)


def path(points: Array, kind: str, *, close: bool) -> str:
    """An SVG path through points [n, 2]."""
    text = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path class="{kind}" d="M{text}{" Z" if close else ""}"/>'


def arrow(start: Array, end: Array, color: str) -> str:
    """A line with a head at its end, a dot where it points at the reader."""
    along = end - start
    length = float(np.hypot(*along))
    if length < 6:
        return f'<circle cx="{start[0]:.1f}" cy="{start[1]:.1f}" r="4" fill="{color}"/>'
    unit = along / length
    across = np.array([-unit[1], unit[0]])
    tip = [end, end - 9 * unit + 5 * across, end - 9 * unit - 5 * across]
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in tip)
    shaft = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0] - 6 * unit[0]:.1f}" y2="{end[1] - 6 * unit[1]:.1f}"'
    return f'<line {shaft} stroke="{color}" stroke-width="3"/><polygon points="{corners}" fill="{color}"/>'


def drawn(panel: Panel, corner: tuple[float, float]) -> list[str]:
    """SVG elements of one panel."""
    turn = head_pose.rotation(np.array(panel.pose))
    shrink = 1.0 if not panel.place else 0.55
    middle = np.array([corner[0] + WIDTH / 2 + panel.place * WIDTH / 2, corner[1] + 78])

    def seen(points: Array) -> Array:
        centred = points - np.array([0, 3, 0])
        flat: Array = (centred @ turn.T)[..., :2] * SCALE * shrink + middle
        return flat

    model = head(panel)
    face = seen(model)
    parts = [path(np.concatenate([face[JAW], seen(forehead(model))]), "skin", close=True)]
    parts += [path(face[a : b + 1], "line", close=False) for a, b in LINES]
    parts += [path(face[a : b + 1], "line", close=True) for a, b in RINGS]
    eyeball = 1.2 * (head_pose.rotation([*panel.eyes, 0.0]) @ np.array([0, 0, -1.0]) - np.array([0, 0, -1.0]))
    for side, rows in EYES.items():
        if side not in panel.closed:
            x, y = seen(model[rows].mean(0) + eyeball * (1, 0.6, 0))
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2.6 * shrink:.1f}" fill="#444"/>')
    if panel.axes:
        ends = np.array([[1.0, 0, 0], [0, -1.0, 0], [0, 0, -1.0]]) @ turn.T
        parts += [arrow(face[30], face[30] + 62 * end[:2], color) for end, color in zip(ends, AXES, strict=True)]
    if panel.gaze:
        yaw, pitch = head_pose.gaze_in_camera(np.array([panel.pose]), np.array([panel.eyes]))[0]
        look = head_pose.rotation([yaw, pitch, 0.0]) @ np.array([0, 0, -1.0])
        start = face[36:48].mean(0)
        parts.append(arrow(start, start + 90 * shrink * look[:2], "#0892a8"))
    if panel.place:
        parts.append(f'<rect class="frame" x="{corner[0] + 4}" y="{corner[1] + 6}" width="{WIDTH - 8}" height="150"/>')
        parts.append(f'<path class="frame" d="M{corner[0] + WIDTH / 2} {corner[1] + 6} v150" stroke-dasharray="4 4"/>')
    for name, x in zip(panel.names, (18, WIDTH - 18), strict=False):
        parts.append(f'<text class="small" x="{corner[0] + x}" y="{corner[1] + 30}" text-anchor="middle">{name}</text>')
    x = corner[0] + WIDTH / 2
    parts.append(f'<text x="{x}" y="{corner[1] + 182}" text-anchor="middle" font-weight="600">{panel.title}</text>')
    parts.append(f'<text class="small" x="{x}" y="{corner[1] + 200}" text-anchor="middle">{panel.text}</text>')
    return parts


def svg(shown: Sequence[Panel]) -> str:
    """The whole picture."""
    rows = -(-len(shown) // COLUMNS)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * WIDTH} {rows * HEIGHT}" role="img">'
        "<title>Signs of head pose, gaze, blendshapes and eyes, as seen in the picture</title>"
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>'
    ]
    for i, panel in enumerate(shown):
        lines += drawn(panel, (i % COLUMNS * WIDTH, i // COLUMNS * HEIGHT))
    return "\n".join([*lines, "</svg>"]) + "\n"


if __name__ == "__main__":
    text = svg(panels())
    if "--check" in sys.argv[1:]:
        sys.exit(PICTURE.read_text("utf-8") != text)
    PICTURE.write_text(text, "utf-8")
