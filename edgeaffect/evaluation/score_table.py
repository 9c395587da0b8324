"""Everything `edgeaffect eval table` measures of predictions beside ratings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..labels import canonical
from . import affect_metrics, agreement, class_metrics
from .emotion_wheel import PLUTCHIK, Grouping, ew_scores
from .intervals import SAMPLES, cluster_bootstrap
from .match_tables import Match
from .protocols import score_protocol
from .tables import is_missing

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_CONTINUOUS: Mapping[str, Callable[[Floats, Floats], float]] = {
    "ccc": agreement.ccc,
    "pearson": agreement.pearson,
    "rmse": agreement.rmse,
    "mae": agreement.mae,
    "sagr": agreement.sagr,
    "ICC(3,1)": lambda p, r: agreement.icc(np.stack([p, r], 1)),
    "bias": lambda p, r: float((p - r).mean()),
}


@dataclass(frozen=True)
class What:
    """Which columns are scored: predicted -> rated."""

    values: Mapping[str, str] = field(default_factory=dict)
    """Continuous."""
    classes: Mapping[str, str] = field(default_factory=dict)
    """Names of classes."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Sets of emotion words, separated by commas, semicolons or bars."""
    probabilities: str | None = None
    """Prefix of the predictions' columns that hold the probability of each class."""
    shares: str | None = None
    """Prefix of the ratings' columns that hold the share of raters who chose each class."""
    grouping: Grouping = field(default_factory=lambda: PLUTCHIK)
    protocol: str | None = None
    """Of `protocols.PROTOCOLS`; its columns are looked for among the rated names of `values` and of both tables."""


def score_table(
    match: Match,
    what: What,
    *,
    person: str | None = None,
    groups: Sequence[str] = (),
    samples: int = SAMPLES,
) -> dict[str, Any]:
    """Scores of a match, over all rows and per group.

    Args:
        match: from `match_tables`.
        what: columns.
        person: column that tells people apart; None takes each recording (key) for one.
        groups: columns; each gives a report per value.
        samples: draws of each interval, see `cluster_bootstrap`.

    Raises:
        ValueError: nothing to score, no such column, or a pair without a single common row.
    """
    if not (what.values or what.classes or what.words or what.probabilities or what.protocol):
        raise ValueError("name what to score: a pair of continuous, class or word columns, or a protocol")
    people = match.side(person) if person else _recordings(match)
    scorer = _Scorer(match, what, people, samples)
    everywhere = np.ones(len(match.ratings), bool)
    report: dict[str, Any] = {
        "rated_rows": len(match.ratings),
        "matched_rows": int((match.nearest >= 0).sum()),
        "people_by": person or "recording",
        **({"time": match.lags} if match.time else {}),
        **scorer.scores(everywhere),
    }
    if what.protocol:
        report["protocol"] = _protocol(match, what, groups)
    for column in groups:
        cells = match.side(column)
        names = sorted(set(cells[~is_missing(cells)].tolist()))
        if len(names) > 50:
            raise ValueError(f"{column} has {len(names)} values; a group column has at most 50: bin it first")
        report.setdefault("groups", {})[column] = {
            **{name: scorer.scores(cells == name, must=False) for name in names},
            **({"(missing)": {"rows": int(is_missing(cells).sum())}} if is_missing(cells).any() else {}),
        }
    return report


def _recordings(match: Match) -> NDArray[np.str_]:
    names = np.full(len(match.ratings), "", object)
    for key, (_, rows) in match.parts.items():
        names[rows] = "/".join(key)
    return names.astype(np.str_)


class _Scorer:
    """Columns read once, scored on any rows."""

    def __init__(self, match: Match, what: What, people: NDArray[np.str_], samples: int) -> None:
        self._people, self._samples, self._what = people, samples, what
        self._values = {name: match.numbers(name, rated) for name, rated in what.values.items()}
        self._classes = {
            name: _same_classes(name, match.texts(name), match.ratings.texts(r)) for name, r in what.classes.items()
        }
        self._words = {name: (match.texts(name), match.ratings.texts(r)) for name, r in what.words.items()}
        self._chances = _prefixed(match, what) if what.probabilities else None

    def scores(self, rows: Mask, *, must: bool = True) -> dict[str, Any]:
        """Scores of some rows; `must` raises where a pair has none in common, else it is left out with its counts."""
        result: dict[str, Any] = {}
        for name, (p, r) in self._values.items():
            known = rows & ~np.isnan(p) & ~np.isnan(r)
            told = self._counts(rows, known, ~np.isnan(r), name, must)
            if known.any():
                told |= self._bootstrap(_CONTINUOUS, p[known], r[known], known)
            result.setdefault("values", {})[name] = told
        for name, (said, true) in self._classes.items():
            known = rows & ~is_missing(said) & ~is_missing(true)
            told = self._counts(rows, known, ~is_missing(true), name, must)
            if known.any():
                told |= self._of_classes(said[known], true[known], known)
            result.setdefault("classes", {})[name] = told
        for name, (said, true) in self._words.items():
            known = rows & ~is_missing(true)
            told = self._counts(rows, known, known, name, must)
            if known.any():
                told |= self._of_words(said[known], true[known], known)
            result.setdefault("words", {})[name] = told
        if self._chances is not None:
            result["probabilities"] = self._of_chances(rows)
        return result

    def _counts(self, rows: Mask, known: Mask, rated: Mask, name: str, must: bool) -> dict[str, Any]:
        if must and not known.any():
            raise ValueError(f"{name}: no row has both a prediction and a rating")
        return {
            "rows": int(known.sum()),
            "unpredicted": int((rows & rated & ~known).sum()),
            "unrated": int((rows & ~rated).sum()),
        }

    def _bootstrap(
        self, metrics: Mapping[str, Callable[[Any, Any], float]], p: Any, r: Any, known: Mask
    ) -> dict[str, Any]:
        people = self._people[known]

        def of(metric: Callable[[Any, Any], float]) -> Any:
            estimate = cluster_bootstrap(lambda at: metric(p[at], r[at]), people, samples=self._samples)
            return estimate.to_dict()

        return {"people": len(set(people.tolist())), **{name: of(metric) for name, metric in metrics.items()}}

    def _of_classes(self, said: NDArray[np.str_], true: NDArray[np.str_], known: Mask) -> dict[str, Any]:
        names, p, r = class_metrics.class_numbers(said.tolist(), true.tolist())
        k = len(names)
        metrics = {
            "accuracy": class_metrics.accuracy,
            "uar": lambda a, b: class_metrics.uar(a, b, k),
            "macro_f1": lambda a, b: class_metrics.macro_f1_of(a, b, k),
        }
        confusion = affect_metrics.confusion_matrix(r, p, k)
        return {
            **self._bootstrap(metrics, p, r, known),
            "labels": list(names),
            "confusion": confusion.tolist(),
        }

    def _of_words(self, said: NDArray[np.str_], true: NDArray[np.str_], known: Mask) -> dict[str, Any]:
        p, r = [_split(cell) for cell in said.tolist()], [_split(cell) for cell in true.tolist()]
        grouping = self._what.grouping
        scores = ew_scores(p, r, grouping)

        def f1(at: NDArray[np.intp]) -> float:
            return ew_scores([p[i] for i in at], [r[i] for i in at], grouping).f1

        estimate = cluster_bootstrap(f1, self._people[known], samples=min(self._samples, 200))
        return {"set_f1": estimate.to_dict(), "precision": scores.precision, "recall": scores.recall,
                "samples": scores.samples, "words_without_group": list(scores.unknown[:50])}  # fmt: skip

    def _of_chances(self, rows: Mask) -> dict[str, Any]:
        assert self._chances is not None
        names, p, labels, shares = self._chances
        known = rows & np.isfinite(p).all(1)
        rated = known & (labels >= 0)
        told: dict[str, Any] = {"labels": list(names), "rows": int(rated.sum())}
        if rated.any():
            each = np.eye(len(names), dtype=bool)
            metrics: dict[str, Callable[[Any, Any], float]] = {
                "brier": affect_metrics.brier,
                "mean_auc": lambda a, b: class_metrics.mean_auc(a, each[b]),
            }
            told |= self._bootstrap(metrics, p[rated], labels[rated], rated)
            # A bootstrap repeats rows, which adds to every gap: its interval would lie above the value.
            told["ece"] = affect_metrics.hard_ece(p[rated], labels[rated])
        if shares is not None:
            voted = known & np.isfinite(shares).all(1) & (shares.sum(1) > 0)
            told["voted_rows"] = int(voted.sum())
            if voted.any():
                q = shares[voted] / shares[voted].sum(1, keepdims=True)
                js = affect_metrics.js_divergence(q, p[voted])
                told["js"] = cluster_bootstrap(lambda at: js[at].mean(), self._people[voted],
                                               samples=self._samples).to_dict()  # fmt: skip
        return told


def _same_classes(
    name: str, said: NDArray[np.str_], true: NDArray[np.str_]
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Both sides with emotions under their canonical names (`happy` is `happiness`), other classes as they are.

    Raises:
        ValueError: no class is on both sides: the names differ, and every score would be 0.
    """
    said, true = (np.array([canonical(cell) for cell in cells.tolist()], np.str_) for cells in (said, true))
    ours, theirs = (sorted(set(cells[~is_missing(cells)].tolist())) for cells in (said, true))
    if ours and theirs and not set(ours) & set(theirs):
        raise ValueError(
            f"{name}: no class is on both sides: {', '.join(ours[:8])} are predicted and {', '.join(theirs[:8])} "
            "rated; give them one set of names"
        )
    return said, true


def _split(cell: str) -> list[str]:
    return [word for word in re.split(r"[,;|]", cell) if word.strip()]


def _prefixed(match: Match, what: What) -> tuple[tuple[str, ...], Floats, NDArray[np.int64], Floats | None]:
    """Classes, probabilities [n, k], labels [n] (-1 where unknown), and shares of raters [n, k]."""
    prefix = what.probabilities or ""
    names = tuple(c.removeprefix(prefix) for c in match.predictions.columns if c.startswith(prefix) and c != prefix)
    if len(names) < 2:
        raise ValueError(f"{match.predictions.path} has {len(names)} columns that begin with {prefix!r}; two or more")
    p = np.stack([match.predicted(prefix + name) for name in names], 1)
    labels = np.full(len(p), -1, np.int64)
    if what.classes:
        cells = match.ratings.texts(next(iter(what.classes.values()))).tolist()
        number = {canonical(name): i for i, name in enumerate(names)}
        labels = np.array([number.get(canonical(cell), -1) for cell in cells], np.int64)
    if what.shares is None:
        if not what.classes:
            raise ValueError("probabilities are scored against a class column or shares of raters: name one")
        return names, p, labels, None
    return names, p, labels, np.stack([match.ratings.numbers(what.shares + name) for name in names], 1)


def _protocol(match: Match, what: What, groups: Sequence[str]) -> dict[str, Any]:
    from .protocols import find_protocol

    assert what.protocol is not None
    ours = {rated: said for said, rated in what.values.items()}
    predicted, rated = {}, {}
    for column in find_protocol(what.protocol).columns:
        said = ours.get(column, column)
        if said in match.predictions.columns and column in match.ratings.columns:
            predicted[column], rated[column] = match.numbers(said, column)
    return score_protocol(
        what.protocol, predicted, rated, recordings=_recordings(match).tolist(),
        groups=match.side(groups[0]).tolist() if groups else None,
    )  # fmt: skip
