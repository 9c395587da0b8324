"""Figures of recordings by matplotlib (extra `[plot]`): timelines, circumplex paths, summaries; docs/plots.md."""

from .circumplex import circumplex
from .style import save
from .summary import summary
from .timeline import timeline

__all__ = ["circumplex", "save", "summary", "timeline"]
