"""Sound: from samples of any rate to log-mel energies, and whether somebody speaks."""

from .activity import VoiceActivity
from .front_end import LogMelStream, log_mel
from .samples import to_mono
from .segments import SpeechSegment, SpeechSegmenter, is_speech

__all__ = ["LogMelStream", "SpeechSegment", "SpeechSegmenter", "VoiceActivity", "is_speech", "log_mel", "to_mono"]
