"""How published challenges turn predictions and ratings into one number: one row of `PROTOCOLS` per protocol.

A row says which measure, over which columns, what counts as unrated, what is joined before the measure, and what the
results are averaged over. It scores tables that hold a protocol's columns under its names; the data are the reader's
own. Where a challenge's own script differs in a detail that papers do not tell, the published script decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .agreement import ccc, pearson
from .binary_metrics import roc_auc
from .class_metrics import average_precision, binary_f1, macro_f1_of

Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]
Metric = Callable[[Floats, Floats], float]

REACTIONS = ("adoration", "amusement", "anxiety", "disgust", "empathic_pain", "fear", "surprise")
"""Hume-Reaction's seven (MuSe 2022)."""
ABAW_EXPRESSIONS = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise", "other")
"""Numbers 0 to 7 of Aff-Wild2's expression files."""
ABAW_UNITS = tuple(f"AU{n}" for n in (1, 2, 4, 6, 7, 10, 12, 15, 23, 24, 25, 26))
EMOTIC_LABELS = (
    "Affection", "Anger", "Annoyance", "Anticipation", "Aversion", "Confidence", "Disapproval", "Disconnection",
    "Disquietment", "Doubt/Confusion", "Embarrassment", "Engagement", "Esteem", "Excitement", "Fatigue", "Fear",
    "Happiness", "Pain", "Peace", "Pleasure", "Sadness", "Sensitivity", "Suffering", "Surprise", "Sympathy", "Yearning",
)  # fmt: skip
"""EMOTIC's 26 (Kosti et al. 2017), alphabetically, as its published code numbers them."""


def _expression_f1(predicted: Floats, rated: Floats) -> float:
    return macro_f1_of(predicted.astype(np.int64), rated.astype(np.int64), len(ABAW_EXPRESSIONS))


def _unit_f1(predicted: Floats, rated: Floats) -> float:
    return binary_f1(predicted >= 0.5, rated >= 0.5)


def _auc(predicted: Floats, rated: Floats) -> float:
    return roc_auc(predicted, rated >= 0.5)


def _ap(predicted: Floats, rated: Floats) -> float:
    return average_precision(predicted, rated >= 0.5)


@dataclass(frozen=True)
class Protocol:
    """One way to score a table."""

    measure: str
    metric: Metric
    columns: tuple[str, ...]
    """Each is scored by itself; the result is their mean."""
    joined: str
    """`all`: rows of all recordings in one series before the measure; `recording`: one score per recording, averaged;
    `group`: rows of a group (a culture) in one series, scores averaged over groups."""
    source: str
    unrated: float | None = None
    """Value by which its files mark a row without a rating; NaN always does."""
    note: str = ""


PROTOCOLS: Mapping[str, Protocol] = {
    "muse-humor": Protocol(
        "AUC", _auc, ("humor",), "all", "MuSe 2022 (Christ et al.), MuSe-Humor",
        note="segments of 2 s every 0.5 s; rating 1 = humour; published baseline .8480",
    ),
    "muse-reaction": Protocol(
        "Pearson", pearson, REACTIONS, "all", "MuSe 2022 (Christ et al.), MuSe-Reaction",
        note="one row per clip, intensities 0..1; mean over the seven; published baseline .2801",
    ),
    "muse-stress": Protocol(
        "CCC", ccc, ("valence", "arousal"), "all", "MuSe 2022 (Christ et al.), MuSe-Stress",
        note="2 Hz, all recordings in one series, mean of both; arousal there is joined with electrodermal activity; "
        "published baselines V .4931, A .4761",
    ),
    "aff-wild2-va": Protocol(
        "CCC", ccc, ("valence", "arousal"), "all", "Kollias & Zafeiriou 2019; ABAW challenges", -5.0,
        note="every annotated frame of every video in one series; mean of both; -5 = not annotated",
    ),
    "aff-wild2-expr": Protocol(
        "macro F1", _expression_f1, ("expression",), "all", "Kollias & Zafeiriou 2019; ABAW challenges", -1.0,
        note="numbers of ABAW_EXPRESSIONS; -1 = not annotated; a class without examples does not count",
    ),
    "aff-wild2-au": Protocol(
        "F1", _unit_f1, ABAW_UNITS, "all", "Kollias & Zafeiriou 2019; ABAW challenges", -1.0,
        note="predictions cut at 0.5; mean over 12 units; -1 = not annotated",
    ),
    "omg-empathy": Protocol(
        "CCC", ccc, ("valence",), "recording", "OMG-Empathy (Barros et al. 2019)",
        note="the listener's own valence, one row per frame; one CCC per recording. Both tracks average these over "
        "recordings: personalised over the stories of each listener first, generalised over the listeners of a story",
    ),
    "sewa": Protocol(
        "CCC", ccc, ("valence", "arousal", "liking"), "all", "AVEC 2017 on SEWA (Ringeval et al. 2017)",
        note="gold standard every 0.1 s, all recordings in one series",
    ),
    "sewa-cultures": Protocol(
        "CCC", ccc, ("valence", "arousal", "liking"), "group", "AVEC 2019 on SEWA (Ringeval et al. 2019)",
        note="as `sewa` for each culture (group column), then the mean of cultures",
    ),
    "emotic": Protocol(
        "average precision", _ap, EMOTIC_LABELS, "all", "EMOTIC (Kosti et al. 2017)",
        note="scores of 26 labels, rating 1 where a label was given; the mean is mAP",
    ),
}  # fmt: skip


def find_protocol(name: str) -> Protocol:
    """A row of `PROTOCOLS`.

    Raises:
        ValueError: no such name; the message lists them.
    """
    if name not in PROTOCOLS:
        raise ValueError(f"no protocol {show(name)}: choose {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def score_protocol(
    name: str,
    predicted: Columns,
    rated: Columns,
    *,
    recordings: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The protocol's number.

    Args:
        name: of `PROTOCOLS`.
        predicted: column -> [n], NaN where nothing was predicted.
        rated: column -> [n]; NaN and the protocol's mark are unrated.
        recordings: [n], where the protocol scores recordings.
        groups: [n], where it scores groups.

    Returns:
        `score`, `by_column`, `measure`, `rows` scored and `unpredicted`: rated rows without a prediction, which are
        left out and must be told beside the score; columns that nobody rated are in `unrated_columns`.

    Raises:
        ValueError: a column is missing, none is rated, or the protocol needs recordings or groups.
    """
    protocol = find_protocol(name)
    if missing := [c for c in protocol.columns if c not in predicted or c not in rated]:
        raise ValueError(f"{name} needs {', '.join(protocol.columns)} on both sides; {', '.join(missing)} are missing")
    part = {"all": None, "recording": recordings, "group": groups}[protocol.joined]
    if protocol.joined != "all" and part is None:
        raise ValueError(f"{name} is scored per {protocol.joined}: name the column that tells them apart")
    by: dict[str, float] = {}
    rows = unpredicted = 0
    for column in protocol.columns:
        p, r = np.asarray(predicted[column], np.float64), np.asarray(rated[column], np.float64)
        is_rated = ~np.isnan(r) & (True if protocol.unrated is None else r != protocol.unrated)
        known = is_rated & ~np.isnan(p)
        unpredicted += int((is_rated & ~known).sum())
        rows += int(known.sum())
        if known.any():
            by[column] = _mean_over(protocol.metric, p, r, known, part)
    if not by:
        raise ValueError(f"{name}: no row has both a prediction and a rating")
    return {
        "protocol": name,
        "measure": protocol.measure,
        "score": float(np.mean(list(by.values()))),
        "by_column": by,
        "rows": rows,
        "unpredicted": unpredicted,
        "unrated_columns": [c for c in protocol.columns if c not in by],
        "source": protocol.source,
    }


def _mean_over(metric: Metric, p: Floats, r: Floats, known: NDArray[np.bool_], part: Sequence[str] | None) -> float:
    if part is None:
        return metric(p[known], r[known])
    names = np.asarray(part)
    parts = [known & (names == one) for one in dict.fromkeys(names[known].tolist())]
    return float(np.mean([metric(p[rows], r[rows]) for rows in parts]))
