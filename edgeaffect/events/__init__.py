"""Events: when something began and ended, from thresholds with hysteresis and minimum durations."""

from .builtin import BUILTIN, builtin_rules
from .detector import Event, EventDetector
from .rules import SIGNALS, Rule, read_rules, usable_rules

__all__ = ["BUILTIN", "SIGNALS", "Event", "EventDetector", "Rule", "builtin_rules", "read_rules", "usable_rules"]
