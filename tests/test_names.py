"""Names of files in every locale: read, written, and told in UTF-8."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from scenes import scene

from edgeaffect._names import readable_name, text_name, utf8_name

cv2 = pytest.importorskip("cv2")

NAMES = (b"vid\xc3\xa9o", b"vid\xe9o")  # in UTF-8, and in Latin-1 as on old disks
SEEN = {
    "utf-8": ["vid\\xe9o", "vidéo"],
    "ascii": ["vid\\xe9o", "vidéo"],
    "latin-1": ["vidéo", "vidéo"],  # there both are the same word
}


@pytest.fixture(params=SEEN)
def locale(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Environment of a process whose names are in this encoding."""
    plain = {name: value for name, value in os.environ.items() if name not in ("LANG", "LC_CTYPE", "PYTHONUTF8")}
    if request.param == "utf-8":
        return plain | {"LC_ALL": "C.UTF-8"}
    if request.param == "ascii":
        return plain | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    made = shutil.which("localedef") and subprocess.run(
        ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(tmp_path / "en_US.l1")], capture_output=True
    )
    if not made or not (tmp_path / "en_US.l1").exists():
        pytest.skip("localedef makes no Latin-1 locale here")
    return plain | {"LOCPATH": str(tmp_path), "LC_ALL": "en_US.l1"}


@pytest.fixture
def folder(tmp_path: Path) -> bytes:
    """A film and a picture under every name."""
    inside = tmp_path / "in"
    inside.mkdir()
    film, picture = str(inside / "film.avi"), str(inside / "picture.png")
    writer = cv2.VideoWriter(film, cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for _ in range(3):
        writer.write(scene())
    writer.release()
    cv2.imwrite(picture, scene())
    for name in NAMES:
        shutil.copy(film, os.fsencode(inside) + b"/" + name + b".avi")
        shutil.copy(picture, os.fsencode(inside) + b"/" + name + b".png")
    os.remove(film)
    os.remove(picture)
    return os.fsencode(inside)


def test_films_and_pictures_are_read_and_told(folder, locale, request):
    script = (
        "import os, sys, json\n"
        "from edgeaffect.sources import open_source\n"
        "from edgeaffect._names import text_name\n"
        "paths = sorted(os.path.join(sys.argv[1], name) for name in os.listdir(sys.argv[1]))\n"
        "frames = [list(open_source(path)) for path in paths]\n"
        "print(json.dumps([[text_name(f[0].source), len(f), f[0].image.shape] for f in frames]))"
    )
    done = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, env=locale, timeout=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert [count for _, count, _ in seen].count(3) == 2
    assert all(shape == [48, 64, 3] for *_, shape in seen)
    words = SEEN[request.node.callspec.params["locale"]]
    assert sorted({Path(name).stem for name, *_ in seen}) == sorted(set(words))


@pytest.mark.parametrize("name", NAMES)
def test_run_writes_what_it_is_asked_for(folder, locale, name, tmp_path):
    out = os.fsencode(tmp_path)
    sinks = [b"--json", out + b"/o.jsonl", b"--csv", out + b"/o.csv", b"--save", out + b"/\xc3\xbc.avi"]
    call = [sys.executable, "-m", "edgeaffect", "run", folder + b"/" + name + b".avi", "--no-affect", *sinks]
    done = subprocess.run(call, capture_output=True, env=locale, timeout=60)
    assert (done.returncode, done.stderr.count(b"\n")) == (0, 1), done.stderr
    told = json.loads((tmp_path / "o.jsonl").read_bytes().splitlines()[0].decode())["source"]
    told.encode()  # no lone surrogates
    assert told.endswith(("vidéo.avi", "vid\\xe9o.avi"))
    assert (tmp_path / "o.csv").read_text("utf-8").splitlines()[1].startswith(told)
    assert os.path.getsize(out + b"/\xc3\xbc.avi") > 1000


def test_names_as_text_and_for_opencv(tmp_path):
    assert text_name("/a/vidéo.mp4") == "/a/vidéo.mp4"
    assert text_name("/a/vid\udce9o.mp4") == "/a/vid\\xe9o.mp4"
    assert utf8_name("data:x.mp4") == f"{os.getcwd()}/data:x.mp4"
    assert utf8_name("/a/vid\udce9o.mp4") is None
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/\xe9")
    Path(strange).write_bytes(b"inside")
    with readable_name(strange) as name:
        assert Path(name).read_bytes() == b"inside"
    with readable_name(str(tmp_path)) as name:
        assert name == str(tmp_path)
    with pytest.raises(FileNotFoundError), readable_name(strange + "x"):
        pass
