"""The explainer: one sentence that says why a face got its label, questions answered or refused, texts checked."""

from .client import LocalServer, ServerError
from .cues import ADMITTED, CUES, FACTS
from .evidence import Evidence
from .explainer import Explainer
from .handoff import describe_face
from .result import Explanation, Judgement, Part
from .talker import ReplacedError, Talk

__all__ = [
    "ADMITTED",
    "CUES",
    "FACTS",
    "Evidence",
    "Explainer",
    "Explanation",
    "Judgement",
    "LocalServer",
    "Part",
    "ReplacedError",
    "ServerError",
    "Talk",
    "describe_face",
]
