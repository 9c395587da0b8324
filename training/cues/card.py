"""The cue models' part of the model card: gates, protocol and admission test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.card_text import percent, table
from training.cues.gates import Gate, accuracy, cost


def cues_card(record: Mapping[str, Any], admission: Mapping[str, Any]) -> list[str]:
    """Lines of the card; none where the cue files have not been evaluated."""
    if not record:
        return []
    files = {name: scores["detector"] for name, scores in record["files"].items()}
    first = next(iter(files.values()))
    lines = ["## Cues", "", *protocol(first, origin(record)), ""]
    columns = [accuracy(scores) for scores in files.values()]
    rows = [(row[0].name, row[0].asked, *map(_cell, row)) for row in zip(*columns, strict=True)]
    lines += [*table(("gate", "asked", *(f"`{name}`" for name in files)), rows), ""]
    small = (f"`{name}` {percent(s['landmark_error_24px']['value'], 2)} and {s['blendshape_r_24px']['value']:.3f}"
             for name, s in files.items())  # fmt: skip
    lines += [f"Faces of 24 px, error of 68 points and blendshapes r: {'; '.join(small)}.", ""]
    lines += [*table(("gate", "asked", "value"), ((g.name, g.asked, _cell(g)) for g in cost(record))), ""]
    if times := record.get("one_face"):
        each = ", ".join(f"{name} {value:.2f}" for name, value in times["milliseconds"].items())
        lines += [
            f"CPU time of one face on one core, ms (`python -m training.cues.peers`; {origin(times)}): {each}.",
            "",
        ]
    return lines + (admitted(admission) if admission else [])


def protocol(scores: Mapping[str, Any], where: str) -> list[str]:
    """How the figures came about."""
    return [
        f"Held out: {scores['frames']} frames of {scores['clips']} clips with 68 points set by people; a hash of the "
        "person's or clip's name puts it into training, development or test, in all pools alike. Each frame goes the "
        "way it goes at run time: own detector, crop, file. The detector was split another way: "
        f"{scores['frames_of_detector_training']} of these frames were in its training, so its five points are better "
        "here than on strangers; the cue files never saw them. Blendshapes, gaze and closed eyes are judged against "
        "the teacher, MediaPipe's Face Landmarker (mean over picture and mirror), points and head pose against "
        f"people's points. Written by `python -m training.cues.evaluate`; {where}.",
        "",
        "Two trainings, one network: `face-cues-1.0.0` is the short one (1,900 steps of 32 views, without FER+ "
        "pictures and without mirrored pairs); `face-cues` 1.1.0 is the recipe as it stands (`training/README.md`). "
        "Which gates 1.0.0 misses on the held-out part was known when the recipe was changed; what the change does was "
        "watched on the development part, and 1.1.0 was scored on the held-out part once, when it was finished. A gate "
        "that is missed is marked.",
    ]


def admitted(admission: Mapping[str, Any]) -> list[str]:
    """The admission test's table."""
    rows = []
    for cue, row in admission["cues"].items():
        emotions = ", ".join(f"{name} {e['auc']:.4f}" for name, e in row["emotions"].items())
        rows.append((cue, f"{row['icc']:.3f}", emotions or "none in FACS", "yes" if row["admitted"] else "no"))
    return [
        f"Admission test of `{admission['file'].removesuffix('.onnx')}`, which says what cues may be spoken of: stable "
        f"(ICC at least {admission['least_icc']} over mirror, shifts, scale, light and noise; "
        f"{admission['faces_under_all_conditions']} faces) and valid (AUC at least {admission['least_auc']} for an "
        f"emotion that FACS links to it; {admission['found']} faces of FER+ `valid`). Written by `python -m "
        f"training.cues.admission`; {origin(admission)}.",
        "",
        *table(("cue", "ICC", "AUC", "admitted"), rows),
        "",
    ]


def origin(record: Mapping[str, Any]) -> str:
    """Commit and machine of a record."""
    return f"commit {record['commit']}, {record['processor']} ({', '.join(record['instruction_set'])})"


def _cell(gate: Gate) -> str:
    return f"{gate.value:.3g}" if gate.is_met else f"**{gate.value:.3g}, missed**"
