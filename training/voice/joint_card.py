"""The part of the model card about face and voice together: who speaks, and when both say the same.

    python -m training.voice.joint_card

puts the figures that matter most into docs/voice.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.card_text import load, percent, table

DOCS = Path(__file__).resolve().parents[2] / "docs"
SPEAKS, FUSION = (Path(__file__).with_name(name) for name in ("SPEAKS.json", "FUSION.json"))


def joint_card() -> list[str]:
    """Lines of the card; none where nothing was evaluated."""
    return [*speaks(load(SPEAKS)), *fusion(load(FUSION))]


def _origin(record: Mapping[str, Any]) -> str:
    return f"commit {record['commit']}, {record['processor']} ({', '.join(record['instruction_set'])})"


def _area(row: Mapping[str, Any]) -> str:
    """Area under the ROC curve with its interval."""
    if row["auc"] is None:
        return "not measured"
    low, high = row["interval"]
    return f"{row['auc']:.3f} ({low:.3f} to {high:.3f})"


def speaks(record: Mapping[str, Any]) -> list[str]:
    """Who speaks."""
    if not record:
        return []
    low, high = (round(1000 * seconds) for seconds in record["delay_seconds"])
    rows = [
        ("all", _area(record["all"]), record["all"]["answers"]),
        *((f"against {kind}", _area(row), row["answers"]) for kind, row in record["against"].items()),
        *((f"faces of {pool}", _area(row), row["answers"]) for pool, row in record["pool"].items()),
        *((f"voices of {name}", _area(row), row["answers"]) for name, row in record["voices"].items()),
        *((f"{rate} frames a second", _area(row), row["answers"]) for rate, row in record["frame_rate"].items()),
        *((f"noise: {name}", _area(row), row["answers"]) for name, row in record["noise"].items()),
        ("speech found by the activity model", _area(record["with_activity_model"]),
         record["with_activity_model"]["answers"]),
    ]  # fmt: skip
    at = record["at_0.6"]
    false = ", ".join(f"{kind} {percent(share)}" for kind, share in at["false"].items())
    pairs = ", ".join(f"{kind} {percent(share)}" for kind, share in record["two_faces"].items())
    return [
        "## Who speaks",
        "",
        f"**Synthetic**: {record['all']['people']} people whom neither the cue models nor these constants have seen, "
        "each rendered from one still; their mouths are driven by the energy of speech of speakers whom nothing was "
        f"trained on, {low} to {high} ms late, at 8 to 30 frames a second with jitter, half of them in noise of 5 to "
        "30 dB. Every frame goes through detector and cue model. The others chew, yawn, smile, hold still, or say "
        "something else, while the voice comes from off screen. Area under the ROC curve of one answer (two seconds), "
        "95 % interval over people. Nobody was filmed with their voice: a real mouth follows its sound less closely "
        f"than a rendered one. Written by `python -m training.voice.speaks`; {_origin(record)}.",
        "",
        *table(("what", "AUC", "answers"), rows),
        "",
        f"At a probability of 0.6, {percent(at['found'])} of the speaker's answers are found; taken for the speaker by "
        f"mistake: {false}. Two faces, one of which speaks: it is the likelier one against {pairs}.",
        "",
    ]


def fusion(record: Mapping[str, Any]) -> list[str]:
    """When both say the same."""
    if not record:
        return []
    agreement = {name: row for name, row in record["agreement"].items() if isinstance(row, dict) and "auc" in row}
    mean, spread = record["agreement"]["shuffled (mean, spread of 20)"]
    rows = [
        (name, _area(row), row["pairs"], row["speakers"], percent(row.get("share_of_pairs", 1.0), 0))
        for name, row in agreement.items()
    ]
    corpora = record["agreement"]["by corpus, all, clean"]
    rows += [
        (f"{name}, all, clean", _area(row), row["pairs"], row["speakers"], "100 %") for name, row in corpora.items()
    ]
    labels, told = record["labels"], record["disagreement told"]
    first = agreement["all, clean"]
    return [
        "## Face and voice together",
        "",
        f"Faces of FER+ `valid` and voices of {first['speakers']} speakers, none of them used for a model or a "
        "constant, **joined by label**: not measured on people who were filmed and recorded together. A pair matches "
        "when people saw in the face what the actor meant with the voice (calm as neutral; boredom left out); the "
        "same faces come once more with voices of other labels. Area under the ROC curve of `agreement`, 95 % "
        f"interval over speakers. Voice model: {record['voice']}. Written by `python -m training.voice.fusion`; "
        f"{_origin(record)}.",
        "",
        *table(("pairs", "AUC of agreement", "number", "speakers", "told of"), rows),
        "",
        f"Paired and called matching by chance: {mean:.3f} (spread {spread:.3f}). As a probability, where half of the "
        f"pairs match, agreement is off by {percent(first['ece'])} (ECE, all, clean). A disagreement is told of "
        f"{_percent(told['mismatching'])} of the mismatching and {_percent(told['matching'])} of the matching pairs of "
        "which both sides are sure. Mean recall over 7 labels on matching, clean pairs: face "
        f"{percent(labels['face'])}, voice {percent(labels['voice'])}, both {percent(labels['fused'])} (ECE "
        f"{percent(labels['hard_ece'])}).",
        "",
        "Mean recall on matching pairs as one side gets worse; a voice that is late belongs to the expression before "
        "(people change it every 5 s), and its stamp tells:",
        "",
        *table(("condition", "face", "voice", "both", "both, agreement"), _curves(record["curves"])),
        "",
        f"One side absent: {record['curves']['one side absent']}.",
        "",
    ]


def _percent(value: float | None) -> str:
    return "none" if value is None else percent(value)


def _curves(curves: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows = []
    for what in ("voice in noise", "face damaged", "voice late"):
        for name, row in curves[what].items():
            last = (
                f"{row['agreement']:.2f}" if "agreement" in row else f"{percent(row['fused_without_stamps'])} unstamped"
            )
            rows.append((f"{what}: {name}", *(percent(row[side]) for side in ("face", "voice", "fused")), last))
    return rows


def in_docs(page: str) -> str:
    """The page with the figures between its marks.

    Raises:
        ValueError: it has no marks for one of them.
    """
    for name, lines in (("speaks", speaks_in_short(load(SPEAKS))), ("fusion", fusion_in_short(load(FUSION)))):
        begin, end = f"<!-- measured: python -m training.voice.joint_card ({name}) -->\n", f"<!-- end {name} -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"docs/voice.md has no marks for {name}: {begin.strip()} ... {end}")
        page = before + begin + "\n".join([*lines, ""] if lines else []) + end + after
    return page


def speaks_in_short(record: Mapping[str, Any]) -> list[str]:
    """Who speaks, for docs/voice.md; nothing where it was not evaluated."""
    if not record:
        return []
    rows = [(f"against {kind}", _area(row)) for kind, row in record["against"].items()]
    rows += [("all together", _area(record["all"])), ("the same, speech found by the activity model",
                                                      _area(record["with_activity_model"]))]  # fmt: skip
    pairs = min(record["two_faces"].values())
    return [
        f"One answer over two seconds, {record['all']['people']} people of the test part:",
        "",
        *table(("the speaker", "AUC (95 % interval over people)"), rows),
        "",
        f"Of two faces the speaker's is the likelier one in {percent(pairs)} of the draws at least, whatever the other "
        "does.",
    ]


def fusion_in_short(record: Mapping[str, Any]) -> list[str]:
    """When both say the same, for docs/voice.md; nothing where it was not evaluated."""
    if not record:
        return []
    found, told = record["agreement"], record["agreement"]["told, clean"]
    names = ("told, clean", "all, clean", "all, half damaged")
    rows = [(name, _area(found[name]), found[name]["pairs"]) for name in names]
    share = f"; that is {percent(told['share_of_pairs'])} of the pairs" if told["pairs"] else ""
    return [
        f"Agreement of matching against mismatching pairs (`told`: both sides are sure{share}):",
        "",
        *table(("pairs", "AUC (95 % interval over speakers)", "number"), rows),
        "",
        f"Shuffled pairs give {found['shuffled (mean, spread of 20)'][0]:.2f}. As noise grows:",
        "",
        *table(("condition", "face", "voice", "both", "agreement"), _curves(record["curves"])),
    ]


def main() -> None:
    page = DOCS / "voice.md"
    page.write_text(in_docs(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
