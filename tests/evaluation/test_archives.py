"""Hostile archives: each ends in one line that names it, soon and in little memory; the rest of a folder is scored."""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

import edgeaffect
from edgeaffect.cli import main
from edgeaffect.errors import SourceError
from edgeaffect.evaluation.archives import Archive, ArchiveError, ArchiveLimits, UnknownFormatError, printable
from edgeaffect.evaluation.arrays import parse_npy
from edgeaffect.evaluation.datasets import read_pictures, read_votes
from edgeaffect.evaluation.evaluate import evaluate_affect, evaluate_detect
from edgeaffect.evaluation.pictures import picture_size
from edgeaffect.models.registry import FILES
from edgeaffect.results import Faces

cv2 = pytest.importorskip("cv2")

HEADER = "file,mask,x0,y0,x1,y1\n"
ROW = "a.png,bad,1,2,30,40\n"
VOTES = np.zeros((10, 10), np.uint8)
VOTES[:, 0] = 10
PAGE = cv2.imencode(".png", np.random.default_rng(0).integers(0, 256, (960, 960), np.uint8))[1].tobytes()
PICTURE = cv2.imencode(".png", np.zeros((60, 80, 3), np.uint8))[1].tobytes()


def pack(path: Path, entries: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return path


def npz(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def npz_of_header(header: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr("votes.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    return stream.getvalue()


def png_claiming(side: int) -> bytes:
    """A picture of a few bytes whose header asks for side * side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


HUGE = npz_of_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776, 10), }\n")
DEEP = npz_of_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': " + b"(" * 3000 + b")" * 3000 + b", }\n")
NOT_PLAIN = "no archive of plain NumPy arrays: write it with numpy.savez"


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        (npz(votes=np.full((10, 10), np.nan)), "negative or no numbers"),
        (npz(votes=np.full((10, 10), np.inf)), "negative or no numbers"),
        (npz(votes=-VOTES.astype(int)), "negative or no numbers"),
        (npz(votes=np.full((10, 10), "x")), "must hold counts; got <U1"),
        (npz(votes=VOTES.astype(complex)), "must hold counts; got complex128"),
        (npz(votes=np.array([[1, {}]] * 3, object)), NOT_PLAIN),
        (npz(votes=VOTES, split=np.zeros((10, 2))), "`split` has shape"),
        (npz(votes=VOTES, split=np.array([{}] * 10, object)), NOT_PLAIN),
        (HUGE, NOT_PLAIN),
        (DEEP, NOT_PLAIN),
        (npz_of_header(b"{'descr': '|V0', 'fortran_order': False, 'shape': (10,), }\n"), NOT_PLAIN),
        (npz_of_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': (-10, -10), }\n" + b"x" * 100), NOT_PLAIN),
        (npz_of_header(b""), NOT_PLAIN),
        (b"garbage", NOT_PLAIN),
        (b"", NOT_PLAIN),
    ],
)  # fmt: skip
def test_votes_that_are_none(tmp_path, votes, message):
    path = pack(tmp_path / "a.zip", {"votes.npz": votes, "page_0.png": PAGE})
    with pytest.raises(ArchiveError, match=rf"a\.zip.*{message}"):
        read_votes(path)


@pytest.mark.parametrize("dtype", ["u1", "<i4", ">i8", "<f4", "f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_read_as_numpy_reads_them(dtype, order):
    array = np.asarray(np.random.default_rng(0).integers(0, 9, (7, 10)), dtype, order=order)
    stream = io.BytesIO()
    np.save(stream, array)
    got = parse_npy(stream.getvalue())
    assert got.dtype == array.dtype
    np.testing.assert_array_equal(got, array)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (HEADER + "../../../etc/passwd,bad,1,2,30,40\n", r"labels name \.\./\.\./\.\./etc/passwd, which is not in"),
        (HEADER + "/etc/passwd,bad,1,2,30,40\n", "labels name /etc/passwd, which is not in"),
        (HEADER + "a.png,bad,nan,2,3,4\n", "no place in a picture"),
        (HEADER + "a.png,bad,1,inf,3,4\n", "no place in a picture"),
        (HEADER + "a.png,bad,1,2,1e400,4\n", "no place in a picture"),
        (HEADER + "a.png,bad,1,2,3,4,5,6\n", "a row has 8 cells, and there are 6 columns"),
        (HEADER + "a\0.png,bad,1,2,3,4\n", r"labels name a\\x00\.png|NUL"),
        (HEADER + "a" * 200_000 + ",bad,1,2,3,4\n", "field larger than field limit"),
        (HEADER + "\x1b[31m,bad,1,2,3,4\n", r"labels name \\x1b\[31m, which"),
        (HEADER + ",bad,1,2,3,4\n", "labels name no file"),
        ("file,file,mask,x0,y0,x1,y1\n" + ROW, "needs one column 'file'; it has 2"),
        ("file,x67\na.png,1\n", "needs one column 'x0'; it has 0"),
        (HEADER, "needs rows below its header"),
        (HEADER + "empty.png,bad,1,2,3,4\n", "empty.png is not a readable picture"),
        (HEADER + "cut.png,bad,1,2,3,4\n", "cut.png is not a readable picture: it is damaged"),
        (HEADER + "huge.png,bad,1,2,3,4\n", "huge.png is 60000x60000 pixels; at most 100000000"),
        (HEADER + "tiff.tif,bad,1,2,3,4\n", "save it as PNG, JPEG, WebP or BMP"),
    ],
)  # fmt: skip
def test_tables_that_lie(tmp_path, table, message):
    tiff = cv2.imencode(".tif", np.zeros((6, 8, 3), np.uint8))[1].tobytes()
    path = pack(tmp_path / "a.zip", {"labels.csv": table, "a.png": PICTURE, "empty.png": b"", "cut.png": PICTURE[:40],
                                     "huge.png": png_claiming(60000), "tiff.tif": tiff})  # fmt: skip
    with pytest.raises(ArchiveError, match=rf"a\.zip.*({message})"):
        list(read_pictures(path)[2])


def patched(tmp_path: Path, name: str) -> Path:
    raw = bytearray(pack(tmp_path / "good.zip", {"labels.csv": HEADER + ROW, "a.png": PICTURE}).read_bytes())
    entry, data = raw.rfind(b"PK\x01\x02"), raw.find(b"a.png") - 30
    if name == "crc":
        raw[entry + 16] ^= 0xFF
    elif name == "method":
        raw[entry + 10] = 99
    elif name == "encrypted":
        raw[entry + 8] |= 1
        raw[data + 6] |= 1
    elif name == "offset":
        raw[entry + 42 : entry + 46] = b"\xff\xff\xff\x7f"
    elif name == "size":
        raw[entry + 24 : entry + 28] = struct.pack("<I", 2**31)
    elif name == "bits":
        raw[raw.find(b"a.png", data) + 8] ^= 0xFF
    elif name == "directory":
        end = raw.rfind(b"PK\x05\x06")
        raw[end + 12 : end + 16] = struct.pack("<I", 2**31)
    elif name == "cut":
        del raw[len(raw) // 2 :]
    path = tmp_path / f"{name}.zip"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("name", ["crc", "method", "encrypted", "offset", "size", "bits", "directory", "cut"])
def test_damaged_archives(tmp_path, name):
    with pytest.raises(ArchiveError, match=rf"{name}\.zip"):
        list(read_pictures(patched(tmp_path, name))[2])


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06", b"PK\x05\x06" + b"\0" * 18])
def test_files_that_are_no_archives(tmp_path, content):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    for read in (read_votes, read_pictures):
        with pytest.raises(SourceError, match=r"a\.zip"):
            read(path)
    with pytest.raises(ArchiveError, match="is not a file"):
        read_votes(tmp_path)
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(ArchiveError, match="is not a file"):
        read_pictures(tmp_path / "pipe.zip")


def bomb(path: Path, megabytes: int) -> Path:
    packed = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
    with packed as target, target.open("labels.csv", "w") as stream:
        stream.write(HEADER.encode())
        for _ in range(megabytes):
            stream.write(b"\n" * (1 << 20))
    return path


def test_a_table_that_unpacks_to_gigabytes_is_refused_at_once(tmp_path):
    path = bomb(tmp_path / "bomb.zip", 300)
    started = time.thread_time()
    tracemalloc.start()
    with pytest.raises(ArchiveError, match=r"bomb\.zip unpacks to more than 200 times its size"):
        read_pictures(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.thread_time() - started < 2 and peak < 10 << 20


def test_limits_are_options(tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8)
    entries = {"labels.csv": HEADER + ROW * 3, "a.png": cv2.imencode(".png", noise)[1].tobytes()}
    path = pack(tmp_path / "a.zip", entries)
    assert len(list(read_pictures(path)[2])) == 1
    for limits, message in {
        ArchiveLimits(rows=2): "more than 2 rows",
        ArchiveLimits(table=10): "labels.csv has 82 bytes; at most 10",
        ArchiveLimits(pixels=4799): "80x60 pixels; at most 4799",
        ArchiveLimits(picture=99): "a.png has .* at most 99",
        ArchiveLimits(directory=60): "bytes of entries; at most 60",
    }.items():
        with pytest.raises(ArchiveError, match=message):
            list(read_pictures(path, limits=limits)[2])
    votes = pack(tmp_path / "v.zip", {"votes.npz": npz(votes=VOTES), "page_0.png": PAGE})
    with pytest.raises(ArchiveError, match="10 faces; at most 9"):
        read_votes(votes, limits=ArchiveLimits(faces=9))
    with pytest.raises(ArchiveError, match=r"votes.npz has \d+ bytes; at most 120"):
        read_votes(votes, limits=ArchiveLimits(arrays=120))


def test_more_content_than_the_list_of_entries_tells(tmp_path):
    path = pack(tmp_path / "a.zip", {"a": b"x" * 100})
    raw = bytearray(path.read_bytes())
    entry = raw.rfind(b"PK\x01\x02")
    raw[entry + 24 : entry + 28] = struct.pack("<I", 5)
    path.write_bytes(raw)
    # The list is believed: no more than it tells is read, and the checksum is wrong then.
    with Archive(path) as opened, pytest.raises(ArchiveError, match="cannot be unpacked"):
        opened.read("a", 50)


def test_other_archives_are_told_from_bad_ones(tmp_path):
    other = pack(tmp_path / "other.zip", {"labels.csv": "file,emotion\na.ogg,joy\n"})
    with pytest.raises(UnknownFormatError, match="none of the known formats; columns are emotion, file"):
        read_pictures(other)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp"])
@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 300, 3), (300, 7, 3), (33, 65)])
def test_size_in_the_header_is_the_size_of_the_picture(suffix, shape):
    data = cv2.imencode(suffix, np.zeros(shape, np.uint8))[1].tobytes()
    assert picture_size(data) == (shape[1], shape[0])
    for cut in range(min(len(data), 64)):
        assert picture_size(data[:cut]) in (None, (shape[1], shape[0]))


def test_size_of_lossless_webp_and_progressive_jpeg():
    image = np.random.default_rng(0).integers(0, 256, (21, 34, 3), np.uint8)
    lossless = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
    progressive = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    assert picture_size(lossless) == picture_size(progressive) == (34, 21)


def test_names_in_messages_are_short_and_plain():
    assert printable("a" * 100) == "a" * 57 + "..."
    assert printable("\x1b[31m\n\u202e") == r"\x1b[31m\n\u202e"


def test_a_picture_that_the_detector_refuses_is_named(tmp_path):
    path = pack(tmp_path / "a.zip", {"labels.csv": HEADER + ROW, "a.png": PICTURE})

    def refuse(image: np.ndarray) -> Faces:
        raise ValueError("too wide")

    with pytest.raises(ArchiveError, match=r"a\.zip: picture 1 cannot be used: too wide"):
        evaluate_detect(path, refuse, threshold=0.5)


def test_faces_without_a_majority_are_nothing_to_score(tmp_path):
    path = pack(tmp_path / "a.zip", {"votes.npz": npz(votes=VOTES * 0), "page_0.png": PAGE})

    class Answer:
        probabilities = votes = np.full(8, 0.125)

    with pytest.raises(ArchiveError, match=r"a\.zip: none of 10 faces"):
        evaluate_affect(path, lambda crops, *, color: [Answer()] * len(crops))  # type: ignore[misc]


@pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")
def test_a_folder_of_hostile_archives_in_little_memory(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    names = ["crc", "method", "encrypted", "offset", "size", "bits", "directory", "cut"]
    for name in names:
        patched(tmp_path, name).rename(folder / f"{name}.zip")
    bomb(folder / "bomb.zip", 300)
    pack(folder / "escape.zip", {"labels.csv": HEADER + "\x1b[31m,bad,1,2,3,4\n"})
    pack(folder / "good.zip", {"labels.csv": HEADER + ROW, "a.png": PICTURE})
    pack(folder / "other.zip", {"labels.csv": "file,emotion\na.ogg,joy\n"})
    pack(folder / "zz_good.zip", {"labels.csv": HEADER + ROW, "a.png": PICTURE})
    limit = 3 << 30  # the address space; a table of 300 MB as rows needs more

    done = subprocess.run(
        [sys.executable, "-m", "edgeaffect", "eval", "detect", str(folder), "--device", "cpu", "--json", "-"],
        capture_output=True, text=True, timeout=100, check=False, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(edgeaffect.__file__).parent.parent), "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert [scores["data"] for scores in json.loads(done.stdout)] == ["good.zip", "zz_good.zip"]
    lines = done.stderr.splitlines()
    assert all(line.startswith("edgeaffect: ") and "\x1b" not in line for line in lines)
    for name in (*names, "bomb", "escape"):
        assert sum(f"{name}.zip" in line for line in lines) == 2, name  # its own line, and the list at the end
    assert "10 of 13 archives could not be scored" in lines[-1]


def test_one_archive_by_name_is_bad_input(tmp_path, capsys):
    path = pack(tmp_path / "a.zip", {"votes.npz": HUGE, "page_0.png": PAGE})
    assert main(["eval", "affect", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
