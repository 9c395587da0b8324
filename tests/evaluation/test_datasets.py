"""Archives of labelled data: every way they can be wrong is named; one bad archive does not stop a folder."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from edgeaffect.cli import main
from edgeaffect.errors import SourceError
from edgeaffect.evaluation.datasets import read_pictures, read_votes
from edgeaffect.models.registry import FILES

cv2 = pytest.importorskip("cv2")

VOTES = np.tile(np.array([0, 10, 0, 0, 0, 0, 0, 0, 0, 0], np.uint8), (3, 1))
BOXES = "file,mask,x0,y0,x1,y1\n"


def npz(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def png(height: int, width: int) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (height, width), np.uint8)
    return cv2.imencode(".png", noise)[1].tobytes()


def archive(path: Path, **entries: bytes | str) -> Path:
    """A zip file; `votes_npz` is the entry `votes.npz`."""
    with zipfile.ZipFile(path, "w") as target:
        for name, content in entries.items():
            stem, _, suffix = name.rpartition("_")
            target.writestr(f"{stem}.{suffix}", content)
    return path


PAGE = png(960, 960)


def test_tiles_are_read_row_by_row(tmp_path):
    faces = read_votes(archive(tmp_path / "a.zip", votes_npz=npz(votes=VOTES), page_0_png=PAGE))
    page = cv2.imdecode(np.frombuffer(PAGE, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert faces.images.shape == (3, 48, 48) and faces.split == "all"
    np.testing.assert_array_equal(faces.images[2], page[:48, 96:144])


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"page_0_png": PAGE}, r"holds no votes.npz"),
        ({"votes_npz": b"junk", "page_0_png": PAGE}, "no archive of plain NumPy arrays"),
        ({"votes_npz": npz(votes=np.array([{}], object)), "page_0_png": PAGE}, "no archive of plain NumPy arrays"),
        ({"votes_npz": npz(counts=VOTES), "page_0_png": PAGE}, r"needs `votes` \[n, 10\]"),
        ({"votes_npz": npz(votes=VOTES[:, :8]), "page_0_png": PAGE}, r"got \(3, 8\)"),
        ({"votes_npz": npz(votes=VOTES[:0]), "page_0_png": PAGE}, "one face or more"),
        ({"votes_npz": npz(votes=VOTES)}, "0 pages, too few for 3 faces"),
        ({"votes_npz": npz(votes=VOTES), "page_0_png": png(50, 60)}, r"must be 960x960 pixels; it is 60x50"),
        ({"votes_npz": npz(votes=VOTES), "page_0_png": b"junk"}, "page_0.png is not a readable picture"),
        ({"votes_npz": npz(votes=VOTES, split=np.array(["a"])), "page_0_png": PAGE}, r"`split` has shape \(1,\)"),
    ],
)
def test_wrong_votes(tmp_path, entries, message):
    path = archive(tmp_path / "a.zip", **entries)
    with pytest.raises(SourceError, match=rf"a\.zip.*{message}"):
        read_votes(path)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (b"\xff\xfe\x00", "labels.csv cannot be read"),
        ("a,b\n1,2\n", "needs a column `file`"),
        (BOXES, "names no picture"),
        ("file,x0\na.png,1\n", "none of the known formats; columns are file, x0"),
        (BOXES + "a.png,bad,1,2,x,4\n", "a label of a.png is no number"),
        (BOXES + "a.png,bad,1\n", "a label of a.png is no number"),
        (BOXES + "b.png,bad,1,2,3,4\n", "labels name b.png"),
        (BOXES + "junk.png,bad,1,2,3,4\n", "junk.png is not a readable picture"),
    ],
)
def test_wrong_labels(tmp_path, labels, message):
    path = archive(tmp_path / "a.zip", labels_csv=labels, a_png=png(8, 8), junk_png=b"junk")
    with pytest.raises(SourceError, match=rf"a\.zip.*{message}"):
        list(read_pictures(path)[2])


@pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")
def test_a_folder_with_a_bad_archive_goes_on_and_ends_with_1(tmp_path, capsys):
    archive(tmp_path / "a.zip", labels_csv=BOXES + "a.png,bad,1,2,3,4\n", a_png=png(64, 64))
    archive(tmp_path / "b.zip", labels_csv=BOXES + "a.png,bad,1,2,x,4\n", a_png=png(64, 64))
    (tmp_path / "c.zip").write_bytes(b"no archive")
    assert main(["eval", "detect", str(tmp_path), "--json", "-"]) == 1
    out, err = capsys.readouterr()
    assert [scores["data"] for scores in json.loads(out)] == ["a.zip"]
    assert err.count("going on with the next archive") == 2


def test_votes_without_a_majority_are_nothing_to_score(tmp_path, capsys):
    archive(tmp_path / "a.zip", votes_npz=npz(votes=VOTES * 0), page_0_png=PAGE)
    assert main(["eval", "affect", str(tmp_path / "a.zip")]) == 2
    assert "none of 3 faces" in capsys.readouterr().err
