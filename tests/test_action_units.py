"""The table of action units: complete, in step with the shapes, and what is computed from it."""

from __future__ import annotations

import re

import numpy as np
import pytest

from edgeaffect.action_units import ACTION_UNITS, BLENDSHAPES, action_unit_stds, action_units
from edgeaffect.models import find
from edgeaffect.models.registry import FILES


@pytest.mark.skipif(not (FILES / "face-cues-int8.onnx").exists(), reason="no bundled cue model in this tree")
def test_shapes_are_those_of_the_bundled_model() -> None:
    output = find(None, "cues").spec.output("blendshapes")
    assert output is not None and set(output.labels) == set(BLENDSHAPES)


def test_every_unit_has_a_name_and_shapes_that_there_are() -> None:
    numbers = [unit.number for unit in ACTION_UNITS]
    assert numbers == sorted(set(numbers))
    for unit in ACTION_UNITS:
        assert re.fullmatch(r"[a-z][a-z ]+", unit.name), unit
        assert unit.groups and all(set(group) <= set(BLENDSHAPES) for group in unit.groups), unit
        # A unit that one side draws is drawn by the other as well.
        used = {name for group in unit.groups for name in group}
        swapped = {re.sub("Left|Right", lambda side: {"Left": "Right"}.get(side[0], "Left"), name) for name in used}
        assert swapped == used, unit


def test_units_and_their_errors_by_hand() -> None:
    rng = np.random.default_rng(4)
    shapes = dict(zip(BLENDSHAPES, rng.uniform(0, 1, len(BLENDSHAPES)).tolist(), strict=True))
    stds = dict(zip(BLENDSHAPES, rng.uniform(0, 0.2, len(BLENDSHAPES)).tolist(), strict=True))
    values, errors = action_units(shapes), action_unit_stds(stds, shapes)
    assert list(values) == list(errors) == [unit.number for unit in ACTION_UNITS]
    for unit in ACTION_UNITS:
        means = {group: float(np.mean([shapes[name] for name in group])) for group in unit.groups}
        strongest = max(means, key=means.__getitem__)
        assert values[unit.number] == pytest.approx(means[strongest])
        variance = sum(stds[name] ** 2 for name in strongest) / len(strongest) ** 2
        assert errors[unit.number] == pytest.approx(variance**0.5)


@pytest.mark.parametrize(
    ("shape", "number"),
    [("mouthSmile", 12), ("mouthFrown", 15), ("browDown", 4), ("eyeBlink", 43), ("mouthPress", 24), ("noseSneer", 9)],
)
def test_shapes_that_facs_names_alike(shape: str, number: int) -> None:
    values = dict.fromkeys(BLENDSHAPES, 0.0) | {f"{shape}Left": 1.0, f"{shape}Right": 1.0}
    assert action_units(values)[number] == 1.0
