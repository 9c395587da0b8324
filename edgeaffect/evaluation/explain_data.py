"""Faces with measured cues, and questions and statements about faces, for `edgeaffect eval explain`.

An archive holds pictures and `faces.csv`, one row per face:

* `file`; `person` (any name; the same person's rows are resampled together);
* `x0, y0, ..., x4, y4`: five points in `Face.landmarks` order, pixels;
* `label`: emotion that most people chose; empty where there is none;
* `cue:NAME`, `fact:NAME`: share 0..1 by which a measure independent of the explainer says that the cue or fact is
  there; empty where it does not say.

Questions, paraphrases and statements are JSON lists; they may lie in the archive (`questions.json`, ...) or beside it:

    {"text": "Is she smiling?", "intent": "is_cue", "slot": "smile", "present": true}
    {"texts": ["Is she smiling?", "smiling or not?"], "intent": "is_cue", "slot": "smile", "present": true}
    {"text": "She smiles.", "claims": [{"kind": "cue", "name": "smile", "present": true}]}
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .._json import load_json
from ..circumplex import EMOTIONS
from ..image import Frame
from .archives import Archive, ArchiveError, ArchiveLimits, StrPath, UnknownFormatError, printable
from .pictures import read_picture

TABLE = "faces.csv"
_POINTS = [f"{axis}{i}" for i in range(5) for axis in "xy"]
TEXTS = ("questions", "paraphrases", "statements")
_LARGEST_LIST = 100_000


@dataclass(frozen=True, eq=False)
class ExplainFace:
    """One face and what is known of it."""

    image: Frame
    points: NDArray[np.float32]
    """[5, 2] pixels."""
    person: str
    label: str | None
    cues: Mapping[str, float]
    """Cue -> share 0..1 by an independent measure; absent where that says nothing."""
    facts: Mapping[str, float]


@dataclass(frozen=True)
class Question:
    """A question and what it wants."""

    texts: tuple[str, ...]
    """The wording; of paraphrases, all of them."""
    intent: str
    slot: str | None
    present: bool | None
    """Of yes/no questions: whether yes means that it is there."""


@dataclass(frozen=True)
class Statement:
    """A statement and the claims that must all hold."""

    text: str
    claims: tuple[tuple[str, str, bool], ...]
    """(kind, name, present)."""


@dataclass(frozen=True)
class ExplainData:
    """Everything that an evaluation of explanations needs."""

    faces: tuple[ExplainFace, ...]
    questions: tuple[Question, ...] = ()
    paraphrases: tuple[Question, ...] = ()
    statements: tuple[Statement, ...] = ()
    name: str = ""


def read_explain_data(
    path: StrPath,
    texts: Mapping[str, bytes] | None = None,
    *,
    known: Collection[str] = (),
    limits: ArchiveLimits | None = None,
) -> ExplainData:
    """Read an archive.

    Args:
        path: the archive.
        texts: `questions`, `paraphrases`, `statements` -> JSON that replaces the archive's own.
        known: names of cues and facts that a column may have; empty allows any.
        limits: what the archive may ask for.

    Raises:
        UnknownFormatError: it holds no `faces.csv`.
        ArchiveError: something in it is wrong; the message names the entry.
    """
    given = dict(texts or {})
    with Archive(path, limits) as archive:
        if TABLE not in archive.names:
            raise UnknownFormatError(f"{path} holds no {TABLE}: it is no archive of faces with measured cues")
        faces = tuple(_faces(archive, known))
        for name in TEXTS:
            if name not in given and f"{name}.json" in archive.names:
                given[name] = archive.read(f"{name}.json", archive.limits.table)
    return ExplainData(
        faces,
        questions=tuple(_question(entry, ("text",)) for entry in _list(given, "questions")),
        paraphrases=tuple(_question(entry, ("texts",)) for entry in _list(given, "paraphrases")),
        statements=tuple(_statement(entry) for entry in _list(given, "statements")),
        name=str(path),
    )


def _faces(archive: Archive, known: Collection[str]) -> list[ExplainFace]:
    shown = f"{archive.path}: {TABLE}"
    try:
        rows = list(csv.DictReader(io.StringIO(archive.read(TABLE, archive.limits.table).decode("utf-8"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ArchiveError(f"{shown} cannot be read ({error}): write it as UTF-8 with commas") from error
    if not rows or len(rows) > archive.limits.rows:
        raise ArchiveError(f"{shown} has {len(rows)} rows; it needs 1 to {archive.limits.rows}")
    if missing := [name for name in ("file", "person", *_POINTS) if name not in rows[0]]:
        raise ArchiveError(f"{shown} has no column {missing[0]!r}: it needs file, person and x0, y0 to x4, y4")
    for name in rows[0]:
        if str(name).startswith(("cue:", "fact:")) and known and str(name).partition(":")[2] not in known:
            raise ArchiveError(f"{shown} has a column {show(name)}, which names no cue or fact that is spoken of")
    return [_face(archive, shown, row) for row in rows]


def _face(archive: Archive, shown: str, row: Mapping[str, str]) -> ExplainFace:
    name = row["file"] or ""
    where = f"{shown}: {printable(name)}"
    points = np.array([_number(where, key, row[key]) for key in _POINTS], np.float32).reshape(5, 2)
    label = row.get("label") or None
    if label is not None and label not in EMOTIONS:
        raise ArchiveError(f"{where}: label must be one of {', '.join(EMOTIONS)} or empty; got {show(label)}")
    shares: dict[str, dict[str, float]] = {"cue": {}, "fact": {}}
    for key, cell in row.items():
        kind, _, cue = (key or "").partition(":")
        if kind in shares and cell:
            shares[kind][cue] = _number(where, key, cell)
            if not 0 <= shares[kind][cue] <= 1:
                raise ArchiveError(f"{where}: {key} must lie between 0 and 1; got {cell}")
    return ExplainFace(read_picture(archive, name), points, row["person"], label, shares["cue"], shares["fact"])


def _number(where: str, key: str, cell: str | None) -> float:
    try:
        value = float(cell or "")
    except ValueError:
        value = np.nan
    if not abs(value) < 1e6:
        raise ArchiveError(f"{where}: {key} must be a number; got {show(cell)}")
    return value


def _list(texts: Mapping[str, bytes], name: str) -> Sequence[Any]:
    if name not in texts:
        return ()
    try:
        entries = load_json(texts[name])
    except ValueError as error:
        raise ArchiveError(f"{name} cannot be read as JSON: {error}") from error
    if not isinstance(entries, list) or not 1 <= len(entries) <= _LARGEST_LIST:
        raise ArchiveError(f"{name} must be a JSON list of 1 to {_LARGEST_LIST} entries")
    return entries


def _question(entry: Any, key: tuple[str]) -> Question:
    texts = entry.get(key[0]) if isinstance(entry, dict) else None
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise ArchiveError(f"a question needs {key[0]!r}; got {show(entry)}")
    intent, slot, present = (entry.get(name) for name in ("intent", "slot", "present"))
    if not isinstance(intent, str) or not isinstance(slot, str | None) or not isinstance(present, bool | None):
        raise ArchiveError(f"a question needs intent, slot (or null) and present (or null); got {show(entry)}")
    return Question(tuple(texts), intent, slot, present)


def _statement(entry: Any) -> Statement:
    text = entry.get("text") if isinstance(entry, dict) else None
    claims = entry.get("claims") if isinstance(entry, dict) else None
    if not isinstance(text, str) or not isinstance(claims, list) or not claims:
        raise ArchiveError(f"a statement needs text and claims; got {show(entry)}")
    try:
        found = tuple((str(one["kind"]), str(one["name"]), bool(one["present"])) for one in claims)
    except (TypeError, KeyError) as error:
        raise ArchiveError(f"a claim needs kind, name and present; got {show(claims)}") from error
    return Statement(text, found)
