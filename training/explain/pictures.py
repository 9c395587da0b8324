"""Faces of `training.explain.faces` with their targets, and random views of them with facts."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np

from edgeaffect.explain.cues import CUES, FACTS
from training.cues.maps import MIRROR_68
from training.explain import facts as drawn
from training.explain.evidence import Evidence
from training.explain.faces import MARGIN, SIDE, VALUES
from training.explain.facts import PROFILE_BELOW, PROFILE_FROM, UNKNOWN
from training.explain.measures import BANDS, REGION, SWAP, THRESHOLDS, measured

PARTS = ("ferplus", "pools", "masks", "none")
MEAN, STD = 127.5, 63.75
_COVERED = {"mouth": "mouth_covered", "eyes": "eyes_covered", "brows": "brows_covered"}
HIDES = np.zeros((len(FACTS), len(CUES)), bool)
"""[f, c]: fact f hides cue c."""
for _cue, _region in REGION.items():
    assert _region is not None  # every cue has one
    HIDES[FACTS.index(_COVERED[_region]), CUES.index(_cue)] = True
HIDES[FACTS.index("no_face")] = True


@dataclass
class Pictures:
    """Faces and what is true of them: see `training.explain.faces` for the arrays.

    Attributes:
        cues: [n, CUES] probability that the teacher's measure reaches its threshold: 0 or 1 where it answered.
        cue_weight: [n, CUES], 0 where nobody knows.
        facts: [n, FACTS] of the unaltered picture, NaN unknown.
        human: [n, 8] shares of people's votes where there are some, else of the affect stage.
    """

    crops: np.ndarray
    points: np.ndarray
    fields: np.ndarray
    affect: np.ndarray
    label: np.ndarray
    votes: np.ndarray
    teacher: np.ndarray
    split: np.ndarray
    pool: np.ndarray
    keys: np.ndarray
    cues: np.ndarray
    cue_weight: np.ndarray
    facts: np.ndarray
    human: np.ndarray

    def __len__(self) -> int:
        return len(self.crops)

    def take(self, rows: np.ndarray) -> Pictures:
        """The faces at `rows`."""
        return Pictures(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def photo_pools(data: Path) -> dict[str, str]:
    """Photograph -> the set it comes from."""
    with zipfile.ZipFile(data / "photos_unlabelled.zip") as archive:
        rows = csv.DictReader(io.TextIOWrapper(archive.open("list.csv"), "utf-8"))
        return {row["file"]: row["pool"] for row in rows}


def read_pictures(data: Path, out: Path, glasses: dict[str, int] | None = None) -> Pictures:
    """All parts, each face once.

    Args:
        data: folder of the data sets.
        out: folder with `explain-*.npz` and `evidence.json`.
        glasses: key -> whether a person saw glasses.
    """
    parts: dict[str, list[np.ndarray]] = {}
    for part in PARTS:
        with np.load(out / f"explain-{part}.npz") as file:
            for name in file.files:
                parts.setdefault(name, []).append(file[name])
    whole = {name: np.concatenate(values) for name, values in parts.items()}
    names = [key.split("#")[0] for key in whole["keys"].tolist()]
    teached = {name for name, t in zip(names, whole["teacher"], strict=True) if not np.isnan(t[0])}
    keep = np.array([not (p == "ferplus" and np.isnan(t[0]) and n in teached)
                     for n, p, t in zip(names, whole["pool"].tolist(), whole["teacher"], strict=True)])  # fmt: skip
    whole = {name: values[keep] for name, values in whole.items()}
    masked = whole.pop("masked")
    cues, weight = cue_targets(whole["teacher"], whole["fields"], Evidence.read(out / "evidence.json"))
    sets = photo_pools(data)
    origin = np.array([sets.get(k.split("/")[1].split("#")[0], p) if p == "photos" else p
                       for k, p in zip(whole["keys"].tolist(), whole["pool"].tolist(), strict=True)])  # fmt: skip
    whole["pool"] = origin
    facts = resting_facts(whole, masked, glasses or {})
    weight *= 1 - hidden_cues(np.nan_to_num(facts, nan=0.0))
    weight[np.isin(origin, ("face_mask_sets", "sunglasses"))] *= 0.0
    people = np.nan_to_num(whole["votes"][:, :8])
    total = people.sum(1, keepdims=True)
    human = np.where(total > 0, people / np.maximum(total, 1), whole["affect"][:, :8])
    return Pictures(**whole, cues=cues, cue_weight=weight, facts=facts, human=human.astype(np.float32))


def cue_targets(teacher: np.ndarray, fields_: np.ndarray, evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """Targets [n, CUES] and weights: the teacher's verdict, less weight near the threshold; else the evidence."""
    measures = measured(teacher)
    asked = ~np.isnan(measures[:, :1])
    near = np.clip(np.abs(measures - THRESHOLDS) / BANDS, 0.15, 1)
    guess = evidence.probabilities(fields_)
    cues = np.where(asked, (measures >= THRESHOLDS).astype(np.float32), guess)
    weight = np.where(asked, near, 0.4)
    return cues.astype(np.float32), weight.astype(np.float32)


def resting_facts(whole: dict[str, np.ndarray], masked: np.ndarray, glasses: dict[str, int]) -> np.ndarray:
    """Facts [n, FACTS] of the pictures as they are."""
    n, pool = len(masked), whole["pool"]
    facts = np.zeros((n, len(FACTS)), np.float32)

    def column(name: str) -> np.ndarray:
        return facts[:, FACTS.index(name)]

    yaw = whole["fields"][:, VALUES.index("head_yaw")]
    taught = whole["teacher"][:, VALUES.index("head_yaw")]
    yaw = np.abs(np.where(np.isnan(taught), yaw, (yaw + taught) / 2))
    column("profile")[:] = np.where(yaw >= PROFILE_FROM, 1, np.where(yaw <= PROFILE_BELOW, 0, UNKNOWN))
    column("glasses")[:] = [glasses.get(key.split("#")[0], UNKNOWN) for key in whole["keys"].tolist()]
    column("mouth_covered")[masked == 1] = 1
    wild = np.isin(pool, ("face_mask_sets", "sunglasses"))
    for name in _COVERED.values():
        column(name)[wild] = UNKNOWN
    for name in ("eyes_covered", "brows_covered"):
        column(name)[masked == 1] = UNKNOWN
    nothing = pool == "none"
    facts[nothing] = UNKNOWN
    column("no_face")[nothing] = 1
    return facts


def hidden_cues(facts: np.ndarray) -> np.ndarray:
    """Share [n, CUES] (0..1) by which facts [n, FACTS] hide each cue."""
    return (facts[:, :, None] * HIDES[None]).max(1)


@dataclass(frozen=True)
class Views:
    """A batch: crops [n, 1, 96, 96] normalised, facts [n, FACTS] (NaN unknown), mirrored [n], rows [n]."""

    x: np.ndarray
    facts: np.ndarray
    mirrored: np.ndarray
    rows: np.ndarray


def plain(pictures: Pictures, rows: np.ndarray) -> np.ndarray:
    """Crops [n, 1, 96, 96] as the run time cuts them, normalised."""
    inner = slice(MARGIN, MARGIN + SIDE)
    return normalised(pictures.crops[rows][:, inner, inner])


def normalised(crops: np.ndarray) -> np.ndarray:
    """float32 [n, 1, S, S] of gray crops 0..255."""
    return ((np.asarray(crops, np.float32) - MEAN) / STD)[:, None]


def views(
    pictures: Pictures, rows: np.ndarray, random: np.random.Generator, *, amount: float = 1.0, jitter: float = 1.0
) -> Views:
    """Random views of the faces at `rows`: moved, mirrored, lit, and altered by `facts.alter`."""
    out, facts = np.empty((len(rows), SIDE, SIDE), np.float32), np.empty((len(rows), len(FACTS)), np.float32)
    mirrored = random.random(len(rows)) < 0.5 * min(jitter * 10, 1)
    for place, row in enumerate(rows.tolist()):
        matrix = _motion(random, jitter)
        image = cv2.warpAffine(
            pictures.crops[row], matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float32)
        points = (pictures.points[row] + MARGIN) @ matrix[:, :2].T + matrix[:, 2]
        if mirrored[place]:
            image, points = image[:, ::-1].copy(), points[MIRROR_68] * [-1, 1] + [SIDE - 1, 0]
        if jitter and random.random() < 0.6:
            image = _lit(image, random)
        rest = pictures.facts[row]
        if rest[FACTS.index("no_face")] == 1:
            made = rest.copy()
        else:
            image, made = drawn.alter(image, points, random, amount=amount)
            made = joined(rest, made)
        out[place], facts[place] = image, made
    return Views(normalised(out), facts, mirrored, rows)


def joined(rest: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Facts of a picture to which something was done: what was drawn counts, else what was there, else unknown."""
    result = np.where(made == 1, 1, np.where(rest == 1, 1, np.where(np.isnan(made) | np.isnan(rest), UNKNOWN, 0)))
    # What was drawn says all about blur, darkness; at rest these are not known to be absent only where unmeasured.
    return result.astype(np.float32)


def cue_truth(pictures: Pictures, batch: Views) -> tuple[np.ndarray, np.ndarray]:
    """Cue targets and weights [n, CUES] of a batch of views: mirrored, weightless where hidden or perhaps hidden."""
    cues, weight = pictures.cues[batch.rows].copy(), pictures.cue_weight[batch.rows].copy()
    cues[batch.mirrored] = cues[batch.mirrored][:, SWAP]
    weight[batch.mirrored] = weight[batch.mirrored][:, SWAP]
    # Unknown covers of real pictures are rare; unknown by drawing means half covered.
    hidden = np.nan_to_num(batch.facts, nan=0.0)
    return cues, weight * (1 - hidden_cues(hidden))


def _motion(random: np.random.Generator, jitter: float) -> np.ndarray:
    """Map from the stored crop to a view of 96 px."""
    angle, zoom = np.radians(random.normal(0, 4 * jitter)), np.exp(random.normal(0, 0.05 * jitter))
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    turn = np.array([[cos, -sin], [sin, cos]])
    middle = np.full(2, MARGIN + SIDE / 2 - 0.5)
    shift = np.full(2, SIDE / 2 - 0.5) + random.normal(0, 1.5 * jitter, 2) - turn @ middle
    return np.concatenate([turn, shift[:, None]], 1)


def _lit(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    mean = image.mean()
    image = 255 * (np.maximum(image, 0.3) / 255) ** np.exp(random.normal(0, 0.25))
    image = (image - mean) * np.exp(random.normal(0, 0.15)) + mean + random.normal(0, 14)
    if random.random() < 0.3:
        image = image + random.normal(0, random.uniform(1, 10), image.shape)
    return np.clip(image, 0, 255).astype(np.float32)
