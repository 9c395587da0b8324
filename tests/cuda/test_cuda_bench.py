"""benchmarks/cuda: what it measures, on a GPU and in small on host loops, whose times mean nothing; what it writes."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from edgeaffect import cuda as cuda_package
from edgeaffect import native

pytest.importorskip("benchmarks.cuda", reason="benchmarks/ belongs to the source tree")
from benchmarks.cuda import __main__ as command
from benchmarks.cuda import checks, counters, kernels, peers, pipelines, report, textures
from benchmarks.cuda.bench import Bench, Sizes, face_matrices
from benchmarks.cuda.sections import SECTIONS

SMALL = Sizes(
    frame=(640, 480), faces=(1, 2), crops=(48,), cameras=(1, 2), copy_bytes=4096, launches=1, calls=2
)  # fmt: skip


@pytest.fixture
def bench(cuda: ModuleType) -> Bench:
    return Bench(cuda, SMALL)


def test_kernels(bench: Bench) -> None:
    assert all(rate > 0 for rate in kernels.copies(bench).values())
    rows = kernels.crops(bench)
    assert [(row["what"], row["color"], row["crops"]) for row in rows] == [
        ("faces", "bgr", 1), ("faces", "bgr", 2), ("faces", "nv12", 1), ("faces", "nv12", 2),
        ("small faces", "bgr", 1), ("small faces", "bgr", 2), ("letterbox", "bgr", 1), ("letterbox", "nv12", 1),
    ]  # fmt: skip
    assert all(row["seconds"] > 0 and row["bytes"] > 0 for row in rows)
    assert len(kernels.decode(bench)) == 4
    assert len(counters.once(bench)) == 12


@pytest.mark.parametrize("section", [pipelines.with_runtime, pipelines.pytorch_session])
def test_pipelines(
    bench: Bench, cuda: ModuleType, place: str, monkeypatch: pytest.MonkeyPatch, section: Callable[[Bench], Any]
) -> None:
    if section is pipelines.pytorch_session:
        pytest.importorskip("torch")
        pytest.importorskip("onnx")
    monkeypatch.setattr(cuda_package.module, "load_for", lambda index: cuda)
    value = section(bench)
    if section is pipelines.pytorch_session and place != "cpu":
        assert value["runtime"].startswith("torch ") and value["runtime"].endswith(" (test only)")
        graphs = [mode for row in value["frames"] if row["graphs"] for mode in row["modes"].values()]
        assert all(mode.startswith("one CUDA graph of ") for mode in graphs)
    assert value["faces"] > 0 and len(value["frames"]) == 12 and len(value["follow"]) == 4
    assert all(value["parts"][name]["p50"] > 0 for name in ("upload", "detect", "analyse"))
    plain = [mode for row in value["frames"] if not row["graphs"] for mode in row["modes"].values()]
    assert set(plain) == {"plain launches"} and len(plain) == 12
    assert {row["device"] for row in value["follow"]} == {"cuda", "cpu"}


def test_the_eager_pipeline_runs() -> None:
    torch = pytest.importorskip("torch")

    class OnCpu:
        sizes, place = SMALL, "cpu"

    call, _ = pipelines.torch_pipeline(OnCpu(), torch)  # type: ignore[arg-type]
    _, affect = call()
    assert len(affect) == 8 and bool(torch.isfinite(affect).all())


def same_crops() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frame, matrices that shrink little, and our crops of them."""
    width, height = SMALL.frame
    matrices = (face_matrices(2, 48, SMALL.frame) / [[3, 3, 1]]).astype(np.float32)
    frame = np.random.default_rng(0).integers(0, 32, (height, width, 3), np.uint8)
    frame += np.linspace(0, 200, width, dtype=np.uint8)[None, :, None] + np.arange(0, 30, 10, dtype=np.uint8)
    wanted = native.crop_normalize(frame, matrices, (48, 48), mean=(0.5,), std=(0.25,), border="replicate")
    return frame, matrices, wanted


def test_pytorch_makes_the_same_crops() -> None:
    torch = pytest.importorskip("torch")
    frame, matrices, wanted = same_crops()
    crops = peers.torch_crops(torch, torch.from_numpy(frame), torch.from_numpy(matrices), 48)
    assert np.abs(crops.numpy() - wanted).mean() < 0.05  # area taps on one side, one bilinear sample on the other


def test_cupy_would_make_the_same_crops() -> None:
    """CuPy's functions are those of NumPy and SciPy."""
    ndimage = pytest.importorskip("scipy.ndimage")
    frame, matrices, wanted = same_crops()
    out = np.empty((2, 3, 48, 48), np.float32)
    crops = peers.array_crops(np, ndimage, frame, matrices, 48, out)
    assert np.abs(crops - wanted).mean() < 0.05


def test_cvcuda_makes_the_same_crops(bench: Bench) -> None:
    if bench.place == "cpu":
        pytest.skip("CV-CUDA has no way for the CPU")
    torch, cv = pytest.importorskip("torch"), pytest.importorskip("cvcuda")
    frame, matrices, wanted = same_crops()
    on_gpu = torch.from_numpy(frame).to(bench.place)
    call, out = peers.cvcuda_crops(cv, torch, on_gpu, matrices, 48, cv.as_stream(bench.stream.handle))
    torch.cuda.synchronize()
    call()
    bench.stream.synchronize()
    assert np.abs(out.cpu().numpy() - wanted).mean() < 0.05


def test_peers_run_in_turns_with_ours(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")

    def wall(torch: Any, call: Callable[[], object], count: int) -> Callable[[], float]:
        def seconds() -> float:
            start = time.perf_counter()
            for _ in range(count):
                call()
            return (time.perf_counter() - start) / count

        return seconds

    if bench.place == "cpu":
        monkeypatch.setattr(peers, "_torch_row", wall)
    rows = peers.pytorch(bench)["crops"]
    assert [(row["what"], row["crops"]) for row in rows] == [
        ("faces", 1), ("faces", 2), ("small faces", 1), ("small faces", 2)
    ]  # fmt: skip
    assert all(row["seconds"] > 0 < row["ours"] for row in rows)


def test_a_row_that_cannot_be_recorded_leaves_the_stream_in_order(bench: Bench) -> None:
    def fail() -> None:
        if bench.launched:  # type: ignore[attr-defined]
            raise OSError("not while recording")
        bench.launched = True  # type: ignore[attr-defined]

    bench.launched = False  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="not while recording"):
        bench.recorded(fail, 3)
    assert bench.plain(lambda: None, 1)() >= 0
    bench.stream.synchronize()


def test_small_faces_take_one_tap() -> None:
    for size in (48, 112, 224):
        matrices = face_matrices(64, size, (1920, 1080), small=True)
        assert np.linalg.norm(matrices[:, :, :2], axis=1).max() <= 1


def test_counters_are_read_from_what_ncu_prints() -> None:
    head = ",".join(f'"{name}"' for name in ("ID", "Kernel Name", *counters.METRICS))
    values = ("5,120", "2500000", "33.1", "40", "21.5", "1,500,000", "n/a", "61.25", "78.9", "48")
    text = "\n".join([
        "==PROF== Connected to process 7", head, ",".join(['""'] * 12),
        '"0","crop_kernel",' + ",".join(f'"{value}"' for value in values), "==PROF== Disconnected",
    ])  # fmt: skip
    assert counters.parse(text) == [{
        "us": "5.12", "million warp instructions": "2.5", "SM %": "33.1", "L1 %": "40", "L1 loads and stores %": "21.5",
        "L2 MB": "1.5", "DRAM MB": "n/a", "DRAM %": "61.25", "occupancy %": "78.9", "registers": "48",
    }]  # fmt: skip
    assert counters.parse("==ERROR== ERR_NVGPUCTRPERM") == []


def test_the_program_about_textures_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("nvcc") is None:
        pytest.skip("no nvcc here")
    assert textures.compiled(tmp_path, "sm_90").is_file()
    with pytest.raises(RuntimeError, match="does not compile"):
        textures.compiled(tmp_path, "sm_1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="nvcc is not installed"):
        textures.compiled(tmp_path)


def test_textures(bench: Bench) -> None:
    if bench.place == "cpu" or shutil.which("nvcc") is None:
        pytest.skip("needs a GPU and nvcc")
    rows = textures.textures(bench)
    assert len(rows) == 16 and all(row["plain"] > 0 < row["texture"] and row["difference"] > 0 for row in rows)


def test_a_section_that_cannot_run_is_a_line() -> None:
    """In a process of its own, as the command does it."""
    outcome = command.measured("copy")
    if cuda_package.available():
        assert outcome["value"]["device"] > 0
    else:
        assert outcome["error"].startswith("ended with 2: nothing to measure: ")


def test_a_missing_package_is_a_line(cuda: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda_package, "load", lambda: cuda)
    monkeypatch.setitem(SECTIONS, "cupy", lambda bench: __import__("a_package_that_is_missing"))
    assert command.run_section("cupy", tmp_path / "one.json") == 1
    text = (tmp_path / "one.json").read_text()
    assert "ModuleNotFoundError: No module named 'a_package_that_is_missing'" in text


def test_failed_tests_are_named() -> None:
    assert checks.outcome("....\n4 passed in 1.0s\n") == "4 passed in 1.0s"
    text = "F.E\nERROR    root:a.py:1 log\nFAILED tests/a.py::test_b[cuda] - no\nERROR tests/c.py::test_d - x\n"
    assert checks.outcome(text + "1 failed, 1 passed, 1 error in 2.0s\n") == (
        "1 failed, 1 passed, 1 error in 2.0s; failed: tests/a.py::test_b[cuda], tests/c.py::test_d"
    )


def outcome() -> dict[str, Any]:
    seconds = {"count": 2, "min": 1e-3, "p50": 2e-3, "p90": 3e-3, "p99": 4e-3, "max": 5e-3}
    state = {"sm_mhz": 1500, "memory_mhz": 900, "throttled": ["software power cap"]}
    crop = {"crops": 8, "size": [48, 48], "what": "faces", "color": "bgr", "bytes": 1e6, "seconds": 2e-6}
    return {
        "created": "2026-01-01", "commit": "abc", "status": "built with CUDA 13.0",
        "machine": {"cpu": {"name": "A CPU"}, "jetson": None},
        "gpu": {"name": "A GPU", "driver": "580.1"},
        "sections": {
            "copy": {"value": {"device": 1e12, "upload": 2e10, "nothing": 2e-6}, "after": state},
            "crops": {"value": [crop], "after": state},
            "decode": {"value": [{"size": [320, 192], "candidates": 0.005, "seconds": 9e-6}], "after": state},
            "textures": {"value": [{"color": "bgra", "crops": 8, "size": 112, "taps": 2, "plain": 4e-6, "texture": 3e-6,
                                    "filtered": 2e-6, "difference": 1.5}]},
            "pytorch": {"value": {"versions": {"torch": "2"}, "remark": "r", "crops": [{**crop, "ours": 1e-6}]}},
            "cupy": {"error": "ModuleNotFoundError: No module named 'cupy'"},
            "tensorrt": {"value": {"runtime": "tensorrt 10.9", "faces": 8, "frames": [
                {"place": "host", "graphs": True, "cameras": 4, "seconds": seconds, "frames_per_second": 2000.0,
                 "modes": {"detect": "one CUDA graph of 9 nodes", "analyse": "one CUDA graph of 7 nodes"}},
                {"place": "GPU", "graphs": True, "cameras": 1, "seconds": seconds, "frames_per_second": 500.0,
                 "modes": {"detect": "plain launches (no CUDA graph: x)", "analyse": "one CUDA graph of 7 nodes"}},
                ], "parts": {"upload": {"p50": 3e-3}, "detect": {"p50": 1e-3}, "analyse": {"p50": 15e-4}}, "follow": [
                {"device": "cuda", "detect_interval": 0.1, "seconds": seconds}]}},
            "pytorch-session": {"value": {
                "runtime": "torch 2 (test only)", "faces": 8, "follow": [], "process": [
                    {"place": "pinned", "cameras": 1, "mode": "one CUDA graph of 8 nodes", "seconds": seconds,
                     "frames_per_second": 765.0}],
                "parts": {"process": {"p50": 3e-3}, "copy": {"p50": 1e-3}, "run": {"p50": 15e-4}}}},
            "pytorch-pipeline": {"value": {"versions": {"torch": "2"}, "seconds": seconds}},
            "counters": {"value": [{"launch": "8 faces", "time": "5 us"}]},
            "tests": {"value": "100 passed"},
        },
    }  # fmt: skip


def test_the_part_of_the_results(tmp_path: Path) -> None:
    text = report.markdown(outcome())
    for words in (
        "`abc`", "A GPU, driver 580.1", "all SM 1500, memory 900 MHz", "A CPU", "software power cap", "1000 GB/s",
        "20.0 GB/s",
        "| 8 faces | bgr | 48x48 | 2.0 | 500 | 0.50 | 2.0 (1.0) |", "| 320x192 | 0.5% | 9.0 |",
        "| 8 faces | bgra | 112x112 | 2x2 | 4.0 | 3.0 | 2.0 | 1.50 |", "takes 0.75 times as long",
        "| host | 4 | one CUDA graph | 2.00 ms | 4.00 ms | 2000 |",
        "| GPU | 1 | detect: plain launches (no CUDA graph: x); ", "| cuda | 0.1 s | 2.00 ms | 4.00 ms |",
        "Left out: cupy: ModuleNotFoundError", "eager PyTorch 2, one frame: p50 2.00 ms", "| 8 faces | 5 us |",
        "Tests on this GPU: 100 passed", "by a program that has been removed since, 1080p BGR with 8 faces, torch 2",
        "| pinned | 1 | one CUDA graph of 8 nodes | 2.00 ms | 4.00 ms | 765 |",
        "graphs run by PyTorch, kernel by kernel, on our stream", "TensorRT's own times are not these",
        "p50: 3.00 ms for the upload, 1.00 ms for detection, 1.50 ms for affect.",
        "p50: 3.00 ms for everything, 1.00 ms for the copy into pinned memory on the CPU, 1.50 ms for the launch and",
    ):  # fmt: skip
        assert words in text, words
    jetson = {"module": "Orin", "l4t": "36.3", "jetpack": "6.0"}
    clocks = {"power_mode_name": "MAXN", "gpu_mhz": 900, "gpu_max_mhz": 1300, "clocks_pinned": False}
    sections = {"tests": {"error": "x", "after": clocks}}
    small = {**outcome(), "gpu": None, "machine": {"jetson": jetson}, "sections": sections}
    assert "| GPU | Orin, L4T 36.3, JetPack 6.0 |" in report.markdown(small)
    assert "| all GPU 900 of 1300 MHz, mode MAXN |" in report.markdown(small)
    nothing = {**outcome(), "gpu": None, "sections": {name: {"error": "no"} for name in SECTIONS}}
    assert report.markdown(nothing).count("Left out") == len(SECTIONS)


def test_the_recorded_part_is_what_the_report_writes() -> None:
    """No figure is lost when `benchmarks.run_all` writes the file anew."""
    folder = Path(command.ROOT) / "benchmarks"
    text = (folder / "RESULTS.md").read_text("utf-8")
    assert report.with_part(text, folder) == text


def test_the_part_takes_its_place_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text("# Results\n\nabout CPUs\n")
    report.write(tmp_path)
    assert "no GPU has been at hand" in path.read_text() and path.read_text().startswith("# Results\n\nabout CPUs\n")
    (tmp_path / report.JSON).write_text(json.dumps(outcome()))
    for _ in range(2):
        report.write(tmp_path)
    text = path.read_text()
    assert text.count(report.TITLE) == 1 and "no GPU has been" not in text and "about CPUs" in text
    # `python -m benchmarks.run_all` writes the file anew, and keeps the part.
    assert report.with_part("# Results\n\nnew\n\n## Other\n\nx\n", tmp_path).count("A GPU") == 1


def test_without_a_gpu_the_command_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    if cuda_package.available():
        pytest.skip("about machines without a GPU")
    assert command.main([]) == 2
    assert "nothing to measure" in capsys.readouterr().err
