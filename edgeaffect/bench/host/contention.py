"""How much of the CPUs others took while we measured: /proc/stat against this process's own time.

Source: proc(5), /proc/stat (`cpu` line in clock ticks: user nice system idle iowait irq softirq steal); `steal` is what
the hypervisor of a virtual machine gave to somebody else.
"""

from __future__ import annotations

import os
import time

from .facts import Contention
from .system_files import SystemFiles

_BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq
_STEAL = 7


class ContentionWatch:
    """Watches from its construction on.

    Args:
        files: where /proc/stat is read.
        ticks: clock ticks per second; None asks the system.
    """

    def __init__(self, files: SystemFiles, ticks: int | None = None) -> None:
        self._files = files
        self._ticks = ticks or os.sysconf("SC_CLK_TCK")
        self._begin = time.perf_counter()
        self._stat, self._own = self._read(), _own_seconds()

    def _read(self) -> tuple[float, float] | None:
        """Busy and stolen seconds of all CPUs since boot."""
        fields = (self._files.text("proc/stat") or "").partition("\n")[0].split()
        if len(fields) < 9 or fields[0] != "cpu":
            return None
        values = [int(field) / self._ticks for field in fields[1:]]
        return sum(values[i] for i in _BUSY), values[_STEAL]

    def result(self) -> Contention | None:
        """What others took until now; None where /proc/stat is absent."""
        now, own = self._read(), _own_seconds()
        elapsed = max(time.perf_counter() - self._begin, 1e-9)
        if self._stat is None or now is None:
            return None
        others = now[0] - self._stat[0] - (own - self._own)
        return Contention(
            seconds=round(elapsed, 3),
            other_cpus=round(max(0.0, others) / elapsed, 3),
            stolen_cpus=round((now[1] - self._stat[1]) / elapsed, 3),
        )


def _own_seconds() -> float:
    """CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
