"""Recipe of the face detector: labels, geometry of the crops, assignment, learning, resumption and export."""

from __future__ import annotations

import copy
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from edgeaffect.export.zoo.face_net import CONFIGS, STRIDES, FaceNet, pair  # noqa: E402

from edgeaffect.face.detector import FaceDetector  # noqa: E402
from training.face import blend as blending  # noqa: E402
from training.face import checkpoint, inherit, small  # noqa: E402
from training.face import distill as distilling  # noqa: E402
from training.face import points as pointing  # noqa: E402
from training.face import refine as refining  # noqa: E402
from training.face.augment import CERTAIN, Composer, Source, face_rows, sides  # noqa: E402
from training.face.batches import normalised  # noqa: E402
from training.face.data import Picture, split_of  # noqa: E402
from training.face.dense import SEEN, UNSHARED, Maps, distillation_loss, shared  # noqa: E402
from training.face.export import export, spec  # noqa: E402
from training.face.loss import assign, cell_centres, flatten  # noqa: E402
from training.face.mine import hard_places  # noqa: E402
from training.face.restore import restore  # noqa: E402
from training.face.teacher import BoxFromPoints, Labels, merge, suppress  # noqa: E402
from training.face.thin import thinned  # noqa: E402
from training.graph import size_of  # noqa: E402

torch.set_num_threads(1)


def row(x0: float, y0: float, x1: float, y1: float, score: float = 1.0) -> np.ndarray:
    """A face whose eyes, nose and mouth corners lie at fixed places of its box."""
    places = np.array([(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)])
    points = places * (x1 - x0, y1 - y0) + (x0, y0)
    return face_rows(np.array([[x0, y0, x1, y1]]), np.array([score]), points[None])


def blob(size: tuple[int, int], faces: np.ndarray) -> np.ndarray:
    """A dark picture with bright ellipses for faces."""
    image = np.full((size[1], size[0], 3), 40, np.uint8)
    for x0, y0, x1, y1 in faces[:, :4]:
        axes = int((x1 - x0) / 2), int((y1 - y0) / 2)
        cv2.ellipse(image, (int((x0 + x1) / 2), int((y0 + y1) / 2)), axes, 0, 0, 360, (230, 230, 230), -1)
    return image


@pytest.fixture
def composer() -> Composer:
    sources = []
    for name in ("multi", "photos", "points68", "crops80", "scenes"):
        faces = (
            np.concatenate([row(30, 40, 70, 90), row(120, 50, 150, 88)]) if name != "scenes" else row(0, 0, 1, 1)[:0]
        )
        sources.append(Source.of(blob((180, 140), faces), faces, name))
    return Composer(sources)


def test_groups_fall_into_parts_by_their_name_alone() -> None:
    parts = [split_of("points68", f"clip {i}") for i in range(4000)]
    assert parts == [split_of("points68", f"clip {i}") for i in range(4000)]
    assert parts.count("test") / 4000 == pytest.approx(0.15, abs=0.03)
    assert parts.count("dev") / 4000 == pytest.approx(0.05, abs=0.02)


def test_suppression_keeps_the_best_of_each_cluster() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [40, 40, 50, 50]], float)
    assert suppress(boxes, np.array([0.5, 0.9, 0.7]), 0.4) == [1, 2]


def test_a_box_is_predicted_from_points_at_any_place_and_size() -> None:
    rng = np.random.default_rng(0)
    faces = [row(x, y, x + s, y + 1.25 * s) for x, y, s in rng.uniform(20, 200, (40, 3))]
    box_of = BoxFromPoints().fit(np.stack([f[0, 6:].reshape(5, 2) for f in faces]), np.stack([f[0, :4] for f in faces]))
    new = row(7, 300, 47, 350)
    np.testing.assert_allclose(box_of(new[0, 6:].reshape(5, 2)), new[0, :4], atol=0.5)


def test_given_boxes_win_over_the_teacher() -> None:
    seen = Labels(row(0, 0, 20, 20)[:, :4], np.zeros((1, 5, 2), np.float32), np.array([0.6], np.float32))
    given = np.array([[2, 0, 22, 20], [100, 100, 130, 130]], np.float32)
    merged = merge(Picture("multi/x.jpg", np.zeros((9, 9, 3), np.uint8), "train", boxes=given), seen, None)
    np.testing.assert_allclose(merged.boxes, [[1, 0, 21, 20], [100, 100, 130, 130]])
    assert merged.scores.tolist() == [1.0, 1.0]
    assert np.isnan(merged.points[1]).all()


@pytest.mark.parametrize("seed", range(12))
def test_boxes_follow_the_pixels(composer: Composer, seed: int) -> None:
    rng = np.random.default_rng(seed)
    face = row(60, 50, 100, 100)
    source = Source.of(blob((160, 150), face), face, "multi")
    scale = rng.uniform(0.3, 1.5)
    image, faces = composer._warp(rng, 192, source, np.array([80.0, 75.0]), np.array([100.0, 90.0]), scale)
    ys, xs = np.nonzero(image[..., 0] > 135)
    assert len(faces) == 1
    # The blob's outline to 1.5 px: its own rasterisation, halved copies of the picture, and blending.
    np.testing.assert_allclose([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1], faces[0, :4], atol=1.5 + scale)
    middle = faces[0, 6:].reshape(5, 2).mean(0)
    assert np.linalg.norm(middle - (100, 90)) < 12 * scale  # points stay on the face
    assert faces[0, 6] < faces[0, 8]  # the image-left eye is still the first after mirroring


def test_crops_of_every_kind_are_sound(composer: Composer) -> None:
    kept = 0
    for seed in range(60):
        image, faces = composer.crop(np.random.default_rng(seed), 96, plain=bool(seed % 2))
        assert image.shape == (96, 96, 3) and image.dtype == np.uint8
        assert np.isfinite(faces).all()
        assert (faces[:, :4] >= 0).all() and (faces[:, :4] <= 96).all()
        kept += int((faces[:, 4] >= CERTAIN).sum())
    assert kept > 60


def test_each_face_gets_cells_inside_it_and_doubtful_ones_none() -> None:
    centres, strides = cell_centres(96, 128)
    faces = torch.from_numpy(np.concatenate([row(8, 8, 40, 44), row(60, 10, 67, 18), row(80, 40, 120, 90, score=0.0)]))
    boxes = torch.cat([centres - strides[:, None] * 2, centres + strides[:, None] * 2], 1)[None]
    scores = torch.full((1, len(centres)), 0.1)
    target, owner = assign(scores, boxes, centres, strides, faces, torch.zeros(3, dtype=torch.int64))
    for index in (0, 1):
        mine = (target[0] > 0) & (owner[0] == index)
        assert mine.any()
        low, high = faces[index, :2] - 6, faces[index, 2:4] + 6
        assert ((centres[mine] >= low) & (centres[mine] <= high)).all()
    inside = ((centres > faces[2, :2]) & (centres < faces[2, 2:4])).all(1)
    assert not target[0, inside].any()


def perfect_outputs(face: np.ndarray, size: int) -> tuple[torch.Tensor, ...]:
    """Maps in which every cell names the face's box and points, sure near its centre."""
    maps = []
    for stride in STRIDES:
        cells = size // stride
        y, x = torch.meshgrid(torch.arange(cells), torch.arange(cells), indexing="ij")
        centre = (torch.stack([x, y]) + 0.5) * stride
        box = torch.from_numpy(face[0, :4])
        points = torch.from_numpy(face[0, 6:]).view(10, 1, 1)
        low, high = (centre - box[:2, None, None]) / stride, (box[2:, None, None] - centre) / stride
        logit = torch.full((1, cells, cells), -8.0)
        maps.append(torch.cat([logit, low, high, (points - centre.repeat(5, 1, 1)) / stride])[None])
    return tuple(maps)


def maps_of(outputs: tuple[torch.Tensor, ...]) -> Maps:
    """What a teacher with these outputs would say; its features are its maps, repeated."""
    size = outputs[0].shape[-1] * STRIDES[0]
    centres, strides = cell_centres(size, size)
    flat = flatten(outputs)
    step = strides[:, None]
    boxes = torch.cat([centres - flat[..., 1:3] * step, centres + flat[..., 3:5] * step], -1)
    points = centres.repeat(1, 5) + flat[..., 5:] * step
    return Maps(flat[..., 0].sigmoid(), boxes, points, [o[:, :1].repeat(1, 64, 1, 1) for o in outputs])


def sure_at(outputs: tuple[torch.Tensor, ...], stride: int, y: int, x: int, logit: float) -> tuple[torch.Tensor, ...]:
    maps = [o.clone() for o in outputs]
    maps[STRIDES.index(stride)][0, 0, y, x] = logit
    return tuple(maps)


def test_a_cell_learns_the_label_where_there_is_one_and_the_teacher_elsewhere() -> None:
    seen, unseen = row(16, 16, 56, 56), row(20, 20, 60, 60)
    nowhere = torch.zeros(1, dtype=torch.int64)
    teacher = maps_of(sure_at(perfect_outputs(seen, 96), 16, 2, 2, 3.0))
    score, match = shared(teacher, torch.from_numpy(seen), nowhere)
    cell = int(teacher.score.argmax())
    assert match[0, cell] == 0 and score[0, cell] == teacher.score[0, cell]
    assert (match[0][teacher.score[0] < SEEN] == -1).all()
    score, match = shared(teacher, torch.from_numpy(row(70, 70, 90, 90)), nowhere)
    assert match[0, cell] == -1
    torch.testing.assert_close(score[0, cell], UNSHARED * teacher.score[0, cell])
    # Without labels a network that answers like the teacher is right about boxes and points, and no other is.
    nobody = torch.zeros(0, 16), torch.zeros(0, dtype=torch.int64)
    _, same = distillation_loss(sure_at(perfect_outputs(seen, 96), 16, 2, 2, 3.0), teacher, *nobody)
    _, other = distillation_loss(sure_at(perfect_outputs(unseen, 96), 16, 2, 2, 3.0), teacher, *nobody)
    assert same["box"] < 1e-4 and same["points"] < 1e-4
    assert other["box"] > 0.05 and other["points"] > 0.01
    # A label moves the boxes wanted at the teacher's cells to its own.
    _, labelled = distillation_loss(perfect_outputs(unseen, 96), teacher, torch.from_numpy(unseen), nowhere)
    assert labelled["box"] < 1e-4 and labelled["points"] < 1e-4


@pytest.mark.parametrize(("given", "rises"), [(1.0, True), (0.9, False)])
def test_only_people_make_the_network_surer_than_the_teacher_of_this_view(given: float, rises: bool) -> None:
    face = row(16, 16, 56, 56, score=given)
    teacher = maps_of(tuple(o - 8 * (torch.arange(15) == 0).view(1, 15, 1, 1) for o in perfect_outputs(face, 96)))
    outputs = tuple(o.requires_grad_() for o in sure_at(perfect_outputs(face, 96), 16, 2, 2, 0.0))
    faces = torch.from_numpy(face)
    distillation_loss(outputs, teacher, faces, torch.zeros(1, dtype=torch.int64))[0].backward()
    assert outputs[1].grad is not None
    assert (outputs[1].grad[0, 0, 2, 2] < 0) == rises
    assert faces[0, 4] == pytest.approx(given)  # the caller's rows stay


def test_distillation_lowers_the_score_where_the_teacher_sees_nothing() -> None:
    face = row(16, 16, 56, 56)
    nobody = torch.zeros(0, 16), torch.zeros(0, dtype=torch.int64)
    teacher = maps_of(perfect_outputs(face, 96))
    outputs = tuple(o.requires_grad_() for o in sure_at(perfect_outputs(face, 96), 8, 9, 9, 2.0))
    distillation_loss(outputs, teacher, *nobody)[0].backward()
    assert outputs[0].grad is not None
    assert outputs[0].grad[0, 0].argmax() == 9 * 12 + 9


def test_weights_return_from_a_file_and_distillation_resumes_where_it_stopped(
    composer: Composer, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    net = FaceNet()
    for branch in net.head:  # equal tensors would be stored once
        torch.nn.init.normal_(branch[1].bias, std=0.1)
    batch = torch.randn(2, 3, 96, 96)
    net.train()(batch)  # gives the normalisations statistics
    path = tmp_path / "face.onnx"
    with torch.no_grad():
        wanted = copy.deepcopy(net).eval()(batch)
    export(copy.deepcopy(net), path, spec("0.0.1", 0.001, 0.4, "test"))
    with torch.no_grad():
        got = restore(path, [batch]).eval()(batch)
    for one, other in zip(wanted, got, strict=True):
        torch.testing.assert_close(one, other, atol=0.02, rtol=0.02)  # kernels are stored as fp16

    def teacher(images: np.ndarray) -> Maps:
        with torch.no_grad():
            return maps_of(net.eval()(normalised(torch.from_numpy(images).permute(0, 3, 1, 2))))

    plan = distilling.Plan(steps=4, pixels=2 * 192 * 192, sizes={96: 1.0}, warmup=1)
    for name, stops in (("whole", (4,)), ("parts", (2, 4))):
        (tmp_path / name).mkdir()
        for stop in stops:
            distilling.distill(
                plan, composer, teacher, restore(path, [batch]), tmp_path / name, checkpoint_every=2, stop=stop
            )
    whole, parts = (torch.load(tmp_path / n / distilling.CHECKPOINT, weights_only=True) for n in ("whole", "parts"))
    assert whole["step"] == parts["step"] == 4
    for key, value in whole["average"].items():
        torch.testing.assert_close(value, parts["average"][key])


def test_hard_places_are_what_no_label_shares() -> None:
    image = blob((180, 140), row(30, 40, 70, 90))

    def detect(view: np.ndarray) -> tuple[np.ndarray, np.ndarray, None]:
        scale = view.shape[1] / 180
        boxes = np.array([[30, 40, 70, 90], [100, 20, 130, 50], [140, 90, 160, 120]], np.float32) * scale
        return boxes, np.array([0.9, 0.8, 0.1], np.float32), None

    places = hard_places(detect, image, row(30, 40, 70, 90)[:, :4])
    assert [scale for _, _, scale in places] == [0.5, 1.0, 2.0]
    for box, score, _ in places:
        np.testing.assert_allclose(box, (100, 20, 130, 50), atol=1)
        assert score == pytest.approx(0.8)


def test_hard_places_are_shown_at_their_size(composer: Composer) -> None:
    composer.by_set["multi"][0].key = "multi/a"
    composer.add_hard(np.array(["multi/a"]), np.array([[30, 40, 70, 90, 0.8, 1.0]], np.float32))
    for seed in range(20):
        _, faces = composer._hard(np.random.default_rng(seed), 192)
        # The fixture's face is the hard place: it is in the window, about as large as it was (45 px; roll adds).
        assert ((sides(faces) > 45 * 0.6) & (sides(faces) < 45 * 2)).any()


def test_the_points_stage_lowers_their_error_and_leaves_scores_and_boxes_alone(
    composer: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pointing, "FITS", 0.01)  # an untrained network fits nothing
    monkeypatch.setattr(pointing, "CROPS", 4)
    monkeypatch.setattr(pointing, "RATE", 0.3)
    torch.manual_seed(0)
    net = FaceNet().eval()
    for branch in net.head:
        torch.nn.init.constant_(branch[1].bias[:1], 4.0)  # sure of everything
        torch.nn.init.constant_(branch[1].bias[5:], 4.0)  # and off by four cells
    before = copy.deepcopy(net)
    images, faces, owner = pointing.draw(composer, 99)
    pointing.teach_points(net, composer, steps=20)
    with torch.no_grad():
        old, new = (n(normalised(images)) for n in (before, net))
    for one, other in zip(old, new, strict=True):
        torch.testing.assert_close(one[:, :5], other[:, :5])
    assert pointing.error(new, faces, owner) < 0.8 * pointing.error(old, faces, owner)


def test_refining_lowers_the_error_of_points_and_holds_scores_and_boxes(
    composer: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pointing, "FITS", 0.01)  # an untrained network fits nothing
    monkeypatch.setattr(pointing, "CROPS", 2)
    monkeypatch.setattr(refining, "PLAN", distilling.Plan(steps=10**6, pixels=2 * 192**2, sizes={192: 1.0}))
    monkeypatch.setattr(refining, "RATE", 0.1)
    monkeypatch.setattr(refining, "WARM_UP", 1)
    torch.manual_seed(0)
    net = FaceNet().eval()
    for branch in net.head:
        torch.nn.init.constant_(branch[1].bias[:1], 1.0)
        torch.nn.init.constant_(branch[1].bias[5:], 2.0)  # off by two cells
    before = copy.deepcopy(net)
    refined = refining.refine(net, composer, steps=20)
    images, faces, owner = pointing.draw(composer, 99)
    with torch.no_grad():
        old, new = (n(normalised(images)) for n in (before, refined))
    assert pointing.error(new, faces, owner) < 0.9 * pointing.error(old, faces, owner)
    assert float(refining.moved(old, old)) == 0
    for one, other in zip(old, new, strict=True):
        assert float((one[:, 0].sigmoid() - other[:, 0].sigmoid()).abs().mean()) < 0.1


def test_small_faces_are_raised_in_the_finest_map_alone() -> None:
    torch.manual_seed(0)
    net = FaceNet().eval()
    x = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        before, after = net(x), small.raised(net, 0.5)(x)
    torch.testing.assert_close(after[0][:, 0], before[0][:, 0] + 0.5)
    torch.testing.assert_close(after[0][:, 1:], before[0][:, 1:])
    for old, new in zip(before[1:], after[1:], strict=True):
        torch.testing.assert_close(old, new)


@pytest.mark.parametrize(("rates", "offset"), [([0.4, 0.5, 0.53, 0.6], 0.2), ([0.4] * 20, None)])
def test_the_least_offset_that_is_enough_is_taken(
    rates: list[float], offset: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = 0.5
    shares = iter([wanted, *rates])
    monkeypatch.setattr(small, "Labelled", lambda _: {})
    monkeypatch.setattr(small, "read_pictures", lambda *_: [])
    monkeypatch.setattr(small.peers, "yunet", lambda *_: None)
    monkeypatch.setattr(small, "found", lambda *_: np.full(2, next(shares)))
    net, facts = FaceNet().eval(), spec("0.0.1", 0.5, 0.4, "test")
    before = float(net.head[0][-1].bias[0].detach())
    if offset is None:
        with pytest.raises(ValueError, match="finds small faces as YuNet-n does"):
            small.raise_small(net, facts, tmp_path, tmp_path)
        return
    raised, chosen = small.raise_small(net, facts, tmp_path, tmp_path)
    assert chosen == pytest.approx(offset)
    assert float(raised.head[0][-1].bias[0].detach()) == pytest.approx(before + offset)


def yunet_kernels(seed: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Random kernels of YuNet-n's shapes, in the order of its graph."""
    random = torch.Generator().manual_seed(seed)
    found = [(torch.randn(16, 3, 3, 3, generator=random) / 700, torch.randn(16, generator=random) * 0.1)]

    def pair(inputs: int, outputs: int) -> None:
        for shape in ((outputs, inputs, 1, 1), (outputs, 1, 3, 3)):
            scale = (2 / (shape[1] * shape[2] ** 2)) ** 0.5
            found.append((torch.randn(shape, generator=random) * scale, torch.randn(outputs, generator=random) * 0.1))

    for inputs, outputs in ((16, 16), (16, 16), (16, 64), *[(64, 64)] * 14):
        pair(inputs, outputs)
    for outputs in (1, 4, 1, 10):
        for _ in STRIDES:
            pair(64, outputs)
    return found


def yunet_maps(image: torch.Tensor, stored: list[tuple[torch.Tensor, torch.Tensor]]) -> dict[str, list[torch.Tensor]]:
    """YuNet-n's graph as published, on pixels beyond whose border lies middle gray."""
    conv, pool = torch.nn.functional.conv2d, torch.nn.functional.max_pool2d
    kernels = iter(stored)

    def pair(x: torch.Tensor, relu: bool = True) -> torch.Tensor:
        x = conv(x, *next(kernels))
        weight, bias = next(kernels)
        x = conv(x, weight, bias, padding=1, groups=len(weight))
        return x.relu() if relu else x

    x = conv(torch.nn.functional.pad(image, (1, 1, 1, 1), value=127.5), *next(kernels), stride=2).relu()
    x = pool(pair(x), 2)
    for _ in range(4):
        x = pair(x)
    maps = []
    for _ in STRIDES:
        x = pair(pair(pool(x, 2)))
        maps.append(x)
    lateral = {2: pair(maps[2])}
    for level in (1, 0):
        up = torch.nn.functional.interpolate(lateral[level + 1], scale_factor=2.0)
        lateral[level] = pair(maps[level] + up)
    branches = [pair(lateral[level]) for level in (0, 1, 2)]
    return {name: [pair(b, relu=False) for b in branches] for name in ("class", "box", "objectness", "points")}


def test_the_first_weights_answer_as_yunet_does() -> None:
    stored = yunet_kernels(0)
    image = torch.rand(2, 3, 96, 128, generator=torch.Generator().manual_seed(1)) * 255
    net = FaceNet()
    inherit.take(net, stored)
    with torch.no_grad():
        got = net.eval()(normalised(image))
    maps = yunet_maps(image, stored)
    for level, stride in enumerate(STRIDES):
        y, x = torch.meshgrid(torch.arange(96 // stride), torch.arange(128 // stride), indexing="ij")
        corner = torch.stack([x, y]).float()
        middle, half = corner + maps["box"][level][:, :2], maps["box"][level][:, 2:].clamp(max=4 + np.log(2)).exp() / 2
        centre = corner + 0.5
        wanted = [
            maps["objectness"][level],
            centre - (middle - half),
            middle + half - centre,
            corner.repeat(5, 1, 1) + maps["points"][level] - centre.repeat(5, 1, 1),
        ]
        torch.testing.assert_close(got[level], torch.cat(wanted, 1), rtol=1e-3, atol=1e-3)


def test_a_blend_lies_between_the_first_and_the_trained_network() -> None:
    first, trained = FaceNet(), FaceNet()
    wanted = {k: 0.7 * v + 0.3 * trained.state_dict()[k] for k, v in first.state_dict().items()}
    for key, value in blending.blend(first, trained, 0.3).state_dict().items():
        torch.testing.assert_close(value, wanted[key].to(value.dtype))


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    net = FaceNet()
    net.stage4[1], net.stage4[2] = pair(16, 32), pair(32, 64)
    path = tmp_path / "face.onnx"
    export(net, path, spec("0.0.1", 0.001, 0.4, "test"))
    with pytest.raises(ValueError, match="FaceNet"):
        restore(path, [])


def test_exported_file_is_small_and_runs_in_the_detector(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    torch.manual_seed(0)
    net = FaceNet()
    for module in net.modules():  # statistics that folding must not lose
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    path = tmp_path / "face.onnx"
    caplog.set_level(logging.INFO)
    export(net, path, spec("0.0.1", 0.001, 0.4, "test"))  # compares the file with the network itself
    assert path.stat().st_size < 400_000
    detector = FaceDetector(str(path), score_threshold=0.001)
    faces = detector.detect(np.random.default_rng(0).integers(0, 256, (120, 200, 3), dtype=np.uint8))
    assert len(faces) > 0
    assert faces.landmarks.shape == (len(faces), 5, 2)


def likeness(net: FaceNet, other: FaceNet, batch: torch.Tensor) -> list[float]:
    """Correlation of what two networks answer, by stride."""
    with torch.no_grad():
        pairs = zip(net.eval()(batch), other.eval()(batch), strict=True)
        return [float(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1]) for a, b in pairs]


def test_a_thinned_network_of_the_full_size_answers_as_before() -> None:
    torch.manual_seed(0)
    net, batch = FaceNet(), torch.randn(4, 3, 96, 96)
    net.train()(batch)  # gives the normalisations statistics
    assert min(likeness(net, thinned(net, CONFIGS["full"], batch), batch)) > 0.999


def test_a_lean_network_costs_half_and_begins_near_the_full_one(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net, batch = FaceNet(), torch.randn(8, 3, 96, 96)
    net.train()(batch)
    lean = thinned(net, CONFIGS["lean"], batch)
    torch.manual_seed(1)
    fresh = FaceNet(CONFIGS["lean"]).eval()
    near, far = likeness(net, lean, batch), likeness(net, fresh, batch)
    assert min(near) > max(far)
    for name, config in (("full", FaceNet()), ("lean", lean)):
        export(config, tmp_path / f"{name}.onnx", spec("0.0.1", 0.5, 0.4, "test"))
    full, half = (size_of(tmp_path / f"{name}.onnx", (1, 3, 256, 320))[1] for name in ("full", "lean"))
    assert full == 108_356_080
    assert half < 0.52 * full
    checkpoint.save_average(FaceNet(CONFIGS["lean"]), "lean", 7, tmp_path / "lean.pt")
    again, config_name, step = checkpoint.load_average(tmp_path / "lean.pt")
    assert (config_name, step, len(again.stage4)) == ("lean", 7, 3)
