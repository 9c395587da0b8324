"""Guard of the expression models: damaged views, what it learns from them, and the report on it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from edgeaffect.export.zoo.affect_net import AffectConfig, AffectNet, Guard, build  # noqa: E402

from edgeaffect.models import find  # noqa: E402
from edgeaffect.runtime import Placement, open_session  # noqa: E402
from training.affect import damage, guard_fit, guard_kinds, guard_report  # noqa: E402
from training.affect.calibrate import Calibration, with_doubt  # noqa: E402
from training.affect.export import CalibratedAffect, as_stored, model_spec, write_onnx  # noqa: E402
from training.affect.restore import restore  # noqa: E402
from training.affect.views import MEAN, STD, network_input  # noqa: E402
from training.data import FerPlus  # noqa: E402

torch.set_num_threads(1)
RNG = np.random.default_rng
UNGUARDED = AffectConfig(16, (16, 32), (1, 1))


def pictures(count: int) -> np.ndarray:
    """Smooth gray pictures: noise of six by six squares, enlarged."""
    coarse = RNG(0).integers(0, 256, (count, 6, 6), dtype=np.uint8)
    return np.stack([cv2.resize(c, (48, 48), interpolation=cv2.INTER_CUBIC) for c in coarse])


@pytest.fixture
def faces() -> FerPlus:
    votes = RNG(0).multinomial(10, np.full(10, 0.1), 48).astype(np.float32)
    return FerPlus(pictures(48), votes, np.where(np.arange(48) < 40, "fit", "development"))


def identity_places() -> np.ndarray:
    y, x = np.mgrid[0:48, 0:48].astype(np.float32) + 0.5
    return np.stack([x, y], 2)


@pytest.mark.parametrize("name", sorted(damage.KINDS))
def test_damage_grows_with_its_strength_and_stays_a_picture(name: str) -> None:
    crops, places = pictures(24).astype(np.float32) / 255, identity_places()

    def change(strength: float) -> float:
        views = [damage.KINDS[name](crop, places, strength, RNG(i)) for i, crop in enumerate(crops)]
        assert all(v.shape == (48, 48) and v.min() >= 0 and v.max() <= 1 and np.isfinite(v).all() for v in views)
        return float(np.mean([np.abs(v - c).mean() for v, c in zip(views, crops, strict=True)]))

    assert 0 < change(0.0) < change(1.0)


def test_covers_hide_what_they_are_named_after() -> None:
    crop, places = pictures(1)[0].astype(np.float32) / 255, identity_places()
    for kind, (x, y), far in ((damage.cover_mouth, (24, 37), (24, 8)), (damage.cover_eyes, (15, 18), (24, 40))):
        views = np.stack([kind(crop, places, 1.0, RNG(i)) for i in range(40)])
        assert (views[:, y, x] != crop[y, x]).mean() > 0.8
        assert (views[:, far[1], far[0]] != crop[far[1], far[0]]).mean() < 0.2


@pytest.mark.parametrize("name", sorted(guard_kinds.KINDS))
def test_kinds_of_the_report_are_the_same_for_every_model_and_grow(name: str) -> None:
    images = pictures(16)
    strengths = guard_kinds.KINDS[name][1]
    least, most = (guard_kinds.hide(images, name, strengths[k]) for k in (0, -1))
    assert np.array_equal(least, guard_kinds.hide(images, name, strengths[0]))
    assert least.shape == images.shape and least.dtype == np.uint8

    def change(x: np.ndarray) -> float:
        return float(np.abs(x.astype(int) - images).mean())

    assert 0 < change(least) < change(most)


def test_kinds_left_out_of_the_training_are_told_apart() -> None:
    assert not set(guard_kinds.SEEN) & set(guard_kinds.UNSEEN) and len(guard_kinds.UNSEEN) >= 5


def test_the_guard_sees_a_tie() -> None:
    guard = Guard(4, 8)
    with torch.no_grad():
        for parameter in guard.parameters():
            parameter.zero_()
        guard.inner.weight[0, 4], guard.inner.weight[0, 5] = 1, -1  # best minus second best
        guard.outer.weight[0, 0] = 1
    clear, tied = torch.zeros(1, 10), torch.zeros(1, 10)
    clear[0, 2] = 5
    tied[0, 2] = tied[0, 3] = 5
    pooled = torch.zeros(1, 4)
    assert guard(pooled, clear).item() == pytest.approx(5) and guard(pooled, tied).item() == pytest.approx(0)


def test_networks_without_a_guard_say_so() -> None:
    net = AffectNet(UNGUARDED).eval()
    with pytest.raises(ValueError, match="no guard"):
        net.judge(net.features(torch.zeros(1, 1, 48, 48)), torch.zeros(1, 10))


def test_the_guard_learns_what_hides_a_face(faces: FerPlus) -> None:
    torch.manual_seed(0)
    net = build("small").eval()
    torch.nn.init.normal_(net.head.weight, std=20)
    with torch.no_grad():  # centred, so that the labels differ
        mean = net.features(network_input(torch.from_numpy(faces.images))).mean((0, 2, 3))
        net.head.bias.copy_(-net.head.weight @ mean)
    landmarks = np.full((48, 5, 2), np.nan)
    seen = guard_fit.look(net, faces, landmarks, rounds=3)
    assert len(seen.same) == 4 * 48 and seen.untouched.sum() == 48 and (seen.same[seen.untouched] == 1).all()
    assert 0 < seen.same.mean() < 1 and (seen.face.bincount() == 4).all()
    with torch.no_grad():
        x = network_input(torch.from_numpy(faces.images))
        wanted = net.features(x).mean((2, 3))
    assert seen.pooled[seen.untouched].numpy() == pytest.approx(wanted.numpy(), abs=0.05 * float(wanted.max()))

    # Where the first feature alone says what happened, the guard finds that out.
    told = dataclasses.replace(seen, pooled=seen.pooled.clone())
    told.pooled[:, 0] = 4 * told.same - 2
    before = net.head.weight.clone()
    guard_fit.fit_guard(
        net,
        dataclasses.replace(
            told, **{f.name: torch.cat([getattr(told, f.name)] * 60) for f in dataclasses.fields(told)}
        ),
    )
    chance = net.guard(told.pooled, told.logits)[:, 0].sigmoid()
    assert chance[told.same == 1].mean() > 0.7 and chance[told.same == 0].mean() < 0.4
    assert torch.equal(before, net.head.weight)
    with pytest.raises(ValueError, match="no guard"):
        guard_fit.fit_guard(AffectNet(UNGUARDED), told)


def test_doubt_flattens_what_a_hidden_face_says() -> None:
    # Hidden faces answer at random: their temperature must grow, and their votes go to the average.
    random = RNG(4)
    z, hidden = random.normal(0, 3, (6000, 10)), np.arange(6000) >= 3000
    p = np.exp(z[:, :8] - z[:, :8].max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    label = np.where(
        hidden,
        random.choice(8, 6000, p=[0.5, 0.3, 0.2, 0, 0, 0, 0, 0]),
        (p.cumsum(1) > random.random((6000, 1))).argmax(1),
    )
    votes = np.zeros((6000, 10))
    votes[np.arange(6000), label] = 10
    quality = torch.where(torch.from_numpy(hidden), 0.05, 0.98)
    plain = Calibration(votes=1.0, label=1.0, quality=1.0, bias=(0.0,) * 8)
    found = with_doubt(plain, torch.from_numpy(z), quality, votes)
    seen, hid = (found.label * (1 + found.doubt * (1 - q)) for q in (0.98, 0.05))
    assert seen == pytest.approx(1, abs=0.12) and hid > 3 and found.average_share > 0.9
    assert found.average == pytest.approx(votes[:, :8].mean(0) / 10, abs=1e-6)


def test_quality_of_an_exported_file_is_the_guards_chance(tmp_path: Path, faces: FerPlus) -> None:
    torch.manual_seed(0)
    net = as_stored(build("small").eval())
    average = (0.4, 0.3, 0.1, 0.05, 0.05, 0.05, 0.05, 0.0)
    calibration = Calibration(
        votes=0.9, label=0.7, quality=1.0, bias=(0.0,) * 8, doubt=2.0, average=average, average_share=0.8
    )
    path = tmp_path / "guarded.onnx"
    write_onnx(CalibratedAffect(net, calibration), faces, path)
    spec = model_spec("guarded", "0.0.1", calibration, "test")
    spec.write_to(path)
    x = (faces.images[:5, None].astype(np.float32) / 255 - MEAN) / STD
    found = open_session(find(path, "affect"), Placement(device="cpu")).run({"image": x})
    features = net.features(torch.from_numpy(x))
    logits = net.classify(features)
    quality = net.judge(features, logits).sigmoid().detach().numpy()
    assert found["quality"] == pytest.approx(quality, abs=0.01)
    z = logits.detach().numpy()[:, :8]

    def softmax(v: np.ndarray) -> np.ndarray:
        e = np.exp(v - v.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    assert found["probabilities"] == pytest.approx(softmax(z / (0.7 * (1 + 2 * (1 - quality)))), abs=0.01)
    blend = 0.8 * (1 - quality)
    assert found["votes"] == pytest.approx((1 - blend) * softmax(z / 0.9) + blend * np.array(average), abs=0.01)
    # Trainings go on from a shipped file, guard and all.
    back = restore(path, "small", network_input(torch.from_numpy(faces.images)))
    assert back.guard is not None and back.guard.outer.weight.detach().numpy() == pytest.approx(
        net.guard.outer.weight.detach().numpy(), abs=1e-3
    )


def test_a_row_of_the_report_counts_by_hand() -> None:
    def answers(labels: list[int], quality: list[float], sure: list[bool]) -> guard_report.Answers:
        probabilities = np.eye(8)[labels] * 0.93 + 0.01
        return guard_report.Answers(np.array(labels), probabilities, np.array(quality), np.array(sure))

    plain = answers([0, 1, 2, 3], [0.9] * 4, [True, True, True, False])
    hidden = answers([0, 1, 3, 0], [0.9, 0.2, 0.8, 0.1], [True, False, True, False])
    found = guard_report.row(plain, hidden, np.array([0, 1, 2, 3]), np.array([True, True, True, False]))
    assert (found["sure"], found["other"], found["other_among_sure"]) == (2, 1, 0.5)
    assert found["still_sure"] == pytest.approx(2 / 3) and found["accuracy"] == pytest.approx(2 / 3)
    assert found["risk"] == pytest.approx([0, 0.5, 0.5, 1 / 3, 0.5])
