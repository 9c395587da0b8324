"""Errors of the exporters."""

from __future__ import annotations

from edgeaffect.errors import Error


class CheckpointError(Error, ValueError):
    """A checkpoint cannot be read safely, or does not fit the architecture."""


class SpecNeededError(CheckpointError):
    """Nobody said what a model computes; the message holds a spec to fill in and says where it goes."""


class ParityError(Error, RuntimeError):
    """The exported model does not compute what the original computes; nothing was written."""


class GraphError(Error, ValueError):
    """An ONNX graph holds something that the target cannot run and that no pass can rewrite."""
