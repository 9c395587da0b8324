"""Sound: from samples of any rate to log-mel energies."""

from .front_end import LogMelStream, log_mel
from .samples import to_mono

__all__ = ["LogMelStream", "log_mel", "to_mono"]
