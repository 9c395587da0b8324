"""Results and events as JSON: what is written is read again; all else is one error that names the field."""

import copy
import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgeaffect.action_units import ACTION_UNITS, BLENDSHAPES
from edgeaffect.affect import Affect
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.cues import Cues, CueStds, Gaze, HeadPose
from edgeaffect.events import Event
from edgeaffect.heard import Voice
from edgeaffect.results import Face, Result

texts = st.text('ab \n"\\é\U0001f600', max_size=8)
shares = st.floats(0, 1)
signed = st.floats(-1, 1)
spreads = st.floats(0, 10)
numbers = st.floats(-1e6, 1e6, width=32)
times = st.floats(-1e9, 1e9)


def points(*shape):
    """Arrays of a shape, drawn by a seed: entry by entry takes too long."""
    return st.integers(0, 2**32).map(
        lambda seed: np.random.default_rng(seed).normal(scale=10.0 ** (seed % 9 - 2), size=shape).astype(np.float32)
    )


distributions = arrays(np.float32, 8, elements=st.floats(0, 1, width=32), fill=st.just(0.125))
affects = st.builds(
    Affect, distributions, distributions, st.sampled_from(EMOTIONS), shares, shares, signed, signed, signed, spreads,
    spreads, spreads, st.sampled_from(["derived", "rated"]), shares | st.just(math.nan), st.booleans(),
    st.dictionaries(texts, shares, max_size=2),
)  # fmt: skip
shapes = st.dictionaries(st.sampled_from(BLENDSHAPES), shares, max_size=2)
units = st.dictionaries(st.sampled_from([unit.number for unit in ACTION_UNITS]), shares, max_size=2)
poses, gazes = st.builds(HeadPose, numbers, numbers, numbers), st.builds(Gaze, numbers, numbers)
stds = st.builds(CueStds, points(68), shapes, units, poses, gazes, shares, shares)
cues = st.builds(
    Cues, points(68, 2), shapes, units, poses, gazes, shares, shares, shares, stds, st.none() | shares,
    st.just("derived"), st.dictionaries(texts, numbers, max_size=2),
)  # fmt: skip
faces = st.builds(
    Face, points(4), shares, points(5, 2), st.none() | st.integers(1, 2**40), st.none() | affects, st.none() | affects,
    st.none() | cues, st.none(), st.none() | affects, st.none() | shares, st.none() | texts,
)  # fmt: skip
voices = st.builds(
    lambda affect, *rest: Voice(affect is not None, affect, *rest), st.none() | affects, st.floats(-120, 10),
    st.tuples(times, times).map(lambda pair: tuple(sorted(pair))), times,
    st.sampled_from(["monotonic", "media", "user"]),
)  # fmt: skip
results = st.builds(
    Result, texts, st.integers(0, 2**40), times, st.sampled_from(["monotonic", "media", "user"]), times,
    st.tuples(st.integers(1, 9999), st.integers(1, 9999)), st.lists(faces, max_size=2).map(tuple),
    st.integers(0, 2**40), st.dictionaries(texts, spreads, max_size=2), st.dictionaries(texts, texts, max_size=2),
    st.none() | voices, st.none() | st.integers(1, 2**40),
)  # fmt: skip
events = st.builds(
    Event, st.integers(1, 2**40), texts, st.sampled_from(["start", "end"]), st.none() | st.integers(1, 2**40), times,
    st.none() | times, numbers,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(results)
def test_a_result_is_read_as_it_was_written(result):
    line = result.to_json()
    assert Result.from_json(line).to_json() == line
    assert Result.from_json(line.encode()).to_dict() == result.to_dict()


@given(events)
def test_an_event_is_read_as_it_was_written(event):
    line = json.dumps(event.to_dict())
    assert Event.from_json(line).to_dict() == event.to_dict()


def places(value, path=()):
    """Every place of a document: the keys and positions that lead to it."""
    if path:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from places(entry, (*path, key))


def altered(document, path, change):
    """A copy of a document with another value at one place."""
    document = copy.deepcopy(document)
    at = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = change
    return document


def sample():
    """A result with every field filled, as plain values."""
    shares8 = np.full(8, 0.125, np.float32)
    affect = Affect(
        shares8, shares8, "anger", 0.5, 0.5, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, "rated", 0.9, True, {"calm": 0.1}
    )
    some, pose, gaze = dict.fromkeys(BLENDSHAPES, 0.5), HeadPose(1, 2, 3), Gaze(1, 2)
    std = CueStds(np.ones(68, np.float32), some, {12: 0.1}, pose, gaze, 0.1, 0.1)
    cue = Cues(np.ones((68, 2), np.float32), some, {12: 0.5}, pose, gaze, 0.5, 0.5, 0.5, std, 0.5, extra={"nod": 0.1})
    face = Face(np.ones(4, np.float32), 0.5, np.ones((5, 2), np.float32), 1, affect, affect, cue, cue)
    return Result("a", 0, 0.0, "user", 0.0, (64, 48), (face,), 0, {"total": 1.0}, {"detect": "d 1"}).to_dict()


SAMPLE = sample()
# Fields that are made from others, and are not read.
DERIVED = {"label", "probability"}
PLACES = [path for path in places(SAMPLE) if not (len(path) == 3 and path[-1] in DERIVED)]
strange = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), texts, st.just(10**400), st.just(-1), st.just("1e5"),
    st.lists(st.integers(), max_size=3), st.dictionaries(texts, st.integers(), max_size=2), st.just([[[]]]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PLACES), strange)
def test_a_strange_value_is_named_or_read(path, change):
    document = altered(SAMPLE, path, change)
    try:
        result = Result.from_json(json.dumps(document))
    except ValueError as error:
        message = str(error)
        named = [key for key in path if isinstance(key, str)]
        assert any(key in message for key in named), message
        assert message.isprintable() and len(message) < 300
    else:
        assert Result.from_json(result.to_json()).to_json() == result.to_json()


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [
        (("faces", 0, "box"), [1, 2, 3], r"result\.faces\[0\]\.box must be an array of shape \[4\]"),
        (("faces", 0, "box", 2), 1e300, r"result\.faces\[0\]\.box"),
        (("faces", 0, "box"), "1234", r"result\.faces\[0\]\.box"),
        (("faces", 0, "landmarks"), [[1, 2]] * 4, r"landmarks must be an array of shape \[5, 2\]"),
        (("faces", 0, "score"), 10**400, r"faces\[0\]\.score must be a number from 0 to 1"),
        (("faces", 0, "score"), math.nan, r"faces\[0\]\.score must be .*; got nan"),
        (("faces", 0, "track_id"), 1.5, r"faces\[0\]\.track_id must be a whole number"),
        (("faces", 0, "affect", "valence"), -math.inf, r"faces\[0\]\.affect\.valence must be .*; got -inf"),
        (("faces", 0, "affect", "is_sure"), "no", r"affect\.is_sure must be true or false; got 'no'"),
        (("faces", 0, "affect", "probabilities", "fear"), "x", r"affect\.probabilities\.fear"),
        (("faces", 0, "affect", "extra", "\x1b[2J"), [], r"affect\.extra\.'\\x1b\[2J' must be"),
        (("faces", 0, "raw"), 7, r"faces\[0\]\.raw must be a JSON object; got 7"),
        (("faces", 0, "cues", "action_units"), {"AU٣": 1}, "action_units must be named AU and a number"),
        (("faces", 0, "cues", "std", "landmarks68"), [[1, 2]] * 68, r"cues\.std\.landmarks68 must be .*\[68\]"),
        (("faces",), {}, "result.faces must be an array of objects"),
        (("size",), [1.5, 2], "result.size must be two whole numbers"),
        (("timestamp",), True, "result.timestamp must be a finite number"),
        (("clock",), "sun", "result.clock must be 'monotonic' or 'media' or 'user'"),
        (("frame_index",), 2**63, "result.frame_index"),
        (("timings_ms", "total"), "fast", "result.timings_ms.total"),
        (("models", "detect"), None, "result.models.detect must be a string"),
        (("schema",), "edgeaffect.result/2", r"result\.schema must be 'edgeaffect.result/1'; got"),
    ],
)
def test_the_field_is_named_with_its_path(path, change, message):
    with pytest.raises(ValueError, match=message):
        Result.from_json(json.dumps(altered(SAMPLE, path, change)))


@pytest.mark.parametrize("text", ["", "[", "null", "[1]", "7", b"\xff", "9" * 5000, "[" * 100_000])
def test_what_is_no_object_is_the_same_class_of_error(text):
    for read in (Result.from_json, Event.from_json):
        with pytest.raises(ValueError, match=r"one JSON object a line|must be a JSON object"):
            read(text)


ADDED = {"voice", "speaker"}


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Result) if field.name not in ADDED])
def test_a_missing_field_is_named(name):
    with pytest.raises(ValueError, match=f"result lacks '{name}'"):
        Result.from_dict({key: value for key, value in SAMPLE.items() if key != name})


def test_a_line_from_before_there_were_voices_is_read():
    old = {key: value for key, value in SAMPLE.items() if key not in ADDED}
    old["faces"] = [
        {key: value for key, value in face.items() if key not in ("fused", "agreement", "disagreement")}
        for face in old["faces"]
    ]
    read = Result.from_dict(old)
    assert (read.voice, read.speaker) == (None, None)
    assert {(face.fused, face.agreement, face.disagreement) for face in read.faces} <= {(None, None, None)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"window": [2.0, 1.0]}, r"voice\.window must be two finite numbers of seconds, the later one second"),
        ({"window": [1.0]}, r"voice\.window must be two"),
        ({"level_dbfs": -121}, r"voice\.level_dbfs must be a number from -120"),
        ({"clock": "sun"}, r"voice\.clock must be 'monotonic' or"),
        ({"is_speech": 1}, r"voice\.is_speech must be true or false"),
        ({"affect": 3}, r"voice\.affect must be a JSON object"),
        ({"is_speech": True}, r"voice\.is_speech is true and voice\.affect is none"),
    ],
)
def test_voices_name_their_fields_too(change, message):
    voice = Voice(False, None, -40.0, (86400.125, 86403.125), 86403.125, "monotonic").to_dict()
    assert Voice.from_dict(voice).to_dict() == voice
    with pytest.raises(ValueError, match=message):
        Voice.from_dict({**voice, **change})


def test_events_name_their_fields_too():
    event = Event(1, "smile", "end", 2, 1.0, 2.0, 0.7).to_dict()
    for change, message in (({"peak": "x"}, "event.peak"), ({"start": None}, "event.start"), ({"id": 0}, "event.id")):
        with pytest.raises(ValueError, match=message):
            Event.from_dict({**event, **change})
