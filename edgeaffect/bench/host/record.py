"""Records the files that `hardware`, `jetson` and `power` read, so that a machine can be studied elsewhere.

Only files on this list are taken. It holds no serial number, address, host or user name; what free text may carry one
is cut down before it is stored.
"""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path

from ..host.system_files import SystemFiles

PATTERNS = (
    "proc/cpuinfo",
    "proc/meminfo",
    "proc/loadavg",
    "proc/sys/kernel/osrelease",
    "proc/device-tree/model",
    "proc/device-tree/compatible",
    "etc/os-release",
    "etc/nv_tegra_release",
    "etc/nvpmodel.conf",
    "var/lib/nvpmodel/status",
    "var/lib/dpkg/status",
    "sys/class/dmi/id/sys_vendor",
    "sys/class/dmi/id/product_name",
    "sys/devices/system/cpu/cpufreq/boost",
    "sys/devices/system/cpu/cpufreq/policy*/*",
    "sys/devices/system/cpu/intel_pstate/no_turbo",
    "sys/devices/system/cpu/cpu*/thermal_throttle/*_count",
    "sys/class/thermal/thermal_zone*/type",
    "sys/class/thermal/thermal_zone*/temp",
    "sys/class/hwmon/hwmon*/name",
    "sys/class/hwmon/hwmon*/*_label",
    "sys/class/hwmon/hwmon*/*_input",
    "sys/class/powercap/*/name",
    "sys/class/powercap/*/energy_uj",
    "sys/class/powercap/*/max_energy_range_uj",
    "sys/class/power_supply/*/type",
    "sys/class/power_supply/*/scope",
    "sys/class/power_supply/*/online",
    "sys/class/power_supply/*/status",
    "sys/class/devfreq/*/*_freq",
    "sys/class/devfreq/*/governor",
    "sys/devices/platform/soc/soc:firmware/get_throttled",
    "sys/devices/platform/soc*/soc*:firmware/get_throttled",
)
_LARGEST = 1 << 20


def record_files(files: SystemFiles, target: Path) -> int:
    """Write a .tar.gz of what is readable; returns the number of files.

    Args:
        files: usually the live machine.
        target: file to write.
    """
    paths = sorted({path for pattern in PATTERNS for path in files.glob(pattern)})
    count = 0
    with tarfile.open(target, "w:gz") as archive:
        for path in paths:
            text = redact(path, files.text(path) or "")
            if not text:
                continue
            data = text[:_LARGEST].encode() + b"\n"
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
            count += 1
    return count


def redact(path: str, text: str) -> str:
    """What of a file is stored."""
    if path == "var/lib/dpkg/status":  # of thousands of packages only the one that names the JetPack
        found = re.search(r"^Package: nvidia-jetpack\n(?:.+\n)*?Version: \S+", text, re.M)
        return found[0] if found else ""
    if path == "proc/cpuinfo":  # Raspberry Pi and older Jetson kernels print the board's serial number
        return re.sub(r"^(Serial)\s*:.*$", r"\1 : removed", text, flags=re.M)
    return text
