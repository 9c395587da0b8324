"""`metrics_text`: counts of a run in Prometheus' text format, from a registry of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._lazy import require
from .._version import __version__
from .live import STATES, Live
from .tally import BUCKETS


class Exporter:
    """Turns what `Live` counts into metrics when Prometheus asks, so that no frame waits for it.

    Args:
        live: the run.

    Raises:
        DependencyError: prometheus_client is missing.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._prometheus: Any = require("prometheus_client")
        self._registry: Any = self._prometheus.CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        self.content_type: str = self._prometheus.CONTENT_TYPE_LATEST

    def text(self) -> bytes:
        """All metrics now."""
        return bytes(self._prometheus.generate_latest(self._registry))

    def collect(self) -> Iterator[Any]:
        """Metric families; called by the registry."""
        core = require("prometheus_client.core")
        counter, gauge = core.CounterMetricFamily, core.GaugeMetricFamily
        live, tally, publisher = self._live, self._live.tally, self._live.publisher
        yield counter("edgeaffect_frames", "Frames perceived.", value=tally.frames)
        yield counter("edgeaffect_frames_dropped", "Frames that the source made and nobody took.", value=tally.dropped)
        yield counter("edgeaffect_faces_seen", "Faces, summed over frames.", value=tally.faces_seen)
        yield gauge("edgeaffect_faces", "Faces in the newest frame.", value=tally.faces_now)
        histogram = core.HistogramMetricFamily("edgeaffect_frame_seconds", "Time from frame to result.")
        total, buckets = 0, []
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), tuple(tally.latencies), strict=True):
            total += count
            buckets.append((bound, total))
        histogram.add_metric([], buckets, tally.latency_sum)
        yield histogram
        events = counter("edgeaffect_events", "Events begun.", labels=["event"])
        for name, count in sorted(tally.events.items()):
            events.add_metric([name], count)
        yield events
        state = gauge("edgeaffect_source_state", "1 for the state that the source is in.", labels=["state"])
        for name in STATES:
            state.add_metric([name], float(live.state == name))
        yield state
        age = live.age
        yield gauge("edgeaffect_frame_age_seconds", "Time since the newest frame.", value=-1.0 if age is None else age)
        viewers = gauge("edgeaffect_viewers", "Who watches now.", labels=["kind"])
        skipped = counter("edgeaffect_viewer_items_skipped", "Items for which viewers were too slow.", labels=["kind"])
        for kind, channel in (("video", publisher.pictures), ("results", publisher.messages)):
            viewers.add_metric([kind], channel.count)
            skipped.add_metric([kind], channel.skipped)
        yield viewers
        yield skipped
        yield counter("edgeaffect_pictures_encoded", "Pictures encoded for viewers.", value=publisher.encoded)
        info = gauge("edgeaffect_build_info", "Version of the package.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
