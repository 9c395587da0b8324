"""Sound: samples of any rate to log-mel energies, whether somebody speaks, and what the voice expresses."""

from .activity import VoiceActivity
from .affect import VoiceAffect
from .front_end import LogMelStream, log_mel
from .listen import listen
from .samples import to_mono
from .segments import SpeechSegment, SpeechSegmenter, is_speech
from .stream import VoiceStream

__all__ = [
    "LogMelStream",
    "SpeechSegment",
    "SpeechSegmenter",
    "VoiceActivity",
    "VoiceAffect",
    "VoiceStream",
    "is_speech",
    "listen",
    "log_mel",
    "to_mono",
]
