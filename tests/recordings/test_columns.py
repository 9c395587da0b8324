"""The table of columns, the files that hold it, and the columns of other tools."""

from __future__ import annotations

import dataclasses
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from face_parts import cues_of
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect._table_files import Table, TableError, TableFile, read_table
from edgeaffect.cues import Cues, Gaze, HeadPose
from edgeaffect.recordings.aliases import ALIAS_COLUMNS, NOT_MAPPED, openface_angles
from edgeaffect.recordings.columns import EVENT_COLUMNS, GROUPS, KINDS, Subject, columns_of, groups_of, row_of
from edgeaffect.recordings.summary import SUMMARY_COLUMNS
from edgeaffect.results import Face

ROOT = Path(__file__).resolve().parents[2]
UNITS = ("", "s", "px", "0..1", "-1..1", "degrees", "1/min", "dBFS", "JSON", "rad", "0..5", "of the signal")


def some_cues() -> Cues:
    points = np.arange(136, dtype=np.float32).reshape(68, 2)
    return dataclasses.replace(cues_of({"mouthSmileLeft": 0.4, "mouthSmileRight": 0.6}), landmarks68=points)


def a_face(cues=None) -> Face:
    return Face(np.array([10, 20, 30, 50], np.float32), 0.9, np.zeros((5, 2), np.float32), 7, cues=cues)


@pytest.mark.parametrize("columns", [columns_of(GROUPS), EVENT_COLUMNS, SUMMARY_COLUMNS, *ALIAS_COLUMNS.values()])
def test_every_column_has_a_name_of_its_own_a_kind_a_unit_and_words(columns):
    names = [column.name for column in columns]
    assert len(set(names)) == len(names)
    for column in columns:
        assert column.kind in KINDS and column.text and column.unit in UNITS, column.name
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", column.name)


def test_a_row_of_a_frame_without_a_face_is_empty_but_for_its_place():
    row = dict(zip((c.name for c in columns_of(GROUPS)), row_of(GROUPS, Subject("r", "f.mp4", 3, 0.5)), strict=True))
    assert {name for name, value in row.items() if value is not None} == {"recording", "source", "frame", "time"}


def test_groups_follow_what_is_read():
    everything = {group.name for group in groups_of(("raw", "blendshapes", "landmarks"), cues=True, sound=True)}
    assert everything == {group.name for group in GROUPS}
    assert [g.name for g in groups_of((), cues=False, sound=False)] == ["place", "face", "affect"]


@pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="needs the source tree around tests/")
def test_the_page_lists_the_columns_of_the_code():
    done = subprocess.run([sys.executable, "docs/make_recordings.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "run: python docs/make_recordings.py"


@dataclasses.dataclass(frozen=True)
class Facts:
    name: str
    kind: str
    unit: str = "s"
    text: str = "words"


CELLS = {
    "text": st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=8)
    .filter(lambda text: not re.fullmatch(r"[\s\d_.+-]*|.*(nan|inf).*", text, re.IGNORECASE)),
    "whole": st.none() | st.integers(-(2**53), 2**53),
    "flag": st.none() | st.booleans(),
    "float": st.none() | st.floats(-1e6, 1e6, width=32, allow_subnormal=False),
    "seconds": st.none() | st.floats(0, 1e6).map(lambda value: round(value, 6)),
}  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(st.tuples(*(CELLS[kind] for kind in KINDS)), max_size=5))
def test_parquet_and_csv_hold_the_same(rows, tmp_path_factory):
    pytest.importorskip("pyarrow")
    folder = tmp_path_factory.mktemp("table")
    with TableFile(folder, "t", [Facts(kind, kind) for kind in KINDS], ("parquet", "csv"), {"a": 1}) as table:
        for row in rows:
            table.add(list(row))
    parquet, plain = read_table(folder / "t.parquet"), read_table(folder / "t.csv")
    assert parquet.facts == {"a": 1} and parquet.units["whole"] == "s" and parquet.descriptions["flag"] == "words"
    assert parquet.rows == plain.rows == len(rows)
    for place, kind in enumerate(KINDS):
        wanted = [row[place] for row in rows]
        for read, tolerance in ((parquet, 0), (plain, 1e-6)):
            got = [None if value is None or value != value else value for value in read[kind].tolist()]
            if kind in ("float", "seconds"):
                assert got == [w if w is None else pytest.approx(w, rel=tolerance, abs=1e-6) for w in wanted]
            else:
                assert got == wanted


def test_a_table_that_fails_leaves_nothing_behind(tmp_path):
    pytest.importorskip("pyarrow")
    table = TableFile(tmp_path, "t", [Facts("a", "whole")], ("parquet", "csv"), {})
    table.add([1])
    table.__exit__(KeyError, KeyError(), None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"PAR1 and then nonsense", "Parquet"), (b"a,b\n1\n", "line 2 has 1 cells"), (b"a,a\n", "names differ"),
     (b"\xff\xfe\x00", "neither"), (b"", "no header")],
)  # fmt: skip
def test_files_that_are_no_tables_are_refused(tmp_path, data, words):
    if data.startswith(b"PAR1"):
        pytest.importorskip("pyarrow")
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(TableError, match=words):
        read_table(tmp_path / "x")


def test_a_table_makes_a_data_frame():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(dict(Table({"a": np.arange(3), "b": np.array(["x", None, "y"], object)})))
    assert frame.shape == (3, 2) and frame["b"].isna().tolist() == [False, True, False]


# ---- other tools ----


def matrix(axis: int, angle: float) -> np.ndarray:
    """Right-handed turn about x, y or z."""
    c, s = math.cos(angle), math.sin(angle)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    turn = np.eye(3)
    turn[i, i] = turn[j, j] = c
    turn[i, j], turn[j, i] = -s, s
    return turn


@settings(deadline=None)
@given(st.floats(-80, 80), st.floats(-60, 60), st.floats(-60, 60))
def test_openface_angles_turn_the_same_head(yaw, pitch, roll):
    """Ours say where the face looks; theirs are R = Rx Ry Rz with x right, y down, z away: the same turned face."""
    x, y, z = openface_angles(dataclasses.replace(some_cues(), head_pose=HeadPose(yaw, pitch, roll)))
    turned = matrix(0, x) @ matrix(1, y) @ matrix(2, z)
    towards = turned @ [0, 0, -1]  # a face looks along -z at rest
    y_rad, p_rad = math.radians(yaw), math.radians(pitch)
    wanted = [math.sin(y_rad) * math.cos(p_rad), -math.sin(p_rad), -math.cos(y_rad) * math.cos(p_rad)]
    assert towards == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("pose", "signs"), [((20, 0, 0), (0, -1, 0)), ((0, 20, 0), (-1, 0, 0)), ((0, 0, 20), (0, 0, 1))]
)
def test_signs_of_openface(pose, signs):
    """A head that turns to its right (the image's left) has a positive Ry, one that tips up a negative Rx."""
    got = openface_angles(dataclasses.replace(some_cues(), head_pose=HeadPose(*pose)))
    assert got == pytest.approx([sign * math.radians(20) for sign in signs], abs=1e-12)


def test_openface_columns_of_a_face():
    cues = dataclasses.replace(some_cues(), gaze=Gaze(10.0, 20.0))
    subject = Subject("r", "f.mp4", 3, 0.5, a_face(cues), 2)
    row = {column.name: column.read(subject) for column in ALIAS_COLUMNS["openface"]}
    assert row["frame"] == 4 and row["face_id"] == 2 and row["success"] == 1
    assert row["gaze_angle_x"] == pytest.approx(math.radians(10)) and row["gaze_angle_y"] == pytest.approx(
        -math.radians(20)
    )
    assert row["x_5"] == pytest.approx(cues.landmarks68[5, 0] - 0.5)
    assert row["AU12_r"] == pytest.approx(5 * cues.action_units[12])
    empty = {c.name: c.read(Subject("r", "f.mp4", 0, 0.0)) for c in ALIAS_COLUMNS["openface"]}
    assert empty["success"] == 0 and empty["confidence"] == 0 and empty["pose_Rx"] is None


def test_pyfeat_columns_of_a_face():
    row = {c.name: c.read(Subject("r", "f.mp4", 3, 0.5, a_face(some_cues()), 2)) for c in ALIAS_COLUMNS["pyfeat"]}
    assert [row[f"FaceRect{name}"] for name in ("X", "Y", "Width", "Height")] == [10, 20, 20, 30]
    assert "Pitch" not in row and any("Pitch" in names for names, _ in NOT_MAPPED["pyfeat"])
