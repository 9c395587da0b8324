"""Events and signals over time on rendered people: `python -m training.cues.events --data DIR`.

Writes `EVENTS.json` and the tables in docs/events.md and docs/cues.md. Stills are the portraits of
`faces_webmorph.zip`; people of the test part (`labels.split_of`), which no training and no choice has seen, are
reported. `--choose` looks at people of the training part instead and prints which `start` and `stop` of every built-in
rule do best there.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edgeaffect import Pipeline, native
from edgeaffect.events import BUILTIN
from edgeaffect.sources.arrays import Arrays
from training.cues.acts import FPS, script
from training.cues.event_scores import Count, Performance, Tally, choose, score, signals, tally, total
from training.cues.labels import split_of
from training.cues.sequences import Eye, Picture, Renderer, Still
from training.data import data_folder

RESULTS_FILE = Path(__file__).with_name("EVENTS.json")
DOCS = Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- measured: python -m training.cues.events -->\n", "<!-- end -->\n"

NAMES = ("smile", "looks_at_camera", "looks_away", "blink", "nod", "shake", "speaks")
# Pictures are enlarged, so that lids fall in more than a handful of pixels.
ENLARGE = 2
# Camera noise: grey levels, and how many different frames of it take turns.
NOISE, NOISE_FRAMES = 2.0, 8
# Lids among the 189 points of webmorph: upper and lower edge of the eye at the image's left, and at its right.
LIDS = (((18, 19, 20, 21, 22), (18, 28, 29, 30, 22)), ((23, 24, 25, 26, 27), (23, 31, 32, 33, 27)))


@dataclass(frozen=True)
class Person:
    """Portraits of one person, enlarged."""

    name: str
    rest: Picture
    lids: tuple[Eye, Eye]
    smiling: Picture | None


def people(data: Path, split: str) -> Iterator[Person]:
    """People of one part whose lids were set by hand, in a random order that is always the same."""
    with zipfile.ZipFile(data / "faces_webmorph.zip") as archive:
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")))
        with np.load(io.BytesIO(archive.read("points189.npz"))) as file:
            points = dict(zip(file["names"].tolist(), file["points"].astype(np.float64) * ENLARGE, strict=True))

        def picture(name: str) -> Picture:
            image = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR)
            return np.asarray(cv2.resize(image, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_CUBIC), np.uint8)

        smiling = {row["person"]: row["file"] for row in rows if row["expression"] == "smiling"}
        for row in (rows[i] for i in np.random.default_rng(0).permutation(len(rows))):
            if row["expression"] != "neutral" or row["file"] not in points or split_of(row["person"]) != split:
                continue
            own = points[row["file"]]
            first, second = (Eye(own[list(upper)], own[list(lower)]) for upper, lower in LIDS)
            smile = picture(smiling[row["person"]]) if row["person"] in smiling else None
            yield Person(row["person"], picture(row["file"]), (first, second), smile)


def still(pipeline: Pipeline, picture: Picture, lids: tuple[Eye, Eye] | None = None) -> Still | None:
    """A picture with the points that the pipeline itself finds; None without a face."""
    pipeline.reset()
    faces = pipeline.process(picture).faces
    cues = max(faces, key=lambda face: face.score).raw_cues if faces else None
    return None if cues is None else Still(picture, cues.landmarks68.astype(np.float64), lids)


def perform(pipeline: Pipeline, person: Person) -> Performance | None:
    """One person's script before the pipeline; None where no face is found in a still."""
    rest = still(pipeline, person.rest, person.lids)
    smiling = None if person.smiling is None else still(pipeline, person.smiling)
    if rest is None:
        return None
    seed = zlib.crc32(person.name.encode())
    random = np.random.default_rng(seed)
    moments, expected = script(random, smiles=smiling is not None)
    renderer = Renderer(rest, smiling)

    noise = [np.rint(random.normal(0, NOISE, person.rest.shape)).astype(np.int16) for _ in range(NOISE_FRAMES)]

    def frames() -> Iterator[Picture]:
        for moment, grain in zip(moments, itertools.cycle(noise), strict=False):
            yield np.asarray(cv2.add(renderer.frame(moment), grain, dtype=cv2.CV_8U), np.uint8)

    return Performance(moments, list(pipeline.stream(Arrays(frames(), fps=FPS))), expected)


def table(counts: dict[str, Count], people_count: int) -> str:
    """The part of docs/events.md that holds the result."""
    lines = [
        "| event | told | of these right | expected | precision | recall |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, result in counts.items():
        facts = result.to_dict()
        shares = (("not measured" if facts[key] is None else f"{facts[key]:.2f}") for key in ("precision", "recall"))
        precision, recall = shares
        lines.append(f"| `{name}` | {result.told} | {result.right} | {result.expected} | {precision} | {recall} |")
    return f"Synthetic: {people_count} people of the test part, rendered from stills.\n\n" + "\n".join(lines) + "\n"


def signal_table(found: dict[str, float], people_count: int) -> str:
    """The part of docs/cues.md that holds the result."""
    rows = [
        ("eyes_open", "shut or open, area under the ROC curve"),
        ("mouth_open", "open or shut, area under the ROC curve"),
        ("looking_at_camera", "straight or turned by 25 degrees and more, area under the ROC curve"),
        ("speaking", "jaw moves 3 to 5 times a second or rests, area under the ROC curve"),
        ("blink_rate", "mean absolute error, blinks per minute"),
        ("eyes_closed_share", "mean absolute error"),
    ]
    lines = ["| signal | measure | value |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {what} | {found[name]:.3f} |" for name, what in rows if name in found]
    return f"Synthetic: {people_count} people of the test part, rendered from stills.\n\n" + "\n".join(lines) + "\n"


def write(page: Path, text: str) -> None:
    """Put a text between the marks of a page."""
    before, rest = page.read_text("utf-8").split(BEGIN)
    page.write_text(before + BEGIN + text + END + rest.split(END)[1], "utf-8")


def report(people_of_test: Iterator[Person], folder: Path | None) -> None:
    """Score people and write what was found; `folder` keeps the tally of each, so that a later run goes on."""
    rules = [rule for rule in BUILTIN if rule.name in NAMES]
    tallies = []
    with Pipeline(cues=True, affect=False) as pipeline:
        runs = pipeline.describe()["stages"]["cues"]
        for person in people_of_test:
            kept = None if folder is None else folder / f"{person.name}.json"
            if kept is not None and kept.exists():
                tallies.append(Tally.from_json(kept.read_text("utf-8")))
                continue
            performance = perform(pipeline, person)
            if performance is None:
                continue
            tallies.append(tally(performance, rules))
            if kept is not None:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text(tallies[-1].to_json(), "utf-8")
    counts, found = total(tallies), signals(tallies)
    facts = {
        "model": runs["model"], "runtime": runs["runtime"], "simd": native.simd(), "people": len(tallies),
        "events": {name: count.to_dict() for name, count in counts.items()}, "signals": found,
    }  # fmt: skip
    RESULTS_FILE.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    write(DOCS / "events.md", table(counts, len(tallies)))
    write(DOCS / "cues.md", signal_table(found, len(tallies)))


def print_best(people_of_training: Iterator[Person]) -> None:
    """Print the best thresholds of every rule."""
    rules = [rule for rule in BUILTIN if rule.name in NAMES]
    with Pipeline(cues=True, affect=False) as pipeline:
        performances = [seen for person in people_of_training if (seen := perform(pipeline, person)) is not None]
    counts = score(performances, rules)
    for rule in rules:
        best, result = choose(performances, rule)
        print(f"{rule.name}: start {best.start}, stop {best.stop}: {result} (now {counts[rule.name]})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--limit", type=int, help="at most so many people")
    parser.add_argument("--out", type=Path, help="folder that keeps the tally of each person; another for each model")
    parser.add_argument("--choose", action="store_true", help="print the best thresholds on training people")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    found = people(data_folder(arguments.data), "train" if arguments.choose else "test")
    chosen = itertools.islice(found, arguments.limit)
    if arguments.choose:
        print_best(chosen)
    else:
        report(chosen, arguments.out)


if __name__ == "__main__":
    main()
