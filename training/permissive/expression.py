"""Action units -> eight expressions by published prototypes: a table and fuzzy logic, no number of ours.

Rows are those of the "FACS Investigator's Guide" (Ekman, Friesen and Hager 2002, prototypes and major variants), as far
as blendshapes can show them. Strengths in 0..1 are read as degrees of truth (Zadeh 1965): a row is as true as its
weakest part, "without" is 1 minus the strength, an expression as true as its best row; neutral is that none of the
units moves, the product of 1 minus each. Shares of the eight truths are the probabilities: uncalibrated, on purpose,
because calibration would need labelled pictures of people.

Since the weakest part decides, a row that contains another row of the same expression never matters; such are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.permissive.action_units import NAMES, SHAPES, action_units

LABELS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")


@dataclass(frozen=True)
class Row:
    """Units that must move together, and units whose movement would make it another row."""

    needs: tuple[str, ...]
    without: tuple[str, ...] = ()


def _rows(*rows: str, without: str = "") -> tuple[Row, ...]:
    """Rows written as "1+2+5"; letters mark one-sided units."""

    def units(text: str) -> tuple[str, ...]:
        return tuple(part if part[0] in "LR" else f"AU{part}" for part in text.split("+")) if text else ()

    return tuple(Row(units(row), units(without)) for row in rows)


# "without": units that tell a longer row of another expression apart (1+2+5 is surprise, 1+2+4+5 fear).
PROTOTYPES: dict[str, tuple[Row, ...]] = {
    # 6+12 and 12 at medium strength.
    "happiness": _rows("12"),
    # 1+2+5+26, 1+2+5, 1+2+26, 5+26 (27 is more of 26).
    "surprise": _rows("1+2+5", "1+2+26", "5+26", without="4+20"),
    # 1+4+15, 6+15; rows with 11 cannot be seen.
    "sadness": _rows("1+4+15", "6+15", without="2"),
    # 4+5+7 with 23 and 25, 17 or 24, and the same without one of 4, 5, 7. 23 cannot be seen and is passed over.
    "anger": _rows(
        "4+5+7", *(f"{pair}+{mouth}" for mouth in (17, 24, 25) for pair in ("4+5", "4+7", "5+7")), without="1"
    ),
    # 9+15+16, 9+17, 10+17. 10 alone is one too, but the shape for it answers to any upper teeth that show.
    "disgust": _rows("9+15+16", "9+17", "10+17"),
    # 1+2+4+5 and 5+20, with 25, 26, 27 or not.
    "fear": _rows("1+2+4+5", "5+20"),
    # 12+14 on one side.
    "contempt": _rows("L12+L14", "R12+R14"),
}

# A face that moves, and fits no row, is called neutral for want of a word: its truth is never quite 0.
LEAST_NEUTRAL = 1e-6


@dataclass(frozen=True)
class Tables:
    """The prototypes as indices.

    Attributes:
        literals: int64 [rows, width] into [strengths, 1 - strengths, 1].
        rows: int64 [7, rows] into [truths of rows, 0], one line per expression after neutral.
        moves: int64 [m] into strengths: units of which none moves in a neutral face.
    """

    literals: np.ndarray
    rows: np.ndarray
    moves: np.ndarray


def tables() -> Tables:
    """Index tables that the NumPy version and the ONNX graph share."""
    count = len(NAMES)
    listed = [(label, row) for label in LABELS[1:] for row in PROTOTYPES[label]]
    parts = [
        [NAMES.index(unit) for unit in row.needs] + [count + NAMES.index(unit) for unit in row.without]
        for _, row in listed
    ]
    of_label = [[i for i, (owner, _) in enumerate(listed) if owner == label] for label in LABELS[1:]]
    used = {unit for _, row in listed for unit in row.needs}
    moves = [NAMES.index(f"AU{unit}") for unit in SHAPES if {f"AU{unit}", f"L{unit}"} & used]
    return Tables(_even(parts, 2 * count), _even(of_label, len(listed)), np.array(moves, np.int64))


def _even(lines: list[list[int]], filler: int) -> np.ndarray:
    """Lines of one length, filled up with an index that changes nothing."""
    width = max(map(len, lines))
    return np.array([line + [filler] * (width - len(line)) for line in lines], np.int64)


def expression(blendshapes: np.ndarray) -> np.ndarray:
    """Probabilities float32 [n, 8] in the order of `LABELS` from blendshapes [n, 51] in 0..1."""
    table = tables()
    units = action_units(blendshapes)
    literals = np.concatenate([units, 1 - units, np.ones((len(units), 1), np.float32)], 1)
    truths = literals[:, table.literals].min(2)
    truths = np.concatenate([truths, np.zeros((len(units), 1), np.float32)], 1)[:, table.rows].max(2)
    neutral = np.maximum((1 - units[:, table.moves]).prod(1, keepdims=True), np.float32(LEAST_NEUTRAL))
    scores = np.concatenate([neutral, truths], 1)
    return scores / scores.sum(1, keepdims=True)
