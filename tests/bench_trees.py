"""Trees of /proc and /sys files as documentation describes them, NOT recorded on hardware.

Every builder is called `synthetic_*`: paths, units and labels come from the sources it names, values are plausible.
They are to be replaced by recordings (`edgeaffect bench --record-sysfs`) when users send some.
"""

from __future__ import annotations

from pathlib import Path

CPU = "sys/devices/system/cpu"


def write(root: Path, files: dict[str, object]) -> Path:
    """Create text files below `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n", "utf-8")
    return root


def _arm_cpuinfo(part: str, cores: int) -> str:
    return "\n\n".join(f"processor\t: {i}\nCPU implementer\t: 0x41\nCPU part\t: {part}" for i in range(cores))


def _policy(index: int, governor: str, low: int, now: int, high: int, driver: str) -> dict[str, object]:
    base = f"{CPU}/cpufreq/policy{index}"
    return {
        f"{base}/scaling_governor": governor, f"{base}/scaling_driver": driver, f"{base}/scaling_min_freq": low,
        f"{base}/scaling_cur_freq": now, f"{base}/scaling_max_freq": high, f"{base}/cpuinfo_max_freq": high,
    }  # fmt: skip


def _rail(chip: str, channel: int, label: str, millivolt: int, milliampere: int) -> dict[str, object]:
    return {
        f"{chip}/in{channel}_label": label, f"{chip}/in{channel}_input": millivolt,
        f"{chip}/curr{channel}_input": milliampere,
    }  # fmt: skip


NVPMODEL_CONF = """# synthetic excerpt
< PARAM TYPE=FILE NAME=CPU_ONLINE >
< POWER_MODEL ID=0 NAME=15W >
CPU_ONLINE CORE_0 1
< POWER_MODEL ID=1 NAME=25W >
< POWER_MODEL ID=2 NAME=MAXN_SUPER >
< PM_CONFIG DEFAULT=1 >"""


def synthetic_orin_nano(root: Path) -> Path:
    """Jetson Orin Nano developer kit, mode 25W, clocks not pinned.

    Jetson Linux Developer Guide r36.3 and r36.4.3 (power modes; INA3221 at 1-0040 with VDD_IN, VDD_CPU_GPU_CV,
    VDD_SOC; thermal zones; devfreq 17000000.gpu); arch/arm64/boot/dts/nvidia/tegra234-p3767.dtsi;
    Documentation/hwmon/ina3221.rst.
    """
    chip = "sys/class/hwmon/hwmon1"
    files: dict[str, object] = {
        "proc/device-tree/model": "NVIDIA Jetson Orin Nano Developer Kit\0",
        "proc/device-tree/compatible": "nvidia,p3768-0000+p3767-0005\0nvidia,p3767-0005\0nvidia,tegra234\0",
        "proc/cpuinfo": _arm_cpuinfo("0xd42", 6),
        "proc/meminfo": "MemTotal:        7803100 kB\nMemAvailable:    5503100 kB",
        "proc/loadavg": "0.12 0.10 0.09 1/412 2345",
        "proc/sys/kernel/osrelease": "5.15.136-tegra",
        "etc/os-release": 'PRETTY_NAME="Ubuntu 22.04.4 LTS"',
        "etc/nv_tegra_release": "# R36 (release), REVISION: 3.0, GCID: 36191598, BOARD: generic, EABI: aarch64",
        "etc/nvpmodel.conf": NVPMODEL_CONF,
        "var/lib/nvpmodel/status": "pmode:0001 fmode:quiet",
        "var/lib/dpkg/status": "Package: bash\nVersion: 5.1\n\nPackage: nvidia-jetpack\nStatus: install ok installed\n"
        "Architecture: arm64\nVersion: 6.0+b106\n",
        "sys/class/devfreq/17000000.gpu/cur_freq": 306000000,
        "sys/class/devfreq/17000000.gpu/min_freq": 306000000,
        "sys/class/devfreq/17000000.gpu/max_freq": 624750000,
        "sys/class/thermal/thermal_zone0/type": "cpu-thermal",
        "sys/class/thermal/thermal_zone0/temp": 48343,
        "sys/class/thermal/thermal_zone8/type": "tj-thermal",
        "sys/class/thermal/thermal_zone8/temp": 49500,
        f"{chip}/name": "ina3221",
        **_rail(chip, 1, "VDD_IN", 5064, 1000),
        **_rail(chip, 2, "VDD_CPU_GPU_CV", 5056, 200),
        **_rail(chip, 3, "VDD_SOC", 5056, 300),
    }
    for index in (0, 4):
        files |= _policy(index, "schedutil", 115200, 729600, 1510400, "tegra194")
    # A zone whose block is powered down exists but cannot be read: here a folder stands where a file is expected.
    (root / "sys/class/thermal/thermal_zone2/temp").mkdir(parents=True)
    return write(root, files)


def synthetic_orin_agx(root: Path) -> Path:
    """Jetson AGX Orin, mode MAXN, clocks pinned, two INA3221 chips of which three channels are not connected.

    Jetson Linux Developer Guide r36.3; arch/arm64/boot/dts/nvidia/tegra234-p3701.dtsi (VDD_GPU_SOC, VDD_CPU_CV,
    VIN_SYS_5V0; VDDQ_VDD2_1V8AO at 0x41).
    """
    first, second = "sys/class/hwmon/hwmon3", "sys/class/hwmon/hwmon4"
    files: dict[str, object] = {
        "proc/device-tree/model": "NVIDIA Jetson AGX Orin Developer Kit\0",
        "proc/device-tree/compatible": "nvidia,p3737-0000+p3701-0005\0nvidia,tegra234\0",
        "proc/cpuinfo": _arm_cpuinfo("0xd42", 12),
        "proc/meminfo": "MemTotal:       64349100 kB\nMemAvailable:   60349100 kB",
        "proc/loadavg": "0.02 0.10 0.09 1/500 999",
        "etc/nv_tegra_release": "# R35 (release), REVISION: 4.1, GCID: 33958178, BOARD: t186ref, EABI: aarch64",
        "etc/nvpmodel.conf": "< POWER_MODEL ID=0 NAME=MAXN >\n< POWER_MODEL ID=1 NAME=MODE_15W >",
        "var/lib/nvpmodel/status": "pmode:0000",
        "sys/class/devfreq/17000000.ga10b/cur_freq": 1300500000,
        "sys/class/devfreq/17000000.ga10b/min_freq": 1300500000,
        "sys/class/devfreq/17000000.ga10b/max_freq": 1300500000,
        "sys/class/thermal/thermal_zone0/type": "CPU-therm",
        "sys/class/thermal/thermal_zone0/temp": 52000,
        f"{first}/name": "ina3221",
        **_rail(first, 1, "VDD_GPU_SOC", 5000, 800),
        **_rail(first, 2, "VDD_CPU_CV", 5000, 400),
        **_rail(first, 3, "VIN_SYS_5V0", 5000, 1000),
        f"{second}/name": "ina3221",
        **_rail(second, 1, "NC", 0, 0),
        **_rail(second, 2, "VDDQ_VDD2_1V8AO", 5000, 100),
        **_rail(second, 3, "NC", 0, 0),
    }
    for index in (0, 4, 8):
        files |= _policy(index, "schedutil", 2201600, 2201600, 2201600, "tegra194")
    return write(root, files)


def synthetic_raspberry_pi_5(root: Path) -> Path:
    """Raspberry Pi 5 that was under-voltage since boot and is throttled now.

    Raspberry Pi documentation, "get_throttled" (bits) and "Frequency management and thermal control";
    drivers/firmware/raspberrypi.c of the Raspberry Pi kernel (the sysfs file); Documentation/driver-api/thermal.
    """
    return write(
        root,
        {
            "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
            "proc/device-tree/compatible": "raspberrypi,5-model-b\0brcm,bcm2712\0",
            "proc/cpuinfo": _arm_cpuinfo("0xd0b", 4) + "\n\nSerial\t\t: 10000000deadbeef\nModel\t\t: Raspberry Pi 5",
            "proc/meminfo": "MemTotal:        8245104 kB\nMemAvailable:    7545104 kB",
            "proc/loadavg": "0.00 0.00 0.00 1/200 1000",
            "sys/devices/platform/soc/soc:firmware/get_throttled": "50004",
            "sys/class/thermal/thermal_zone0/type": "cpu-thermal",
            "sys/class/thermal/thermal_zone0/temp": 86400,
            **_policy(0, "ondemand", 1500000, 1500000, 2400000, "cpufreq-dt"),
        },
    )


def synthetic_intel_laptop(root: Path) -> Path:
    """Laptop with intel_pstate in active mode, on battery, energy preference power, RAPL readable.

    Documentation/admin-guide/pm/intel_pstate.rst (active mode: powersave is the default governor and follows the
    load), Documentation/power/powercap/powercap.rst, Documentation/hwmon/coretemp.rst,
    Documentation/ABI/testing/sysfs-class-power.
    """
    rapl = "sys/class/powercap/intel-rapl:0"
    files: dict[str, object] = {
        "sys/class/dmi/id/sys_vendor": "LENOVO",
        "sys/class/dmi/id/product_name": "Synthetic Laptop",
        "sys/class/dmi/id/product_serial": "SECRET123",
        "proc/cpuinfo": "\n\n".join(
            f"processor\t: {i}\nmodel name\t: 12th Gen Intel(R) Core(TM) i7-1260P\ncpu MHz\t\t: 2100.000"
            for i in range(16)
        ),
        "proc/meminfo": "MemTotal:       16000000 kB\nMemAvailable:    9000000 kB",
        "proc/loadavg": "3.50 2.00 1.00 2/900 4321",
        f"{CPU}/intel_pstate/no_turbo": 1,
        f"{CPU}/cpu0/thermal_throttle/package_throttle_count": 7,
        "sys/class/hwmon/hwmon5/name": "coretemp",
        "sys/class/hwmon/hwmon5/temp1_label": "Package id 0",
        "sys/class/hwmon/hwmon5/temp1_input": 61000,
        "sys/class/power_supply/AC/type": "Mains",
        "sys/class/power_supply/AC/online": 0,
        "sys/class/power_supply/BAT0/type": "Battery",
        "sys/class/power_supply/BAT0/status": "Discharging",
        "sys/class/power_supply/hid-mouse/type": "Battery",
        "sys/class/power_supply/hid-mouse/scope": "Device",
        "sys/class/power_supply/hid-mouse/status": "Discharging",
        f"{rapl}/name": "package-0",
        f"{rapl}/energy_uj": 262143000000,
        f"{rapl}/max_energy_range_uj": 262143328850,
        "sys/class/powercap/intel-rapl:0:0/name": "core",
        "sys/class/powercap/intel-rapl:0:0/energy_uj": 1000000,
        "sys/class/powercap/intel-rapl-mmio:0/name": "package-0",
        "sys/class/powercap/intel-rapl-mmio:0/energy_uj": 5000,
    }
    for index in range(2):
        files |= _policy(index, "powersave", 400000, 2100000, 4700000, "intel_pstate")
        files[f"{CPU}/cpufreq/policy{index}/energy_performance_preference"] = "power"
    return write(root, files)


def synthetic_amd_desktop(root: Path) -> Path:
    """Desktop with amd-pstate-epp, performance governor, mains only, RAPL root-only (its file is absent here).

    Documentation/admin-guide/pm/amd-pstate.rst, Documentation/hwmon/k10temp.rst.
    """
    files: dict[str, object] = {
        "proc/cpuinfo": "processor\t: 0\nmodel name\t: AMD Ryzen 7 7700X 8-Core Processor",
        "proc/meminfo": "MemTotal:       32000000 kB\nMemAvailable:   30000000 kB",
        "proc/loadavg": "0.10 0.00 0.00 2/900 4321",
        f"{CPU}/cpufreq/boost": 1,
        "sys/class/hwmon/hwmon2/name": "k10temp",
        "sys/class/hwmon/hwmon2/temp1_label": "Tctl",
        "sys/class/hwmon/hwmon2/temp1_input": 45250,
        "sys/class/powercap/intel-rapl:0/name": "package-0",
        **_policy(0, "performance", 400000, 5400000, 5573000, "amd-pstate-epp"),
        f"{CPU}/cpufreq/policy0/energy_performance_preference": "performance",
    }
    return write(root, files)
