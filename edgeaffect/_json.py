"""JSON from files of strangers: bounded, finite, and every fault a `ValueError` in one line."""

from __future__ import annotations

import json
from typing import Any

LIMIT = 1 << 20
"""Most bytes of a JSON document about a model; real ones hold some thousand."""


def load_json(text: str | bytes, *, limit: int = LIMIT) -> Any:
    """Parse a document; NaN and infinities are refused, as JSON has none.

    Raises:
        ValueError: too long, nested too deep, a number of thousands of digits, not UTF-8, or not JSON.
    """
    if len(text) > limit:
        raise ValueError(f"the JSON text is longer than {limit} bytes, the most that is read")
    try:
        return json.loads(text, parse_constant=_refuse)
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
