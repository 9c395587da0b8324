"""What hides a face, drawn over crops, and what is then true of the picture: covers, glasses, border, blur, darkness.

A cover is an opacity and a tone per pixel. Whether it hides the mouth, the eyes or the brows is measured on the face's
own landmarks: the share of the region's area that it hides, present from `HIDDEN`, absent up to `SEEN`, else unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from edgeaffect.explain.cues import FACTS

REGIONS = ("mouth", "eyes", "brows")
HIDDEN, SEEN = 0.5, 0.2
# Share of the landmarks' box beyond the border from which, and up to which, a face is cut off, and is not.
CUT, WHOLE = 0.18, 0.06
# Standard deviation of a blur in pixels of the 96 px crop, and mean tone of the face (0..255).
BLUR_FROM, BLUR_BELOW = 2.4, 1.1
DARK_BELOW, DARK_FROM = 34.0, 58.0
# Yaw in degrees.
PROFILE_FROM, PROFILE_BELOW = 38.0, 27.0
UNKNOWN = np.nan


@dataclass
class Scene:
    """A crop under work: pixels 0..255 [S, S], landmarks [68, 2] in its pixels, and what has been hidden so far."""

    image: np.ndarray
    points: np.ndarray
    random: np.random.Generator
    opacity: np.ndarray = field(init=False)
    facts: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.opacity = np.zeros(self.image.shape, np.float32)
        self.facts = np.zeros(len(FACTS), np.float32)

    def set(self, fact: str, value: float) -> None:
        self.facts[FACTS.index(fact)] = value


def regions_of(points: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Polygons of the regions: lips, both eyes a little enlarged, both brows as bands."""
    eyes = []
    for first in (36, 42):
        part = points[first : first + 6]
        eyes.append(part.mean(0) + (part - part.mean(0)) * [1.3, 2.2])
    height = 0.12 * np.linalg.norm(points[36:42].mean(0) - points[42:48].mean(0))
    rise = np.array([0, height / 2])
    brows = [np.concatenate([points[a:b] - rise, points[a:b][::-1] + rise]) for a, b in ((17, 22), (22, 27))]
    return {"mouth": [points[48:60]], "eyes": eyes, "brows": brows}


def hidden_share(opacity: np.ndarray, polygons: list[np.ndarray]) -> float:
    """Share of the polygons' area whose opacity is above a half; 1 where they lie outside the picture."""
    inside = np.zeros(opacity.shape, np.uint8)
    for polygon in polygons:
        cv2.fillConvexPoly(inside, cv2.convexHull(np.rint(polygon).astype(np.int32)), 1)
    area = int(inside.sum())
    return 1.0 if area == 0 else float((opacity[inside > 0] > 0.5).mean())


def between(value: float, absent: float, present: float) -> float:
    """1 from `present` on, 0 up to `absent`, unknown between."""
    return 1.0 if value >= present else 0.0 if value <= absent else UNKNOWN


def lay(scene: Scene, opacity: np.ndarray, tone: np.ndarray | float) -> None:
    """Puts something of that opacity (0..1) and tone (0..255) before the face."""
    soft = cv2.GaussianBlur(opacity.astype(np.float32), (0, 0), 0.6)
    scene.image = scene.image * (1 - soft) + np.asarray(tone, np.float32) * soft
    scene.opacity = np.maximum(scene.opacity, opacity)


def texture(scene: Scene) -> np.ndarray:
    """Cloth, skin or a wall: a tone, a slope, stripes or noise."""
    random, shape = scene.random, scene.image.shape
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    tone = random.uniform(10, 245) + random.normal(0, 0.5) * (x - 48) + random.normal(0, 0.5) * (y - 48)
    if random.random() < 0.4:
        angle, length = random.uniform(0, np.pi), random.uniform(3, 14)
        tone = tone + random.uniform(4, 40) * np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / length)
    if random.random() < 0.6:
        grain = random.normal(0, random.uniform(2, 30), (shape[0] // 2, shape[1] // 2)).astype(np.float32)
        tone = tone + cv2.GaussianBlur(cv2.resize(grain, shape[::-1]), (0, 0), random.uniform(0.3, 2))
    return np.clip(tone, 0, 255)


def patch_of_picture(scene: Scene) -> np.ndarray:
    """Texture from another place of the same picture: what lies there, turned and enlarged."""
    random = scene.random
    zoom, angle = random.uniform(0.8, 3), random.uniform(-90, 90)
    corner = random.choice([0.0, float(scene.image.shape[0])], 2)
    matrix = cv2.getRotationMatrix2D((float(corner[0]), float(corner[1])), angle, zoom)
    return cv2.warpAffine(
        scene.image.astype(np.float32), matrix, scene.image.shape[::-1], borderMode=cv2.BORDER_REFLECT
    )


def polygon(scene: Scene, corners: np.ndarray) -> np.ndarray:
    """Opacity 1 inside a polygon [k, 2]."""
    area = np.zeros(scene.image.shape, np.float32)
    cv2.fillPoly(area, [np.rint(corners * 8).astype(np.int32)], 1.0, cv2.LINE_AA, 3)
    return area


def mask(scene: Scene) -> None:
    """A face mask, or a scarf: from the nose, or below it, to the chin, along the jaw."""
    p, random = scene.points, scene.random
    top = p[27] + (p[33] - p[27]) * random.uniform(0.35, 0.95)
    wide = random.uniform(0.85, 1.15)
    jaw = p[8] + (p[2:15] - p[8]) * wide + [0, random.uniform(0, 8)]
    left, right = (
        jaw[0] * [1, 0] + [0, top[1] + random.uniform(0, 8)],
        jaw[-1] * [1, 0] + [0, top[1] + random.uniform(0, 8)],
    )
    tone = texture(scene) if random.random() < 0.8 else patch_of_picture(scene)
    if random.random() < 0.6:  # folds
        y = np.arange(scene.image.shape[0], dtype=np.float32)[:, None]
        tone = tone + random.uniform(3, 14) * np.sin((y - top[1]) * 2 * np.pi / random.uniform(6, 14))
    lay(scene, polygon(scene, np.concatenate([[top], [left], jaw, [right]])), np.clip(tone, 0, 255))


def hand(scene: Scene) -> None:
    """One to four fingers, with or without a palm, that come from outside and end on the mouth, the eyes or a brow."""
    p, random = scene.points, scene.random
    goals = (p[48:60].mean(0), p[36:42].mean(0), p[42:48].mean(0), p[17:22].mean(0), p[22:27].mean(0))
    goal = goals[random.integers(len(goals))] + random.normal(0, 6, 2)
    angle = random.uniform(-0.2, np.pi + 0.2) if random.random() < 0.8 else random.uniform(0, 2 * np.pi)
    along, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    width, count = random.uniform(7, 14), int(random.integers(1, 6))
    area, tone = np.zeros(scene.image.shape, np.float32), np.zeros(scene.image.shape, np.float32)
    skin, light = random.uniform(60, 225), random.uniform(8, 35)
    for finger in range(count):
        offset = (finger - (count - 1) / 2) * width
        tip = goal + aside * offset - along * random.uniform(0, width * 0.8)
        end = tip + along * 140
        for shrink, shade in ((1.0, -light), (0.75, 0.0), (0.4, light / 2)):
            shape = np.zeros_like(area)
            a, b = (tuple(int(v) for v in np.rint(q * 8)) for q in (tip, end))
            cv2.line(shape, a, b, 1.0, max(1, round(width * shrink)), cv2.LINE_AA, 3)
            tone = tone * (1 - shape) + (skin + shade) * shape
            area = np.maximum(area, shape)
    lay(scene, np.minimum(area, 1), np.clip(tone, 0, 255))


def patch(scene: Scene) -> None:
    """Something with straight or round edges before one of the regions: a cup, a book, a phone, a pasted patch."""
    p, random = scene.points, scene.random
    region = ("mouth", "eyes", "brows", "one eye", "anywhere")[random.integers(5)]
    part = {"mouth": p[48:60], "eyes": p[36:48], "brows": p[17:27], "one eye": p[36:42], "anywhere": p[:1] * 0}[region]
    if region == "anywhere":
        part = random.uniform(10, 86, (1, 2)) + random.uniform(-15, 15, (4, 2))
    low, high = part.min(0), part.max(0)
    grow = random.uniform(0.05, 0.55) * np.array([24.0, 14.0]) + random.uniform(0, 8, 2)
    low, high = low - grow * random.uniform(0.3, 1.6, 2), high + grow * random.uniform(0.3, 1.6, 2)
    middle, half = (low + high) / 2, (high - low) / 2
    if random.random() < 0.35:
        t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        corners = np.stack([np.cos(t), np.sin(t)], 1) * half * 1.15
    else:
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    turn = random.normal(0, 0.25)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    kind = random.random()
    tone: np.ndarray | float = (
        texture(scene) if kind < 0.5 else patch_of_picture(scene) if kind < 0.75 else random.uniform(0, 255)
    )
    lay(scene, polygon(scene, corners @ rotation.T + middle), tone)


def hair(scene: Scene) -> None:
    """A hat's brim, or a fringe of hair, from above down to somewhere near the brows."""
    p, random = scene.points, scene.random
    brow, eye = p[17:27, 1].mean(), p[36:48, 1].mean()
    depth = brow + random.uniform(-14, 1.3 * (eye - brow))
    x = np.arange(scene.image.shape[1], dtype=np.float32)
    edge = depth + random.normal(0, 0.12) * (x - 48) + random.uniform(-0.006, 0.006) * (x - 48) ** 2
    if random.random() < 0.6:
        edge = edge + cv2.GaussianBlur(random.normal(0, 14, (1, len(x))).astype(np.float32), (0, 0), 1.5)[0]
    y = np.arange(scene.image.shape[0], dtype=np.float32)[:, None]
    tone = texture(scene) if random.random() < 0.5 else texture(scene) * random.uniform(0.1, 0.6)
    streaks = cv2.GaussianBlur(random.normal(0, 25, scene.image.shape).astype(np.float32), (0, 0), 0.7, None, 6)
    lay(scene, np.clip(edge - y, 0, 1), np.clip(tone + streaks, 0, 255))


def _lens(scene: Scene, middle: np.ndarray, size: np.ndarray, power: float, turn: float) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    c, s = np.cos(t), np.sin(t)
    shape = np.stack([np.sign(c) * np.abs(c) ** (2 / power), np.sign(s) * np.abs(s) ** (2 / power)], 1) * size
    shape[:, 0] *= 1 - 0.12 * (shape[:, 1] > 0)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return middle + shape @ rotation.T


def glasses(scene: Scene, dark: bool | None = None) -> None:
    """Glasses: round to square lenses, thick, thin or half frames, clear, shining or dark; sets the fact."""
    p, random = scene.points, scene.random
    left, right = p[36:42].mean(0), p[42:48].mean(0)
    gap = float(np.linalg.norm(right - left))
    if gap < 8:
        scene.set("glasses", UNKNOWN)
        return
    turn = float(np.arctan2(*(right - left)[::-1]))
    dark = bool(random.random() < 0.35) if dark is None else dark
    size = gap * np.array([random.uniform(0.36, 0.47), random.uniform(0.24, 0.4)])
    power, drop = random.uniform(2, 6), np.array([0, random.uniform(-0.03, 0.12) * gap])
    lenses = [_lens(scene, m + drop + s * (right - left) * random.uniform(0.0, 0.03), size, power, turn)
              for m, s in ((left, -1), (right, 1))]  # fmt: skip
    rim, frame = np.zeros(scene.image.shape, np.float32), np.zeros(scene.image.shape, np.float32)
    glass = np.maximum(polygon(scene, lenses[0]), polygon(scene, lenses[1]))
    thick = float(random.choice([1.0, 1.0, 2.0, 2.0, 3.0]))
    rimless = random.random() < 0.12 and not dark
    for lens in lenses:
        points = np.rint(lens * 8).astype(np.int32)
        if random.random() < 0.15:  # half frame: the upper edge only
            cv2.polylines(rim, [points[18:]], False, 1.0, int(thick), cv2.LINE_AA, 3)
        elif not rimless:
            cv2.polylines(rim, [points], True, 1.0, int(thick), cv2.LINE_AA, 3)
    bridge = [lenses[0][np.abs(lenses[0] - right).sum(1).argmin()], lenses[1][np.abs(lenses[1] - left).sum(1).argmin()]]
    ends = [(lenses[0][lenses[0][:, 0].argmin()], p[0]), (lenses[1][lenses[1][:, 0].argmax()], p[16])]
    arms = [(a, a + (b - a) * random.uniform(0.6, 1)) for a, b in ends]
    for a, b in [tuple(bridge), *arms]:
        start, stop = (tuple(int(v) for v in np.rint(np.asarray(q) * 8)) for q in (a, b))
        cv2.line(frame, start, stop, 1.0, max(1, int(thick)), cv2.LINE_AA, 3)
    if dark:
        slope = np.linspace(-1, 1, scene.image.shape[0])[:, None] * random.uniform(-25, 25)
        shine = random.uniform(0.72, 1.0)
        lay(scene, glass * shine, np.clip(random.uniform(5, 60) + slope, 0, 255) * np.ones_like(scene.image))
    elif random.random() < 0.5:
        tone = random.uniform(150, 255)
        strength = random.uniform(0.05, 0.3)
        scene.image = scene.image * (1 - glass * strength) + tone * glass * strength
    if not dark and random.random() < 0.25:  # a light mirrored in the glass
        for lens in lenses:
            spot = np.zeros(scene.image.shape, np.float32)
            at = lens.mean(0) + random.uniform(-0.5, 0.5, 2) * size
            cv2.ellipse(
                spot,
                (int(at[0]), int(at[1])),
                (int(random.integers(1, 5)), int(random.integers(1, 3))),
                30,
                0,
                360,
                1.0,
                -1,
            )
            scene.image = scene.image * (1 - 0.8 * spot * glass) + 235 * 0.8 * spot * glass
    tone = random.uniform(0, 90) if random.random() < 0.8 else random.uniform(90, 230)
    shape = cv2.GaussianBlur(np.minimum(np.maximum(rim, frame), 1), (0, 0), 0.45) * random.uniform(0.75, 1)
    scene.image = scene.image * (1 - shape) + tone * shape
    scene.set("glasses", 1.0)


def cut(scene: Scene) -> None:
    """The border of the frame runs through the face; what lies beyond repeats the border, as crops do."""
    p, random, side = scene.points, scene.random, scene.image.shape[0]
    low, high = p.min(0), p.max(0)
    axis, end = int(random.integers(2)), int(random.integers(2))
    share = random.uniform(0.1, 0.55)
    place = low[axis] + share * (high - low)[axis] if end == 0 else high[axis] - share * (high - low)[axis]
    line = int(np.clip(round(place), 2, side - 3))
    image = scene.image if axis == 1 else scene.image.T
    hidden = scene.opacity if axis == 1 else scene.opacity.T
    beyond = slice(0, line) if end == 0 else slice(line, side)
    edge = image[line : line + 1] if end == 0 else image[line - 1 : line]
    image, hidden = image.copy(), hidden.copy()
    image[beyond] = edge
    hidden[beyond] = 1.0
    scene.image, scene.opacity = (image, hidden) if axis == 1 else (image.T.copy(), hidden.T.copy())
    scene.set("cut_off", between(share, WHOLE, CUT))


def blur(scene: Scene) -> None:
    """Out of focus, in motion, or far away and enlarged."""
    random = scene.random
    strength = random.uniform(0.5, 5.0)
    kind = random.random()
    if kind < 0.5:
        scene.image = cv2.GaussianBlur(scene.image, (0, 0), strength)
    elif kind < 0.75:
        length = max(3, round(strength * 3.5))
        kernel = np.zeros((length, length), np.float32)
        angle = random.uniform(0, np.pi)
        middle, reach = (length - 1) / 2, np.array([np.cos(angle), np.sin(angle)]) * (length - 1) / 2
        cv2.line(
            kernel,
            tuple(np.rint(middle - reach).astype(int).tolist()),
            tuple(np.rint(middle + reach).astype(int).tolist()),
            1.0,
            1,
            cv2.LINE_AA,
        )
        scene.image = cv2.filter2D(scene.image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    else:
        small = max(8, round(96 / (strength * 2.2)))
        low = cv2.resize(scene.image, (small, small), interpolation=cv2.INTER_AREA)
        scene.image = cv2.resize(low, scene.image.shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 255)
    scene.set("blurred", between(strength, BLUR_BELOW, BLUR_FROM))


def darken(scene: Scene) -> None:
    """A face in the dark, with the noise of a sensor that tries hard."""
    random = scene.random
    gain, gamma = random.uniform(0.05, 0.5), random.uniform(0.9, 1.8)
    image = 255 * (np.clip(scene.image, 0, 255) / 255) ** gamma * gain
    scene.image = np.clip(image + random.normal(0, random.uniform(0, 4), image.shape), 0, 255)


def face_tone(image: np.ndarray, points: np.ndarray) -> float:
    """Mean tone of the face."""
    inside = np.zeros(image.shape, np.uint8)
    hull = cv2.convexHull(np.rint(np.clip(points, -20, 116)).astype(np.int32))
    cv2.fillConvexPoly(inside, hull, 1)
    return float(image[inside > 0].mean()) if inside.any() else float(image.mean())


COVERS: tuple[tuple[Callable[[Scene], None], float], ...] = ((mask, 0.22), (hand, 0.28), (patch, 0.3), (hair, 0.2))


def alter(
    image: np.ndarray, points: np.ndarray, random: np.random.Generator, *, amount: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """A crop with some of the above before it, and the facts [9] that then hold (NaN: unknown).

    Args:
        image: [S, S] in 0..255.
        points: [68, 2] landmarks in pixels of the crop.
        random: source of all randomness.
        amount: factor on how often anything is done.
    """
    scene = Scene(image.astype(np.float32), points, random)
    draw = random.random(6)
    if draw[0] < 0.2 * amount:
        glasses(scene)
    if draw[1] < 0.45 * amount:
        kinds, weights = zip(*COVERS, strict=True)
        kinds[random.choice(len(kinds), p=weights)](scene)
    if draw[2] < 0.12 * amount:
        cut(scene)
    if draw[3] < 0.16 * amount:
        blur(scene)
    if draw[4] < 0.12 * amount:
        darken(scene)
    measure(scene)
    return scene.image, scene.facts


def measure(scene: Scene) -> None:
    """Sets what is measured on the finished picture: hidden regions and darkness."""
    for region, polygons in regions_of(scene.points).items():
        share = hidden_share(scene.opacity, polygons) if scene.opacity.any() else 0.0
        scene.set(f"{region}_covered", between(share, SEEN, HIDDEN))
    scene.set("dark", 1.0 - between(face_tone(scene.image, scene.points), DARK_BELOW, DARK_FROM))
