"""A PulseAudio server of the tests' own, whose sink is heard again by a real input device of PortAudio (through ALSA).

Nothing here stands in for anything: sounddevice, PortAudio, ALSA and PulseAudio are real; only the cable is missing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

RATE = 48000
NAME = "edgeaffect test microphone"
_PLUGIN = "libasound_module_pcm_pulse.so"


def missing() -> str | None:
    """Why there is no loopback here, or None."""
    try:
        import sounddevice  # noqa: F401
    except (ImportError, OSError) as error:
        return f"no PortAudio here ({error})"
    for program in ("pulseaudio", "pacat"):
        if shutil.which(program) is None:
            return f"no {program} here (apt-get install pulseaudio pulseaudio-utils)"
    if not any(Path("/usr/lib").glob(f"*/alsa-lib/{_PLUGIN}")) and not Path("/usr/lib/alsa-lib", _PLUGIN).exists():
        return "ALSA has no plugin for PulseAudio here (apt-get install libasound2-plugins)"
    return None


class Loopback:
    """A server that can be ended and started again, as a device is unplugged and plugged in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._server = folder, None  # type: Path, subprocess.Popen[bytes] | None
        self._socket = folder / "native"
        self.environment = {
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{folder / 'asoundrc'}",
            "PULSE_SERVER": f"unix:{self._socket}",
        }
        (folder / "asoundrc").write_text(
            f'pcm.edgetest {{ type pulse server "unix:{self._socket}" device "edge.monitor" '
            f'hint {{ show on description "{NAME}" }} }}\n'
        )

    def start(self) -> None:
        """Begin, and wait until it answers."""
        home = {"HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), "PULSE_RUNTIME_PATH": str(self.folder)}
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes",
             "--realtime=no", "--high-priority=no",
             "-L", f"module-native-protocol-unix socket={self._socket} auth-anonymous=1",
             "-L", f"module-null-sink sink_name=edge rate={RATE} channels=1"],
            env={**os.environ, **home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 10
        while not self._socket.exists():
            if self._server.poll() is not None or time.monotonic() > deadline:
                pytest.skip("PulseAudio does not start here")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it at once."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None
            self._socket.unlink(missing_ok=True)

    @contextlib.contextmanager
    def playing(self, sound: np.ndarray) -> Iterator[None]:
        """Meanwhile this is heard: float32 [n] at `RATE`."""
        command = ["pacat", "--playback", "--device=edge", "--format=float32le", f"--rate={RATE}", "--channels=1",
                   "--latency-msec=20"]  # fmt: skip
        player = subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, **self.environment})
        feed = self.folder / "played.f32"
        feed.write_bytes(sound.astype("<f4").tobytes())
        try:
            assert player.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                player.stdin.write(feed.read_bytes()[: 1 << 16])
                player.stdin.flush()
            import threading

            rest = threading.Thread(target=_feed, args=(player, feed.read_bytes()[1 << 16 :]), daemon=True)
            rest.start()
            yield
        finally:
            player.kill()
            player.wait()


def _feed(player: subprocess.Popen[bytes], data: bytes) -> None:
    assert player.stdin is not None
    with contextlib.suppress(OSError, ValueError):
        player.stdin.write(data)
        player.stdin.close()


@contextlib.contextmanager
def loopback() -> Iterator[Loopback]:
    """A running server, and PortAudio told of it."""
    if reason := missing():
        pytest.skip(reason)
    from edgeaffect.sources import portaudio

    folder = Path(tempfile.mkdtemp(prefix="edge-pulse-"))
    server = Loopback(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        try:
            server.start()
            portaudio.rescan()
            yield server
        finally:
            server.stop()
            patch.undo()
            portaudio.rescan()
            shutil.rmtree(folder, ignore_errors=True)
