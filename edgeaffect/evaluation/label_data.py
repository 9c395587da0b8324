"""Labels of a user's own with the people they are of, and whether they are enough to learn from.

The least numbers: with ten examples of a class its recall is known within about 30 points, with fewer it is a guess;
five people are one per fold; three people per class and three people with more than one class keep a head from
learning faces in place of labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from ..models.own_head import MAX_LABELS, check_own_label

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

FOLDS = 5
"""Parts of the cross-validation, and the least number of people."""
LEAST_PER_CLASS = 10
LEAST_PEOPLE_PER_CLASS = 3
LEAST_VALUES = 30
LEAST_VARYING = 3
"""People of whom there is more than one class (or value), where people have several examples at all."""
_VARYING_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class LabelData:
    """Checked labels of n faces."""

    name: str
    classes: tuple[str, ...]
    """Names of the classes, sorted; empty for a scale."""
    numbers: Labels
    """[n] class of each face; zeros for a scale."""
    values: Floats
    """[n] value of each face on a scale; zeros for classes."""
    people: Labels
    """[n] number of the person."""

    def counts(self) -> dict[str, Any]:
        """Faces and people, per class where there are classes."""
        told: dict[str, Any] = {"faces": len(self.people), "people": int(self.people.max()) + 1}
        if self.classes:
            told["per_class"] = {
                name: {"faces": int((self.numbers == i).sum()), "people": len(set(self.people[self.numbers == i]))}
                for i, name in enumerate(self.classes)
            }
        return told


def class_data(name: str, labels: Sequence[str], people: Sequence[str]) -> LabelData:
    """Classes.

    Args:
        name: of the whole, such as `engagement`.
        labels: [n].
        people: [n].

    Raises:
        ValueError: too little of something, labels that follow the person, or a label that is none; with numbers.
    """
    owners = _owners(people, len(labels))
    classes = tuple(sorted(set(labels)))
    for label in (name, *classes):
        check_own_label(label)
    if not 2 <= len(classes) <= MAX_LABELS:
        raise ValueError(f"a head tells 2 to {MAX_LABELS} classes apart; there are {len(classes)}: {show(classes)}")
    numbers = np.array([classes.index(label) for label in labels], np.int64)
    data = LabelData(name, classes, numbers, np.zeros(len(numbers)), owners)
    lacking = [
        f"{label}: {count['faces']} faces of {count['people']} people"
        for label, count in data.counts()["per_class"].items()
        if count["faces"] < LEAST_PER_CLASS or count["people"] < LEAST_PEOPLE_PER_CLASS
    ]
    if lacking:
        raise ValueError(
            f"too little to learn from: {'; '.join(lacking)}; at least {LEAST_PER_CLASS} faces of "
            f"{LEAST_PEOPLE_PER_CLASS} people are needed per class"
        )
    _check_leak(owners, numbers.astype(np.float64), "class")
    return data


def scale_data(name: str, values: Sequence[float], people: Sequence[str]) -> LabelData:
    """Values on an ordinal or continuous scale.

    Raises:
        ValueError: as `class_data`, or a value that is not finite.
    """
    owners, y = _owners(people, len(values)), np.asarray(values, np.float64)
    check_own_label(name)
    if not np.isfinite(y).all():
        raise ValueError(f"values must be finite numbers; {int((~np.isfinite(y)).sum())} of {len(y)} are not")
    if len(y) < LEAST_VALUES or len(set(y.tolist())) < 3:
        raise ValueError(
            f"too little to learn from: {len(y)} faces with {len(set(y.tolist()))} different values; at least "
            f"{LEAST_VALUES} faces with 3 values are needed (two values are classes: name the column `label`)"
        )
    _check_leak(owners, y, "value")
    return LabelData(name, (), np.zeros(len(y), np.int64), y, owners)


def _owners(people: Sequence[str], rows: int) -> Labels:
    if len(people) != rows:
        raise ValueError(f"every face belongs to a person; got {len(people)} people for {rows} labels")
    count = len(set(people))
    if count < FOLDS:
        raise ValueError(
            f"faces of {count} people; at least {FOLDS} people are needed, because a head is judged on people that it "
            "has not seen"
        )
    owners: Labels = np.unique(np.asarray(people, np.str_), return_inverse=True)[1]
    return owners.reshape(-1).astype(np.int64)


def _check_leak(owners: Labels, values: Floats, what: str) -> None:
    """Refuse labels that the person settles: then faces can be learnt in place of labels."""
    counts = np.bincount(owners)
    several = np.flatnonzero(counts > 1)
    if counts[several].sum() <= len(owners) / 2:
        return  # most people were seen once: nobody's face can be learnt
    varying = sum(len(set(values[owners == person].tolist())) > 1 for person in several.tolist())
    if varying < max(LEAST_VARYING, _VARYING_SHARE * len(several)):
        raise ValueError(
            f"the {what} follows the person: of {len(several)} people with several faces {varying} have more than one "
            f"{what}; at least {max(LEAST_VARYING, int(np.ceil(_VARYING_SHARE * len(several))))} are needed, or a head "
            "would learn who is who"
        )
