"""Draws accuracy against latency of the expression models: `python -m training.frontier` -> `docs/frontier.svg`.

Accuracy comes from `training/affect/RESULTS.json`, latency from `benchmarks/RESULTS.json`, a panel per instruction set
that was measured. Peers stand as lines at their own latency in the same run; their accuracy is not ours to claim.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matplotlib.patheffects import withStroke

from benchmarks import results
from benchmarks.peer_runs import US
from edgeaffect.models.registry import DEFAULTS
from edgeaffect.plot import save
from edgeaffect.plot.style import AROUSAL, INK, SMALL, SOFT, TEXT, VALENCE, dress, new_figure

ROOT = Path(__file__).resolve().parents[1]
PEERS = {"fer": "mini-XCEPTION (fer)", "emotiefflib": "EfficientNet-B0 (HSEmotion)"}
TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


def draw(models: dict[str, Any], runs: dict[str, dict[str, float]]) -> Any:
    """The figure, a panel per instruction set.

    Args:
        models: records of `training.affect.evaluate` by name.
        runs: by instruction set: p50 of one face in ms, of our models by name and of peers by what to write.
    """
    figure = new_figure(7.2, 3.4 * len(runs))
    for axes, (instruction_set, times) in zip(
        figure.subplots(len(runs), squeeze=False)[:, 0], runs.items(), strict=True
    ):
        draw_panel(axes, models, times)
        dress(
            axes, y_label="accuracy, FER+ validation, majority",
            x_label=f"latency p50 of one face, one core, ms, {instruction_set}", grid="y",
        )  # fmt: skip
    axes.text(1, -0.19, "bars: 95 % interval", fontsize=SMALL, color=SOFT, ha="right", transform=axes.transAxes)
    return figure


def draw_panel(axes: Any, models: dict[str, Any], times: dict[str, float]) -> None:
    """One instruction set."""
    halo = [withStroke(linewidth=2.5, foreground="white")]
    axes.set_xscale("log")
    low_end, high_end = min(times.values()), max(times.values())
    axes.set_xlim(low_end / 1.6, high_end * 1.6)
    for row, name in enumerate(name for name in times if name not in models):
        axes.axvline(times[name], color=AROUSAL, linewidth=1, linestyle=(0, (5, 4)))
        is_left = times[name] < (low_end * high_end) ** 0.5
        axes.annotate(
            f"{name}, latency only", (times[name], 0.04 + 0.07 * row), (5 if is_left else -5, 0),
            xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=TEXT, color=INK,
            ha="left" if is_left else "right",
        )  # fmt: skip
    # Labels in the order of latency stand below or above in turn, so that neighbours do not cover each other.
    for place, name in enumerate(sorted(models.keys() & times.keys(), key=lambda one: times[one])):
        score = models[name]["given_crop"]
        low, high = (100 * edge for edge in score["accuracy_interval"])
        x, y = times[name], 100 * score["accuracy"]
        axes.errorbar(x, y, [[y - low], [high - y]], fmt="o", color=VALENCE, markersize=5.5, elinewidth=1.3)
        above = place % 2 == 1
        axes.annotate(
            f"{name}, {models[name]['bytes'] / 1e6:.2f} MB", (x, high if above else low), (0, 5 if above else -12),
            textcoords="offset points", fontsize=TEXT, color=INK, ha="center", path_effects=halo,
        )  # fmt: skip
    axes.margins(y=0.14)
    ticks = [tick for tick in TICKS if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")


def latencies(outcome: dict[str, Any]) -> dict[str, float]:
    """p50 in ms of one face, of our models and of peers, from one run of `benchmarks.run_all`."""
    tasks = {key: peer["tasks"] for key, peer in outcome["peers"].items()}
    times = {DEFAULTS["affect"]: tasks[US]["expression"]["p50"] * 1e3}
    for name, measured in tasks[US].items():
        if name.startswith("expression:"):
            times[name.partition(":")[2]] = measured["p50"] * 1e3
    return times | {label: tasks[key]["expression"]["p50"] * 1e3 for key, label in PEERS.items() if key in tasks}


def main() -> None:
    models = json.loads((ROOT / "training" / "affect" / "RESULTS.json").read_text("utf-8"))
    runs = results.read(ROOT / "benchmarks" / "RESULTS.json")
    save(draw(models, {name: latencies(outcome) for name, outcome in runs.items()}), ROOT / "docs" / "frontier.svg")


if __name__ == "__main__":
    main()
