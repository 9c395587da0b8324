"""Writes MODEL_CARD.md and README's model table from the evaluation records: no figure in them is typed by hand.

    python -m training.model_card [--check]

Reads `training/{affect,face,cues,explain,voice}/RESULTS.json`, `training/affect/{CONDITIONS,OWN_LABELS}.json`,
`training/{cues,explain}/ADMISSION.json`, `training/explain/TIMES.json`, `benchmarks/RESULTS.json`,
`training/voice/{ACTIVITY,SPEAKS,FUSION}.json` and what the bundled files say about themselves.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgeaffect.models import ModelFile, bundled
from training.affect.conditions_card import conditions_card, own_labels_card
from training.affect.guard_card import guard_card
from training.affect.rare_classes import rare_card
from training.card_text import interval, load, percent, table
from training.cues.card import cues_card, origin
from training.explain.card import explainer_card
from training.permissive import card as permissive
from training.speed_card import speed_card
from training.voice import activity_card as activity
from training.voice import card as voice
from training.voice.joint_card import joint_card

ROOT = Path(__file__).resolve().parents[1]
CUES = ROOT / "training" / "cues"
EXPLAIN = ROOT / "training" / "explain"
BEGIN, END = "<!-- models:begin (written by `python -m training.model_card`) -->", "<!-- models:end -->"

WEIGHTS = (
    "Weights marked `research-data` are trained on research data, named in MODEL_CARD.md: check that your use agrees "
    "with it. Their licence is LICENSE-WEIGHTS, not the code's. Those marked `Apache-2.0` are the set of "
    '`Pipeline(models="permissive")` (docs/permissive.md).'
)
COLUMNS = {
    "affect": (
        "Expression models: majority accuracy and hard calibration error on FER+ `valid`, single pass (95 % interval); "
        "latency p50 of one face on one core ({processor}, {sets})."
    ),
    "cues": (
        "Cue models: error of 68 points as a share of their box and mean correlation with the teacher's blendshapes, "
        "held-out frames through the detector; CPU time of one face from frame to cues on one core, 10th percentile "
        "({origin})."
    ),
    "face-detector": (
        "Face detector: average precision on bare faces of multi-face photographs, own held-out part (YuNet-n "
        "{yunet:.3f}, RFB-320 {rfb:.3f}); latency p50 at 320x240 on one core (YuNet-n {yunet_ms:.2f} ms; {cpu}, "
        "instruction set not recorded)."
    ),
}

FRONTIER = "![Accuracy against latency](docs/frontier.svg)"


def summary(models: Sequence[ModelFile], affect: dict[str, Any], face: dict[str, Any]) -> list[str]:
    """README's table: one row a model, and what its columns mean."""
    rows, notes = [], [WEIGHTS, ""]
    cues = load(CUES / "RESULTS.json")
    for model in models:
        accuracy = speed = "not evaluated"
        if model.name in affect:
            record = affect[model.name]
            scores = record["given_crop"]
            accuracy = (
                f"{percent(scores['accuracy'])} ({interval(scores['accuracy_interval'])}), "
                f"ECE {percent(scores['hard_ece'])}"
            )
            speed = f"{record['latency_ms']['p50']:.2f} ms"
        elif model.name == "face-detector" and face:
            accuracy = f"AP {face['face-detector']['multi at native']['average_precision']:.3f}"
            speed = f"{face['latency_ms']['320x240']['face-detector']['p50']:.2f} ms"
        elif cues and model.name in cues["files"]:
            scores = cues["files"][model.name]["detector"]
            accuracy = (
                f"points {percent(scores['landmark_error']['value'])}, blendshapes r "
                f"{scores['blendshape_r']['value']:.2f}"
            )
            speed = f"{cues['one_face']['milliseconds'][model.name]:.2f} ms" if "one_face" in cues else "not measured"
        elif found := permissive.summary(model.name) or voice.summary(model.name):
            accuracy, speed = found
        elif model.spec.task == "voice-activity" and (heard := activity.record()):
            accuracy, speed = activity.summary(heard)
        size = f"{model.size_bytes / 1e6:.2f} MB"
        rows.append((f"`{model.name}` {model.spec.version}", size, accuracy, speed, model.spec.licence))
    notes += table(("model", "size", "accuracy", "latency", "licence"), rows)
    if affect:
        timed = next(iter(affect.values()))["latency_ms"]
        sets = ", ".join(timed.get("instruction_set", [])) or "instruction set not recorded"
        notes += ["", COLUMNS["affect"].format(processor=timed["processor"], sets=sets)]
    if face:
        notes.append(
            COLUMNS["face-detector"].format(
                cpu=face["cpu"],
                yunet=face["yunet-n"]["multi at native"]["average_precision"],
                rfb=face["rfb-320"]["multi at 320x240"]["average_precision"],
                yunet_ms=face["latency_ms"]["320x240"]["yunet-n"]["p50"],
            )
        )
    if cues:
        notes.append(COLUMNS["cues"].format(origin=origin(cues.get("one_face", cues))))
    return [*notes, "", *speed_card()]


def training_data(models: Sequence[ModelFile]) -> list[str]:
    """What each file was trained on: one line for all files of the same data."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for model in models:
        groups.setdefault(model.spec.training_data, []).append(f"`{model.name}`")
    lines = ["## Training data", ""]
    return lines + [f"* {', '.join(names)}: {'; '.join(data)}." for data, names in groups.items()]


def affect_card(name: str, record: dict[str, Any]) -> list[str]:
    scores = record["given_crop"]
    lines = [f"### {name} {record['version']}", "", f"Recipe: {record['recipe']}.", ""]
    lines += table(
        ("measure", "value"),
        [
            ("parameters, multiply-adds a face", f"{record['parameters']:,}, {record['multiply_adds'] / 1e6:.1f} M"),
            ("file", f"{record['bytes'] / 1e6:.2f} MB"),
            ("latency p50 (p90), one thread", "{p50:.2f} ({p90:.2f}) ms, {processor}".format(**record["latency_ms"])),
            (
                "majority accuracy (95 % interval, faces)",
                f"{percent(scores['accuracy'])} ({interval(scores['accuracy_interval'])}; {scores['faces']})",
            ),
            ("macro F1", f"{scores['macro_f1']:.3f}"),
            ("hard ECE, Brier (`probabilities`)", f"{percent(scores['hard_ece'])}, {scores['brier']:.3f}"),
            (
                f"KL and JS to human votes, soft ECE (`votes`; {scores['all_faces']} faces)",
                f"{scores['kl_to_votes']:.3f}, {scores['js_to_votes']:.3f} nats, {percent(scores['soft_ece'])}",
            ),
            (
                "error at coverage (risk-coverage)",
                ", ".join(f"{float(c):.0%}: {percent(r)}" for c, r in scores["risk_at_coverage"].items()),
            ),
            (
                "same label after " + ", ".join(record["consistency"]),
                ", ".join(percent(v) for v in record["consistency"].values()),
            ),
        ],
    )
    lines += ["", "Recall per class (95 % interval):", ""]
    lines += table(
        ("class", "faces", "recall"),
        (
            (label, row["faces"], f"{percent(row['recall'])} ({interval(row['interval'])})")
            for label, row in scores["recall"].items()
        ),
    )
    if "full_path" in record:
        lines += ["", "Through the whole path (face pasted into a frame, detected, framed, read):", ""]
        lines += table(("measure", "value"), ((k.replace("_", " "), v) for k, v in record["full_path"].items()))
    if "robustness" in record:
        lines += ["", "Majority accuracy under corruption, strength 1 to 5:", ""]
        lines += table(
            ("corruption", "1", "2", "3", "4", "5"),
            ((kind, *(percent(v) for v in values)) for kind, values in record["robustness"].items()),
        )
    return [*lines, ""]


def face_card(face: dict[str, Any]) -> list[str]:
    names = ("face-detector", "yunet-n", "rfb-320")
    counts = ", ".join(f"{face['targets'][k]} faces in {n} pictures ({k})" for k, n in face["pictures"].items())
    lines = ["### face-detector", "", f"Held-out part: {counts}. IoU 0.4; covered faces are ignored.", ""]
    rows = []
    for name in names:
        for key, record in face[name].items():
            values = ", ".join(f"{k.replace('_', ' ')} {v:.3f}" for k, v in record.items())
            rows.append((name, key, values))
    lines += table(("detector", "pictures at longest side", "scores"), rows)
    lines += ["", "Recall of single faces under variation, at each detector's own threshold:", ""]
    variations = face["robustness_recall"]
    lines += table(("variation", *names), ((kind, *(f"{r[n]:.3f}" for n in names)) for kind, r in variations.items()))
    lines += ["", "Latency of the network alone, one thread, interleaved in one run, ms:", ""]
    lines += table(
        ("input", "detector", "min", "p50", "p90"),
        (
            (size, name, *(f"{t[k]:.2f}" for k in ("min", "p50", "p90")))
            for size, times in face["latency_ms"].items()
            for name, t in times.items()
        ),
    )
    size = ", ".join(f"{k.replace('_', ' ')} {v:,}" for k, v in face["size"].items())
    return [*lines, "", f"Size: {size}.", ""]


def card(models: Sequence[ModelFile], affect: dict[str, Any], face: dict[str, Any]) -> str:
    """The whole of MODEL_CARD.md."""
    lines = ["# Model card", "", *summary(models, affect, face), "", *training_data(models), ""]
    lines += [(ROOT / "training" / "model_card_notes.md").read_text("utf-8").strip(), ""]
    protocol = (
        "Split: `valid` of FER+, never used for a choice. Protocol: majority (votes of 1 set to 0; faces whose largest "
        "count is more than half and names an emotion). Written by `python -m training.affect.evaluate`."
    )
    lines += ["## Expression models", "", protocol, "", FRONTIER, ""]
    for name, record in affect.items():
        lines += affect_card(name, record)
    lines += [*guard_card(), *rare_card(), *conditions_card(), *own_labels_card()]
    if face:
        lines += ["## Face detector", "", "Written by `python -m training.face.evaluate`.", "", *face_card(face)]
    lines += cues_card(load(CUES / "RESULTS.json"), load(CUES / "ADMISSION.json"))
    lines += explainer_card(
        load(EXPLAIN / "RESULTS.json"), load(EXPLAIN / "ADMISSION.json"), load(EXPLAIN / "ELSEWHERE.json"),
        load(EXPLAIN / "JUDGE.json"), load(EXPLAIN / "TIMES.json"),
    )  # fmt: skip
    lines += [*voice.voice_card(), *activity.activity_card(activity.record()), *joint_card(), *permissive.card()]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[Path, str]:
    """The text of MODEL_CARD.md, and that of README with its table."""
    models = bundled()
    affect = load(ROOT / "training" / "affect" / "RESULTS.json")
    face = load(ROOT / "training" / "face" / "RESULTS.json")
    readme = (ROOT / "README.md").read_text("utf-8")
    before, rest = readme.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    block = "\n".join([BEGIN, *summary(models, affect, face), END])
    return {ROOT / "MODEL_CARD.md": card(models, affect, face), ROOT / "README.md": before + block + after}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether both are up to date (exit code)")
    check = parser.parse_args().check
    for path, text in pages().items():
        if not check:
            path.write_text(text, "utf-8")
        elif path.read_text("utf-8") != text:
            sys.exit(f"{path.name} is not what the records say")


if __name__ == "__main__":
    main()
