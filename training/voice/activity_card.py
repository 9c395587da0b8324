"""The voice activity model's part of the model card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.card_text import interval, load, percent, table

RECORD = Path(__file__).with_name("ACTIVITY.json")
OURS, PEER = "edgeaffect", "silero-vad"


def summary(record: Mapping[str, Any]) -> tuple[str, str]:
    """Accuracy and latency of README's row."""
    pink = record["frames"]["pink"]["5"][OURS]["auc"]
    point = record["clips"][OURS]["at_default"]
    false, kept = point["non_speech"]["all"]["share"], point["speech"]["all"]["share"]
    cost = record["cost_ms_per_second"]["edgeaffect, log-mel and model, 10 ms pieces"]
    return (
        f"frame AUC {pink:.3f} in pink noise at 5 dB; {percent(kept)} of clips of speech at 10 dB and "
        f"{percent(false)} of those without called speech",
        f"{cost:.2f} ms a second of sound",
    )


def activity_card(record: Mapping[str, Any]) -> list[str]:
    """Lines of the card; none where the file has not been evaluated."""
    if not record:
        return []
    machine = f"commit {record['commit']}, {record['processor']} ({', '.join(record['instruction_set'])})"
    lines = [
        "## Voice activity",
        "",
        "Held out: speakers that nothing was trained or tuned on, one corpus "
        f"({record['left_out_corpus']}, German) that is new as a whole, and files of sounds without speech that no "
        "training saw. Written by `python -m training.voice.activity_evaluate`; "
        f"{machine}.",
        "",
        "Frame AUC on speech with silent gaps between, with noise laid under all of it. A frame is speech where the "
        "clean clip is within 25 dB of its loud frames, none in the gaps and 50 dB below; frames between are left "
        "out. `recorded` is held-out rooms, streets and other backgrounds.",
        "",
    ]
    names = list(next(iter(record["frames"]["pink"].values())))
    rows = [
        (noise, f"{snr} dB", *(f"{row[name]['auc']:.3f}" for name in names))
        for noise, by_snr in record["frames"].items()
        for snr, row in by_snr.items()
    ]
    lines += [*table(("noise", "ratio", *names), rows), ""]
    lines += corpora(record, names)
    lines += clips(record["clips"])
    lines += [
        "Seconds from the start of speech until it can be told, median (90th percentile), in recorded noise:",
        "",
        *table(
            ("ratio", OURS, "silero-vad at 0.5"),
            (
                (f"{snr} dB", *(f"{_seconds(d['median'])} ({_seconds(d['p90'])})" for d in row.values()))
                for snr, row in record["delay_seconds"].items()
            ),
        ),
        "",
        "CPU milliseconds per second of sound, one thread: "
        + "; ".join(f"{name} {value:.2f}" for name, value in record["cost_ms_per_second"].items())
        + ".",
        "",
    ]
    return lines


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f}"


def corpora(record: Mapping[str, Any], names: list[str]) -> list[str]:
    """Frame AUC of each corpus in recorded noise at 10 dB."""
    row = record["frames"]["recorded"]["10"]
    found = [key for key in row[names[0]] if not key.startswith("auc")]
    return [
        "Frame AUC of each corpus, recorded noise at 10 dB:",
        "",
        *table(("corpus", *names), ((c, *(f"{row[name][c]:.3f}" for name in names)) for c in found)),
        "",
    ]


def clips(record: Mapping[str, Any]) -> list[str]:
    """What is called speech that is none."""
    ours = record[OURS]["at_default"]
    kept = ours["speech"]["all"]
    lines = [
        f"A clip is called speech when {record['min_speech']:g} s of its frames reach the threshold. At the default "
        f"threshold, {percent(kept['share'])} ({interval(kept['interval'])}) of {kept['clips']} held-out clips of "
        f"speech at 10 dB are, of silero-vad (0.5) {percent(record[PEER]['at_default']['speech']['all']['share'])}. "
        "Of clips as they are, sentences and single words:",
        "",
    ]
    defaults = [(name, record[name]["at_default"]) for name in (OURS, PEER)]
    lines += table(
        ("corpus", "clips", *(f"{name}, default" for name, _ in defaults)),
        (
            (
                kind,
                first["clips"],
                *(_share(p["clean_speech"][kind]) for _, p in defaults),
            )
            for kind, first in ours["clean_speech"].items()
        ),
    )
    lines += [
        "",
        "Share of clips without speech that are called speech (95 % interval), at the defaults and, for each detector, "
        f"at the threshold that keeps {record['kept_asked']:.0%} of the speech at 10 dB:",
        "",
    ]
    points = [(f"{name}, default", p) for name, p in defaults]
    points += [(name, row["at_kept"]) for name, row in record.items() if _detector(row)]
    rows = []
    for part in ("non_speech", "synthesised"):
        for kind, first in ours[part].items():
            cells = [_share(p[part][kind]) for _, p in points]
            rows.append((f"{kind} ({part.replace('_', '-')})" if kind == "all" else kind, first["clips"], *cells))
    lines += [*table(("kind", "clips", *(name for name, _ in points)), rows), ""]
    aucs = ", ".join(f"{name} {row['clip_auc']:.3f}" for name, row in record.items() if _detector(row))
    return [*lines, f"AUC of clips, speech at 10 dB against recordings without speech: {aucs}.", ""]


def _share(row: Mapping[str, Any]) -> str:
    return f"{percent(row['share'])} ({interval(row['interval'])})"


def _detector(row: object) -> bool:
    return isinstance(row, Mapping) and "at_kept" in row


def record() -> dict[str, Any]:
    """What `activity_evaluate` wrote."""
    return load(RECORD)
