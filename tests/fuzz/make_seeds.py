"""Writes the small files that fuzzing begins with: `python tests/fuzz/make_seeds.py`.

They are committed. What was found once lies beside them under `found-*` and is added by hand.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import struct
import sys
import tempfile
import wave
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

import onnx
from film_files import write_film
from fuzz.page import SHOWN, UPGRADE
from fuzz.readers import SEEDS
from onnx import TensorProto, helper
from scenes import scene
from squares import squares

from edgeaffect import Pipeline, PipelineOptions
from edgeaffect.adapters.ros2.bag_file import BagFile
from edgeaffect.bench.frames import synthetic
from edgeaffect.events.detector import Event
from edgeaffect.models import ModelBundle, ModelSpec, OutputSpec, TokenInput, write_bundle
from edgeaffect.models.calibration_file import AffectCalibration
from edgeaffect.models.engine_file import EngineHeader, write_engine
from edgeaffect.models.registry import FILES
from edgeaffect.sources import Arrays

SPEC = ModelSpec("t", "1", "explain", (TokenInput("tokens", 10),), (OutputSpec("y", "features"),))


def zipped(entries: dict[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def saved(write: Any, *arguments: Any, **options: Any) -> bytes:
    """What a function writes into a stream that it gets first or last."""
    stream = io.BytesIO()
    write(*arguments, stream, **options)
    return stream.getvalue()


def model(folder: Path) -> Path:
    node = helper.make_node("Identity", ["tokens"], ["y"])
    info = [helper.make_tensor_value_info(n, TensorProto.INT64, ["n"]) for n in ("tokens", "y")]
    graph = helper.make_graph([node], "g", info[:1], info[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "m.onnx")
    SPEC.write_to(folder / "m.onnx")
    return folder / "m.onnx"


def models(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    path = model(folder)
    yield "model", "tiny", path.read_bytes()
    spec = ModelSpec.from_onnx(FILES / "affect-nano.onnx")
    yield "sidecar", "affect", spec.to_json().encode()
    yield "sidecar", "voice", ModelSpec.from_onnx(FILES / "voice-small.onnx").to_json().encode()
    (folder / "words.json").write_bytes(b'{"pair_id": "p"}')
    bundle: ModelBundle = write_bundle(
        folder / "b.zip", {"decoder": path, "vocabulary": folder / "words.json"}, name="b", version="1", task="explain",
        pair_id="p", licence="mit",
    )  # fmt: skip
    yield "bundle", "tiny", (folder / "b.zip").read_bytes()
    part = {"file": "words.json", "sha256": hashlib.sha256(b'{"pair_id": "p"}').hexdigest(), "bytes": 16}
    yield "manifest", "tiny", json.dumps(json.loads(bundle.manifest.to_json()) | {"parts": {"words": part}}).encode()
    payload = bytes(40)
    header = EngineHeader(
        SPEC, "tensorrt_rtx", "9.9.0", {"compute_capabilities": "portable"}, "fp32", {"tokens": [[1], [2], [3]]},
        ("strongly-typed",), "0" * 64, {"a": 1}, {"seed": 1, "outputs": {}}, len(payload),
        hashlib.sha256(payload).hexdigest(), "0.1.0",
    )  # fmt: skip
    yield "engine", "tiny", write_engine(folder / "e.engine", header, payload).path.read_bytes()
    calibration = AffectCalibration("affect-nano 1", 1.2, {"anger": 0.1}, 9, 3, {"nll": 1.0})
    calibration.write(folder / "c.json")
    yield "calibration", "one", (folder / "c.json").read_bytes()
    record = {"a.onnx": {"url": "https://x/y", "sha256": "0" * 64, "address": "1" * 64}}
    yield "record", "one", json.dumps(record).encode()


def texts(_: Path) -> Iterator[tuple[str, str, bytes]]:
    yield "options", "default", PipelineOptions().to_toml().encode()
    yield "options", "some", PipelineOptions().override(roi=(0, 0, 0.5, 1), detect_interval=0.5).to_toml().encode()
    yield "rules", "one", b'[grin]\nsignal = "AU12"\nstart = 0.6\nstop = 0.4\n'
    yield "rules", "two", b'[a]\nsignal = "anger"\nstart = 0.5\nstop = 0.5\nfor_seconds = 0.2\n[b]\nsignal = "x"\n'
    with Pipeline(cues=True, device="cpu") as pipeline:
        result = pipeline.process(synthetic((160, 120), 1, 1)[0], 1.0)
    yield "result", "face", result.to_json().encode()
    yield "event", "smile", json.dumps(Event(1, "smile", "end", 1, 0.5, 0.9, 0.7).to_dict()).encode()


def pictures(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    small = scene(24, 16)
    for suffix in (".png", ".jpg", ".webp", ".bmp", ".tiff", ".ppm"):
        yield "picture", suffix[1:], cv2.imencode(suffix, small)[1].tobytes()
    png = cv2.imencode(".png", small)[1].tobytes()
    yield "pictures", "table", zipped({"labels.csv": "file,mask,x0,y0,x1,y1\na.png,bad,1,2,9,9\n", "a.png": png})
    head = "file,person,label," + ",".join(f"{axis}{i}" for i in range(5) for axis in "xy") + ",cue:smile\n"
    row = "a.png,p,anger," + ",".join(str(i) for i in range(10)) + ",0.5\n"
    said = json.dumps([{"text": "Is she smiling?", "intent": "is_cue", "slot": "smile", "present": True}])
    yield "explanations", "one", zipped({"faces.csv": head + row, "a.png": png, "questions.json": said})
    votes = np.zeros((2, 10), np.uint8)
    votes[:, 0] = 10
    yield "npy", "votes", saved(lambda array, stream: np.save(stream, array), votes)
    page = cv2.imencode(".png", np.zeros((960, 960), np.uint8))[1].tobytes()
    arrays = saved(lambda stream: np.savez(stream, votes=votes, split=np.array(["test"] * 2)))
    yield "votes", "two", zipped({"votes.npz": arrays, "page_000.png": page})
    for name, codec in (("x.mp4", "mpeg4"), ("x.mkv", "mpeg4")):
        yield "film", name[2:], write_film(folder / name, codec, frames=2, size=(32, 32)).read_bytes()


def bags(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    sink = BagFile(folder / "x.mcap")
    with squares() as pipeline:
        for frame, result in pipeline.frames(Arrays([scene(24, 16)], fps=10)):
            sink.write(frame, result)
    sink.close()
    yield "bag", "frame", (folder / "x.mcap").read_bytes()
    yield "table", "two", b'file,"a,b",c\nx.png,1,2\n"y ""z""",,nan\n'


def sounds(_: Path) -> Iterator[tuple[str, str, bytes]]:
    def pcm(stream: Any) -> None:
        with wave.open(stream, "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(range(256)))

    yield "sound", "pcm16", saved(pcm)
    samples = np.zeros(32, "<f4").tobytes()
    form = struct.pack(
        "<HHIIHHHHI16s", 0xFFFE, 1, 16000, 64000, 4, 32, 22, 32, 4, b"\x03\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    )
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(samples)) + samples
    yield "sound", "float", b"RIFF" + struct.pack("<I", len(body)) + body


def checkpoints(_: Path) -> Iterator[tuple[str, str, bytes]]:
    state = {"a.weight": torch.zeros(2, 3), "a.bias": torch.ones(2, dtype=torch.float16)}
    yield "checkpoint", "zip", saved(torch.save, {"state_dict": state})
    yield "checkpoint", "legacy", saved(torch.save, state, _use_new_zipfile_serialization=False)
    module = torch.nn.Sequential(torch.nn.Linear(2, 2))
    yield "pickle", "module", saved(torch.save, module)
    state["options"] = argparse.Namespace(lr=1e-3)
    yield "pickle", "legacy", saved(torch.save, state, _use_new_zipfile_serialization=False)
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
                         "b": {"dtype": "F16", "shape": [1, 2], "data_offsets": [8, 12]}}).encode()  # fmt: skip
    yield "safetensors", "two", struct.pack("<Q", len(header)) + header + bytes(12)


def answers(_: Path) -> Iterator[tuple[str, str, bytes]]:
    start, body = b"HTTP/1.1 200 OK\r\n", bytes(range(64))
    yield "pull", "whole", start + b'Content-Length: 64\r\nETag: "a"\r\nAccept-Ranges: bytes\r\n\r\n' + body
    yield "pull", "cut", start + b'Content-Length: 99\r\nETag: "a"\r\nAccept-Ranges: bytes\r\n\r\n' + body
    yield "pull", "range", b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 32-95/96\r\nContent-Length: 64\r\n\r\n" + body
    yield "pull", "chunked", start + b"Transfer-Encoding: chunked\r\n\r\n40\r\n" + body + b"\r\n0\r\n\r\n"
    yield "pull", "moved", b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/y\r\n\r\n"
    packed = gzip.compress(body, mtime=0)
    yield "pull", "packed", start + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed


def asked(_: Path) -> Iterator[tuple[str, str, bytes]]:
    """What clients of the live page send."""
    for path in ("/", "/state", "/result", "/video", "/stream", "/metrics", "/healthz"):
        yield "request", path[1:] or "page", f"GET {path} HTTP/1.1\r\n".encode() + SHOWN + b"\r\n"
    yield "request", "stranger", b"GET /state?token=x HTTP/1.1\r\nHost: localhost:80\r\nCookie: a=b; c\r\n\r\n"
    yield (
        "request",
        "site",
        b"GET / HTTP/1.1\r\nHost: [::1]:80\r\nOrigin: http://[::1]:80\r\nSec-Fetch-Site: none\r\n\r\n",
    )
    yield "request", "upgrade", UPGRADE
    body = b'{"track_id": 2}'
    head = b"POST /explain HTTP/1.1\r\nContent-Type: application/json\r\n" + SHOWN
    yield "request", "question", head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    yield "request", "chunked", head + b"Transfer-Encoding: chunked\r\n\r\nf\r\n" + body + b"\r\n0\r\n\r\n"
    yield "request", "session", b"POST /session HTTP/1.1\r\nContent-Length: 0\r\n" + SHOWN + b"\r\n"
    yield "request", "two", b"HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /nope HTTP/1.0\r\nHost: localhost\r\n\r\n"
    yield "headers", "shown", b"GET /state\n" + SHOWN.replace(b"\r\n", b"\n") + b"origin: http://localhost"
    yield (
        "headers",
        "stranger",
        b"POST /session\nhost: 127.0.0.1:80\ncookie: a=b; c=d\ncontent-length: 7\nsec-fetch-site: same-origin",
    )
    yield "headers", "address", b"HEAD /\nhost: [::1]:8765\norigin: null"
    mask = bytes(4)
    yield "websocket", "text", b"\x81\x82" + mask + b"{}"
    yield "websocket", "parts", b"\x01\x81" + mask + b"a" + b"\x89\x80" + mask + b"\x80\x81" + mask + b"b"
    yield "websocket", "close", b"\x88\x82" + mask + b"\x03\xe8"
    yield "websocket", "long", b"\x82\xfe\x10\x01" + mask + bytes(4097)
    yield "question", "why", body
    yield "question", "smile", b'{"track_id": 2, "question": "Is she smiling?"}'


def main() -> None:
    for kind in (models, texts, pictures, bags, sounds, checkpoints, answers, asked):
        with tempfile.TemporaryDirectory() as folder:
            for target, name, data in kind(Path(folder)):
                path = SEEDS / target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)


if __name__ == "__main__":
    main()
