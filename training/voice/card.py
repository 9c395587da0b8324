"""The voice model's part of the model card and of README's table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.card_text import interval, load, percent, table

RESULTS = Path(__file__).with_name("RESULTS.json")


def summary(name: str) -> tuple[str, str] | None:
    """Accuracy and size of the voice file for README's table; None for any other."""
    record = load(RESULTS)
    if "windows" not in record or record["file"]["name"] != name:
        return None
    # What `VoiceAffect` answers, clips that voice activity passes over included: a user gets no other figure.
    scores = record.get("runtime", record["windows"])["scores"]
    ravdess, pooled = scores["corpora"]["ravdess"], scores["pooled"]
    return (
        f"UAR {_value(ravdess['uar'])} on RAVDESS, arousal AUC {pooled['arousal_auc']['value']:.2f}, "
        f"ECE {percent(pooled['ece']['value'])}, strangers' voices",
        f"{record['latency_ms']['p50']:.2f} ms of CPU a window of 3 s" if "latency_ms" in record else "not measured",
    )


def voice_card() -> list[str]:
    """Lines of the card; none where the file has not been evaluated."""
    record = load(RESULTS)
    if "windows" not in record:
        return []
    alone = record["windows"]["scores"]
    whole = record["runtime"]["scores"] if "runtime" in record else None
    version = record["file"].get("version", "?")
    lines = ["## Voice", "", *protocol(record["windows"]), "", f"Measured: voice-small {version}.", ""]
    lines += [*gates(alone["gates"], whole["gates"] if whole else None), ""]
    lines += [*corpora(alone["corpora"], whole["corpora"] if whole else None), ""]
    for title, scores in (("the model alone", alone), ("through `VoiceAffect.predict`", whole)):
        if scores is not None:
            pooled = scores["pooled"]
            chance = {name: percent(value) for name, value in pooled["ece_if_calibrated"].items()}
            lines += [
                f"Together, without ASED, {title}: mean UAR {_value(pooled['mean_uar'])}, ECE {_value(pooled['ece'])} "
                f"(were every probability right, so many clips would show {chance['mean']}, "
                f"in one of twenty draws {chance['most']} or more), "
                f"arousal AUC {_number(pooled['arousal_auc'])} over all clips, "
                f"{_number(pooled['arousal_auc_within'])} comparing within corpora only.",
                "",
            ]
    foreign = (
        f"{name} {label} {percent(share)}"
        for name, part in alone["corpora"].items()
        for label, share in part.get("foreign", {}).items()
    )
    lines += [
        "Share of clips for which the most probable of all nine labels is calm or boredom where the corpus has no such "
        f"label, which it may be in truth: {', '.join(foreign)}.",
        "",
    ]
    for corpus, part in alone["corpora"].items():
        if "confusion" in part:
            lines += [f"Answers of the model alone on {corpus} (rows: what was acted):", "", *_confusion(part), ""]
    return lines + unseen(record)


def protocol(record: Mapping[str, Any]) -> list[str]:
    """How the figures came about."""
    origin = f"commit {record['commit']}, {record['processor']} ({', '.join(record['instruction_set'])})"
    return [
        "Held out: development speakers, whom neither training nor calibration nor any choice has heard, and all of "
        "ASED, a corpus and a language that were never trained on (its emotions hang on its sentences, which one "
        "who knows no Amharic cannot use). Two ways: the model alone, in windows of 3 s every 0.5 s, as the runtime "
        "cuts them; and `VoiceAffect.predict`, where a clip in which no speech is found counts as wrong in recall "
        "and has no probability, so it is left out of ECE. "
        "Answers are the most probable of the labels that a corpus has; ECE is over these, renormalised. Intervals are "
        "95 %, by resampling speakers: with 2 or 4 of them they are rough. All corpora are acted or prompted; none is "
        f"spontaneous. Written by `python -m training.voice.evaluate` (once with `--path windows`); {origin}.",
    ]


def gates(alone: Mapping[str, Any], whole: Mapping[str, Any] | None) -> list[str]:
    """What was asked and what was reached in both ways."""
    rows = [
        (name.replace("ravdess", "ravdess (two fixed sentences)"),
         f"{'at most' if name.endswith('ece') else 'at least'} {gate['asked']}", _reached(gate),
         _reached(whole[name]) if whole else "not measured")
        for name, gate in alone.items()
    ]  # fmt: skip
    return table(("gate", "asked", "model alone", "`VoiceAffect.predict`"), rows)


def corpora(alone: Mapping[str, Any], whole: Mapping[str, Any] | None) -> list[str]:
    """One row a corpus."""
    rows = []
    for name, part in alone.items():
        heard = whole[name] if whole else {}
        rows.append(
            (
                f"{name} ({part['language']})", f"{part['clips']}, {part['speakers']}",
                f"{_value(part['uar'])}, chance {percent(part['chance'])}" if "uar" in part else "levels only",
                _value(heard["uar"]) if "uar" in heard else "-",
                _value(part["ece"]) if "ece" in part else "-", _value(heard["ece"]) if "ece" in heard else "-",
                _number(part["arousal_auc"]), _number(heard["arousal_auc"]) if heard else "-",
                heard.get("without_speech", "-"), part["listeners"],
            )
        )  # fmt: skip
    head = (
        "corpus", "clips, speakers", "UAR (95 % interval)", "UAR through `predict`", "ECE", "ECE through `predict`",
        "arousal AUC", "arousal AUC through `predict`", "no speech found", "listeners",
    )  # fmt: skip
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
            f"Not better than chance by its interval: {_by_chance(record['unseen']['left_out'])}.",
            "",
        ]
    if "folds" in record:
        found = record["folds"]
        lines += [
            f"RAVDESS over all of its {found['speakers']} actors, each a stranger once ({found['folds']} folds): UAR "
            f"{_value(found['uar'])}, arousal AUC {_number(found['arousal_auc'])}. Not the shipped file but networks "
            f"of {found['parameters']:,} parameters with a shortened schedule ({found['steps']:,} steps of "
            f"{found['batch']} windows after one without RAVDESS) and without a teacher; the interval is what "
            "twenty actors give. Written by "
            f"`python -m training.voice.folds`, commit {found['commit']}.",
            "",
        ]
    if "probe" in record:
        found = record["probe"]
        lines += [
            "How well a logistic regression guesses the corpus of a stranger's clip (mean recall, "
            f"chance {percent(found['chance'])}): from the embedding {percent(found['embedding']['uar'])}, from "
            f"plain log-mel statistics {percent(found['log_mel']['uar'])}. The corpora differ in language, text and "
            "length, so chance is not to be expected, but damage to lines and rooms has not hidden the corpus from the "
            "network. That calm and boredom, which live in one or two corpora each, do not follow from the corpus "
            "rests on the loss alone (`training/voice/loss.py`): it never sets them against labels of other corpora "
            "that are as quiet.",
            "",
        ]
    if "robustness" in record:
        conditions = [
            (name, _value(part["mean_uar"]), _number(part["arousal_auc_within"]))
            for name, part in record["robustness"]["conditions"].items()
        ]
        lines += [
            f"Under noise and bad lines, {record['robustness']['clips']} development clips, mean over corpora "
            f"(`python -m training.voice.robustness`, commit {record['robustness']['commit']}"
            f"{', voice-small ' + found if (found := record['robustness'].get('version')) else ''}):",
            "",
            *table(("condition", "mean UAR", "arousal AUC within corpora"), conditions),
            "",
        ]
    return lines


def _by_chance(left_out: Mapping[str, Any]) -> str:
    """The rows whose UAR may be chance."""
    named = [
        f"{corpus} without {name}"
        for name, parts in left_out.items()
        for corpus, part in parts.items()
        if "uar" in part and part["uar"]["interval"][0] <= part["chance"]
    ]
    return ", ".join(named) or "none"


def _reached(gate: Mapping[str, Any]) -> str:
    return f"{gate['reached']:.3f}" if gate["met"] else f"**{gate['reached']:.3f}, missed**"


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
