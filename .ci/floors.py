"""The two steps of `.ci/floors`: install the lowest versions, and use them.

python .ci/floors.py install PYPROJECT.toml
python .ci/floors.py smoke
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import time
from pathlib import Path

_REQUIREMENT = re.compile(r"([\w.-]+)>=([\d.]+)$")
_EXTRAS = ("serve",)


def floors(pyproject: Path) -> dict[str, str]:
    """Package -> lowest version, of what everybody needs and of the extras that are tried."""
    text = pyproject.read_text("utf-8")
    lists = [re.search(r"^dependencies = \[(.*?)\]", text, re.M | re.S)]
    lists += [re.search(rf"^{extra} = \[(.*?)\]", text, re.M | re.S) for extra in _EXTRAS]
    found: dict[str, str] = {}
    for entries in lists:
        assert entries is not None
        for requirement in re.findall(r'"([^"]+)"', entries[1]):
            match = _REQUIREMENT.match(requirement)
            assert match is not None, f"{requirement}: a floor is written NAME>=VERSION"
            found[match[1]] = match[2]
    return found


def install(pyproject: Path) -> None:
    """Each floor, or the lowest version above it that has a wheel for this Python."""
    wanted = floors(pyproject)
    chosen, told = dict(wanted), dict[str, str]()
    for _ in range(2 * len(chosen)):
        packages = [f"{name}=={version}" for name, version in chosen.items()]
        command = [sys.executable, "-m", "pip", "install", "--only-binary", ":all:", *packages]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        missing = re.search(r"requirement ([\w.-]+)==\S+ \(from versions: ([^)]*)\)", done.stderr)
        needed = re.search(r"depends on ([\w-]+)[^>\n]*>=\s*([\d.]+)", done.stdout)
        if missing is not None:
            versions = [one for one in missing[2].split(", ") if re.fullmatch(r"[\d.]+", one)]
            name, reason = missing[1], "has no wheel here"
            chosen[name] = min((one for one in versions if _key(one) > _key(wanted[name])), key=_key)
        elif needed is not None and needed[1] in chosen and _key(needed[2]) > _key(chosen[needed[1]]):
            name, reason = needed[1], "is too low for another floor on this Python"
            chosen[name] = needed[2]
        else:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        if _key(chosen[name])[: len(_key(wanted[name]))] != _key(wanted[name]):
            told[name] = f"(its floor {wanted[name]} {reason})"
    for name, version in chosen.items():
        print(name, version, told.get(name, ""), flush=True)


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def smoke() -> None:
    """Faces, cues, a sentence, a voice, a saved picture and the page, with what is installed."""
    began = time.monotonic()
    import cv2
    import numpy as np

    from edgeaffect import FaceRedactor, Pipeline
    from edgeaffect.serve import Live, PageServer, ServeOptions
    from edgeaffect.sources.paced import PacedSource

    picture = Path(__file__).resolve().parent.parent / "export" / "astronaut.jpg"
    frame = cv2.resize(cv2.imread(str(picture)), (480, 480))
    with Pipeline(cues=True, explain=True, voice=True, device="cpu") as pipeline:
        pipeline.accept_audio(np.zeros(16000, np.float32), 16000, timestamp=0.0)
        result = pipeline.process(frame, timestamp=1.0)
        assert [face.label for face in result.faces] == ["happiness"], result
        assert result.voice is not None and not result.voice.is_speech
        assert pipeline.explain(result.faces[0]).label == "happiness"
        with FaceRedactor("pixelate") as redactor:
            source = PacedSource([frame], fps=10, seconds=2)
            live = Live(pipeline, source, options=ServeOptions(port=0), redact=redactor)
            with PageServer(live) as server:
                live.run()
                _look(server.address)
            live.close()
    names = ("numpy", "onnxruntime", "opencv-python", "starlette", "uvicorn", "websockets", "prometheus-client")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    print(f"works on Python {sys.version.split()[0]} in {time.monotonic() - began:.1f} s with {versions}")


def _look(address: str) -> None:
    import json
    import urllib.request

    from websockets.sync.client import connect

    for path in ("", "page.js", "state", "result", "metrics", "healthz"):
        with urllib.request.urlopen(address + path, timeout=10) as answer:
            assert answer.status == 200 and answer.read()
    with connect(f"{address.replace('http', 'ws')}ws") as websocket:
        assert json.loads(websocket.recv(timeout=10))["type"] == "state"


if __name__ == "__main__":
    if sys.argv[1:2] == ["install"]:
        install(Path(sys.argv[2]))
    else:
        smoke()
