"""Facts and state of NVIDIA Jetson modules.

Sources: NVIDIA Jetson Linux Developer Guide r36.3, "Jetson Orin Nano Series, Jetson Orin NX Series and Jetson AGX
Orin Series" (power modes, INA3221 rails, thermal zones, devfreq); arch/arm64/boot/dts/nvidia/tegra234-p3701.dtsi and
-p3767.dtsi of the kernel (rail labels); `nvpmodel` keeps its mode in /var/lib/nvpmodel/status.
"""

from __future__ import annotations

import re

from .facts import JetsonIdentity, JetsonState
from .system_files import SystemFiles

# The GPU's devfreq node is called 17000000.gpu since r36 and 17000000.ga10b before (Orin).
GPU_DEVFREQ = ("sys/class/devfreq/*.gpu", "sys/class/devfreq/*.ga10b", "sys/class/devfreq/*.gv11b")


def is_jetson(files: SystemFiles) -> bool:
    """Whether this is a Jetson module."""
    compatible = files.text("proc/device-tree/compatible") or ""
    return files.text("etc/nv_tegra_release") is not None or "tegra" in compatible


def identity(files: SystemFiles) -> JetsonIdentity | None:
    """Module, Jetson Linux (L4T) release and JetPack; None on other machines."""
    if not is_jetson(files):
        return None
    return JetsonIdentity(
        module=files.text("proc/device-tree/model"),
        l4t=l4t(files),
        jetpack=jetpack(files),
        power_modes=power_modes(files),
    )


def l4t(files: SystemFiles) -> str | None:
    """`36.3.0` from `# R36 (release), REVISION: 3.0, ...`."""
    found = re.search(r"R(\d+) \(release\), REVISION: ([\d.]+)", files.text("etc/nv_tegra_release") or "")
    return f"{found[1]}.{found[2]}" if found else None


def jetpack(files: SystemFiles) -> str | None:
    """Version of the package nvidia-jetpack; None when only the base system is installed."""
    found = re.search(r"^Package: nvidia-jetpack\n(?:.+\n)*?Version: (\S+)",
                      files.text("var/lib/dpkg/status") or "", re.M)  # fmt: skip
    return found[1] if found else None


def power_modes(files: SystemFiles) -> dict[str, str]:
    """Mode number -> name, from nvpmodel's configuration."""
    text = files.text("etc/nvpmodel.conf") or ""
    return {str(int(number)): name for number, name in re.findall(r"<\s*POWER_MODEL\s+ID=(\d+)\s+NAME=(\S+)\s*>", text)}


def state(files: SystemFiles) -> JetsonState | None:
    """Power mode, whether clocks are pinned, GPU clock; None on other machines."""
    if not is_jetson(files):
        return None
    found = re.search(r"pmode:(\d+)", files.text("var/lib/nvpmodel/status") or "")
    mode = int(found[1]) if found else None
    gpu = next((path for pattern in GPU_DEVFREQ for path in files.glob(pattern)), None)
    clocks = {key: files.number(f"{gpu}/{key}_freq") for key in ("cur", "min", "max")} if gpu else {}
    mhz = {key: value / 1e6 for key, value in clocks.items() if value is not None}
    return JetsonState(
        power_mode=mode,
        power_mode_name=power_modes(files).get(str(mode)),
        gpu_mhz=mhz.get("cur"),
        gpu_max_mhz=mhz.get("max"),
        clocks_pinned=_pinned(files, clocks),
    )


def _pinned(files: SystemFiles, gpu: dict[str, float | None]) -> bool | None:
    """Whether `jetson_clocks` is in force: it raises every minimum to its maximum."""
    ranges = [
        (files.number(f"{p}/scaling_min_freq"), files.number(f"{p}/scaling_max_freq"))
        for p in files.glob("sys/devices/system/cpu/cpufreq/policy*")
    ]
    if gpu:
        ranges.append((gpu["min"], gpu["max"]))
    known = [(low, high) for low, high in ranges if low is not None and high is not None]
    return all(low == high for low, high in known) if known else None
