"""The explainer's part of the model card, from its records: no figure is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.card_text import interval, percent, table
from training.cues.card import origin

# What the parts of the training change: name of the short run -> words.
ABLATIONS = {
    "ab-full": "short run, all parts",
    "ab-no-vad": "short run without affect in embeddings, head and loss",
    "ab-no-match": "short run without the contrastive head",
    "student-base": "student, no teacher",
    "teacher2": "the teacher, grown from this student",
    "student-distilled": "student with the teacher's distribution and proved texts",
    "student-long": "trained on, decisions counting three times (bundled)",
    "student": "the distilled student with preferences: left out, it says less and breaks the grammar",
}
_ROWS = {
    "free": "model alone: no gate, label not told",
    "gated": "model with the gate (as shipped)",
    "blind": "blind language model",
    "nearest": "nearest neighbour",
    "template": "template from the evidence",
}


def explainer_card(record: Mapping[str, Any], admission: Mapping[str, Any]) -> list[str]:
    """Lines of the card; none where the explainer has not been evaluated."""
    if not record:
        return []
    lines = ["## Explainer", "", *protocol(record), ""]
    rows = []
    for name, words in _ROWS.items():
        if name in record["cues"]:
            row = record["cues"][name]
            cells = [f"{percent(row[k]['value'])} ({interval(row[k]['interval'])})" for k in ("f1", "hallucination")]
            rows.append((words, *cells, row["claims"], percent(row["false_absence"])))
    head = ("", "F1 of present cues (95 % interval)", "hallucination (95 % interval)", "claims", "false absence")
    lines += [*table(head, rows), ""]
    lines += [*facts(record), ""]
    shares = {
        "texts of the grammar that say their plan, no gate": record["parse_rate"],
        "the same with shuffled weights": record["shuffled_weights_valid"],
        "pairs in which the claims fit the face whose memory is looked at better than the other": record["swap"][
            "follows_the_other"
        ],
        "pairs in which they fit both alike": record["swap"]["ties"],
        "spoken emotion is the affect stage's, label not told": record["label_not_told"],
        "tokens on which 8-bit and float32 weights agree": record["int8"]["agree"],
    }
    lines += [*table(("share", "value"), ((k, percent(v)) for k, v in shares.items())), ""]
    if record.get("covered"):
        drops = "; ".join(f"{k} {percent(v['drop'])} ({v['faces']} faces)" for k, v in record["covered"].items())
        lines += [f"Claims about a region that vanish when a drawn cover hides it, no gate: {drops}.", ""]
    if record.get("ablations"):
        rows = []
        for name, row in record["ablations"].items():
            cells = (f"{percent(row[k]['value'])} ({interval(row[k]['interval'])})" for k in ("f1", "hallucination"))
            rows.append((ABLATIONS.get(name, name), *cells, percent(row["parse_rate"])))
        lines += [
            "What the parts change (model alone; the short runs have one schedule of some 250 steps, too few for any "
            "of them to speak well, and compare with each other only):",
            "",
            *table(("training", "F1", "hallucination", "valid texts"), rows),
            "",
        ]
    return lines + admitted(admission)


def protocol(record: Mapping[str, Any]) -> list[str]:
    """How the figures came about."""
    pools = ", ".join(f"{count} {name}" for name, count in record["pools"].items())
    return [
        f"Held out: {record['faces']} faces of people, clips and pictures that no training has seen ({pools}; `valid` "
        "is FER+'s). Each is asked about mouth, eyes, brows, head, and for a reason; the cue claims of the answers "
        "are judged by MediaPipe's Face Landmarker (mean over picture and mirror), which is the cues' own teacher. A "
        "hallucination is a cue said to be present whose measure is below its threshold. Written by `python -m "
        f"training.explain.evaluate`; {origin(record)}.",
    ]


def facts(record: Mapping[str, Any]) -> list[str]:
    """AUC of visible facts."""
    rows = []
    for name, kinds in record["facts"].items():
        cells = [
            f"{kinds[k]['auc']:.3f} ({kinds[k]['with']} of {kinds[k]['views']})" if k in kinds else "-"
            for k in ("altered", "real")
        ]
        rows.append((name.replace("_", " "), *cells))
    return [
        "Visible facts that no blendshape holds, AUC (views with it of all); real: masks that people have labelled, "
        "glasses told by looking (`training/explain/glasses.json`), head pose by the teacher:",
        "",
        *table(("fact", "drawn over unseen people", "real pictures"), rows),
    ]


def admitted(admission: Mapping[str, Any]) -> list[str]:
    """The two measures of our own."""
    if not admission:
        return []
    rows = []
    for name, row in admission["cues"].items():
        emotions = ", ".join(f"{k} {e['auc']:.4f} ({interval(e['interval'])})" for k, e in row["emotions"].items())
        rows.append((name.replace("_", " "), f"{row['icc']:.3f}", emotions, "yes" if row["admitted"] else "no"))
    return [
        "Two measures of our own, chosen on training faces of FER+ and put through the admission test once. Their "
        "blendshapes had been seen to fall just short of it on the same faces before, and the new ones pass by a hair: "
        f"as reasons they are weak (`training/explain/ADMISSION.json`; {origin(admission)}).",
        "",
        *table(("cue", "ICC", "AUC on `valid` (95 % interval)", "admitted"), rows),
        "",
    ]
