"""TOML from strangers: options and rules refuse it in one short printable line that names the file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect._checks import show
from edgeaffect._toml import LONGEST_LINE, MOST_BYTES, dump_toml, load_toml
from edgeaffect.events import read_rules
from edgeaffect.options import PipelineOptions

READERS = [load_toml, PipelineOptions.from_toml, read_rules]

texts = st.text("az \n\t\x00\x1b\x7f\"'\\#=]é\u2028\u202e\U0001f600", max_size=120)
values = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts
tables = st.dictionaries(st.text("abc_", min_size=1), values | st.lists(st.floats(allow_nan=False), max_size=4))


def nested(levels: int) -> str:
    """An array in arrays, on lines that are short enough to be read."""
    return "a = " + "[\n" * levels + "]\n" * levels


@pytest.fixture
def file(tmp_path):
    return tmp_path / "hostile.toml"


@settings(max_examples=50)
@given(tables, tables)
def test_what_is_written_is_read_again(tmp_path_factory, top, table):
    path = tmp_path_factory.mktemp("toml") / "o.toml"
    path.write_text(dump_toml({**top, "table": table}), "utf-8", newline="\n")
    without_none = {key: value for key, value in top.items() if value is not None and key != "table"}
    assert load_toml(path) == {
        **without_none,
        "table": {key: value for key, value in table.items() if value is not None},
    }


def test_a_file_without_rules_is_an_error(file):
    file.write_text("# nothing yet\n")
    with pytest.raises(ValueError, match=r"hostile\.toml names no rule"):
        read_rules(file)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (nested(15_000).encode(), "nested too deep"),
        (nested(100_000).encode(), "larger than"),
        (b"#" * (MOST_BYTES + 1), f"larger than {MOST_BYTES} bytes"),
        (b"a" + b".a" * 10_000 + b" = 1", f"line 1 has 20005 characters; {LONGEST_LINE} are the most"),
        (b"a = 1" + b"0" * 900 + b"\nb = [", "Invalid value"),
        (b"\xff\xfe", "decode"),
        (b"a = ", "Invalid value"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_error_that_names_it(file, read, content, message):
    file.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read(file)
    assert "hostile.toml" in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_file_without_an_end_is_read_to_the_limit_only():
    with pytest.raises(ValueError, match="/dev/zero is larger than"):
        load_toml("/dev/zero")


@pytest.mark.parametrize("read", [PipelineOptions.from_toml, read_rules])
@pytest.mark.parametrize(
    "content",
    [
        r'"\u001b[31mred" = 1',
        "\n".join(f'"{"x" * 900}{i}" = {{}}' for i in range(60)),
        r"[detect]" "\n" r"model = 5" "\n" r'"\u001b]0;title\u0007" = 1',
        'device = ["' + '",\n"'.join(["y" * 900] * 60) + '"]',
        r'["\u001b[2J"]' "\n" 'signal = "AU12"\nstart = 0.5\nstop = 0.2\ncooldown = -1',
        f'[{"n" * 900}]\nsignal = "AU12"\nstart = 0.5\nstop = 0.2',
        "threads = 1" + "0" * 900,
    ],
)
def test_names_and_values_of_a_stranger_are_cut_and_escaped(file, read, content):
    file.write_text(content)
    with pytest.raises(ValueError, match=r"hostile\.toml") as caught:
        read(file)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 2500  # an unknown option lists all known ones


@settings(max_examples=40)
@given(st.recursive(st.integers() | st.floats() | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)))
def test_any_value_is_shown_on_one_short_line(value):
    assert show(value).isprintable()
    assert len(show(value)) <= 90


def test_a_short_value_is_shown_as_python_writes_it():
    assert show("näme") == "'näme'"
    assert show(10**5000) == "a value of type int that is too long to show"
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    assert show(deep) == "a value of type list that is too long to show"
    assert show("x" * 1_000_000) == "'" + "x" * 79 + "..."
