"""Every reader of strangers' files, given damaged ones: each is read or refused in one line, soon, in little memory."""

from __future__ import annotations

import importlib.util
import random
import resource
from pathlib import Path

import pytest
from fuzz.mutate import mutate
from fuzz.readers import TARGETS, seeds
from fuzz.run import check
from in_tree import in_tree

# Inputs per target; those that start a server or PyTorch's reader are slow.
COUNTS = {"pull": 25, "checkpoint": 60, "pickle": 60, "vocabulary": 20, "picture": 200}
MEMORY = 400 << 10  # kilobytes more than before


@in_tree
@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_read_or_refused(name: str) -> None:
    if (needs := TARGETS[name].needs) and importlib.util.find_spec(needs) is None:
        pytest.skip(f"needs {needs}")
    given, rng = seeds(name), random.Random(name)
    for seed in given:
        check(name, seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(COUNTS.get(name, 150)):
        data = mutate(rng.choice(given), rng.choice(given), rng)
        try:
            check(name, data)
        except BaseException as error:
            raise AssertionError(f"{name} does not take {data!r}") from error
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_what_the_readers_take(name: str, tmp_path: Path) -> None:
    """A seed that is refused at its first byte would test nothing."""
    if (needs := TARGETS[name].needs) and importlib.util.find_spec(needs) is None:
        pytest.skip(f"needs {needs}")
    taken = 0
    for number, seed in enumerate(seeds(name)):
        (folder := tmp_path / str(number)).mkdir()
        try:
            TARGETS[name].read(seed, folder)
            taken += 1
        except TARGETS[name].refusals:
            pass
    assert taken or name == "explanations"
