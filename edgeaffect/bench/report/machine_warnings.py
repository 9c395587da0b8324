"""Warnings about the machine's state, each with what to do about it."""

from __future__ import annotations

from ..host.facts import Contention, Identity, State
from .model import Sustained

# A measured run disturbs itself by about one busy CPU; more load than this came from elsewhere.
_FOREIGN_LOAD = 0.5
# Shares of all CPUs: what the measured core does not get is noticed long before the machine is full.
_FOREIGN_SHARE, _STOLEN_SHARE = 0.1, 0.01
_HOT_CELSIUS = 85.0
_SLOWER = 0.9
_SLOWDOWN = 1.05


def warnings(
    identity: Identity,
    before: State,
    after: State,
    contention: Contention | None = None,
    sustained: Sustained | None = None,
) -> list[str]:
    """One line per circumstance that makes figures slower or less repeatable than they could be.

    Args:
        identity: `hardware.identity`.
        before: `hardware.state` at the start.
        after: the same at the end.
        contention: the report's.
        sustained: the report's.
    """
    found = [*_clocks(before), *_jetson(before), *_pi(before, after), *_heat(before, after)]
    found += _others(identity, contention) if contention else _load(identity, before)
    found += _slowdown(sustained, contention)
    if before.on_battery:
        found.append("running on battery: plug the computer in, most limit their clocks without it")
    if after.gpu is not None and after.gpu.throttled:
        found.append(f"the GPU is slowed ({', '.join(after.gpu.throttled)}): check its power limit and cooling")
    return found


def _clocks(before: State) -> list[str]:
    found = []
    governors, drivers = before.governors, before.drivers
    # With intel_pstate and amd-pstate in active mode "powersave" is the normal, load-following governor:
    # there the energy preference decides.
    active = [d for d in drivers if d in ("intel_pstate", "amd-pstate-epp")]
    slow = [g for g in governors if g in ("powersave", "ondemand", "conservative", "schedutil")]
    if slow and not (active and slow == ["powersave"]):
        found.append(
            f"governor is {', '.join(slow)}: clocks follow the load and short calls run slow; for repeatable figures "
            "run: sudo cpupower frequency-set -g performance"
        )
    weak = [p for p in before.preferences if p not in ("performance", "balance_performance")]
    if active and weak and slow:
        found.append(
            f"energy preference is {', '.join(weak)}: echo balance_performance | sudo tee "
            "/sys/devices/system/cpu/cpufreq/policy*/energy_performance_preference"
        )
    if before.turbo is False:
        found.append(
            "turbo is off: the CPU stays at its base clock (enable it in the BIOS or in intel_pstate/no_turbo)"
        )
    return found


def _jetson(before: State) -> list[str]:
    state = before.jetson
    if state is None:
        return []
    found = []
    name = state.power_mode_name
    if name and not name.startswith("MAXN"):
        found.append(f"power mode is {name}: sudo nvpmodel -m 0 (or the id of MAXN in /etc/nvpmodel.conf) allows more")
    if state.clocks_pinned is False:
        found.append("clocks are not pinned: run sudo jetson_clocks before measuring, as NVIDIA's own figures do")
    return found


def _pi(before: State, after: State) -> list[str]:
    found: list[str] = []
    pi = after.pi_throttled or before.pi_throttled
    if not pi:
        return found
    if "under-voltage" in pi.now or "under-voltage" in pi.since_boot:
        found.append("under-voltage: use the 27 W supply (5 V, 5 A); the clock is capped while the voltage is low")
    limits = [name for name in pi.now if name != "under-voltage"]
    if limits:
        found.append(f"the board is limited now ({', '.join(limits)}): add a heat sink or fan and measure again")
    return found


def _heat(before: State, after: State) -> list[str]:
    found = []
    if before.throttle_count is not None and (after.throttle_count or 0) > before.throttle_count:
        events = (after.throttle_count or 0) - before.throttle_count
        found.append(
            f"the CPU throttled {events} times during this run because of heat: improve cooling, or measure longer"
        )
    hot = {name: value for name, value in after.celsius.items() if value >= _HOT_CELSIUS}
    if hot:
        name = max(hot, key=hot.__getitem__)
        found.append(f"{name} is at {hot[name]:.0f} degrees Celsius: near its limit, later runs will be slower")
    if before.cpu_limit_mhz and after.cpu_limit_mhz and max(after.cpu_limit_mhz) < _SLOWER * max(before.cpu_limit_mhz):
        found.append(
            f"the clock limit fell from {max(before.cpu_limit_mhz):.0f} to {max(after.cpu_limit_mhz):.0f} MHz "
            "during this run: the first figures are faster than what the machine can sustain"
        )
    return found


def _load(identity: Identity, before: State) -> list[str]:
    load = before.load
    if load is not None and load > _FOREIGN_LOAD:
        cores = identity.cpu.logical or 1
        return [f"load was {load:.1f} on {cores} CPUs before the run: stop other programs, or expect noise"]
    return []


def _others(identity: Identity, contention: Contention) -> list[str]:
    cores = identity.cpu.logical or 1
    found = []
    if contention.other_cpus > _FOREIGN_SHARE * cores:
        found.append(
            f"other programs used {contention.other_cpus:.1f} of {cores} CPUs during this run: stop them (top shows "
            "which) and measure again"
        )
    if contention.stolen_cpus > _STOLEN_SHARE * cores:
        found.append(
            f"the hypervisor took {contention.stolen_cpus:.2f} of {cores} CPUs away during this run: a virtual "
            "machine with neighbours gives no repeatable figures; use dedicated cores, or real hardware"
        )
    return found


def _slowdown(sustained: Sustained | None, contention: Contention | None) -> list[str]:
    """A slow-down of the fastest frames is heat or power, unless others came to use the CPU meanwhile."""
    if not sustained or sustained.slowdown <= _SLOWDOWN:
        return []
    percent = f"{100 * (sustained.slowdown - 1):.0f} %"
    clocks = [w.mhz for w in sustained.windows if w.mhz is not None]
    if clocks and clocks[-1] < _SLOWER * clocks[0]:
        return [
            f"the sustained run ended {percent} slower and the clock fell from {clocks[0]:.0f} to {clocks[-1]:.0f} MHz "
            "(heat or a power limit): improve cooling, and see with --duration 600 where it settles"
        ]
    return [
        f"the sustained run ended {percent} slower than it began, at the same clock as far as can be seen: look for "
        "other programs, or for heat with --duration 600"
    ]
