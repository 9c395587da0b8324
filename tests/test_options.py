"""Options: one place of defaults, validated, round trip through TOML."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.options import (
    SECTIONS,
    AffectOptions,
    DetectOptions,
    GpuOptions,
    PipelineOptions,
    SmoothOptions,
    TrackOptions,
)


def test_toml_round_trip(tmp_path):
    options = PipelineOptions(
        detect=DetectOptions(max_side=480, roi=(0.1, 0.0, 0.9, 1.0), model='odd "name" \\ here\n\t\x7fé'),
        track=TrackOptions(coast=np.float32(0.25), measurement_noise=np.float64(0.5)),
        smooth=SmoothOptions(method="none", baseline=True),
        gpu=GpuOptions(graphs=False, upload="mapped"),
        device="cpu",
    )
    path = tmp_path / "o.toml"
    path.write_text(options.to_toml())
    assert PipelineOptions.from_toml(path) == options
    assert PipelineOptions.from_dict(options.to_dict()) == options
    assert json.loads(json.dumps(options.to_dict()))["track"]["coast"] == 0.25


@given(st.floats(0, 1e6, allow_nan=False), st.integers(1, 1000))
def test_any_valid_number_survives_toml(tmp_path_factory, seconds, faces):
    path = tmp_path_factory.mktemp("toml") / "o.toml"
    track = TrackOptions(max_age=max(1.0, seconds))
    options = PipelineOptions(detect=DetectOptions(interval=seconds, max_faces=faces), track=track)
    path.write_text(options.to_toml())
    assert PipelineOptions.from_toml(path) == options


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: DetectOptions(score_threshold=1.5), "score_threshold"),
        (lambda: DetectOptions(max_side=10), "max_side"),
        (lambda: DetectOptions(max_faces=0), "max_faces"),
        (lambda: DetectOptions(roi=(0.5, 0, 0.4, 1)), "roi"),
        (lambda: DetectOptions(interval=float("nan")), "interval"),
        (lambda: AffectOptions(min_confidence=2), "min_confidence"),
        (lambda: TrackOptions(max_age=-1), "max_age"),
        (lambda: SmoothOptions(method="kalman"), "one_euro"),
        (lambda: SmoothOptions(min_cutoff=0), "min_cutoff"),
        (lambda: GpuOptions(upload="zero-copy"), "auto, copy or mapped"),
        (lambda: GpuOptions(graphs="no"), r"gpu\.graphs"),
        (lambda: PipelineOptions(threads=0), "threads"),
        (lambda: PipelineOptions(threads=10**9), "threads must be a whole number from 1 to 1024"),
        (lambda: DetectOptions(max_faces=10**5000), "max_faces.*too long to show"),
        # wrong types are refused where they are given, not in the middle of a frame
        (lambda: DetectOptions(score_threshold=0), "score_threshold"),
        (lambda: DetectOptions(max_side=320.0), "max_side.*whole"),
        (lambda: DetectOptions(max_side=True), "max_side.*whole"),
        (lambda: DetectOptions(roi=(0, 0, 1)), "roi.*four"),
        (lambda: DetectOptions(roi="abcd"), "roi.*four"),
        (lambda: DetectOptions(roi=5), "roi.*four"),
        (lambda: DetectOptions(model=5), "detect.model"),
        (lambda: DetectOptions(model="x" * 1_000_000), r"detect\.model must be .* 4096 .*; got 'x{79}\.\.\."),
        (lambda: AffectOptions(min_quality=True), "min_quality"),
        (lambda: TrackOptions(process_noise=float("inf")), "process_noise"),
        (lambda: TrackOptions(process_noise=1e300), "process_noise must be positive, at most 1e"),
        (lambda: TrackOptions(follow_pixels="no"), "follow_pixels.*True or False"),
        (lambda: SmoothOptions(baseline="yes"), "baseline.*True or False"),
        (lambda: SmoothOptions(hysteresis=True), "hysteresis"),
        (lambda: PipelineOptions(max_fps="5"), "max_fps"),
        (lambda: PipelineOptions(max_fps=float("inf")), "max_fps"),
        (lambda: PipelineOptions(device=3), "device"),
        (lambda: PipelineOptions(require_licence="gpl"), "permissive"),
    ],
)
def test_values_out_of_range_are_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()


texts = st.text("az\n\x1b\x00é\u202e", max_size=200)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=6,
)
SECTION_NAMES = sorted({f.name for section in SECTIONS.values() for f in dataclasses.fields(section)})
sections = st.dictionaries(st.sampled_from(SECTION_NAMES) | texts, anything, max_size=2)
TOP_NAMES = sorted(f.name for f in dataclasses.fields(PipelineOptions))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(TOP_NAMES) | texts, anything | sections, max_size=2))
def test_whatever_comes_is_taken_or_refused_by_name(data):
    try:
        options = PipelineOptions.from_dict(data)
    except (TypeError, ValueError) as error:
        message = str(error)
        assert message.isprintable() and len(message) < 2500
    else:
        assert PipelineOptions.from_dict(options.to_dict()) == options


def test_unknown_keys_raise_and_list_the_known(tmp_path):
    with pytest.raises(TypeError, match=r"detect\.max_sid.*detect\.max_side"):
        PipelineOptions.from_dict({"detect": {"max_sid": 3}})
    with pytest.raises(TypeError, match=r"unknown option 'interval' \(did you mean .*detect_interval"):
        PipelineOptions().override(interval=1)
    with pytest.raises(TypeError, match="detect must be DetectOptions"):
        PipelineOptions.from_dict({"detect": 5})
    path = tmp_path / "o.toml"
    path.write_text("devise = 'cpu'\n")
    with pytest.raises(ValueError, match=r"o\.toml.*devise.*device"):
        PipelineOptions.from_toml(path)
    path.write_text("device = \n")
    with pytest.raises(ValueError, match=r"o\.toml"):
        PipelineOptions.from_toml(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"o\.toml.*decode"):
        PipelineOptions.from_toml(path)
