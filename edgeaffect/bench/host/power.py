"""Energy of a run: counters where the machine has them, else rail readings integrated over time.

Sources: Documentation/power/powercap/powercap.rst (`energy_uj` wraps at `max_energy_range_uj`);
Documentation/hwmon/ina3221.rst (`inN_input` millivolt, `currN_input` milliampere); the Jetson Linux Developer Guide
for which rails make up a module.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Protocol

from . import nvml
from .facts import Energy
from .system_files import SystemFiles

SAMPLE_SECONDS = 0.02

# A rail that already holds the others: Orin Nano and NX measure the whole module at its input.
_TOTAL_RAILS = ("VDD_IN",)
# AGX Orin: the memory rail is fed from VIN_SYS_5V0, whose reading includes it.
_INCLUDED_RAILS = ("VDDQ_VDD2_1V8AO",)


class Meter(Protocol):
    """Measures energy between `start` and `stop`."""

    name: str

    @property
    def available(self) -> bool:
        """Whether it can be read here."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> dict[str, float]:
        """Joules by domain since `start`."""


@dataclass(frozen=True)
class _Zone:
    path: str
    name: str
    wraps_at: float


class RaplMeter:
    """x86 package energy through powercap. Only package zones: their subzones (core, dram) are parts or overlap."""

    name = "rapl"

    def __init__(self, files: SystemFiles) -> None:
        self._files = files
        self._zones = [
            _Zone(path, name, files.number(f"{path}/max_energy_range_uj") or 0)
            for path in files.glob("sys/class/powercap/*-rapl:*")
            if (name := files.text(f"{path}/name") or "").startswith("package")
            and files.number(f"{path}/energy_uj") is not None
        ]
        self._before: list[float] = []

    @property
    def available(self) -> bool:
        """Whether it can be read here."""
        return bool(self._zones)

    def _read(self) -> list[float]:
        return [self._files.number(f"{zone.path}/energy_uj") or 0.0 for zone in self._zones]

    def start(self) -> None:
        """Begin."""
        self._before = self._read()

    def stop(self) -> dict[str, float]:
        """Joules by domain since `start`."""
        result = {}
        for zone, before, after in zip(self._zones, self._before, self._read(), strict=True):
            result[zone.name] = (after - before + (zone.wraps_at if after < before else 0)) * 1e-6
        return result


@dataclass(frozen=True)
class Rail:
    """One supply rail of an INA3221."""

    label: str
    voltage: str
    current: str

    def watts(self, files: SystemFiles) -> float | None:
        """Power now; None where it cannot be read."""
        millivolt, milliampere = files.number(self.voltage), files.number(self.current)
        return None if millivolt is None or milliampere is None else millivolt * milliampere * 1e-6


def rails(files: SystemFiles) -> list[Rail]:
    """All labelled rails of INA3221 chips, whatever hwmon number they got."""
    found = []
    for chip in files.glob("sys/class/hwmon/hwmon*"):
        if files.text(f"{chip}/name") != "ina3221":
            continue
        for channel in (1, 2, 3):
            label = files.text(f"{chip}/in{channel}_label")
            rail = Rail(label or "", f"{chip}/in{channel}_input", f"{chip}/curr{channel}_input")
            if label and label != "NC" and rail.watts(files) is not None:
                found.append(rail)
    return found


def rails_of_total(found: list[Rail]) -> list[Rail]:
    """Those rails whose sum is the module's power."""
    whole = [r for r in found if r.label in _TOTAL_RAILS]
    return whole or [r for r in found if r.label not in _INCLUDED_RAILS]


class RailMeter:
    """Integrates rail power in a thread (trapezoid rule, one reading per 20 ms)."""

    name = "ina3221"

    def __init__(self, files: SystemFiles) -> None:
        self._files = files
        self._rails = rails(files)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._joules: dict[str, float] = {}

    @property
    def available(self) -> bool:
        """Whether it can be read here."""
        return bool(self._rails)

    def start(self) -> None:
        """Begin."""
        self._stop.clear()
        self._joules = {rail.label: 0.0 for rail in self._rails}
        self._thread = threading.Thread(target=self._run, name="edgeaffect-bench-power", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        last, watts = time.perf_counter(), self._watts()
        finished = False
        while not finished:
            finished = self._stop.wait(SAMPLE_SECONDS)
            now, fresh = time.perf_counter(), self._watts()
            for label, value in fresh.items():
                self._joules[label] += (value + watts[label]) / 2 * (now - last)
            last, watts = now, fresh

    def _watts(self) -> dict[str, float]:
        return {rail.label: rail.watts(self._files) or 0.0 for rail in self._rails}

    def stop(self) -> dict[str, float]:
        """Joules by domain since `start`."""
        assert self._thread is not None
        self._stop.set()
        self._thread.join()
        total = sum(self._joules[rail.label] for rail in rails_of_total(self._rails))
        return {**self._joules, "total": total}


class NvmlMeter:
    """Energy counter of a desktop GPU."""

    name = "nvml"

    def __init__(self) -> None:
        self._before = nvml.joules()

    @property
    def available(self) -> bool:
        """Whether it can be read here."""
        return self._before is not None

    def start(self) -> None:
        """Begin."""
        self._before = nvml.joules()

    def stop(self) -> dict[str, float]:
        """Joules by domain since `start`."""
        after = nvml.joules()
        return {"gpu": after - self._before} if after is not None and self._before is not None else {}


def meters(files: SystemFiles) -> list[Meter]:
    """Every energy source that can be read here, possibly none."""
    candidates: list[Meter] = [RaplMeter(files), RailMeter(files)]
    if files.is_live:
        candidates.append(NvmlMeter())
    return [meter for meter in candidates if meter.available]


def energy(readings: dict[str, dict[str, float]], frames: int, seconds: float) -> Energy:
    """Energy of one phase: the sum of what does not overlap (RAPL packages, or the module's rails, and a desktop GPU).

    Args:
        readings: joules by meter and domain.
        frames: that were processed meanwhile.
        seconds: that it took.
    """
    total = sum(readings.get("rapl", {}).values()) + readings.get("ina3221", {}).get("total", 0.0)
    total += readings.get("nvml", {}).get("gpu", 0.0)
    return Energy(
        joules={name: {k: round(v, 6) for k, v in domains.items()} for name, domains in readings.items()},
        frames=frames,
        seconds=round(seconds, 6),
        millijoules_per_frame=round(total / max(frames, 1) * 1000, 4),
        watts=round(total / max(seconds, 1e-9), 4),
    )
