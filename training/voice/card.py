"""The voice model's part of the model card and of README's table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.card_text import interval, load, percent, table

RESULTS = Path(__file__).with_name("RESULTS.json")
PATHS = {
    "runtime": "Clips go through `VoiceAffect.predict`; one in which no speech is found counts as wrong.",
    "windows": "Clips go through the file in windows of 3 s every 0.5 s, as the runtime cuts them, without its test "
    "for speech.",
}


def summary(name: str) -> tuple[str, str] | None:
    """Accuracy and size of the voice file for README's table; None for any other."""
    record = load(RESULTS)
    if "scores" not in record or record["file"]["name"] != name:
        return None
    ravdess, pooled = record["scores"]["corpora"]["ravdess"], record["scores"]["pooled"]
    return (
        f"UAR {_value(ravdess['uar'])} on RAVDESS, arousal AUC {pooled['arousal_auc']['value']:.2f}, "
        f"ECE {percent(pooled['ece']['value'])}, strangers' voices",
        "not measured",
    )


def voice_card() -> list[str]:
    """Lines of the card; none where the file has not been evaluated."""
    record = load(RESULTS)
    if "scores" not in record:
        return []
    lines = ["## Voice", "", *protocol(record), ""]
    lines += [*table(("gate", "asked", "reached"), map(_gate, record["scores"]["gates"].items())), ""]
    lines += [*corpora(record["scores"]["corpora"]), ""]
    pooled = record["scores"]["pooled"]
    lines += [
        f"Together, without ASED: mean UAR {_value(pooled['mean_uar'])}, ECE {_value(pooled['ece'])}, arousal AUC "
        f"{_number(pooled['arousal_auc'])} over all clips, {_number(pooled['arousal_auc_within'])} comparing within "
        "corpora only.",
        "",
    ]
    for corpus, part in record["scores"]["corpora"].items():
        if "confusion" in part:
            lines += [f"Answers on {corpus} (rows: what was acted; recall of each):", "", *_confusion(part), ""]
    return lines + unseen(record)


def protocol(record: Mapping[str, Any]) -> list[str]:
    """How the figures came about."""
    origin = f"commit {record['commit']}, {record['processor']} ({', '.join(record['instruction_set'])})"
    return [
        "Held out: development speakers, whom neither training nor calibration nor any choice has heard, and all of "
        "ASED, a corpus and a language that were never trained on (its emotions hang on its sentences, which one "
        f"who knows no Amharic cannot use). {PATHS[record['path']]} Answers are the most probable of the labels that "
        "a corpus has; ECE is over these, renormalised. Intervals are 95 %, by resampling speakers: with 2 or 4 "
        "of them they are rough. All corpora are acted or prompted; none is spontaneous. Written by `python -m "
        f"training.voice.evaluate`; {origin}.",
    ]


def corpora(parts: Mapping[str, Any]) -> list[str]:
    """One row a corpus."""
    rows = [
        (
            f"{name} ({part['language']})", f"{part['clips']}, {part['speakers']}",
            f"{_value(part['uar'])}, chance {percent(part['chance'])}" if "uar" in part else "levels only",
            _value(part["ece"]) if "ece" in part else "-", _number(part["arousal_auc"]), part["without_speech"],
            part["listeners"],
        )
        for name, part in parts.items()
    ]  # fmt: skip
    head = ("corpus", "clips, speakers", "UAR (95 % interval)", "ECE", "arousal AUC", "no speech found", "listeners")
    return table(head, rows)


def unseen(record: Mapping[str, Any]) -> list[str]:
    """Corpora and languages left out, and how well the corpus can be guessed."""
    lines = []
    if "unseen" in record:
        rows = [
            (
                name, corpus, f"{part['clips']}, {part['speakers']}",
                f"{_value(part['uar'])}, chance {percent(part['chance'])}" if "uar" in part else "levels only",
                _number(part["arousal_auc"]),
            )
            for name, parts in record["unseen"]["left_out"].items()
            for corpus, part in parts.items()
        ]  # fmt: skip
        lines += [
            f"Corpora left out of the training: networks of {record['unseen']['parameters']:,} parameters, with a "
            f"shortened schedule ({record['unseen']['steps']:,} steps of {record['unseen']['batch']} windows) and "
            "without the teacher's features, so weaker than the shipped file; scored on all clips of the corpora "
            "left out. German, Polish and Arabic are in one corpus each, so these rows are languages left out, too. "
            f"Written by `python -m training.voice.unseen`, commit {record['unseen']['commit']}.",
            "",
            *table(("left out", "scored on", "clips, speakers", "UAR (95 % interval)", "arousal AUC"), rows),
            "",
        ]
    if "probe" in record:
        found = record["probe"]
        lines += [
            "How well a logistic regression guesses the corpus of a stranger's clip (mean recall, "
            f"chance {percent(found['chance'])}): from the embedding {percent(found['embedding']['uar'])}, from "
            f"plain log-mel statistics {percent(found['log_mel']['uar'])}. The corpora differ in language, "
            "text and length, so chance is not to be expected; what matters is that calm and boredom, which live in "
            "one or two corpora each, do not follow from the corpus: see the confusion tables.",
            "",
        ]
    return lines


def _gate(item: tuple[str, Mapping[str, Any]]) -> tuple[str, str, str]:
    name, gate = item
    sign = "at most" if name.endswith("ece") else "at least"
    reached = f"{gate['reached']:.3f}"
    return name, f"{sign} {gate['asked']}", reached if gate["met"] else f"**{reached}, missed**"


def _confusion(part: Mapping[str, Any]) -> list[str]:
    labels = list(part["confusion"])
    answered = list(dict.fromkeys([*labels, *(k for row in part["confusion"].values() for k in row)]))
    rows = (
        (label, percent(part["recall"][label], 0), *(part["confusion"][label].get(other, 0) for other in answered))
        for label in labels
    )
    return table(("", "recall", *answered), rows)


def _value(found: Mapping[str, Any]) -> str:
    return f"{percent(found['value'])} ({interval(found['interval'])})"


def _number(found: Mapping[str, Any]) -> str:
    low, high = found["interval"]
    return f"{found['value']:.3f} ({low:.3f} to {high:.3f})"
