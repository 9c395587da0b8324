"""Engine builder, file, cache, self-test and command; engines are really built, by TensorRT for RTX without a GPU."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
import logging
import multiprocessing
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.cli import main
from edgeaffect.errors import DependencyError, Error
from edgeaffect.models import bundled, find, metadata
from edgeaffect.models.engine_file import ALIGNMENT, MAGIC, read_engine, write_engine
from edgeaffect.models.file import ModelFile
from edgeaffect.models.precision import PRECISION_KEY, graph_precision, read_precision
from edgeaffect.models.spec import ImageInput
from edgeaffect.runtime.cuda_driver import Gpu
from edgeaffect.runtime.onnxruntime import OnnxRuntimeSession
from edgeaffect.runtime.tensorrt import (
    BuildOptions,
    EngineCache,
    EngineFileError,
    SelfTestError,
    build_engine,
    build_plan,
)
from edgeaffect.runtime.tensorrt import request as request_module
from edgeaffect.runtime.tensorrt.request import BuildRequest, onnx_digest
from edgeaffect.runtime.tensorrt.selftest import make_self_test, run_self_test, sample_input
from edgeaffect.runtime.tensorrt.target import incompatibility, target_of
from edgeaffect.runtime.tensorrt.variants import Variant, find_variant

pytest.importorskip("onnx")
pytest.importorskip("tensorrt_rtx_bindings", reason="TensorRT for RTX is not installed")

from backend_parts import model, own_home  # noqa: F401
from fixture_nets import tiny_affect, tiny_detector

GPU = Gpu(0, "NVIDIA Test", (8, 6), 12040, "550.1")


@pytest.fixture(scope="module")
def engine_bytes(model: ModelFile, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("engine") / "tiny.engine"
    build_engine(model, path)
    return path.read_bytes()


@pytest.fixture
def engine_path(engine_bytes: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.engine"
    path.write_bytes(engine_bytes)
    return path


# --- the file


def begun(text: bytes) -> bytes:
    """The beginning of an engine file with that header."""
    return MAGIC + struct.pack("<I", len(text)) + hashlib.sha256(text).digest() + text


def test_layout_is_the_documented_one(engine_bytes: bytes, engine_path: Path) -> None:
    assert engine_bytes[:6] == b"EAENG\x02"
    (length,) = struct.unpack("<I", engine_bytes[6:10])
    text = engine_bytes[42 : 42 + length]
    assert engine_bytes[10:42] == hashlib.sha256(text).digest()
    header = json.loads(text)
    offset = -(-(42 + length) // 64) * 64
    assert set(engine_bytes[42 + length : offset]) <= {0}
    payload = engine_bytes[offset:]
    assert header["payload_bytes"] == len(payload)
    assert header["payload_sha256"] == hashlib.sha256(payload).hexdigest()
    assert read_engine(engine_path).payload() == payload
    assert payload[:4] == b"vtrt"  # what TensorRT for RTX writes


def test_header_tells_everything(model: ModelFile, engine_path: Path) -> None:
    header = read_engine(engine_path).header
    variant = find_variant("tensorrt_rtx")
    assert (header.variant, header.version, header.precision) == ("tensorrt_rtx", variant.version, "fp32")
    assert header.spec == model.spec
    assert header.profile == {"image": [[1, 1, 16, 16], [2, 1, 16, 16], [16, 1, 16, 16]]}
    assert header.target == {"compute_capabilities": "portable"}
    own_memory = ("own-memory",) if hasattr(variant.api.BuilderFlag, "REQUIRE_USER_ALLOCATION") else ()
    assert header.onnx_sha256 == onnx_digest(model.path) and header.flags == ("strongly-typed", *own_memory)


def test_every_truncation_is_found(engine_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.engine"
    for length in (0, 3, 6, 9, 10, 200, len(engine_bytes) // 2, len(engine_bytes) - 1):
        path.write_bytes(engine_bytes[:length])
        with pytest.raises(EngineFileError, match=r"truncated|not an edgeaffect"):
            read_engine(path).payload()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_flipped_bit_goes_unseen_or_crashes(engine_bytes: bytes, tmp_path_factory, data) -> None:  # type: ignore[no-untyped-def]
    position = data.draw(st.integers(0, len(engine_bytes) - 1))
    changed = bytearray(engine_bytes)
    changed[position] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.mktemp("flip") / "x.engine"
    path.write_bytes(changed)
    try:
        engine = read_engine(path)
        payload = engine.payload()
    except EngineFileError:
        return
    # Only the zeros between header and plan mean nothing.
    assert hashlib.sha256(payload).hexdigest() == engine.header.payload_sha256
    assert engine.payload_offset - ALIGNMENT < position < engine.payload_offset


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"vtrt" + bytes(100),
        MAGIC + struct.pack("<I", 2**31) + b"{}",
        begun(b"[]"),
        begun(b"{}"),
        begun(b"\xff\xfe\x00\x01"),
        begun(b"[" * 40_000),
        MAGIC[:5] + b"\x01" + bytes(100),
    ],
)
def test_files_of_strangers(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "strange.engine"
    path.write_bytes(content)
    with pytest.raises(EngineFileError, match=r"strange\.engine"):
        read_engine(path)


def test_header_values_of_the_wrong_type(engine_path: Path) -> None:
    engine = read_engine(engine_path)
    data = json.loads(engine.header.to_json())
    for name in data:
        wrong = {**data, name: 7 if not isinstance(data[name], int) else "7"}
        text = json.dumps(wrong).encode()
        engine_path.write_bytes(begun(text))
        with pytest.raises(EngineFileError):
            read_engine(engine_path)


def test_writer_refuses_a_header_of_another_payload(engine_path: Path, tmp_path: Path) -> None:
    header = read_engine(engine_path).header
    with pytest.raises(ValueError, match="payload"):
        write_engine(tmp_path / "x.engine", header, b"other")
    assert not (tmp_path / "x.engine").exists()


def test_payload_is_aligned_whatever_the_header(engine_path: Path, tmp_path: Path) -> None:
    engine = read_engine(engine_path)
    for extra in range(0, 70, 7):
        header = dataclasses.replace(engine.header, edgeaffect="x" * extra)
        written = write_engine(tmp_path / "x.engine", header, engine.payload())
        assert written.payload_offset % ALIGNMENT == 0
        assert read_engine(tmp_path / "x.engine").payload() == engine.payload()


def test_an_engine_is_a_model_file(engine_path: Path, model: ModelFile) -> None:
    assert find(engine_path, "affect").spec == model.spec


# --- the builder


def test_free_height_and_width(tmp_path: Path) -> None:
    plan = build_plan(tiny_detector(tmp_path / "d.onnx").path, BuildOptions(max_side=640))
    assert plan.profile == {"image": ((1, 3, 32, 32), (1, 3, 256, 320), (1, 3, 640, 640))}
    detector = find(None, "face-detector").path
    for frames in (1, 4):
        plan = build_plan(detector, BuildOptions(max_side=320, max_frames=frames))
        assert plan.profile == {"image": ((1, 3, 32, 32), (frames, 3, 256, 320), (frames, 3, 320, 320))}


def test_own_profile_and_fitted_defaults(model: ModelFile) -> None:
    shapes = ((1, 1, 16, 16), (3, 1, 16, 16), (5, 1, 16, 16))
    assert build_plan(model.path, profile={"image": shapes}).profile == {"image": shapes}
    assert build_plan(model.path, BuildOptions(max_batch=1)).profile["image"][1][0] == 1
    with pytest.raises(ValueError, match="inputs are image"):
        build_plan(model.path, profile={"picture": shapes})
    with pytest.raises(ValueError, match="MIN<=OPT<=MAX"):
        build_plan(model.path, profile={"image": (shapes[2], shapes[1], shapes[0])})


def test_progress_is_logged_where_nobody_shows_it(
    model: ModelFile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("edgeaffect.runtime.tensorrt.builder._LOG_INTERVAL", 0.0)
    with caplog.at_level(logging.INFO, "edgeaffect.runtime.tensorrt"):
        build_plan(model.path)
    assert "still building" in caplog.text


def test_progress_is_reported_and_can_cancel(model: ModelFile) -> None:
    seen: list[tuple[str, int, int]] = []
    build_plan(model.path, progress=lambda *a: seen.append(a))
    assert seen and all(1 <= done <= max(total, 1) for _, done, total in seen)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_plan(model.path, progress=stop)


@pytest.mark.parametrize("capabilities", [("SM86",), ("SM120", "SM89", "SM86")])
def test_compute_capabilities(model: ModelFile, capabilities: tuple[str, ...], tmp_path: Path) -> None:
    engine = build_engine(model, tmp_path / "x.engine", BuildOptions(compute_capabilities=capabilities))
    assert engine.header.target == {"compute_capabilities": sorted(capabilities)}


def test_impossible_wishes(model: ModelFile) -> None:
    with pytest.raises(ValueError, match="SM90"):
        build_plan(model.path, BuildOptions(compute_capabilities=("SM90",)))
    with pytest.raises(ValueError, match="variant must be one of"):
        build_plan(model.path, BuildOptions(variant="tensorflow"))
    with pytest.raises(ValueError, match="32 or more"):
        BuildOptions(max_side=16)
    with pytest.raises(ValueError, match="max_batch must be 1 or more"):
        BuildOptions(max_batch=0)
    with pytest.raises(ValueError, match="max_frames must be 1 or more"):
        BuildOptions(max_frames=0)


def test_missing_tensorrt_names_its_package() -> None:
    pytest.importorskip("onnx")
    if importlib.util.find_spec("tensorrt") is not None:
        pytest.skip("tensorrt is installed")
    with pytest.raises(DependencyError, match=r"(?s)edgeaffect\[tensorrt\].*JetPack|JetPack.*edgeaffect\[tensorrt\]"):
        find_variant("tensorrt")


def test_int8_in_name_only_is_refused(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "lie.onnx"
    path.write_bytes(model.path.read_bytes())
    for claim in ("int8", "fp16"):
        metadata.write(path, PRECISION_KEY, claim)
        with pytest.raises(Error, match="float"):
            build_plan(path)
    metadata.write(path, PRECISION_KEY, "int3")
    with pytest.raises(Error, match="int3"):
        build_plan(path)


def test_parser_errors_name_the_node(tmp_path: Path) -> None:
    import onnx

    model = onnx.load(str(tiny_affect(tmp_path / "x.onnx").path))
    next(n for n in model.graph.node if n.op_type == "Softmax").op_type = "NoSuchThing"
    onnx.save(model, str(tmp_path / "x.onnx"))
    with pytest.raises(Error, match="NoSuchThing"):
        build_plan(tmp_path / "x.onnx")


IN_INTEGERS = [model for model in bundled() if graph_precision(model.path) == "int8"]


@pytest.mark.parametrize("model", [m for m in bundled() if m not in IN_INTEGERS], ids=lambda m: m.name)
def test_bundled_models_build(model: ModelFile, tmp_path: Path) -> None:
    engine = build_engine(model, tmp_path / "x.engine")
    assert engine.header.payload_bytes > 10_000 and engine.header.self_test["outputs"]


@pytest.mark.parametrize("model", IN_INTEGERS, ids=lambda m: m.name)
def test_integers_for_a_cpu_are_no_engine(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(Error, match=r"int8.onnx holds the integers that ONNX Runtime wants.*float32 file"):
        build_engine(model, tmp_path / "x.engine")


def test_weights_beside_the_file_count(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model.path.read_bytes())
    alone = onnx_digest(path)
    (tmp_path / "m.onnx.data").write_bytes(b"1")
    first = onnx_digest(path)
    (tmp_path / "m.onnx.data").write_bytes(b"2")
    assert len({alone, first, onnx_digest(path)}) == 3


# --- the self-test


def runner(model: ModelFile):  # type: ignore[no-untyped-def]
    return OnnxRuntimeSession(model).run


def test_self_test_passes_for_the_same_model_and_fails_for_another(
    model: ModelFile, engine_path: Path, tmp_path: Path
) -> None:
    test = read_engine(engine_path).header.self_test
    assert run_self_test(test, model.spec, runner(model)) < 1e-6
    other = tiny_affect(tmp_path / "other.onnx", seed=1)
    with pytest.raises(SelfTestError, match="does not compute"):
        run_self_test(test, model.spec, runner(other))


def test_self_test_sees_noise_above_its_tolerance(model: ModelFile) -> None:
    for precision, noise, passes in (("fp32", 5e-4, True), ("fp32", 1e-2, False), ("int8", 5e-2, True)):
        test = make_self_test(model, precision, {"image": (2, 1, 16, 16)})

        def noisy(feeds, noise=noise):  # type: ignore[no-untyped-def]
            out = runner(model)(feeds)
            return {k: v + noise * v.max() for k, v in out.items()}

        if passes:
            assert run_self_test(test, model.spec, noisy) == pytest.approx(noise, rel=0.1)
        else:
            with pytest.raises(SelfTestError):
                run_self_test(test, model.spec, noisy)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_self_test_refuses_what_is_not_finite(model: ModelFile, engine_path: Path, broken: float) -> None:
    test = read_engine(engine_path).header.self_test
    with pytest.raises(SelfTestError):
        run_self_test(test, model.spec, lambda f: {k: v * np.float32(broken) for k, v in runner(model)(f).items()})


@pytest.mark.parametrize(
    "change",
    [
        {"outputs": {}},
        {"seed": 1},
        {"shapes": "x"},
        {"shapes": {"image": [2, 1, 10**6, 10**6]}},
        {"tolerance": "much"},
        {"input_sha256": "0"},
    ],
)
def test_a_weakened_self_test_is_refused(model: ModelFile, engine_path: Path, change: dict[str, object]) -> None:
    test = {**read_engine(engine_path).header.self_test, **change}
    with pytest.raises(SelfTestError):
        run_self_test(test, model.spec, runner(model))


def test_missing_output_and_wrong_shape(model: ModelFile, engine_path: Path) -> None:
    test = read_engine(engine_path).header.self_test
    for answer in ({}, {"probabilities": np.zeros((1, 8), np.float32)}):
        with pytest.raises(SelfTestError, match="shape"):
            run_self_test(test, model.spec, lambda _, answer=answer: answer)


def test_sample_input_is_in_the_models_format() -> None:
    spec = ImageInput("x", (7, 5), "rgb", "nchw", scale=1 / 255, mean=(0.5,), std=(0.5,))
    x = sample_input(spec, (2, 3, 5, 7))
    assert x.dtype == np.float32 and x.min() == -1 and x.max() == 1 and x.std() > 0.2
    assert not np.array_equal(x[0], x[1])
    assert np.array_equal(x, sample_input(spec, (2, 3, 5, 7)))
    nhwc = sample_input(dataclasses.replace(spec, layout="nhwc"), (2, 5, 7, 3))
    assert np.array_equal(nhwc.transpose(0, 3, 1, 2), x)
    quantised = sample_input(dataclasses.replace(spec, dtype="int8", quant=(0.01, 3)), (2, 3, 5, 7))
    assert quantised.dtype == np.int8 and np.abs((quantised.astype(int) - 3) * 0.01 - x).max() <= 0.0051


# --- the cache


def test_second_time_is_from_the_cache(model: ModelFile, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        first = EngineCache().get(model)
    assert ["this can take minutes" in r.message for r in caplog.records] == [True]
    caplog.clear()
    stamp = first.path.stat().st_mtime_ns
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        again = EngineCache().get(model)
    assert again.path == first.path and again.path.stat().st_mtime_ns == stamp and not caplog.records


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda b: b[:-10], "truncated"),
        (lambda b: b[:-10] + bytes(10), "altered"),
        (lambda b: b"garbage" + b, "not an edgeaffect engine"),
        (lambda b: b"", "not an edgeaffect engine"),
    ],
)
def test_unsound_engines_are_rebuilt_with_one_line(  # type: ignore[no-untyped-def]
    model: ModelFile, damage, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = EngineCache()
    path = cache.get(model).path
    path.write_bytes(damage(path.read_bytes()))
    caplog.clear()
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        cache.get(model).payload()
    assert [words in r.message and "rebuilding" in r.message for r in caplog.records] == [True]


def test_engine_under_the_name_of_another_is_rebuilt(model: ModelFile, caplog: pytest.LogCaptureFixture) -> None:
    cache = EngineCache()
    small, large = cache.get(model, BuildOptions(max_batch=2)), cache.get(model)
    large.path.write_bytes(small.path.read_bytes())
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        assert cache.get(model).header.profile["image"][2][0] == 16
    assert "another key: profile was" in caplog.records[-1].message


def test_another_variant_version_means_a_rebuild_that_says_so(
    model: ModelFile, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = EngineCache()
    first = cache.get(model)
    newer = dataclasses.replace(find_variant("tensorrt_rtx"), version="99.0")
    monkeypatch.setattr(request_module, "find_variant", lambda _: newer)
    caplog.clear()
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        second = cache.get(model)
    assert second.path != first.path
    assert "version was 1." in caplog.records[0].message and "is 99.0" in caplog.records[0].message


def test_every_part_of_the_key_matters(model: ModelFile, tmp_path: Path) -> None:
    cache, variant = EngineCache(), find_variant("tensorrt_rtx")
    other = tmp_path / "other.onnx"
    other.write_bytes(model.path.read_bytes())
    metadata.write(other, "note", "changed")
    variants = [
        (model.path, BuildOptions(), variant),
        (other, BuildOptions(), variant),
        (model.path, BuildOptions(max_batch=4), variant),
        (model.path, BuildOptions(max_side=320), variant),
        (model.path, BuildOptions(tf32=True), variant),
        (model.path, BuildOptions(workspace_mib=64), variant),
        (model.path, BuildOptions(compute_capabilities=("SM86",)), variant),
        (model.path, BuildOptions(), Variant("tensorrt_rtx", "2.0", variant.api)),
    ]

    def key(path: Path, options: BuildOptions, variant: Variant, target: dict[str, Any]) -> dict[str, Any]:
        file = ModelFile(path, model.spec)
        return BuildRequest(file, options, variant, target, read_precision(path), onnx_digest(path)).key

    keys = [key(path, o, f, target_of(f, o)) for path, o, f in variants]
    keys.append(key(model.path, BuildOptions(), variant, {"gpu": "A", "sm": "SM87", "cuda": 1, "driver": "R36"}))
    keys.append(key(model.path, BuildOptions(), variant, {"gpu": "A", "sm": "SM87", "cuda": 1, "driver": "R35"}))
    assert len({cache.path("m", key) for key in keys}) == len(keys)
    swapped = key(
        model.path, BuildOptions(), variant, target_of(variant, BuildOptions(compute_capabilities=("SM89", "SM86")))
    )
    assert swapped["target"] == {"compute_capabilities": ["SM86", "SM89"]}


def _get(arguments: tuple[str, str]) -> tuple[str, int]:
    home, model = arguments
    import os

    os.environ["EDGEAFFECT_HOME"] = home
    from edgeaffect.models.spec import ModelSpec

    engine = EngineCache().get(ModelFile(Path(model), ModelSpec.from_onnx(model)))
    return hashlib.sha256(engine.payload()).hexdigest(), engine.path.stat().st_ino


def test_two_processes_build_once(model: ModelFile, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        results = pool.map(_get, [(str(tmp_path / "shared"), str(model.path))] * 2)
    assert results[0] == results[1]
    assert len(list((tmp_path / "shared" / "engines").glob("*.engine"))) == 1


def test_unwritable_cache_names_the_remedy(model: ModelFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(Error, match="EDGEAFFECT_HOME"):
        EngineCache(tmp_path / "no").get(model)


def test_clean_deletes_one_model_or_all(model: ModelFile, tmp_path: Path) -> None:
    cache = EngineCache()
    cache.get(model)
    longer = tiny_affect(tmp_path / "b.onnx", name="tiny-b")
    cache.get(longer)
    (cache.folder / ".tiny-00000000000000000000.engine.lock").touch()  # a build that was killed
    (cache.folder / ".tiny-00000000000000000000.engine.abc.tmp").touch()
    assert [p.name.startswith("tiny-b-") for p in cache.clean("tiny")] == [False]
    assert [e.path.name.startswith("tiny-b-") for e in cache.entries()] == [True]
    cache.clean()
    assert not list(cache.folder.iterdir())


def test_names_of_strangers_stay_in_the_folder() -> None:
    cache = EngineCache()
    for name in ("../../etc/x", "a/b", "..", "", "x" * 300):
        path = cache.path(name, {})
        assert path.parent == cache.folder and len(path.name) < 120 and not path.name.startswith(".")


def test_misfits_are_named(engine_path: Path) -> None:
    header = read_engine(engine_path).header
    here = find_variant("tensorrt_rtx")
    assert incompatibility(header, here, GPU) is None
    for capability in ((8, 7), (9, 0), (7, 5)):
        assert "portable" in str(incompatibility(header, here, dataclasses.replace(GPU, capability=capability)))
    assert "99.9" in str(incompatibility(header, dataclasses.replace(here, version="99.9"), GPU))
    only = dataclasses.replace(header, target={"compute_capabilities": ["SM89"]})
    assert "SM89" in str(incompatibility(only, here, GPU))
    jetson = dataclasses.replace(header, target={"gpu": "Orin", "sm": "SM87", "cuda": 1, "driver": "R36"})
    assert "Orin" in str(incompatibility(jetson, here, GPU))


# --- the command


def test_command(model: ModelFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engines", "list"]) == 0 and "no engines" in capsys.readouterr().out
    assert main(["engines", "build", str(model.path), "--max-batch", "2"]) == 0
    assert "self-test" in capsys.readouterr().out
    file = tmp_path / "t.engine"
    assert main(["engines", "build", str(model.path), "-o", str(file), "--compute-capability", "SM86"]) == 0
    assert main(["engines", "list", str(file), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out.partition("[\n")[2].join(["[\n", ""]))
    assert facts[0]["target"] == {"compute_capabilities": ["SM86"]}
    assert main(["engines", "extract", str(file), "-o", str(tmp_path / "plan")]) == 0
    assert (tmp_path / "plan").read_bytes() == read_engine(file).payload()
    cached = EngineCache().entries()[0].path
    cached.write_bytes(b"broken")
    assert main(["engines", "list"]) == 2
    assert main(["engines", "clean"]) == 0 and not cached.exists()
    assert main(["engines", "build", str(model.path), "--compute-capability", "SM90"]) == 2
    assert main(["engines", "extract", str(model.path), "-o", str(tmp_path / "p")]) == 2
