"""Results for other people's libraries: ROS 2, supervision, tables of pandas and Polars."""

from .rows import to_rows
from .supervision import to_supervision

__all__ = ["to_rows", "to_supervision"]
