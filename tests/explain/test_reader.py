from itertools import pairwise

import numpy as np
import pytest
from reader_nets import word_reader

from edgeaffect.errors import SpecError
from edgeaffect.explain.meaning import Request
from edgeaffect.explain.reader import MAX_CHARACTERS, Reader
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.file import ModelFile
from edgeaffect.models.inputs import TokenInput
from edgeaffect.models.spec import ModelSpec
from edgeaffect.models.spec_parts import OutputSpec
from edgeaffect.runtime import open_session

VOCABULARY = Vocabulary(("?", "she"))
WEIGHTS = {
    "?": {("intent", "is_cue"): 4},
    ".": {("intent", "statement"): 6},
    "smiling": {("slot", "smile"): 8, ("present", "smile"): 8},
    "not": {("present", "smile"): -8, ("absent", "smile"): 8},
    "shut": {("slot", "mouth_open"): 8, ("absent", "mouth_open"): 8},
    "old": {("intent", "refuse"): 9, ("slot", "age"): 9},
    "why": {("intent", "why_not"): 6, ("slot", "fear"): 3},
    "happy": {("present", "happiness"): 8, ("slot", "happiness"): 8},
    "glasses": {("intent", "is_fact"): 8, ("slot", "glasses"): 8, ("present", "glasses"): 8},
}


def opened(path):
    return open_session(ModelFile(path, ModelSpec.from_onnx(path)))


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return Reader(opened(word_reader(tmp_path_factory.mktemp("r") / "reader.onnx", VOCABULARY, WEIGHTS)), VOCABULARY)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("Is she smiling?", Request("is_cue", "smile")),
        ("Is the mouth shut?", Request("is_cue", "mouth_open", present=False)),
        ("She wears glasses?", Request("is_fact", "glasses")),
        ("How old is she?", Request("refuse", "age")),
        ("why not", Request("why_not", "fear")),
        ("She is smiling.", Request("is_cue", "smile")),
        ("The mouth is shut.", Request("is_cue", "mouth_open", present=False)),
        ("She is happy.", Request("is_emotion", "happiness")),
        ("She is here.", Request("unclear")),
        ("the the", Request("unclear")),
        ("qwx smiling?", Request("is_cue", "smile")),
        ("qwx zrtp vvbn smiling", Request("unclear")),
    ],
)
def test_requests(reader, text, request_):
    assert reader.read(text).request() == request_


def test_what_a_text_asks_by_itself_counts_as_much_as_the_whole(reader):
    text, part = "She is old , but is she not smiling ?", "is she not smiling ?"
    whole, alone, plain = reader.read(text), reader.read(part), reader.read("Is she smiling?")
    asked, same = reader.read_questions([text, "Is she smiling?"])
    assert asked.text == text and same.intents == plain.intents
    for name in whole.intents:
        assert asked.intents[name] == pytest.approx((whole.intents[name] + alone.intents[name]) / 2, abs=1e-6)
    assert asked.claims["smile"].absent == pytest.approx(
        (whole.claims["smile"].absent + alone.claims["smile"].absent) / 2, abs=1e-6
    )
    with pytest.raises(TypeError):
        reader.read_questions([None])


def test_claims(reader):
    reading = reader.read("She is smiling, glasses, shut.")
    assert reading.said() == {"smile": True, "glasses": True, "mouth_open": False}
    assert reader.read("She isn't smiling").said() == {"smile": False}
    assert reading.claims["smile"].mentioned == pytest.approx(1 / (1 + np.exp(-4)) + 1 / (1 + np.exp(4)), abs=1e-3)


def test_probabilities_add_up(reader):
    reading = reader.read("Is she smiling?")
    assert sum(reading.intents.values()) == pytest.approx(1, abs=1e-5)
    assert sum(reading.slots.values()) == pytest.approx(1, abs=1e-5)
    ranked = reading.ranked()
    assert ranked[0][1] == Request("is_cue", "smile")
    assert all(a >= b for (a, _), (b, _) in pairwise(ranked))
    assert sum(share for share, _ in ranked) == pytest.approx(1, abs=1e-4)


def test_what_can_be_checked(reader):
    assert reader.read("smiling.").is_checkable
    old = reader.read("old")
    assert not old.is_checkable and old.reason == "age"


def test_many_at_once_are_read_as_each_alone(reader):
    texts = ["Is she smiling?", "old", "The mouth is shut, and she is not smiling, is she?"]
    for text, reading in zip(texts, reader.read_many(texts), strict=True):
        alone = reader.read(text)
        assert reading.text == text and reading.request() == alone.request()
        assert reading.intents == pytest.approx(alone.intents, abs=1e-5)
    assert reader.read_many([]) == []


def test_long_texts_are_read_by_their_end(reader):
    assert reader.read("the " * 100 + "old").request() == Request("refuse", "age")


def test_what_is_no_text(reader):
    with pytest.raises(TypeError, match="must be a str"):
        reader.read(None)
    with pytest.raises(ValueError, match="empty"):
        reader.read(" \n")
    with pytest.raises(ValueError, match="at most"):
        reader.read("a" * (MAX_CHARACTERS + 1))


def test_graphs_that_are_no_reader(tmp_path):
    other = Vocabulary(("she",))
    path = word_reader(tmp_path / "a.onnx", VOCABULARY, {})
    with pytest.raises(SpecError, match="both of one bundle"):
        Reader(opened(path), other)
    inputs = (TokenInput("tokens", len(VOCABULARY), pad=0),)
    outputs = (
        OutputSpec("intent", "probabilities", labels=("a", "b")), OutputSpec("slot", "other"),
    )  # fmt: skip
    path = word_reader(tmp_path / "b.onnx", VOCABULARY, {}, inputs=inputs, outputs=outputs)
    with pytest.raises(SpecError, match=r"belongs to this version|labels|columns"):
        Reader(opened(path), VOCABULARY)
