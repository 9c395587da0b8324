"""The explainer's part of the model card, from its records: no figure is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.card_text import interval, percent, table
from training.cues.card import origin

# What the parts of the training change: name of the short run -> words.
ABLATIONS = {
    "short": "short run, all parts",
    "short-no-vad": "short run without affect in embeddings, head and loss",
    "short-no-match": "short run without the contrastive head",
    "short-eyes": "short run with eyes that were trained on from the cue network, for seven minutes",
    "short-eyes-scratch": "short run with eyes trained from nothing, for seven minutes",
    "student-base": "student, no teacher",
    "teacher2": "the teacher, grown from this student",
    "student-distilled": "student with the teacher's distribution and proved texts",
    "student-long": "trained on, decisions counting three times (400 faces)",
    "student": "the distilled student with preferences: left out, it says less and breaks the grammar",
    "student-honest": "trained on with the unlikelihood of false claims at their plan tokens, weight 0.5",
    "decoder-1.0.0": "trained on again, weight 0.3 (bundle 1.0.0)",
    "s15": "that one trained on, weight 0.15, decisions counting three times (bundle 1.1.0)",
    "s50": "that one trained on, weight 0.5, decisions counting three times",
}
_ROWS = {
    "free": "model alone: no gate, label not told",
    "gated": "model with the gate (as shipped)",
    "blind": "blind language model",
    "nearest": "nearest neighbour",
    "template": "template from the evidence",
    "oracle": "template that is told the teacher's cues",
}


def explainer_card(
    record: Mapping[str, Any], admission: Mapping[str, Any], elsewhere: Mapping[str, Any], judge: Mapping[str, Any],
    times: Mapping[str, Any],
) -> list[str]:  # fmt: skip
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
    lines += [*table(head, rows), "", *people(record), *language(record)]
    lines += [*facts(record), ""]
    shares = {
        "texts of the grammar that say their plan, no gate": record["parse_rate"],
        "the same with shuffled weights": record["shuffled_weights_valid"],
        "pairs in which the claims fit the face whose memory is looked at better than the other": record["swap"][
            "follows_the_other"
        ],
        "pairs in which they fit both alike": record["swap"]["ties"],
        "the same pairs, denied cues counted too: more claims hold of the face looked at": record["swap"].get(
            "all_follows_the_other"
        ),
        "as many hold of both": record["swap"].get("all_ties"),
        "spoken emotion is the affect stage's, label not told": record["label_not_told"],
        "tokens on which 8-bit and float32 weights agree": record["int8"]["agree"],
    }
    lines += [*table(("share", "value"), ((k, percent(v)) for k, v in shares.items() if v is not None)), ""]
    if record.get("covered"):
        drops = "; ".join(f"{k} {percent(v['drop'])} ({v['faces']} faces)" for k, v in record["covered"].items())
        lines += [f"Claims about a region that vanish when a drawn cover hides it, no gate: {drops}.", ""]
    if record.get("ablations"):
        rows = []
        for name, row in record["ablations"].items():
            figures = (f"{percent(row[k]['value'])} ({interval(row[k]['interval'])})" for k in ("f1", "hallucination"))
            rows.append((ABLATIONS.get(name, name), *figures, percent(row["parse_rate"]), row["commit"]))
        lines += [
            "What the parts change (model alone; the short runs have one schedule of 700 steps from nothing, and "
            "compare with each other only):",
            "",
            *table(("training", "F1", "hallucination", "valid texts", "commit"), rows),
            "",
        ]
    return lines + written_elsewhere(elsewhere, judge) + spoken_in(times) + admitted(admission)


def written_elsewhere(record: Mapping[str, Any], judge: Mapping[str, Any]) -> list[str]:
    """Questions and statements of somebody who saw no grammar, beside baselines."""
    if not record:
        return []
    measures = {
        "answers right": ("questions", "answers_right"),
        "refused, of what a face cannot tell": ("questions", "refusal_recall"),
        "of the refusals right": ("questions", "refusal_precision"),
        "other wordings, same answer": ("paraphrases", None),
    }
    systems = ("ours", "keywords", "template")
    rows = []
    for words, (part, name) in measures.items():
        found = [record.get(system, {}).get(part) for system in systems]
        rows.append((words, *(_share(part_ if name is None else part_[name]) if part_ else "-" for part_ in found)))
    aucs = [record.get(system, {}).get("statements") for system in systems]
    rows.append(("judge, AUC", *(f"{a['auc']:.3f} ({interval(a['auc_interval'])})" if a else "-" for a in aucs)))
    lines = [
        f"Texts of a writer who saw no grammar (`tests/explain/elsewhere/{record['texts']}`), opened after the last "
        f"training of the reader, on {record['faces']} unseen faces; yes/no questions half with yes, half with no; "
        "each question about as many faces. The writer knew what can be asked from the same page as the writers of the "
        "lessons (`training/explain/written`) and saw none of their lines. Written by "
        f"`python -m training.explain.elsewhere`; {origin(record)}.",
        "",
        *table(("", "as shipped", "keywords in the reader's place", "template in the decoder's place"), rows),
        "",
    ]
    if told := record.get("explanations"):
        drops = "; ".join(
            f"{region} {percent(row['drop'])} ({percent(row['control_drop'])}), {row['claims']} claims"
            for region, row in told["faithfulness"].items()
            if region != "blank" and row["drop"] is not None
        )
        wrong, denied = told["hallucinated"], told["denied"]
        false_denials = f"{_share(denied)} of those denied are" if denied["count"] else "none was denied"
        lines += [
            f"The same faces: {_share(wrong)} of the cues said to be there are not, {false_denials}; "
            f"label agreement {_share(told['label_agreement'])}; {told['distinct_texts']} different "
            f"explanations of {told['faces']} faces. Claims that vanish under a gray patch (under one beside the "
            f"face): {drops}.",
            "",
        ]
    if judge:
        before, after, rule = judge["as it is"], judge["fitted"], judge["rule"]
        lines += [
            "The judge's probability is calibrated on statements about development people (logit p = "
            f"{rule['bias']:+.2f} {rule['scale']:+.2f} logit q): on unseen people its calibration error goes from "
            f"{percent(before['ece'])} to {percent(after['ece'])}, its log score from {before['log_score']:.3f} to "
            f"{after['log_score']:.3f} ({after['pairs']} pairs; `python -m training.explain.judge_fit`; "
            f"{origin(judge)}).",
            "",
        ]
    return lines


def _share(row: Mapping[str, Any]) -> str:
    return f"{percent(row['share'])} ({interval(row['interval'])}; {row['count']})"


def spoken_in(record: Mapping[str, Any]) -> list[str]:
    """What speaking costs, and the frame loop meanwhile."""
    if not record:
        return []
    words = {
        "explain.encoder": "a look at the face",
        "explain.first_token": "first token, from the frame",
        "explain.token": "a token",
        "explain.sentence": "a sentence of 25 tokens, from the frame",
        "explain.explain": "`explain`, proof of every clause included",
        "explain.ask": "`ask`, the question read",
        "explain.judge": "`judge`",
        "explain.frame, 30 frames/s, quiet": "a frame with detection and cues, 30 frames/s, quiet",
        "explain.frame, 30 frames/s, while it explains": "the same while another thread asks all the time",
        "explain.frame, quiet": "frames back to back, quiet",
        "explain.frame, while it explains": "the same while another thread asks",
    }
    rows = [
        (text, f"{record['rows'][name]['p50']:.2f}", f"{record['rows'][name]['p99']:.2f}")
        for name, text in words.items()
    ]
    extra = "; ".join(
        f"{pace} {row['median']:+.2f} ({row['interval'][0]:+.2f} to {row['interval'][1]:+.2f})"
        for pace, row in record["talking_minus_quiet_p99"].items()
    )
    return [
        f"What speaking costs on one core, medians of {len(record['rounds'])} rounds, quiet and talking in turns "
        f"({record['answers']} answers; {1000 / record['rows']['explain.token']['p50']:.0f} tokens/s; bundle "
        f"{record['facts']['bundle_mb']} MB). Talking minus quiet, p99 of a frame in ms, median of the rounds (95 % "
        f"interval): {extra}. The processor had other work too. Written by `python -m training.explain.times`; "
        f"{origin(record)}.",
        "",
        *table(("", "p50, ms", "p99, ms"), rows),
        "",
    ]


def people(record: Mapping[str, Any]) -> list[str]:
    """The same by what people say."""
    found = record.get("people")
    if not found:
        return []
    rows = []
    for name, words in _ROWS.items():
        if name in found:
            row = found[name]
            cells = [f"{percent(row[k]['value'])} ({interval(row[k]['interval'])})" for k in ("f1", "hallucination")]
            rows.append((words, *cells, row["claims"], percent(row["false_absence"])))
    head = ("", "F1 of present cues (95 % interval)", "hallucination (95 % interval)", "claims", "false absence")
    return [
        f"The same by what the cues' teacher did not make: {found['faces']} unseen faces of which people say what is "
        "there (68 points set by hand: mouth open, eyes closed, outer brows raised, corners of the mouth lowered; "
        "portraits of people asked to smile or not; ratings of happiness), "
        f"{found['told']} answers in all (`training/explain/human_truth.py`):",
        "",
        *table(head, rows),
        "",
    ]


def language(record: Mapping[str, Any]) -> list[str]:
    """Likeness to the planner's sentences about the teacher's cues."""
    found = record.get("language")
    if not found:
        return []
    rows = [
        (words, f"{row['bleu']:.3f}", f"{row['rouge_l']:.3f}", f"{row['cider_d']:.3f}", percent(row["distinct"]))
        for name, words in {**_ROWS, "free": "model alone: no gate, label told"}.items()
        if (row := found.get(name))
    ]
    texts = max(row["texts"] for row in found.values())
    return [
        f"Words: {texts} texts each against five sentences of the content planner about the teacher's cues of the face "
        "(`training/explain/language.py`); the last row is what other words for the same content are worth:",
        "",
        *table(("", "BLEU-4", "ROUGE-L", "CIDEr-D", "different sentences"), rows),
        "",
    ]


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
