"""What counts as a number, wherever a user hands one in; NumPy's scalars do, True and False do not."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any


def is_number(value: Any) -> bool:
    """A finite real number."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def is_whole(value: Any) -> bool:
    """A whole number, of a type for whole numbers."""
    return isinstance(value, Integral) and not isinstance(value, bool)
