"""Draws accuracy against latency of the expression models: `python -m training.frontier` -> `docs/frontier.svg`.

Accuracy and latency come from `training/affect/RESULTS.json`. Peers stand as lines at their own latency, measured by
`benchmarks/` on the processor named there; their accuracy is not ours to claim.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PEERS = {"fer": "mini-XCEPTION (fer)", "emotiefflib": "EfficientNet-B0 (HSEmotion)"}

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 24, 56
LINE, LABEL = 16, 190  # height and width of a label
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222;paint-order:stroke;stroke:#fff;"
    "stroke-width:3px}.axis{stroke:#888}.grid{stroke:#ddd}.peer{stroke:#b45f06;"
    "stroke-dasharray:5 4}.bar{stroke:#0b5394;stroke-width:1.5}.dot{fill:#0b5394}"
)


class Scale:
    """Milliseconds (logarithmic) and accuracy (linear) to pixels."""

    def __init__(self, milliseconds: list[float], accuracies: list[float]) -> None:
        self.left, self.right = math.log(min(milliseconds) / 1.6), math.log(max(milliseconds) * 1.6)
        self.low, self.high = (
            math.floor(min(accuracies) * 100 - 0.5) / 100,
            math.ceil(max(accuracies) * 100 + 0.5) / 100,
        )

    def x(self, milliseconds: float) -> float:
        share = (math.log(milliseconds) - self.left) / (self.right - self.left)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, accuracy: float) -> float:
        share = (accuracy - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


def line(kind: str, x0: float, y0: float, x1: float, y1: float) -> str:
    return f'<line class="{kind}" x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"/>'


def free_place(x: float, y: float, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """The first place from (x, y) downwards where a label covers none of the earlier ones."""
    while any(abs(y - other_y) < LINE and abs(x - other_x) < LABEL for other_x, other_y in taken):
        y += 1
    return x, y


def draw(models: dict[str, Any], peers: dict[str, float]) -> str:
    """The figure.

    Args:
        models: records of `training.affect.evaluate` by name.
        peers: p50 of one face in ms by what to write.
    """
    scores = {name: record["given_crop"] for name, record in models.items()}
    times = {name: record["latency_ms"]["p50"] for name, record in models.items()}
    edges = [edge for score in scores.values() for edge in score["accuracy_interval"]]
    scale = Scale([*times.values(), *peers.values()], edges)
    floor, ceiling = HEIGHT - BOTTOM, TOP
    parts = []
    for hundredth in range(round(scale.low * 100), round(scale.high * 100) + 1):
        y = scale.y(hundredth / 100)
        parts += [line("grid", LEFT, y, WIDTH - RIGHT, y), text(LEFT - 8, y + 4, f"{hundredth} %", "end")]
    for milliseconds in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20):
        if scale.left <= math.log(milliseconds) <= scale.right:
            x = scale.x(milliseconds)
            parts += [line("axis", x, floor, x, floor + 5), text(x, floor + 20, f"{milliseconds:g}", "middle")]
    parts.append(line("axis", LEFT, floor, WIDTH - RIGHT, floor))
    for row, (name, milliseconds) in enumerate(peers.items()):
        x = scale.x(milliseconds)
        side, anchor = (6, "start") if x < WIDTH / 2 else (-6, "end")
        parts += [
            line("peer", x, floor, x, ceiling),
            text(x + side, ceiling + 12 + row * LINE, f"{name}, latency only", anchor),
        ]
    labels: list[tuple[float, float]] = []
    for name, score in sorted(scores.items(), key=lambda item: -times[item[0]]):
        x, y = scale.x(times[name]), scale.y(score["accuracy"])
        low, high = (scale.y(edge) for edge in score["accuracy_interval"])
        parts += [line("bar", x, low, x, high), f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5"/>']
        labels.append(free_place(x - 3, low + LINE, labels))
        parts.append(text(*labels[-1], f"{name}, {models[name]['bytes'] / 1e6:.2f} MB"))
    caption = "latency p50 of one face, one core, ms (logarithmic); bars: 95 % interval, FER+ validation, majority"
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, caption, "middle"))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
    title = "<title>Accuracy against latency of the bundled expression models</title>"
    body = "\n".join(parts)
    return f'{head}{title}<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'


def main() -> None:
    models = json.loads((ROOT / "training" / "affect" / "RESULTS.json").read_text("utf-8"))
    measured = json.loads((ROOT / "benchmarks" / "RESULTS.json").read_text("utf-8"))["peers"]
    peers = {
        label: measured[key]["tasks"]["expression"]["p50"] * 1e3 for key, label in PEERS.items() if key in measured
    }
    (ROOT / "docs" / "frontier.svg").write_text(draw(models, peers), "utf-8")


if __name__ == "__main__":
    main()
