"""`inline_svg`: a figure as an SVG element that stands in a page of HTML and takes the page's colours."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import fields
from html import escape
from typing import Any

from .._lazy import require
from .charts import Theme
from .style import saving

_FONT = re.compile(r"font(-family)?: ([^;\"]*?)'[^;\"]*(?=[;\"])")
_EMPTY = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def page_theme() -> tuple[Theme, dict[str, str]]:
    """A theme of stand-ins, and the CSS variable that takes the place of each."""
    names = [field.name for field in fields(Theme) if field.name != "series"]
    series = len(Theme().series)
    stand_ins = {name: f"#0b1e{i:02x}" for i, name in enumerate([*names, *(f"s{i}" for i in range(series))])}
    variables = {color: f"var(--{name})" for name, color in stand_ins.items()}
    own = {name: stand_ins[name] for name in names}
    return Theme(**own, series=tuple(stand_ins[f"s{i}"] for i in range(series))), variables


def inline_svg(figure: Any, title: str, variables: dict[str, str] | None = None) -> str:
    """The figure without a file's head, fonts, addresses and names that nobody refers to.

    Args:
        figure: of matplotlib.
        title: for screen readers.
        variables: colour -> what takes its place, as `page_theme` gives.

    Raises:
        DependencyError: matplotlib is missing.
    """
    stream = io.BytesIO()
    with saving():
        figure.savefig(stream, format="svg", metadata=_EMPTY, transparent=True)
    text = stream.getvalue().decode("utf-8")
    text = text[text.index("<svg") :]
    view = re.search(r'viewBox="([^"]*)"', text)
    assert view is not None
    body = text[text.index(">") + 1 : text.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL).replace("xlink:href", "href")
    body = _FONT.sub(_plain_font, body)
    for color, variable in (variables or {}).items():
        body = body.replace(color, variable)
    used = set(re.findall(r"[\"(]#([^\")]+)[\")]", body))
    mark = hashlib.sha256(body.encode()).hexdigest()[:8]
    body = re.sub(r' id="([^"]+)"', lambda found: f' id="{mark}-{found[1]}"' if found[1] in used else "", body)
    body = re.sub(r"([\"(])#([^\")]+)([\")])", rf"\1#{mark}-\2\3", body)
    body = re.sub(r"\n\s*", "\n", body).strip()
    label = escape(title, quote=True)
    return f'<svg viewBox="{view[1]}" width="100%" role="img" aria-label="{label}">{body}</svg>'


def _plain_font(found: re.Match[str]) -> str:
    return f"font{found[1] or ''}: {found[2]}system-ui, sans-serif"


def check() -> None:
    """Say early that charts cannot be drawn.

    Raises:
        DependencyError: matplotlib is missing.
    """
    require("matplotlib")
