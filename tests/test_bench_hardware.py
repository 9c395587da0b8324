"""Hardware facts, energy and warnings from trees built after documentation (unverified on hardware)."""

from __future__ import annotations

import tarfile
import time
from pathlib import Path

import pytest
from bench_trees import (
    synthetic_amd_desktop,
    synthetic_intel_laptop,
    synthetic_orin_agx,
    synthetic_orin_nano,
    synthetic_raspberry_pi_5,
    write,
)

from edgeaffect.bench import advice, hardware, power
from edgeaffect.bench.record import record_tree
from edgeaffect.bench.tree import Tree

BUILDERS = (
    synthetic_amd_desktop, synthetic_intel_laptop, synthetic_orin_agx, synthetic_orin_nano, synthetic_raspberry_pi_5,
)  # fmt: skip


def warnings(tree: Tree) -> str:
    state = hardware.state(tree)
    return "\n".join(advice.warnings(hardware.identity(tree), state, state))


def test_orin_nano(tmp_path: Path) -> None:
    tree = Tree(synthetic_orin_nano(tmp_path))
    identity, state = hardware.identity(tree), hardware.state(tree)
    assert identity["board"] == {"kind": "jetson", "name": "NVIDIA Jetson Orin Nano Developer Kit"}
    assert identity["cpu"] == {"name": "Cortex-A78AE", "logical": 6, "usable": None, "max_mhz": [1510.4]}
    assert identity["memory_bytes"] == 7803100 * 1024
    assert identity["jetson"]["l4t"] == "36.3.0"
    assert identity["jetson"]["jetpack"] == "6.0+b106"
    assert identity["jetson"]["power_modes"] == {0: "15W", 1: "25W", 2: "MAXN_SUPER"}
    assert state["jetson"] == {
        "power_mode": 1, "power_mode_name": "25W", "gpu_mhz": 306.0, "gpu_max_mhz": 624.75, "clocks_pinned": False,
    }  # fmt: skip
    assert state["celsius"] == {"cpu-thermal": 48.343, "tj-thermal": 49.5}, "the powered-down zone is left out"
    text = warnings(tree)
    assert "power mode is 25W" in text and "sudo jetson_clocks" in text and "governor is schedutil" in text


def test_orin_agx_is_in_best_state(tmp_path: Path) -> None:
    tree = Tree(synthetic_orin_agx(tmp_path))
    state = hardware.state(tree)
    assert hardware.identity(tree)["jetson"]["l4t"] == "35.4.1"
    assert state["jetson"]["clocks_pinned"] is True
    assert state["jetson"]["power_mode_name"] == "MAXN"
    text = warnings(tree)
    assert "jetson_clocks" not in text and "power mode" not in text


def test_rails_of_the_whole_module(tmp_path: Path) -> None:
    nano = power.rails(Tree(synthetic_orin_nano(tmp_path / "nano")))
    agx = power.rails(Tree(synthetic_orin_agx(tmp_path / "agx")))
    assert [rail.label for rail in power.rails_of_total(nano)] == ["VDD_IN"]
    assert [rail.label for rail in power.rails_of_total(agx)] == ["VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"]


def test_rail_meter_integrates_power(tmp_path: Path) -> None:
    tree = Tree(synthetic_orin_nano(tmp_path))
    (meter,) = power.meters(tree)
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
    assert result["millijoules_per_frame"] == pytest.approx(joules["VDD_IN"] * 100, rel=1e-3)


def test_rapl_counts_packages_once_and_wraps(tmp_path: Path) -> None:
    root = synthetic_intel_laptop(tmp_path)
    (meter,) = power.meters(Tree(root))
    meter.start()
    write(root, {"sys/class/powercap/intel-rapl:0/energy_uj": 1671150})  # passed 262143328850 and began at 0
    assert meter.stop() == {"package-0": pytest.approx(2.0)}


def test_rapl_that_only_root_reads_is_no_meter(tmp_path: Path) -> None:
    assert power.meters(Tree(synthetic_amd_desktop(tmp_path))) == []


def test_raspberry_pi(tmp_path: Path) -> None:
    tree = Tree(synthetic_raspberry_pi_5(tmp_path))
    identity, state = hardware.identity(tree), hardware.state(tree)
    assert identity["board"] == {"kind": "raspberry-pi", "name": "Raspberry Pi 5 Model B Rev 1.0"}
    assert identity["cpu"]["name"] == "Cortex-A76"
    assert state["pi_throttled"] == {"now": ["throttled"], "since_boot": ["under-voltage", "throttled"]}
    text = warnings(tree)
    assert "27 W supply" in text and "limited now (throttled)" in text and "86 degrees" in text


def test_laptop(tmp_path: Path) -> None:
    tree = Tree(synthetic_intel_laptop(tmp_path))
    identity, state = hardware.identity(tree), hardware.state(tree)
    assert identity["board"] == {"kind": "pc", "name": "LENOVO Synthetic Laptop"}
    assert identity["cpu"]["logical"] == 16
    assert state["celsius"] == {"coretemp Package id 0": 61.0}
    assert (state["on_battery"], state["turbo"], state["throttle_count"]) == (True, False, 7)
    text = warnings(tree)
    assert "battery" in text and "turbo is off" in text and "energy preference is power" in text
    assert "load was 3.5 on 16 CPUs" in text
    assert "governor is" not in text, "powersave is normal with intel_pstate in active mode"


def test_desktop_without_fault_gives_no_warning(tmp_path: Path) -> None:
    tree = Tree(synthetic_amd_desktop(tmp_path))
    assert warnings(tree) == ""
    assert hardware.state(tree)["on_battery"] is None


def test_heat_during_the_run_is_told(tmp_path: Path) -> None:
    root = synthetic_intel_laptop(tmp_path)
    tree = Tree(root)
    before = hardware.state(tree)
    cpu = "sys/devices/system/cpu"
    files: dict[str, object] = {f"{cpu}/cpu0/thermal_throttle/package_throttle_count": 12}
    files |= {f"{cpu}/cpufreq/policy{i}/scaling_max_freq": 2000000 for i in range(2)}
    write(root, files)
    text = "\n".join(advice.warnings(hardware.identity(tree), before, hardware.state(tree)))
    assert "throttled 5 times" in text and "from 4700 to 2000 MHz" in text


def test_an_empty_tree_knows_nothing_and_raises_nothing(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    identity, state = hardware.identity(tree), hardware.state(tree)
    assert identity["cpu"] == {"name": None, "logical": None, "usable": None, "max_mhz": []}
    assert state["celsius"] == {} and state["jetson"] is None
    assert power.meters(tree) == [] and warnings(tree) == ""


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_recording_reads_like_the_machine(builder: object, tmp_path: Path) -> None:
    tree = Tree(builder(tmp_path / "machine"))  # type: ignore[operator]
    count = record_tree(tree, tmp_path / "r.tar.gz")
    with tarfile.open(tmp_path / "r.tar.gz") as archive:
        archive.extractall(tmp_path / "copy", filter="data")
        assert len(archive.getnames()) == count > 5
        everything = b"".join(f.read() for m in archive if (f := archive.extractfile(m)))
    copy = Tree(tmp_path / "copy")
    assert hardware.identity(copy) == hardware.identity(tree)
    assert hardware.state(copy) == hardware.state(tree)
    assert [m.name for m in power.meters(copy)] == [m.name for m in power.meters(tree)]
    for secret in (b"deadbeef", b"SECRET123", b"Package: bash"):
        assert secret not in everything


def test_this_machine_can_be_read() -> None:
    identity, state = hardware.identity(Tree()), hardware.state(Tree())
    if Path("/proc/cpuinfo").exists():
        assert identity["cpu"]["logical"] >= 1 and identity["memory_bytes"] > 1 << 20
    assert identity["python"] and isinstance(state["celsius"], dict)
