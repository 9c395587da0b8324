"""JSON: results as plain values, and documents of strangers, whose every fault is a `ValueError` in one line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

LIMIT = 1 << 20
"""Most bytes of a JSON document about a model; real ones hold some thousand."""


def plain(value: Any) -> Any:
    """Plain JSON values; NaN and infinities become null. The commonest kinds come first: this runs on every frame."""
    if isinstance(value, (float, np.floating)):
        return round(float(value), 6) + 0.0 if math.isfinite(value) else None  # + 0.0: no -0.0
    if value is None or isinstance(value, (str, int)):  # bool is an int
        return value
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (np.integer, np.bool_)):
        return value.item()
    return value


def load_json(text: str | bytes, *, limit: int = LIMIT, finite: bool = True) -> Any:
    """Parse a document.

    Args:
        text: the document.
        limit: most characters of it.
        finite: refuse NaN and infinities, as JSON has none; False leaves that to a caller that can name the field.

    Raises:
        ValueError: too long, nested too deep, a number of thousands of digits, not UTF-8, or not JSON.
    """
    if len(text) > limit:
        raise ValueError(f"the JSON text is longer than {limit} bytes, the most that is read")
    try:
        return json.loads(text, parse_constant=_refuse if finite else None)
    except RecursionError as error:
        raise ValueError("the JSON text is nested too deep") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"the JSON text is not UTF-8: {error}") from error
    except _NoNumberError:
        raise
    except ValueError as error:  # Python's own limit on digits
        raise ValueError("the JSON text holds a number of thousands of digits") from error


class _NoNumberError(ValueError):
    pass


def _refuse(word: str) -> Any:
    raise _NoNumberError(f"{word} is no JSON number")
