"""The sound front end and voice activity beside librosa, kaldi-native-fbank, soxr, silero-vad and webrtcvad.

    python -m benchmarks.audio [--json FILE] [--seconds 1]

Ten seconds of noise become 64 log-mel bands, in chunks of 10 ms as a microphone delivers them and in one call; are
resampled to 16 kHz; and are searched for speech. Ten seconds like speech go through all of `VoiceStream`. One core, all
in one run: calls are interleaved in one process; a figure is the median CPU time of the calling thread as a share of
the sound's length (real-time factor, RTF).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.preprocess import interleaved
from edgeaffect.bench.codec import to_dict
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.bench.parts.voice import speech_like
from edgeaffect.models.audio_input import AudioInput
from edgeaffect.native import Resampler
from edgeaffect.options import VoiceOptions
from edgeaffect.voice import LogMelStream, VoiceActivity, VoiceAffect, VoiceStream

SECONDS, RATE, BANDS = 10, 16000, 64
RATES = (8000, 22050, 24000, 44100, 48000)
SPEC = AudioInput(
    "mel", RATE, mel_bands=BANDS, window=400, hop=160, layout="n1mt", low_hz=20.0, high_hz=7600.0, formula="htk",
    window_function="povey", pre_emphasis=0.97, remove_offset=True,
)  # fmt: skip

Sound = NDArray[np.float32]


def noise(rate: int) -> Sound:
    """Ten seconds of white noise."""
    return (np.random.default_rng(0).standard_normal(rate * SECONDS) * 0.1).astype(np.float32)


def chunked(stream: LogMelStream, chunks: list[Sound]) -> None:
    for chunk in chunks:
        stream.accept(chunk)
    stream.finish()


def kaldi(chunks: list[Sound]) -> None:
    """The same log-mel energies by kaldi-native-fbank."""
    import kaldi_native_fbank

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins, options.mel_opts.high_freq = BANDS, 7600
    online = kaldi_native_fbank.OnlineFbank(options)
    for chunk in chunks:
        online.accept_waveform(RATE, chunk)
    online.input_finished()
    for index in range(online.num_frames_ready):
        online.get_frame(index)


def librosa_mel(sound: Sound) -> None:
    """Log-mel energies of librosa: its own window and bands, a whole recording at once."""
    import librosa

    energies = librosa.feature.melspectrogram(
        y=sound, sr=RATE, n_fft=512, hop_length=160, win_length=400, center=False, n_mels=BANDS, fmin=20, fmax=7600
    )
    np.log(np.maximum(energies, 1e-10))


def soxr_stream(rate: int, chunks: list[Sound]) -> None:
    """The same resampling by soxr at its high quality."""
    import soxr

    stream = soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="HQ")
    for index, chunk in enumerate(chunks):
        stream.resample_chunk(chunk, last=index + 1 == len(chunks))


def front_end(seconds: float) -> list[dict[str, Any]]:
    """One row: log-mel in chunks and at once, beside its peers."""
    sound = noise(RATE)
    chunks = np.split(sound, SECONDS * 100)
    stream = LogMelStream(SPEC, RATE)
    calls: list[Callable[[], Any]] = [
        lambda: chunked(stream, chunks),
        lambda: stream.accept(sound),
        lambda: kaldi(chunks),
        lambda: librosa_mel(sound),
    ]
    times = [value / SECONDS for value in interleaved(calls, seconds)]
    names = (
        "edgeaffect, 10 ms chunks",
        "edgeaffect, one call",
        "kaldi-native-fbank, 10 ms chunks",
        "librosa, one call",
    )
    return [
        {"what": "log-mel, 64 bands", "by": name, "RTF": round(value, 6), "times ours": round(value / times[0], 2)}
        for name, value in zip(names, times, strict=True)
    ]


def resampling(rate: int, seconds: float) -> list[dict[str, Any]]:
    """Two rows: resampling to 16 kHz by us and by soxr."""
    chunks = np.split(noise(rate), SECONDS * (100 if rate % 100 == 0 else 50))

    resampler = Resampler(rate, RATE)  # `finish` makes it ready for the next sound

    def ours() -> None:
        for chunk in chunks:
            resampler.accept(chunk)
        resampler.finish()

    times = [value / SECONDS for value in interleaved([ours, lambda: soxr_stream(rate, chunks)], seconds)]
    return [
        {"what": f"{rate} Hz to {RATE}", "by": name, "RTF": round(value, 6), "times ours": round(value / times[0], 2)}
        for name, value in zip(("edgeaffect", "soxr, HQ"), times, strict=True)
    ]


def silero(sound: Sound) -> Callable[[], None]:
    """The ONNX file of silero-vad on one thread, in its chunks of 512 samples and the 64 before."""
    import onnxruntime
    import silero_vad

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(Path(silero_vad.__file__).parent / "data" / "silero_vad.onnx", options)
    rate = np.array(RATE, np.int64)
    padded = np.concatenate([np.zeros(64, np.float32), sound])
    chunks = [padded[None, at : at + 576] for at in range(0, len(sound) - 511, 512)]

    def run() -> None:
        state = np.zeros((2, 1, 128), np.float32)
        for chunk in chunks:
            _, state = session.run(None, {"input": chunk, "state": state, "sr": rate})

    return run


def webrtc(sound: Sound) -> Callable[[], None]:
    """The webrtcvad package in one of its modes, in frames of 10 ms."""
    import webrtcvad

    detector = webrtcvad.Vad(2)
    frames = [part.tobytes() for part in np.split((sound * 32767).astype(np.int16), SECONDS * 100)]

    def run() -> None:
        for frame in frames:
            detector.is_speech(frame, RATE)

    return run


def voice_activity(seconds: float) -> list[dict[str, Any]]:
    """One row: voice activity with its front end, in chunks and at once, beside its peers."""
    sound = noise(RATE)
    chunks = np.split(sound, SECONDS * 100)
    activity = VoiceActivity()
    stream = LogMelStream(activity.front_end, RATE)

    def ours() -> None:
        for chunk in chunks:
            activity.accept(stream.accept(chunk))
        activity.accept(stream.finish())
        activity.finish()

    calls = [ours, lambda: activity.probabilities(sound, RATE), silero(sound), webrtc(sound)]
    times = [value / SECONDS for value in interleaved(calls, seconds)]
    names = ("edgeaffect, 10 ms chunks", "edgeaffect, one call", "silero-vad, 32 ms chunks", "webrtcvad, 10 ms chunks")
    return [
        {"what": "voice activity", "by": name, "RTF": round(value, 6), "times ours": round(value / times[0], 2)}
        for name, value in zip(names, times, strict=True)
    ]


def whole_stream(seconds: float) -> list[dict[str, Any]]:
    """One row: everything behind a `Voice` every half second, with a voice in every window; nobody else has this."""
    sound = speech_like(SECONDS)
    with VoiceAffect(options=VoiceOptions(threshold=0.0)) as voice:  # every moment counts as speech
        stream = VoiceStream(voice)

        def ours() -> None:
            for chunk in np.split(sound, SECONDS * 20):
                stream.accept(chunk)
            stream.finish()
            while stream.ready():
                stream.read()

        (time,) = (value / SECONDS for value in interleaved([ours], seconds))
    return [
        {"what": "voice, all of it", "by": "edgeaffect, 50 ms chunks", "RTF": round(time, 6), "times ours": 1.0},
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="also write the rows, the machine and the commit to FILE")
    parser.add_argument(
        "--seconds", type=float, default=1.0, help="measuring time per comparison (default %(default)s)"
    )
    options = parser.parse_args()
    rows = [*front_end(options.seconds), *(row for rate in RATES for row in resampling(rate, options.seconds))]
    rows += [*voice_activity(options.seconds), *whole_stream(options.seconds)]
    for row in rows:
        print(f"{row['what']:20} {row['by']:34} RTF {row['RTF']:.6f}  {row['times ours']:6.2f}")
    if options.json:
        facts = {"commit": hardware.commit(), "machine": to_dict(hardware.identity(SystemFiles()))}
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({**facts, "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
