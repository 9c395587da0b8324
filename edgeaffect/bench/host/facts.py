"""What a report says about the machine. None means that the machine does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..codec import OMIT_NONE


@dataclass(frozen=True)
class Board:
    """Which board or computer."""

    kind: str
    """`jetson`, `raspberry-pi`, `arm` or `pc`."""
    name: str | None
    """As it calls itself."""


@dataclass(frozen=True)
class Cpu:
    """The processor."""

    name: str | None
    logical: int | None
    usable: int | None
    """CPUs that this process may run on."""
    max_mhz: tuple[float, ...] = ()
    """Highest frequency of each cluster."""


@dataclass(frozen=True)
class JetsonIdentity:
    """An NVIDIA Jetson module and its software."""

    module: str | None
    l4t: str | None
    jetpack: str | None
    power_modes: Mapping[str, str]
    """Number -> name."""


@dataclass(frozen=True)
class GpuIdentity:
    """A desktop or server GPU."""

    name: str | None
    driver: str | None
    memory_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Facts that stay the same during a run."""

    board: Board
    cpu: Cpu
    memory_bytes: int | None
    os: str | None
    kernel: str | None
    jetson: JetsonIdentity | None
    gpu: GpuIdentity | None
    python: str | None = field(default=None, metadata=OMIT_NONE)
    machine: str | None = field(default=None, metadata=OMIT_NONE)


@dataclass(frozen=True, kw_only=True)
class JetsonState:
    """Power mode and clocks of a Jetson."""

    power_mode: int | None
    power_mode_name: str | None
    gpu_mhz: float | None
    gpu_max_mhz: float | None
    clocks_pinned: bool | None
    """Whether `jetson_clocks` is in force."""


@dataclass(frozen=True, kw_only=True)
class GpuState:
    """Clocks, temperature and power of a GPU, and what slows it down."""

    sm_mhz: float | None
    memory_mhz: float | None
    celsius: float | None
    watts: float | None
    memory_used_bytes: int | None
    throttled: tuple[str, ...] = ()


@dataclass(frozen=True)
class PiThrottling:
    """What limits a Raspberry Pi."""

    now: tuple[str, ...]
    since_boot: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class State:
    """What may change during a run."""

    governors: tuple[str, ...]
    preferences: tuple[str, ...]
    """Energy preferences of the CPU's own governor."""
    drivers: tuple[str, ...]
    cpu_mhz: tuple[float, ...]
    cpu_limit_mhz: tuple[float, ...]
    turbo: bool | None
    celsius: Mapping[str, float]
    """By sensor."""
    throttle_count: int | None
    pi_throttled: PiThrottling | None
    on_battery: bool | None
    load: float | None
    memory_available_bytes: int | None
    jetson: JetsonState | None
    gpu: GpuState | None


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """The machine before and after a run."""

    identity: Identity
    before: State
    after: State
    packages: Mapping[str, str]
    interpreter: Mapping[str, str]
    """Python's version and limits on threads in the environment."""


@dataclass(frozen=True)
class Contention:
    """What others took of the CPUs during a run, as mean numbers of CPUs."""

    seconds: float
    other_cpus: float
    """In use by other programs."""
    stolen_cpus: float
    """Given by the hypervisor to other machines."""


@dataclass(frozen=True, kw_only=True)
class Energy:
    """Energy of one phase."""

    joules: Mapping[str, Mapping[str, float]]
    """By meter and domain."""
    frames: int
    seconds: float
    millijoules_per_frame: float
    watts: float


@dataclass(frozen=True, kw_only=True)
class BoardReadings:
    """Means of NVIDIA's tegrastats during a run; largest RAM and temperatures."""

    lines: int
    celsius: Mapping[str, float]
    milliwatts: Mapping[str, float]
    gpu_percent: float | None = field(default=None, metadata=OMIT_NONE)
    memory_bus_percent: float | None = field(default=None, metadata=OMIT_NONE)
    ram_mb: float | None = field(default=None, metadata=OMIT_NONE)
