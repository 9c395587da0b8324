"""Figures of tables: what is drawn, where gaps and unsure spans are, and which tables are taken."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect import DependencyError
from edgeaffect._table_files import Table, TableError, TableFile
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.cli import main
from edgeaffect.plot import charts, circumplex, save, summary, timeline
from edgeaffect.plot.data import as_table, faces_of, numbers, track_of
from edgeaffect.plot.inline import inline_svg, page_theme
from edgeaffect.recordings.columns import EVENT_COLUMNS, GROUPS, columns_of
from edgeaffect.recordings.summary import SUMMARY_COLUMNS

matplotlib = pytest.importorskip("matplotlib")

FPS = 10


def rows(seconds: float = 6.0, *, faces: tuple[int, ...] = (1,), gap: tuple[float, float] = (2.0, 3.0)) -> Table:
    """A film whose faces are away during a gap, and unsure after 5 s."""
    time = np.arange(0, seconds, 1 / FPS)
    parts = []
    for face in faces:
        for t in time:
            is_there = not gap[0] <= t < gap[1]
            wave = np.sin(t + face)
            row = {"time": t, "face": face if is_there else np.nan, "recording": "talk", "voice_level": -30 + wave,
                   "voice_speech": t > 3, "voice_valence": wave / 2 if t > 3 else np.nan, "agreement": 0.8}  # fmt: skip
            if is_there:
                p = np.full(8, (1 - 0.5 - wave / 4) / 7)
                p[1] = 0.5 + wave / 4
                row |= {f"p_{name}": p[i] for i, name in enumerate(EMOTIONS)}
                row |= {"label": "happiness", "is_sure": t < 5, "valence": wave / 2, "arousal": wave / 4,
                        "valence_std": 0.2, "arousal_std": 0.1, "head_yaw": 10 * wave, "looking_at_camera": abs(wave),
                        "AU12": abs(wave), "AU4": 0.1}  # fmt: skip
            parts.append(row)
    names = {name for row in parts for name in row}
    is_text = {"recording", "label"}
    return Table({
        name: np.array([row.get(name, None if name in is_text else np.nan) for row in parts],
                       object if name in is_text else float)
        for name in names
    })  # fmt: skip


EVENTS = {
    "event": np.array(["smile", "blink", "smile", "nod"], object), "face": np.array([1, 1, 1, 2]),
    "start": np.array([0.5, 1.0, 4.0, 1.0]), "end": np.array([1.5, 1.0, 5.5, 2.0]),
}  # fmt: skip


def lines(figure) -> dict[str, np.ndarray]:
    return {line.get_label(): line.get_ydata() for axes in figure.axes for line in axes.lines}


def test_a_timeline_has_a_panel_for_each_kind_of_thing():
    figure = timeline(rows(), EVENTS)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert [label for label in labels if label] == ["probability", "affect, ± 1 SD", "degrees", "voice"]
    ticks = [text.get_text() for axes in figure.axes for text in axes.get_yticklabels()]
    assert {"smile", "blink", "looks at camera", "lip corner puller AU12"} <= set(ticks) and "nod" not in ticks
    assert figure.get_suptitle() == "talk, face 1"
    bare = timeline({name: rows()[name] for name in ("time", "face", "label", "valence", "arousal", "is_sure")})
    assert len(bare.axes) == 2


def test_no_line_crosses_a_gap_and_unsure_spans_are_hatched():
    figure = timeline(rows())
    valence = lines(figure)["valence"]
    assert np.isnan(valence).any()
    hatched = [patch for axes in figure.axes for patch in axes.patches if patch.get_hatch()]
    grey = [patch for patch in figure.axes[1].patches if patch.get_width() > 0.9]
    assert len(hatched) == 1 and len(grey) == 1
    assert grey[0].get_x() == pytest.approx(1.95) and grey[0].get_width() == pytest.approx(1.0)
    box = hatched[0].get_extents().transformed(figure.axes[0].transData.inverted())
    assert box.x0 == pytest.approx(4.95) and box.x1 == pytest.approx(5.95)


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=60).filter(any))
def test_tracks_break_where_rows_of_the_face_are_missing(there):
    """Against a loop: a break between two rows further apart than three steps; gaps cover what is missing."""
    time = np.arange(len(there)) * 0.5
    table = Table({"time": time, "face": np.where(there, 1.0, np.nan)})
    track = track_of(table, 1)
    own = [t for t, is_there in zip(time, there, strict=True) if is_there]
    breaks = sum(later - earlier > 1.5 for earlier, later in itertools.pairwise(own))
    assert (track.rows == -1).sum() == breaks
    np.testing.assert_array_equal(track.time[track.rows >= 0], own)
    assert (np.diff(track.time) > 0).all()
    for begin, end in track.gaps:
        assert end > begin and not any(begin < t < end for t in own)


def test_every_kind_of_table_is_taken(tmp_path):
    table = rows()
    plain = {name: table[name] for name in table}
    wanted = numbers(table, "arousal")
    kinds = [plain]
    for module, make in (("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "table")):
        library = pytest.importorskip(module)
        kinds.append(getattr(library, make)(plain))
    with open(tmp_path / "t.csv", "w") as file:
        print(*table, sep=",", file=file)
        for i in range(table.rows):
            cells = [table[name][i] for name in table]
            print(*("" if c is None or c != c else c for c in cells), sep=",", file=file)
    kinds.append(tmp_path / "t.csv")
    for kind in kinds:
        np.testing.assert_allclose(numbers(as_table(kind), "arousal"), wanted)
        assert track_of(as_table(kind), None).face == 1
    assert timeline(kinds[-1]).get_suptitle() == "talk, face 1"
    with pytest.raises(TypeError, match="data frame"):
        as_table(3)


def test_faces_come_in_the_order_of_their_rows():
    table = rows(faces=(2, 7))
    longer = Table({name: np.concatenate([table[name], table[name][-20:]]) for name in table})
    assert faces_of(longer) == [7, 2]
    assert timeline(longer).get_suptitle() == "talk, face 7"
    with pytest.raises(TableError, match="no face 3 in the table: there are 2, 7"):
        timeline(longer, face=3)


def test_tables_that_lack_something_are_refused():
    with pytest.raises(TableError, match="no column valence, arousal"):
        timeline({"time": np.arange(3), "face": np.ones(3), "label": np.array(["a"] * 3, object)})
    with pytest.raises(TableError, match="no row with a face"):
        circumplex({name: np.full(3, np.nan) for name in ("time", "face", "valence", "arousal")})


def test_a_circumplex_path_begins_and_ends_where_the_face_does():
    table = rows()
    figure = circumplex(table)
    marks = lines(figure)
    valence, arousal = numbers(table, "valence"), numbers(table, "arousal")
    assert marks["begin"][0] == arousal[0] and marks["end"][0] == pytest.approx(arousal[np.isfinite(arousal)][-1])
    drawn = sum(len(points.get_offsets()) for points in figure.axes[0].collections if hasattr(points, "get_offsets"))
    assert drawn >= np.isfinite(valence).sum()
    hollow = [c for c in figure.axes[0].collections if len(c.get_facecolor()) and (c.get_facecolor()[0] == 1).all()]
    assert len(hollow) == 1 and len(hollow[0].get_offsets()) == 10  # unsure from 5 s on


def test_pictures_are_points_without_a_path():
    figure = circumplex({"time": np.zeros(3), "face": np.array([1, 1, 2]), "valence": np.array([0.1, 0.2, np.nan]),
                         "arousal": np.array([0.3, 0.4, np.nan]), "is_sure": np.array([1, 1, np.nan])})  # fmt: skip
    assert "begin" not in lines(figure) and len(figure.axes) == 1


def a_summary(count: int = 3) -> dict[str, np.ndarray]:
    columns = {c.name: [] for c in SUMMARY_COLUMNS}
    for i in range(count):
        for face in (np.nan, 1, 2):
            row = {"recording": f"a rather long name of recording {i}", "face": face, "valence_mean": 0.1 * i,
                   "arousal_mean": 0.2, "valence_sd": 0.1, "arousal_sd": 0.1, "looking_share": 0.5, "face_share": 0.9,
                   "events": json.dumps({"smile": i, "nod": 1}), **{f"p_{e}": 1 / 8 for e in EMOTIONS}}  # fmt: skip
            for name in columns:
                columns[name].append(row.get(name, np.nan))
    return {name: np.array(values, object) for name, values in columns.items()}


def test_a_summary_has_a_row_for_each_recording_or_face():
    figure = summary(a_summary())
    assert next(text.get_text() for text in figure.axes[0].get_yticklabels()) == "a rather long…ording 0"
    assert len(figure.axes[0].get_yticks()) == 3
    faces = summary(a_summary(), recording="a rather long name of recording 1")
    assert [text.get_text() for text in faces.axes[0].get_yticklabels()] == ["face 1", "face 2"]
    with pytest.raises(TableError, match="no recording 'x'"):
        summary(a_summary(), recording="x")


def test_pictures_of_both_kinds_are_whole_and_the_same_every_time(tmp_path):
    cv2 = pytest.importorskip("cv2")
    for name in ("a", "b"):
        figure = timeline(rows(), EVENTS)
        for ending in ("png", "svg"):
            save(figure, tmp_path / f"{name}.{ending}", dpi=60)
    for ending in ("png", "svg"):
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()
    picture = cv2.imread(str(tmp_path / "a.png"))
    assert picture.shape[1] == round(7.2 * 60) and picture.std() > 10
    text = (tmp_path / "a.svg").read_text("utf-8")
    ElementTree.fromstring(text)
    assert ">happiness</text>" in text and "Matplotlib" not in text.split("<svg")[1]
    with pytest.raises(ValueError, match=r"\.png, \.svg or \.pdf"):
        save(figure, tmp_path / "a.jpg")


def test_drawing_leaves_matplotlibs_own_state_alone(tmp_path):
    code = (
        "import sys, edgeaffect.plot\n"
        "print('matplotlib' in sys.modules)\n"
        "import matplotlib\n"
        "def state(): return {k: matplotlib.rcParams[k] for k in matplotlib.rcParams if not k.startswith('backend')}\n"
        "before = state()\n"
        "import numpy as np\n"
        "t = {n: np.zeros(4) for n in ('valence', 'arousal', 'is_sure')} | {'time': np.arange(4.), 'face': np.ones(4),"
        " 'label': np.array(['a'] * 4, object)}\n"
        f"edgeaffect.plot.save(edgeaffect.plot.timeline(t), {str(tmp_path / 'a.svg')!r})\n"
        "print(state() == before, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\nTrue False\n"


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(DependencyError, match="matplotlib"):
        timeline(rows())
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["plot", "out"]) == 2


# ---- the command ----


@pytest.fixture
def out(tmp_path) -> Path:
    """A folder as `edgeaffect batch` leaves it."""
    folder = tmp_path / "out"
    for name in ("tables", "events"):
        (folder / name).mkdir(parents=True)
    columns = columns_of(GROUPS)
    for name, table in (("talk", rows(faces=(1, 2))), ("silent", rows())):
        with TableFile(folder / "tables", name, columns, ["csv"], {}) as file:
            for i in range(table.rows):
                cells = {key: table[key][i] for key in table}
                row = [cells.get(column.name) for column in columns]
                file.add([None if value is None or value != value else value for value in row])
    with TableFile(folder / "events", "talk", EVENT_COLUMNS, ["csv"], {}) as file:
        file.add(["talk", 1, "smile", 1, 0.5, 1.5, 0.8])
    with TableFile(folder, "summary", SUMMARY_COLUMNS, ["csv"], {}) as file:
        table = a_summary()
        for i in range(len(table["face"])):
            values = [table[column.name][i] for column in SUMMARY_COLUMNS]
            file.add([None if value != value else value for value in values])
    return folder


def test_the_command_draws_every_recording_and_the_summary(out, capsys):
    assert main(["plot", str(out), "--format", "png", "--dpi", "40", "--faces", "1"]) == 0
    names = sorted(path.name for path in (out / "plots").iterdir())
    assert names == ["silent.circumplex.png", "silent.timeline.png", "summary.png", "talk.face1.circumplex.png",
                     "talk.face1.timeline.png"]  # fmt: skip
    said = capsys.readouterr().err
    assert "talk: 1 more faces" in said and "5 figures" in said


def test_the_command_draws_one_recording(out, tmp_path):
    words = ["plot", str(out), "--recording", "silent", "--format", "svg", "-o", str(tmp_path / "figures")]
    assert main(words) == 0
    assert {path.suffix for path in (tmp_path / "figures").iterdir()} == {".svg"}


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--recording", "x"], "there are silent, talk"), (["--format", "jpg"], "png, svg, pdf"),
     (["--faces", "0"], "1 or more"), (["--dpi", "5"], "30 to 1200")],
)  # fmt: skip
def test_wrong_usage(out, capsys, words, said):
    assert main(["plot", str(out), *words]) == 2
    assert said in capsys.readouterr().err
    assert main(["plot", str(out / "tables")]) == 2
    assert "holds no tables" in capsys.readouterr().err


# ---- charts of measurements ----


def test_charts_in_a_page_take_its_colours_and_no_address():
    theme, variables = page_theme()
    rng = np.random.default_rng(0)
    figures = [
        charts.strips([("a & b", rng.lognormal(-7, 0.3, 900)), ("c", [1e-3])], theme=theme),
        charts.waterfall([("detect", 1e-3, 0), ("rest", 2e-3, 7)], theme=theme),
        charts.forest([("x", -0.1, -0.05, 0.0, "good"), ("y", 0.1, 5.0, 9.0, "bad")], theme=theme),
        charts.lines([("p50", [0, 1, 2], [1, 2, 1.5]), ("p95", [0, 1, 2], [2, 3, 2])], "s", "ms", theme=theme,
                     scatter=[(1, 2), (2, 9)]),
    ]  # fmt: skip
    names: list[str] = []
    for figure in figures:
        text = inline_svg(figure, 'a "title" & more', variables)
        root = ElementTree.fromstring(text)
        assert "http" not in text and "#0b1e" not in text and "var(--" in text
        assert root.get("aria-label") == 'a "title" & more'
        names += [element.get("id") for element in root.iter() if element.get("id")]
    assert len(names) == len(set(names)), "names of two charts on one page differ"


def test_few_samples_are_drawn_as_they_are_and_many_are_thinned():
    counts = []
    for size in (100, 100_000):
        figure = charts.strips([("a", np.linspace(1e-3, 2e-3, size))])
        counts.append(max(len(line.get_xdata()) for line in figure.axes[0].lines))
    assert counts[0] == 100 and 200 < counts[1] < 300


def test_ticks_of_time_are_round():
    assert charts.log_ticks(-3.1, -2.9) == [1e-3]
    assert [charts.short_time(value) for value in (0, 2e-6, 5e-3, 2)] == ["0", "2 us", "5 ms", "2 s"]
