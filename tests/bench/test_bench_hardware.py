"""Hardware facts, energy and warnings from trees built after documentation (unverified on hardware)."""

from __future__ import annotations

import os
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bench_trees import (
    synthetic_amd_desktop,
    synthetic_intel_laptop,
    synthetic_orin_agx,
    synthetic_orin_nano,
    synthetic_raspberry_pi_5,
    write,
)

from edgeaffect.bench.host import hardware, nvml, power, tegrastats
from edgeaffect.bench.host.contention import ContentionWatch
from edgeaffect.bench.host.facts import (
    Board,
    BoardReadings,
    Contention,
    Cpu,
    GpuIdentity,
    GpuState,
    JetsonState,
    PiThrottling,
)
from edgeaffect.bench.host.record import record_files
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.bench.report import machine_warnings
from edgeaffect.bench.report.model import Sustained, Window

BUILDERS = (
    synthetic_amd_desktop, synthetic_intel_laptop, synthetic_orin_agx, synthetic_orin_nano, synthetic_raspberry_pi_5,
)  # fmt: skip


def warnings(files: SystemFiles) -> str:
    state = hardware.state(files)
    return "\n".join(machine_warnings.warnings(hardware.identity(files), state, state))


def test_orin_nano(tmp_path: Path) -> None:
    files = SystemFiles(synthetic_orin_nano(tmp_path))
    identity, state = hardware.identity(files), hardware.state(files)
    assert identity.board == Board("jetson", "NVIDIA Jetson Orin Nano Developer Kit")
    assert identity.cpu == Cpu("Cortex-A78AE", 6, None, (1510.4,))
    assert identity.memory_bytes == 7803100 * 1024
    assert identity.jetson.l4t == "36.3.0"
    assert identity.jetson.jetpack == "6.0+b106"
    assert identity.jetson.power_modes == {"0": "15W", "1": "25W", "2": "MAXN_SUPER"}
    assert state.jetson == JetsonState(
        power_mode=1, power_mode_name="25W", gpu_mhz=306.0, gpu_max_mhz=624.75, clocks_pinned=False
    )
    assert state.celsius == {"cpu-thermal": 48.343, "tj-thermal": 49.5}, "the powered-down zone is left out"
    text = warnings(files)
    assert "power mode is 25W" in text and "sudo jetson_clocks" in text and "governor is schedutil" in text


def test_orin_agx_is_in_best_state(tmp_path: Path) -> None:
    files = SystemFiles(synthetic_orin_agx(tmp_path))
    state = hardware.state(files)
    assert hardware.identity(files).jetson.l4t == "35.4.1"
    assert state.jetson.clocks_pinned is True
    assert state.jetson.power_mode_name == "MAXN"
    text = warnings(files)
    assert "jetson_clocks" not in text and "power mode" not in text


def test_rails_of_the_whole_module(tmp_path: Path) -> None:
    nano = power.rails(SystemFiles(synthetic_orin_nano(tmp_path / "nano")))
    agx = power.rails(SystemFiles(synthetic_orin_agx(tmp_path / "agx")))
    assert [rail.label for rail in power.rails_of_total(nano)] == ["VDD_IN"]
    assert [rail.label for rail in power.rails_of_total(agx)] == ["VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"]


def test_rail_meter_integrates_power(tmp_path: Path) -> None:
    files = SystemFiles(synthetic_orin_nano(tmp_path))
    (meter,) = power.meters(files)
    begin = time.perf_counter()
    meter.start()
    time.sleep(0.15)
    joules = meter.stop()
    elapsed = time.perf_counter() - begin
    # Constant readings: exactly 5.064 W times a time that lies within start..stop.
    assert joules["total"] == joules["VDD_IN"]
    assert 0.14 * 5.064 <= joules["VDD_IN"] <= elapsed * 5.064
    assert joules["VDD_SOC"] / joules["VDD_IN"] == pytest.approx(5056 * 300 / (5064 * 1000))
    result = power.energy({meter.name: joules}, frames=10, seconds=elapsed)
    assert result.millijoules_per_frame == pytest.approx(joules["VDD_IN"] * 100, rel=1e-3)


def test_rapl_counts_packages_once_and_wraps(tmp_path: Path) -> None:
    root = synthetic_intel_laptop(tmp_path)
    (meter,) = power.meters(SystemFiles(root))
    meter.start()
    write(root, {"sys/class/powercap/intel-rapl:0/energy_uj": 1671150})  # passed 262143328850 and began at 0
    assert meter.stop() == {"package-0": pytest.approx(2.0)}


def test_rapl_that_only_root_reads_is_no_meter(tmp_path: Path) -> None:
    assert power.meters(SystemFiles(synthetic_amd_desktop(tmp_path))) == []


def test_raspberry_pi(tmp_path: Path) -> None:
    files = SystemFiles(synthetic_raspberry_pi_5(tmp_path))
    identity, state = hardware.identity(files), hardware.state(files)
    assert identity.board == Board("raspberry-pi", "Raspberry Pi 5 Model B Rev 1.0")
    assert identity.cpu.name == "Cortex-A76"
    assert state.pi_throttled == PiThrottling(("throttled",), ("under-voltage", "throttled"))
    text = warnings(files)
    assert "27 W supply" in text and "limited now (throttled)" in text and "86 degrees" in text


def test_laptop(tmp_path: Path) -> None:
    files = SystemFiles(synthetic_intel_laptop(tmp_path))
    identity, state = hardware.identity(files), hardware.state(files)
    assert identity.board == Board("pc", "LENOVO Synthetic Laptop")
    assert identity.cpu.logical == 16
    assert state.celsius == {"coretemp Package id 0": 61.0}
    assert (state.on_battery, state.turbo, state.throttle_count) == (True, False, 7)
    text = warnings(files)
    assert "battery" in text and "turbo is off" in text and "energy preference is power" in text
    assert "load was 3.5 on 16 CPUs" in text
    assert "governor is" not in text, "powersave is normal with intel_pstate in active mode"


def test_desktop_without_fault_gives_no_warning(tmp_path: Path) -> None:
    files = SystemFiles(synthetic_amd_desktop(tmp_path))
    assert warnings(files) == ""
    assert hardware.state(files).on_battery is None


def test_heat_during_the_run_is_told(tmp_path: Path) -> None:
    root = synthetic_intel_laptop(tmp_path)
    files = SystemFiles(root)
    before = hardware.state(files)
    cpu = "sys/devices/system/cpu"
    heated: dict[str, object] = {f"{cpu}/cpu0/thermal_throttle/package_throttle_count": 12}
    heated |= {f"{cpu}/cpufreq/policy{i}/scaling_max_freq": 2000000 for i in range(2)}
    write(root, heated)
    text = "\n".join(machine_warnings.warnings(hardware.identity(files), before, hardware.state(files)))
    assert "throttled 5 times" in text and "from 4700 to 2000 MHz" in text


def test_an_empty_tree_knows_nothing_and_raises_nothing(tmp_path: Path) -> None:
    files = SystemFiles(tmp_path)
    identity, state = hardware.identity(files), hardware.state(files)
    assert identity.cpu == Cpu(None, None, None, ())
    assert state.celsius == {} and state.jetson is None
    assert power.meters(files) == [] and warnings(files) == ""


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_recording_reads_like_the_machine(builder: object, tmp_path: Path) -> None:
    files = SystemFiles(builder(tmp_path / "machine"))  # type: ignore[operator]
    count = record_files(files, tmp_path / "r.tar.gz")
    with tarfile.open(tmp_path / "r.tar.gz") as archive:
        archive.extractall(tmp_path / "copy", filter="data")
        assert len(archive.getnames()) == count > 5
        everything = b"".join(f.read() for m in archive if (f := archive.extractfile(m)))
    copy = SystemFiles(tmp_path / "copy")
    assert hardware.identity(copy) == hardware.identity(files)
    assert hardware.state(copy) == hardware.state(files)
    assert [m.name for m in power.meters(copy)] == [m.name for m in power.meters(files)]
    for secret in (b"deadbeef", b"SECRET123", b"Package: bash"):
        assert secret not in everything


def test_this_machine_can_be_read() -> None:
    identity, state = hardware.identity(SystemFiles()), hardware.state(SystemFiles())
    if Path("/proc/cpuinfo").exists():
        assert identity.cpu.logical >= 1 and identity.memory_bytes > 1 << 20
    assert identity.python and isinstance(state.celsius, dict)


# ---- what others take ----


def test_contention_counts_what_is_not_our_own(tmp_path: Path) -> None:
    # user nice system idle iowait irq softirq steal guest guest_nice, in ticks of 10 ms
    write(tmp_path, {"proc/stat": "cpu  1000 0 500 9000 70 10 20 5 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1"})
    watch = ContentionWatch(SystemFiles(tmp_path), ticks=100)
    time.sleep(0.1)
    write(tmp_path, {"proc/stat": "cpu  1300 50 600 9000 90 20 60 25 0 0"})
    found = watch.result()
    assert found is not None
    # 300 + 50 + 100 + 10 + 40 ticks are 5 s; our own share of this test is a few milliseconds.
    assert found.other_cpus * found.seconds == pytest.approx(5.0, abs=0.3)
    assert found.stolen_cpus * found.seconds == pytest.approx(0.2, rel=0.02)


def test_contention_leaves_out_our_own_work() -> None:
    if not Path("/proc/stat").exists():
        pytest.skip("no /proc/stat")

    def not_idle() -> float:
        ticks = [int(field) for field in (SystemFiles().text("proc/stat") or "").splitlines()[0].split()[1:]]
        return (sum(ticks[:8]) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")

    before, used, own = not_idle(), ContentionWatch(SystemFiles()), time.process_time()
    while time.process_time() - own < 0.4:
        pass
    found = used.result()
    assert found is not None
    assert found.other_cpus * found.seconds <= not_idle() - before - 0.3, "0.4 s were ours"


def test_contention_is_unknown_without_proc(tmp_path: Path) -> None:
    assert ContentionWatch(SystemFiles(tmp_path)).result() is None


def test_others_and_slow_ends_are_told_with_a_remedy(tmp_path: Path) -> None:
    files = SystemFiles(synthetic_intel_laptop(tmp_path))
    identity, state = hardware.identity(files), hardware.state(files)

    def text(contention: Contention, *clocks: float, slowdown: float = 1.0) -> str:
        times = {"start": 0.0, "count": 1, "mean": 1.0, "p10": 1.0, "p50": 1.0, "p95": 1.0, "max": 1.0}
        sustained = Sustained(
            seconds=1, window_seconds=1, windows=tuple(Window(**times, celsius=None, mhz=mhz) for mhz in clocks),
            slowdown=slowdown, mean_slowdown=1, tegrastats=None,
        )  # fmt: skip
        return "\n".join(machine_warnings.warnings(identity, state, state, contention, sustained))

    quiet = Contention(9.0, other_cpus=0.2, stolen_cpus=0.0)
    assert "other programs" not in text(quiet) and "load was" not in text(quiet), "measured, so the load says no more"
    assert "other programs used 3.0 of 16 CPUs" in text(Contention(9.0, other_cpus=3.0, stolen_cpus=0.0))
    assert "hypervisor took 0.40 of 16" in text(Contention(9.0, other_cpus=0.2, stolen_cpus=0.4))
    assert "sustained run" not in text(quiet, 3000, 2000, slowdown=1.04)
    assert "clock fell from 3000 to 2000 MHz" in text(quiet, 3000, 2000, slowdown=1.3)
    assert "30 % slower than it began, at the same clock" in text(quiet, 3000, 2990, slowdown=1.3)


# ---- tegrastats: lines as the Jetson Linux Developer Guide r36.3 and r32.7 print them ----

ORIN_LINE = (
    "11-10-2023 05:34:22 RAM 2587/7451MB (lfb 3x4MB) SWAP 0/3725MB (cached 0MB) CPU [2%@729,0%@729,off,off,1%@729,"
    "0%@729] EMC_FREQ 7%@2133 GR3D_FREQ 35%@[305] NVDEC off NVJPG off VIC off OFA off APE 200 cpu@47.531C soc2@46.25C "
    "soc0@46.156C gpu@-256C tj@48.343C soc1@48.343C VDD_IN 4945mW/4940mW VDD_CPU_GPU_CV 591mW/590mW "
    "VDD_SOC 1457mW/1450mW"
)
USER_LINE = "RAM 1000/3964MB (lfb 5x4MB) CPU [1%@102,2%@102] EMC_FREQ 0% GR3D_FREQ 5% PLL@30C CPU@33.5C"


def test_line_of_tegrastats() -> None:
    assert tegrastats.parse(ORIN_LINE) == BoardReadings(
        lines=1, gpu_percent=35.0, memory_bus_percent=7.0, ram_mb=2587.0,
        celsius={"cpu": 47.531, "soc2": 46.25, "soc0": 46.156, "tj": 48.343, "soc1": 48.343},
        milliwatts={"VDD_IN": 4945.0, "VDD_CPU_GPU_CV": 591.0, "VDD_SOC": 1457.0},
    )  # fmt: skip
    found = tegrastats.parse(USER_LINE)
    assert found.gpu_percent == 5 and found.celsius == {"PLL": 30, "CPU": 33.5} and found.milliwatts == {}


def test_tegrastats_runs_beside_what_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "tegrastats"
    hot = ORIN_LINE.replace("35%@[305]", "45%@[305]").replace("tj@48.343C", "tj@50.5C").replace("4945mW", "5945mW")
    program.write_text(f"#!/bin/sh\necho '{ORIN_LINE}'\necho '{hot}'\necho $* > {tmp_path}/arguments\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with tegrastats.recording(SystemFiles()) as recorder:
        deadline = time.monotonic() + 60
        arguments = tmp_path / "arguments"
        while not (arguments.exists() and arguments.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.01)
    board = recorder.summary()
    assert board is not None and board.lines == 2
    assert (board.gpu_percent, board.celsius["tj"], board.milliwatts["VDD_IN"]) == (40.0, 50.5, 5445.0)
    assert (tmp_path / "arguments").read_text().split() == ["--interval", str(tegrastats.INTERVAL_MS)]


def test_without_tegrastats_nothing_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with tegrastats.recording(SystemFiles()) as recorder:
        pass
    assert recorder.summary() is None


# ---- NVML: the package nvidia-ml-py on a library that answers as the NVML API reference says ----


class _Library:
    """Stands for libnvidia-ml: one GPU, slowed by its power cap and by heat."""

    def __init__(self, missing: tuple[str, ...] = ()) -> None:
        self.missing, self.open = missing, 0
        self.numbers = {
            "nvmlDeviceGetPowerUsage": 61_500, "nvmlDeviceGetTemperature": 83,
            "nvmlDeviceGetTotalEnergyConsumption": 9_000, "nvmlDeviceGetCurrentClocksThrottleReasons": 0x4 | 0x20 | 0x1,
        }  # fmt: skip
        self.texts = {"nvmlDeviceGetName": b"NVIDIA Test GPU", "nvmlSystemGetDriverVersion": b"570.1"}

    def __getattr__(self, name: str) -> Callable[..., int]:
        def call(*arguments: Any) -> int:
            out = getattr(arguments[-1], "_obj", None) if arguments else None
            if name in self.missing:
                return 3  # NVML_ERROR_NOT_SUPPORTED
            if name in ("nvmlInitWithFlags", "nvmlShutdown"):
                self.open += 1 if name == "nvmlInitWithFlags" else -1
            elif name == "nvmlDeviceGetMemoryInfo":
                out.total, out.free, out.used = 8 << 30, 5 << 30, 3 << 30
            elif name == "nvmlDeviceGetClockInfo":
                out.value = {1: 1410, 2: 7000}[arguments[1].value]
            elif name in self.texts:
                arguments[-2].value = self.texts[name]
            elif name in self.numbers:
                out.value = self.numbers[name]
            return 0

        return call


@pytest.fixture
def install_nvml(monkeypatch: pytest.MonkeyPatch) -> Callable[[_Library], None]:
    """Puts a library in the place of the one that nvidia-ml-py loads."""
    pynvml = pytest.importorskip("pynvml")

    def install(library: _Library) -> None:
        monkeypatch.setattr(pynvml, "nvmlLib", library)
        monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})

    return install


def test_nvml_reads_a_gpu_and_is_always_shut_down(install_nvml: Callable[[_Library], None]) -> None:
    library = _Library()
    install_nvml(library)
    assert nvml.identity() == GpuIdentity("NVIDIA Test GPU", "570.1", 8 << 30)
    assert nvml.state() == GpuState(
        sm_mhz=1410, memory_mhz=7000, celsius=83, watts=61.5, memory_used_bytes=3 << 30,
        throttled=("software power cap", "software thermal slowdown"),
    )  # fmt: skip
    assert nvml.joules() == 9.0 and library.open == 0
    meter = power.NvmlMeter()
    meter.start()
    library.numbers["nvmlDeviceGetTotalEnergyConsumption"] = 9_500
    assert meter.available and meter.stop() == {"gpu": 0.5}


def test_nvml_leaves_out_what_a_gpu_does_not_tell(install_nvml: Callable[[_Library], None]) -> None:
    missing = ("nvmlDeviceGetPowerUsage", "nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetMemoryInfo")
    install_nvml(_Library(missing))
    state = nvml.state()
    assert state is not None and state.watts is None and state.memory_used_bytes is None and state.sm_mhz
    assert nvml.joules() is None and not power.NvmlMeter().available
    no_gpu = _Library(("nvmlDeviceGetHandleByIndex_v2",))
    install_nvml(no_gpu)
    assert nvml.identity() is None and no_gpu.open == 0
    install_nvml(_Library(("nvmlInitWithFlags",)))
    assert nvml.identity() is None and nvml.state() is None


def test_a_driver_without_the_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"proc/driver/nvidia/version": "NVRM version: 570.1"})
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setattr(nvml.importlib.util, "find_spec", lambda name: None)
    assert "pip install 'edgeaffect[bench]'" in (nvml.missing(SystemFiles(tmp_path)) or "")
    assert nvml.missing(SystemFiles(tmp_path / "without a driver")) is None
    assert nvml.identity() is None and nvml.state() is None and nvml.joules() is None


def test_energy_sums_what_does_not_overlap() -> None:
    readings = {"rapl": {"package-0": 2.0, "package-1": 1.0}, "nvml": {"gpu": 7.0}}
    found = power.energy(readings, frames=100, seconds=2.0)
    assert (found.millijoules_per_frame, found.watts) == (100.0, 5.0)
