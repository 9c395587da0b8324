"""What this machine is and in which state: CPU, memory, board, clocks, temperatures, throttling.

Sources: Documentation/ABI/testing/sysfs-devices-system-cpu (cpufreq, thermal_throttle), Documentation/driver-api/
thermal/sysfs-api.rst, proc(5), all of the Linux kernel; the Raspberry Pi documentation of `get_throttled`; for
Jetson see jetson.py. `identity` does not change during a run; `state` is taken before and after.
"""

from __future__ import annotations

import os
import platform
import re
import sys

from . import jetson, nvml
from .facts import Board, Cpu, Identity, PiThrottling, State
from .system_files import SystemFiles

CPU = "sys/devices/system/cpu"

# get_throttled of the Raspberry Pi firmware: now in bits 0..3, since boot in bits 16..19
PI_THROTTLE_BITS = ("under-voltage", "frequency capped", "throttled", "soft temperature limit")
PI_THROTTLE_FILES = (
    "sys/devices/platform/soc/soc:firmware/get_throttled",
    "sys/devices/platform/soc*/soc*:firmware/get_throttled",
)

# /proc/cpuinfo on Arm names parts by number (arch/arm64/include/asm/cputype.h)
ARM_PARTS = {
    "0xd03": "Cortex-A53", "0xd05": "Cortex-A55", "0xd07": "Cortex-A57", "0xd08": "Cortex-A72", "0xd0a": "Cortex-A75",
    "0xd0b": "Cortex-A76", "0xd0c": "Neoverse-N1", "0xd40": "Neoverse-V1", "0xd41": "Cortex-A78",
    "0xd42": "Cortex-A78AE", "0xd44": "Cortex-X1", "0xd49": "Neoverse-N2", "0xd4b": "Cortex-A78C",
}  # fmt: skip


def identity(files: SystemFiles) -> Identity:
    """Facts that stay the same during a run; what the machine does not tell is None."""
    live = files.is_live
    return Identity(
        board=board(files),
        cpu=cpu(files),
        memory_bytes=memory(files, "MemTotal"),
        os=_os_release(files),
        kernel=_kernel(files),
        jetson=jetson.identity(files),
        gpu=nvml.identity() if live else None,
        python=f"{platform.python_implementation()} {platform.python_version()}" if live else None,
        machine=platform.machine() if live else None,
    )


def board(files: SystemFiles) -> Board:
    """Which board or computer this is."""
    model = files.text("proc/device-tree/model") or files.text("sys/firmware/devicetree/base/model")
    if model:
        kind = "jetson" if jetson.is_jetson(files) else "raspberry-pi" if "Raspberry Pi" in model else "arm"
        return Board(kind, model)
    parts = [files.text(f"sys/class/dmi/id/{name}") for name in ("sys_vendor", "product_name")]
    return Board("pc", " ".join(p for p in parts if p) or None)


def cpu(files: SystemFiles) -> Cpu:
    """Model name, logical CPUs, and the highest frequency of each cluster."""
    text = files.text("proc/cpuinfo") or ""
    names = re.findall(r"^model name\s*:\s*(.+)$", text, re.M)
    parts = [ARM_PARTS.get(part, f"Arm part {part}") for part in re.findall(r"^CPU part\s*:\s*(\S+)$", text, re.M)]
    cores = re.findall(r"^processor\s*:", text, re.M)
    tops = sorted({v for p in files.glob(f"{CPU}/cpufreq/policy*/cpuinfo_max_freq") if (v := files.number(p))})
    return Cpu(
        name=", ".join(dict.fromkeys(names or parts)) or None,
        logical=len(cores) or (os.cpu_count() if files.is_live else None),
        usable=len(os.sched_getaffinity(0)) if files.is_live and hasattr(os, "sched_getaffinity") else None,
        max_mhz=tuple(v / 1000 for v in tops),
    )


def memory(files: SystemFiles, key: str) -> int | None:
    """One line of /proc/meminfo, in bytes."""
    found = re.search(rf"^{key}:\s+(\d+) kB", files.text("proc/meminfo") or "", re.M)
    return int(found[1]) * 1024 if found else None


def state(files: SystemFiles) -> State:
    """What may change during a run: clocks, temperature, throttling, load."""
    policies = files.glob(f"{CPU}/cpufreq/policy*")
    return State(
        governors=_distinct(files, [f"{p}/scaling_governor" for p in policies]),
        preferences=_distinct(files, [f"{p}/energy_performance_preference" for p in policies]),
        drivers=_distinct(files, [f"{p}/scaling_driver" for p in policies]),
        cpu_mhz=clocks(files),
        cpu_limit_mhz=tuple(v / 1000 for p in policies if (v := files.number(f"{p}/scaling_max_freq"))),
        turbo=turbo(files),
        celsius=temperatures(files),
        throttle_count=throttle_count(files),
        pi_throttled=pi_throttled(files),
        on_battery=on_battery(files),
        load=_load(files),
        memory_available_bytes=memory(files, "MemAvailable"),
        jetson=jetson.state(files),
        gpu=nvml.state() if files.is_live else None,
    )


def clocks(files: SystemFiles) -> tuple[float, ...]:
    """MHz now, per cluster (cpufreq) or per CPU (/proc/cpuinfo)."""
    now = [files.number(f"{p}/scaling_cur_freq") for p in files.glob(f"{CPU}/cpufreq/policy*")]
    return tuple(v / 1000 for v in now if v) or tuple(
        float(v) for v in re.findall(r"^cpu MHz\s*:\s*([\d.]+)$", files.text("proc/cpuinfo") or "", re.M)
    )


def turbo(files: SystemFiles) -> bool | None:
    """Whether the CPU may exceed its base clock; None where the driver does not say."""
    off = files.number(f"{CPU}/intel_pstate/no_turbo")
    if off is not None:
        return off == 0
    boost = files.number(f"{CPU}/cpufreq/boost")
    return None if boost is None else boost == 1


def temperatures(files: SystemFiles) -> dict[str, float]:
    """Degrees Celsius by sensor: thermal zones, and the hwmon chips of x86 processors, which often have no zone."""
    found = {}
    for zone in files.glob("sys/class/thermal/thermal_zone*"):
        value = files.number(f"{zone}/temp")  # a powered-down zone (Jetson CV) answers EAGAIN: None
        if value is not None and value > -40000:
            found[files.text(f"{zone}/type") or zone.rsplit("/", 1)[-1]] = value / 1000
    for chip in files.glob("sys/class/hwmon/hwmon*"):
        name = files.text(f"{chip}/name")
        if name in ("coretemp", "k10temp", "zenpower"):
            for path in files.glob(f"{chip}/temp*_input"):
                value = files.number(path)
                if value is not None:
                    label = files.text(path.replace("_input", "_label")) or path.rsplit("/", 1)[-1]
                    found[f"{name} {label}"] = value / 1000
    return found


def throttle_count(files: SystemFiles) -> int | None:
    """Thermal throttle events of the x86 package since boot."""
    counts = [files.number(p) for p in files.glob(f"{CPU}/cpu*/thermal_throttle/package_throttle_count")]
    known = [c for c in counts if c is not None]
    return int(max(known)) if known else None


def pi_throttled(files: SystemFiles) -> PiThrottling | None:
    """What limits a Raspberry Pi; None on other machines."""
    paths = [path for pattern in PI_THROTTLE_FILES for path in files.glob(pattern)]
    text = files.text(paths[0]) if paths else None
    if text is None:
        return None
    value = int(text, 16)
    return PiThrottling(
        now=tuple(name for bit, name in enumerate(PI_THROTTLE_BITS) if value >> bit & 1),
        since_boot=tuple(name for bit, name in enumerate(PI_THROTTLE_BITS) if value >> (16 + bit) & 1),
    )


def on_battery(files: SystemFiles) -> bool | None:
    """True when a system battery discharges and no mains adapter is online."""
    kinds = {p: files.text(f"{p}/type") for p in files.glob("sys/class/power_supply/*")}
    if any(kind == "Mains" and files.number(f"{p}/online") == 1 for p, kind in kinds.items()):
        return False
    # scope "Device" is the battery of a mouse or a headset
    own = [p for p, kind in kinds.items() if kind == "Battery" and files.text(f"{p}/scope") != "Device"]
    return any(files.text(f"{p}/status") == "Discharging" for p in own) if own else None


def packages() -> dict[str, str]:
    """Versions of what takes part in a measurement, as installed."""
    from importlib import metadata

    names = ("edgeaffect", "numpy", "onnxruntime", "onnxruntime-gpu", "opencv-python", "opencv-python-headless",
             "numba", "tensorrt", "tensorrt-rtx", "pycuda")  # fmt: skip
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """Commit that the build was stamped with, or `unknown` for a source folder that was never built."""
    try:
        from edgeaffect._build_info import COMMIT
    except ImportError:
        return "unknown"
    return str(COMMIT)


def _distinct(files: SystemFiles, paths: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for p in paths if (text := files.text(p))))


def _load(files: SystemFiles) -> float | None:
    text = files.text("proc/loadavg")
    return float(text.split()[0]) if text else None


def _os_release(files: SystemFiles) -> str | None:
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', files.text("etc/os-release") or "", re.M)
    return found[1] if found else None


def _kernel(files: SystemFiles) -> str | None:
    return files.text("proc/sys/kernel/osrelease") or (platform.release() if files.is_live else None)


def interpreter() -> dict[str, str]:
    """Python and where its threads are capped, for the report."""
    caps = {name: os.environ[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
            if name in os.environ}  # fmt: skip
    return {"version": sys.version.split()[0], **caps}
