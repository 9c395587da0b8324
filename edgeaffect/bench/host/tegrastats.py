"""NVIDIA's `tegrastats` on Jetson: load of GPU and memory bus, temperatures and rails while something runs.

Source: Jetson Linux Developer Guide r36.3, "Tegrastats Utility" (the fields of its line). Unverified on hardware.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence

from .facts import BoardReadings
from .system_files import SystemFiles

INTERVAL_MS = 200

# GR3D_FREQ 35%@[611] since r34, GR3D_FREQ 35%@611 before, GR3D_FREQ 35% without root
_FIELDS = {
    "gpu_percent": re.compile(r"\bGR3D_FREQ (\d+)%"),
    "memory_bus_percent": re.compile(r"\bEMC_FREQ (\d+)%"),
    "ram_mb": re.compile(r"\bRAM (\d+)/\d+MB"),
}
_TEMPERATURE = re.compile(r"\b([A-Za-z]\w*)@(-?[\d.]+)C\b")
_RAIL = re.compile(r"\b([A-Z]\w*) (\d+)mW/\d+mW")
_POWERED_DOWN = -200.0  # a zone without power reads -256


def parse(line: str) -> BoardReadings:
    """One line of tegrastats; of its rails the momentary power, not the average."""
    known = {name: float(match[1]) if (match := field.search(line)) else None for name, field in _FIELDS.items()}
    zones = {name: float(value) for name, value in _TEMPERATURE.findall(line)}
    return BoardReadings(
        lines=1,
        celsius={name: value for name, value in zones.items() if value > _POWERED_DOWN},
        milliwatts={name: float(value) for name, value in _RAIL.findall(line)},
        **known,
    )


class Recorder:
    """Collects the lines of a running tegrastats."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def summary(self) -> BoardReadings | None:
        """Means over the lines, largest RAM and temperatures; None without a line."""
        readings = [parse(line) for line in self.lines]
        if not readings:
            return None
        ram = [r.ram_mb for r in readings if r.ram_mb is not None]
        zones = dict.fromkeys(name for r in readings for name in r.celsius)
        return BoardReadings(
            lines=len(readings),
            celsius={name: max(r.celsius[name] for r in readings if name in r.celsius) for name in zones},
            milliwatts={
                name: round(sum(r.milliwatts.get(name, 0.0) for r in readings) / len(readings), 1)
                for name in readings[0].milliwatts
            },
            gpu_percent=_mean([r.gpu_percent for r in readings]),
            memory_bus_percent=_mean([r.memory_bus_percent for r in readings]),
            ram_mb=max(ram) if ram else None,
        )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 1) if known else None


@contextlib.contextmanager
def recording(files: SystemFiles) -> Iterator[Recorder]:
    """Runs tegrastats meanwhile, where this is the live machine and has it."""
    recorder = Recorder()
    program = shutil.which("tegrastats") if files.is_live else None
    if program is None:
        yield recorder
        return
    command = [program, "--interval", str(INTERVAL_MS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        reader = threading.Thread(target=recorder.lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            yield recorder
        finally:
            process.terminate()
            reader.join(timeout=5)
