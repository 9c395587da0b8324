"""Hears a voice, to the end or Ctrl-C: `python examples/microphone.py [index or name of a microphone, or a file]`."""

import sys

from edgeaffect import VoiceAffect
from edgeaffect.sources import open_sound
from edgeaffect.voice import listen

with open_sound(sys.argv[1] if len(sys.argv) > 1 else None) as sound, VoiceAffect() as voice:
    print(f"listening to {sound.name} at {sound.sample_rate} Hz")
    for heard in listen(sound, voice):
        if heard.affect is None:
            print(f"{heard.timestamp:8.2f} s  nobody speaks ({heard.level_dbfs:.0f} dBFS)")
        else:
            doubt = "" if heard.affect.is_sure else " (unsure)"
            print(f"{heard.timestamp:8.2f} s  {heard.label} {heard.probability:.0%}{doubt}")
