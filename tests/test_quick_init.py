"""`quick_init`: the same arguments, defaults, checks and errors as the `__init__` that it stands for."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import numpy as np
import pytest

from edgeaffect import Affect, Face, Result
from edgeaffect._quick_init import quick_init


@quick_init
@dataclass(frozen=True)
class Point:
    x: float
    y: float = 2.0
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("x")


def test_arguments_defaults_and_checks_stay() -> None:
    assert Point(1.0) == Point(1.0, 2.0, []) == Point(y=2.0, x=1.0)
    assert Point(1.0).names is not Point(1.0).names
    with pytest.raises(ValueError, match="x"):
        Point(-1.0)
    for wrong in ({}, {"x": 1.0, "z": 2.0}):
        with pytest.raises(TypeError):
            Point(**wrong)
    assert replace(Point(1.0), y=5.0) == Point(1.0, 5.0) == pickle.loads(pickle.dumps(Point(1.0, 5.0)))
    assert copy.deepcopy(Point(1.0, names=["a"])).names == ["a"]


def test_it_stays_frozen_and_says_its_signature() -> None:
    with pytest.raises(FrozenInstanceError):
        Point(1.0).x = 2.0  # type: ignore[misc]
    assert list(inspect.signature(Point).parameters) == ["x", "y", "names"]


def test_results_have_every_field() -> None:
    face = Face(np.zeros(4, np.float32), 0.5, np.zeros((5, 2), np.float32))
    for made in (face, Result("s", 0, 0.0, "user", 0.0, (4, 3), (face,))):
        assert list(vars(made)) == list(made.__dataclass_fields__)
    with pytest.raises(ValueError, match="probabilities needs shape"):
        Affect(np.zeros(7), np.zeros(8), "a", *(0.0,) * 8, "rated", 0.5, True)
