"""What the trained eyes see of many views of faces, kept for the decoders: `python -m training.explain.features`.

Writes `OUT/seen-SPLIT.npz` of the arrays of `Seen`. Training faces: everybody whom the teacher has answered about, the
masks, places without a face, and a part of the rest of FER+, as they are and once altered; other splits: as they are
(`plain`) and once altered.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import torch

from edgeaffect.explain.cues import FACTS
from training.data import data_folder
from training.explain.evidence import Evidence
from training.explain.network import SeeingNet
from training.explain.pictures import Pictures, Views, cue_truth, joined, plain, read_pictures, views
from training.explain.vision import load

UNTAUGHT = 4_000
# A fact that nobody knows is taken from the eyes themselves.
_CHUNK = 512
# Weight (distance from the threshold over half its band) below which the teacher's word is open to argument.
CLOSE = 0.3


@dataclass
class Seen:
    """One row per view.

    Attributes:
        patches: float16 [n, 36, 128].
        summary: float32 [n, CUES + FACTS], the eyes' own logits.
        cues: float32 [n, CUES] probability that the cue is there; 0.5 where nobody knows.
        facts: float32 [n, FACTS], likewise.
        fact_known: bool [n, FACTS].
        affect: float32 [n, 12]; label: int [n]; human: float32 [n, 8], NaN where nobody voted.
        taught: whether the teacher has answered about the face.
        plain: whether nothing was done to the picture.
        row: place of the face among its split's.
    """

    patches: np.ndarray
    summary: np.ndarray
    cues: np.ndarray
    facts: np.ndarray
    fact_known: np.ndarray
    affect: np.ndarray
    label: np.ndarray
    human: np.ndarray
    taught: np.ndarray
    plain: np.ndarray
    row: np.ndarray

    def __len__(self) -> int:
        return len(self.patches)

    def take(self, rows: np.ndarray) -> Seen:
        """Those rows."""
        return Seen(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def as_they_are(pictures: Pictures, rows: np.ndarray) -> Views:
    """Unaltered views."""
    facts = np.stack([joined(rest, np.where(rest == 1, 0, 0).astype(np.float32)) for rest in pictures.facts[rows]])
    nothing = pictures.facts[rows][:, FACTS.index("no_face")] == 1
    facts[nothing] = pictures.facts[rows][nothing]
    return Views(plain(pictures, rows), facts, np.zeros(len(rows), bool), rows)


def decided(truth: np.ndarray, weight: np.ndarray, taught: np.ndarray, limits: Evidence) -> np.ndarray:
    """1, 0 or 0.5 [n, CUES]: there, not there, or nobody can say.

    The teacher's word counts unless its measure is close to the threshold; without one, evidence as at run time.
    """
    low, high = limits.limits()
    sure = np.where(taught[:, None], weight >= CLOSE, (truth >= high) | (truth <= low))
    return np.where(sure & (weight > 0), truth >= np.where(taught[:, None], 0.5, high), 0.5).astype(np.float32)


def see(net: SeeingNet, pictures: Pictures, batch: Views, is_plain: bool, limits: Evidence) -> Seen:
    """What the net sees of views."""
    kept: list[list[np.ndarray]] = [[], [], []]
    with torch.no_grad():
        for start in range(0, len(batch.x), _CHUNK):
            patches, cues, facts, _ = net(torch.from_numpy(batch.x[start : start + _CHUNK]))
            for place, value in zip(kept, (patches, cues, facts), strict=True):
                place.append(value.numpy())
    patches_, cue_logits, fact_logits = (np.concatenate(k) for k in kept)
    truth, weight = cue_truth(pictures, batch)
    taught = ~np.isnan(pictures.teacher[batch.rows, 0])
    known = ~np.isnan(batch.facts)
    guess = 1 / (1 + np.exp(-fact_logits))
    facts_ = np.where(known, np.nan_to_num(batch.facts), guess)
    votes = pictures.votes[batch.rows][:, :8]
    total = votes.sum(1, keepdims=True)
    return Seen(
        patches=patches_.astype(np.float16),
        summary=np.concatenate([cue_logits, fact_logits], 1).astype(np.float32),
        cues=decided(truth, weight, taught, limits),
        facts=facts_.astype(np.float32),
        fact_known=known,
        affect=pictures.affect[batch.rows],
        label=pictures.label[batch.rows],
        human=np.where(total > 0, votes / np.maximum(total, 1e-9), np.nan).astype(np.float32),
        taught=taught,
        plain=np.full(len(batch.rows), is_plain),
        row=batch.rows,
    )


def build(
    net: SeeingNet, pictures: Pictures, rows: np.ndarray, amounts: tuple[float, ...], seed: int, limits: Evidence
) -> Seen:
    """Views of the faces at `rows`: for each amount once; 0 leaves the pictures as they are."""
    random = np.random.default_rng(seed)
    parts = []
    for amount in amounts:
        for start in range(0, len(rows), _CHUNK):
            some = rows[start : start + _CHUNK]
            batch = views(pictures, some, random, amount=amount, jitter=0.6) if amount else as_they_are(pictures, some)
            parts.append(see(net, pictures, batch, amount == 0, limits))
    return Seen(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Seen)})


def chosen(pictures: Pictures, random: np.random.Generator, untaught: int = UNTAUGHT) -> np.ndarray:
    """Rows that are worth keeping; `untaught` of those about whom the teacher has said nothing."""
    first = ~np.isnan(pictures.teacher[:, 0]) | np.isin(pictures.pool, ("masks",))
    nothing = np.flatnonzero(pictures.pool == "none")
    rest = np.flatnonzero(~first & (pictures.pool != "none"))
    some = (np.flatnonzero(first), random.permutation(nothing)[:500], random.permutation(rest)[:untaught])
    return random.permutation(np.concatenate(some))


def read(path: Path) -> Seen:
    """A file that `main` wrote."""
    with np.load(path) as file:
        return Seen(**{f.name: file[f.name] for f in fields(Seen)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--name", default="vision", help="checkpoint of training.explain.vision")
    parser.add_argument("--splits", nargs="*", default=["train", "dev", "test"])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    glasses = json.loads(Path(__file__).with_name("glasses.json").read_text())
    whole = read_pictures(data_folder(arguments.data), arguments.out, glasses["train"] | glasses["test"])
    limits = Evidence.read(arguments.out / "evidence.json")
    net = load(arguments.out / f"{arguments.name}.pt")
    for number, split in enumerate(arguments.splits):
        pictures = whole.take(whole.split == split)
        rows = chosen(pictures, np.random.default_rng(3), UNTAUGHT if split == "train" else 0)
        seen = build(net, pictures, rows, (0.0, 1.0) if split != "train" else (0.0, 0.8), 100 + number, limits)
        path = arguments.out / f"seen-{split}.npz"
        partial = path.with_suffix(".partial.npz")
        np.savez(
            partial,
            keys=pictures.keys[seen.row],
            pool=pictures.pool[seen.row],
            **{f.name: getattr(seen, f.name) for f in fields(Seen)},
        )
        partial.replace(path)
        print(path, len(seen), flush=True)


if __name__ == "__main__":
    main()
