"""Recipe of the expression models: augmentation, calibration, export and resumption on small synthetic sets."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from edgeaffect.export.zoo.affect_net import CONFIGS, build  # noqa: E402

from edgeaffect.circumplex import vad_from_votes  # noqa: E402
from edgeaffect.models import find  # noqa: E402
from edgeaffect.runtime import Placement, open_session  # noqa: E402
from training.affect import covers  # noqa: E402
from training.affect import train as training  # noqa: E402
from training.affect.alignment import read_template  # noqa: E402
from training.affect.augment import Augmenter, mixup  # noqa: E402
from training.affect.calibrate import Calibration, fit_calibration  # noqa: E402
from training.affect.corruptions import CORRUPTIONS, corrupt  # noqa: E402
from training.affect.export import OUTPUTS, CalibratedAffect, as_stored, model_spec, write_onnx  # noqa: E402
from training.affect.views import MEAN, STD, LiveViews  # noqa: E402
from training.data import FerPlus, read_ferplus, soft_targets  # noqa: E402

# Two spinning threads on a machine busy with other work take minutes for what one does in seconds.
torch.set_num_threads(1)
DATA = Path(os.environ.get("EDGEAFFECT_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture
def faces() -> FerPlus:
    random = np.random.default_rng(0)
    count = 96
    images = random.integers(0, 256, (count, 48, 48), dtype=np.uint8)
    votes = random.multinomial(10, np.full(10, 0.1), count).astype(np.float32)
    split = np.where(np.arange(count) < 64, "fit", "development")
    return FerPlus(images, votes, split)


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_networks_have_the_shapes_of_the_contract(name: str) -> None:
    net = build(name).eval()
    x = torch.zeros(2, 1, 48, 48)
    assert net(x).shape == (2, 10)
    assert net.features(x).shape == (2, CONFIGS[name].widths[-1], 6, 6)
    with pytest.raises(ValueError, match="choose one of"):
        build("huge")


def test_soft_targets_are_distributions_over_ten_columns() -> None:
    targets, usable = soft_targets(np.array([[3, 1] + [0] * 8, [0] * 10], np.float32))
    assert targets[0, :2].tolist() == [0.75, 0.25]
    assert usable.tolist() == [True, False]


def test_augmentation_is_seeded_bounded_and_survives_missing_landmarks(faces: FerPlus) -> None:
    alignments = np.tile(np.eye(2, 3, dtype=np.float32), (96, 1, 1))
    alignments[::2] = np.nan
    index = torch.arange(96)
    images = torch.from_numpy(faces.images)
    views = [Augmenter(alignments, torch.Generator().manual_seed(3))(images, index) for _ in range(2)]
    assert views[0].shape == (96, 1, 48, 48)
    assert torch.equal(*views)
    assert torch.isfinite(views[0]).all()
    assert views[0].min() >= 0
    assert views[0].max() <= 1


def covered(shape: Callable[..., Any], count: int = 40) -> torch.Tensor:
    """[count, 48, 48] bool: what `shape` hides more than half of, on faces that lie as in the template."""
    generator = torch.Generator().manual_seed(1)

    def draw(low: float, high: float) -> torch.Tensor:
        return (torch.rand(count, generator=generator) * (high - low) + low).view(-1, 1, 1)

    y, x = torch.meshgrid(torch.arange(48) + 0.5, torch.arange(48) + 0.5, indexing="ij")
    opacity, tone = shape(x.expand(count, 48, 48), y.expand(count, 48, 48), read_template(), draw)
    assert opacity.shape[-2:] == (48, 48) and opacity.min() >= 0 and opacity.max() <= 1
    assert torch.isfinite(tone).all()
    return opacity > 0.5


def test_a_mask_hides_the_mouth_and_glasses_the_eyes() -> None:
    eyes, mouth = read_template()[:2].astype(int), read_template()[3:].mean(0).astype(int)
    masks, rims = covered(covers.mask), covered(covers.glasses)
    assert masks[:, mouth[1], mouth[0]].all() and not masks[:, eyes[:, 1], eyes[:, 0]].any()
    assert not rims[:, mouth[1], :].any() and not rims[:, :8].any()
    dark = rims[:, eyes[:, 1], eyes[:, 0]]
    assert 0.2 < dark.float().mean() < 0.8 and (dark[:, 0] == dark[:, 1]).all()
    hands = covered(covers.hand).float().mean((1, 2))
    assert hands.min() > 0 and 0.05 < hands.mean() < 0.5


def test_covers_go_where_the_face_went_and_leave_the_others_alone() -> None:
    y, x = torch.meshgrid(torch.arange(48) + 0.5, torch.arange(48) + 0.5, indexing="ij")
    places = torch.stack([x, y], 2).repeat(60, 1, 1, 1)
    gray = torch.full((60, 1, 48, 48), 0.5)
    none = covers.cover(gray, places, 0.0, torch.Generator().manual_seed(0))
    assert torch.equal(none, gray)
    upright = covers.cover(gray, places, 0.5, torch.Generator().manual_seed(0))
    changed = (upright != gray).flatten(1).any(1).float().mean()
    assert 0.3 < changed < 0.7 and upright.min() >= 0 and upright.max() <= 1
    turned = covers.cover(gray, places.flip(1), 0.5, torch.Generator().manual_seed(0))
    assert torch.equal(turned, upright.flip(2))


def test_alignment_brings_the_landmarks_home_in_half_of_the_views() -> None:
    # A bright spot 10 px right of the centre, and alignments that say the template's centre belongs there.
    images = np.zeros((400, 48, 48), np.uint8)
    images[:, 22:26, 32:36] = 255
    alignments = np.tile(np.array([[1, 0, 10], [0, 1, 0]], np.float32), (400, 1, 1))
    augment = Augmenter(alignments, torch.Generator().manual_seed(0))
    views, places = augment._reframe(torch.from_numpy(images).unsqueeze(1).float() / 255, torch.arange(400))
    views = views[:, 0]
    # Wherever the spot went, that place is the template's centre (2 px: the spot is 4 px wide).
    seen = views.flatten(1).max(1).values > 0.95
    brightest = places.flatten(1, 2)[torch.arange(400), views.flatten(1).argmax(1)]
    assert seen.sum() > 300 and (brightest[seen] - 24).abs().max() < 3.5
    weight = (views > 0.9).float()
    column = (weight.sum(1) * torch.arange(48)).sum(1) / weight.sum((1, 2)).clamp(min=1)
    centred = ((column - 23.5).abs() < 5).float().mean().item()
    assert 0.4 < centred < 0.6


def test_mixup_keeps_distributions_and_the_main_face() -> None:
    x, targets = torch.rand(64, 1, 48, 48), torch.eye(10)[torch.arange(64) % 10]
    mixed, blended = mixup(x, targets, 1.0, torch.Generator().manual_seed(0))
    assert blended.sum(1).allclose(torch.ones(64))
    assert (blended * targets).sum(1).min() >= 0.6
    assert torch.equal(mixup(x, targets, 0.0, torch.Generator().manual_seed(0))[0], x)
    assert not torch.equal(mixed, x)


@pytest.mark.parametrize("biased", [False, True])
def test_calibration_recovers_what_made_the_labels(biased: bool) -> None:
    random = np.random.default_rng(1)
    z = random.normal(0, 3, (4000, 10))
    bias = np.array([1.5, -1.5, 0, 0, 0, 0, 0, 0]) * biased
    p = np.exp(z[:, :8] / 2 + bias)
    p /= p.sum(1, keepdims=True)
    label = (p.cumsum(1) > random.random((4000, 1))).argmax(1)
    votes = np.zeros((4000, 10))
    votes[np.arange(4000), label] = 10
    found = fit_calibration(torch.from_numpy(z), votes)
    assert found.label == pytest.approx(2, abs=0.15)
    if biased:
        assert np.array(found.bias) - np.mean(found.bias) == pytest.approx(bias, abs=0.3)
    else:
        assert np.abs(found.bias).max() < 0.25


def test_exported_file_gives_the_mixture_of_anchors_for_any_batch(tmp_path: Path, faces: FerPlus) -> None:
    torch.manual_seed(0)
    net = as_stored(build("small").eval())
    average = (0.125,) * 8
    calibration = Calibration(votes=0.9, label=0.7, quality=1.1, bias=(0.1,) + (0.0,) * 7, average=average)
    path = tmp_path / "affect-test.onnx"
    write_onnx(CalibratedAffect(net, calibration), faces, path)
    spec = model_spec("affect-test", "0.0.1", calibration, "test")
    spec.write_to(path)
    assert path.stat().st_size < 1.2 * sum(p.numel() for p in net.parameters())

    model = find(path, "affect")
    assert model.spec == spec
    session = open_session(model, Placement(device="cpu"))
    images = faces.images[:5, None].astype(np.float32) / 255
    outputs = session.run({"image": (images - MEAN) / STD})
    assert set(outputs) == set(OUTPUTS)
    assert outputs["votes"].shape == outputs["probabilities"].shape == (5, 8)
    assert outputs["votes"].sum(1) == pytest.approx(np.ones(5), abs=1e-5)
    mean, covariance = vad_from_votes(outputs["votes"])
    # The anchors are stored as fp16: 11 bits of numbers below 1.
    assert outputs["vad"][:, :3] == pytest.approx(mean, abs=5e-4)
    assert outputs["vad"][:, 3:] == pytest.approx(np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)), abs=5e-4)
    assert ((outputs["quality"] > 0) & (outputs["quality"] < 1)).all()
    assert outputs["features"].shape == (5, CONFIGS["small"].widths[-1], 6, 6)


def trainer(faces: FerPlus, file: Path, recipe: training.Recipe) -> training.Trainer:
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    landmarks = np.full((len(faces.images), 5, 2), np.nan)
    views = LiveViews(faces, landmarks, generator, batch=recipe.batch, damage=1.0, mixup_share=0.25)
    return training.Trainer("small", build("small"), recipe, views, faces.part("development"), file)


def test_resumed_training_equals_uninterrupted_training(tmp_path: Path, faces: FerPlus) -> None:
    recipe = training.Recipe(epochs=2, batch=32, clean_epochs=1)
    whole = trainer(faces, tmp_path / "whole.pt", recipe)
    whole.train_epoch()
    whole.train_epoch()
    first = trainer(faces, tmp_path / "part.pt", recipe)
    first.train_epoch()
    first.save()
    second = trainer(faces, tmp_path / "part.pt", recipe)
    second.resume()
    second.train_epoch()
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, second.average.state_dict()[name]), name
    other = trainer(faces, tmp_path / "part.pt", dataclasses.replace(recipe, seed=1))
    with pytest.raises(ValueError, match="another recipe"):
        other.resume()


@pytest.mark.parametrize("name", sorted(CORRUPTIONS))
def test_corruptions_are_seeded_and_grow(name: str) -> None:
    y, x = np.mgrid[:48, :48]
    face = (128 + 60 * np.sin(x / 3) * np.cos(y / 4)).astype(np.uint8)
    images = np.stack([face] * 8)
    strengths = CORRUPTIONS[name][1]
    weak, strong = (corrupt(images, name, strengths[k]) for k in (0, -1))
    assert weak.shape == images.shape
    assert weak.dtype == np.uint8
    assert np.array_equal(weak, corrupt(images, name, strengths[0]))
    error = [np.abs(c.astype(float) - images).mean() for c in (weak, strong)]
    assert 0 < error[0] < error[1]


@pytest.mark.skipif(not (DATA / "ferplus_train_valid.zip").exists(), reason="FER+ is not here")
def test_ferplus_split_is_the_published_one_with_a_tenth_for_development() -> None:
    faces = read_ferplus(DATA)
    sizes = {name: len(faces.part(name).images) for name in ("fit", "development", "valid")}
    assert sizes == {"fit": 24124, "development": 2680, "valid": 3510}
    assert np.array_equal(faces.split, read_ferplus(DATA).split)
    with pytest.raises(ValueError, match="development"):
        faces.part("test")
