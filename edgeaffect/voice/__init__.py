"""Sound: from samples of any rate to log-mel energies, and to what a voice expresses."""

from .affect import VoiceAffect
from .front_end import LogMelStream, log_mel
from .samples import to_mono
from .stream import VoiceStream

__all__ = ["LogMelStream", "VoiceAffect", "VoiceStream", "log_mel", "to_mono"]
