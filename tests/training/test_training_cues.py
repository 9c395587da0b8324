"""The recipe of the face cue model: maps, poses, splits, targets, a short training and its file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from edgeaffect.action_units import BLENDSHAPES  # noqa: E402
from edgeaffect.circumplex import EMOTIONS  # noqa: E402
from training.cues import gaze, labels, maps, pose  # noqa: E402
from training.cues.admission import CUES, FACS, icc_3_1, linked, table  # noqa: E402
from training.cues.calibrate import Calibration  # noqa: E402
from training.cues.evaluate import auc, correlations  # noqa: E402
from training.cues.export import METADATA_KEY, OUTPUTS, ExportedCues, as_stored, facts, write_onnx  # noqa: E402
from training.cues.label import normalised  # noqa: E402
from training.cues.loss import BLINK, MIRROR_UNIT, Weights, loss_of, mean_points, mirror_loss  # noqa: E402
from training.cues.network import COLUMNS, GAZE_UNIT, POSE_UNIT, SHAPES, WIDTH, CuesConfig, CuesNet, split  # noqa: E402
from training.cues.prepare import apply, inverse, read_template  # noqa: E402
from training.cues.quantise import Crops, deviation, to_integers  # noqa: E402
from training.cues.runtime import CueModel, blend  # noqa: E402
from training.cues.sdk import five_of_68, similarity  # noqa: E402
from training.cues.train import Recipe, again  # noqa: E402
from training.cues.views import Faces, Views, plain, warp  # noqa: E402

NAMES = (
    ["browInnerUp", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "jawForward", "cheekPuff"]
    + [f"{part}{side}" for part in ("eyeBlink", "mouthSmile", "mouthFrown", "browDown") for side in ("Left", "Right")]
    + [f"eyeLook{way}{side}" for way in ("In", "Out", "Up", "Down") for side in ("Left", "Right")]
)


def test_a_mirror_of_a_mirror_changes_nothing():
    mirror = maps.mirrored_names(NAMES)
    assert (mirror[mirror] == np.arange(len(NAMES))).all()
    assert NAMES[mirror[NAMES.index("mouthSmileLeft")]] == "mouthSmileRight"
    assert mirror[NAMES.index("jawOpen")] == NAMES.index("jawOpen")
    assert (maps.MIRROR_68[maps.MIRROR_68] == np.arange(68)).all()
    points = np.random.default_rng(0).uniform(0, 100, (3, 68, 2))
    np.testing.assert_allclose(maps.mirrored_points(maps.mirrored_points(points, 100), 100), points)


def test_the_rigid_head_is_its_own_mirror_image_and_looks_at_the_camera():
    indices, head = pose.read_canonical()
    assert len(indices) == len(head) == len(set(indices.tolist()))
    at = {int(i): p for i, p in zip(indices, head, strict=True)}
    for i, point in at.items():
        if maps.MIRROR_68[i] in at:
            np.testing.assert_allclose(at[maps.MIRROR_68[i]], point * [-1, 1, 1], atol=1.5e-3)
    assert at[36][0] < at[45][0] and at[33][1] < at[48][1] and at[30][2] < at[36][2]


def test_68_mesh_points_are_distinct_and_mapped_in_pairs():
    assert len(set(maps.MESH_OF_68.tolist())) == 68 and maps.MESH_OF_68.max() < 468
    assert not set(maps.MESH_OF_68.tolist()) & {maps.IRIS_LEFT, maps.IRIS_RIGHT}
    random = np.random.default_rng(1)
    half = random.uniform(0.1, 1, (5, 2))
    shape = np.concatenate([half, half * [-1, 1]])
    assert (maps.mesh_mirror(shape) == np.concatenate([np.arange(5, 10), np.arange(5)])).all()


def test_angles_survive_the_way_there_and_back():
    angles = np.random.default_rng(2).uniform([-80, -70, -150], [80, 70, 150], (50, 3))
    np.testing.assert_allclose(pose.angles_of(pose.rotation(angles)), angles, atol=1e-6)


@pytest.mark.parametrize(("angles", "sign"), [((25, 0, 0), "right"), ((0, 20, 0), "up"), ((0, 0, 30), "clockwise")])
def test_each_angle_is_positive_where_the_contract_says(angles, sign):
    indices, _ = pose.read_canonical()
    seen = project(np.array(angles, float), (320, 240), (0, 0, 60))
    frontal = project(np.zeros(3), (320, 240), (0, 0, 60))
    nose = int(np.flatnonzero(indices == 30)[0])
    eyes = [int(np.flatnonzero(indices == i)[0]) for i in (36, 45)]
    moved = (seen[nose] - seen[eyes].mean(0)) - (frontal[nose] - frontal[eyes].mean(0))
    if sign == "right":
        assert moved[0] > 2
    elif sign == "up":
        assert moved[1] < -1
    else:
        across = seen[eyes[1]] - seen[eyes[0]]
        assert np.degrees(np.arctan2(across[1], across[0])) == pytest.approx(30, abs=2)
    full = np.zeros((68, 2))
    full[indices] = seen
    np.testing.assert_allclose(pose.solve(full, (320, 240)), angles, atol=0.05)


def project(angles: np.ndarray, size: tuple[int, int], where: tuple[float, float, float]) -> np.ndarray:
    """The rigid head in an image of (w, h)."""
    _, head = pose.read_canonical()
    seen = head @ pose.rotation(angles).T + np.array(where)
    return seen[:, :2] / seen[:, 2:] * size[0] + np.array(size) / 2


def test_pose_is_solved_away_from_the_middle_and_negated_by_a_mirror():
    size, angles = (640, 480), np.array([18.0, -12.0, 9.0])
    indices, _ = pose.read_canonical()
    points = np.zeros((68, 2))
    points[indices] = project(angles, size, (14, -9, 70))
    np.testing.assert_allclose(pose.solve(points, size), angles, atol=0.05)
    turned = maps.mirrored_points(points, size[0])
    np.testing.assert_allclose(pose.solve(turned, size), angles * [-1, 1, -1], atol=0.1)


def test_crop_angles_come_back_and_a_face_straight_ahead_needs_no_change():
    random = np.random.default_rng(3)
    matrices = similarity(random.uniform(100, 300, (4, 5, 2)), read_template() * 96)
    angles = random.uniform(-30, 30, (4, 3))
    there = pose.to_crop(angles, matrices, 96, (640, 480))
    np.testing.assert_allclose(pose.to_camera(there, matrices, 96, (640, 480)), angles, atol=1e-6)
    middle = np.array([[[1.0, 0, 320 - 48], [0, 1.0, 240 - 48]]])
    np.testing.assert_allclose(pose.to_camera(angles[:1], middle, 96, (640, 480)), angles[:1], atol=1e-6)


def test_eyes_straight_in_a_turned_head_look_where_the_head_does():
    head = np.array([[20.0, -10.0, 5.0]])
    np.testing.assert_allclose(pose.gaze_to_camera(head, np.zeros((1, 2))), head[:, :2], atol=1e-9)
    upright = pose.gaze_to_camera(np.zeros((1, 3)), np.array([[12.0, 7.0]]))
    np.testing.assert_allclose(upright, [[12, 7]], atol=1e-9)


def test_eye_look_blendshapes_have_the_contract_s_signs():
    scores = np.zeros((3, len(NAMES)))
    scores[0, [NAMES.index("eyeLookOutLeft"), NAMES.index("eyeLookInRight")]] = 1  # the subject's left: image right
    scores[1, [NAMES.index("eyeLookUpLeft"), NAMES.index("eyeLookUpRight")]] = 1
    scores[2] = scores[0][maps.mirrored_names(NAMES)]
    np.testing.assert_allclose(gaze.from_blendshapes(scores, NAMES), [[1, 0], [0, 1], [-1, 0]])


def test_half_a_blend_goes_the_short_way_round():
    np.testing.assert_allclose(blend(np.array([[170.0]]), np.array([[-170.0]]), 0.5), [[180.0]])
    np.testing.assert_allclose(blend(np.array([[3.0]]), np.array([[9.0]]), 1.0), [[3.0]])


def test_one_person_is_in_one_split_whatever_the_set_calls_them():
    names = ["lfw_George_W_Bush", "George_W_Bush", "training_George_W_Bush"]
    assert len({normalised(name) for name in names}) == 1
    groups = [f"person{i}" for i in range(4000)]
    parts = np.array([labels.split_of(group) for group in groups])
    assert [labels.split_of(group) for group in groups] == parts.tolist()
    assert (parts == "test").mean() == pytest.approx(labels.SHARES[0], abs=0.02)
    assert (parts == "dev").mean() == pytest.approx(labels.SHARES[1], abs=0.02)


def made_up(count: int = 24) -> Faces:
    """Discs with two eyes and a mouth that opens, and what a teacher would say of them."""
    random = np.random.default_rng(4)
    indices, _ = pose.read_canonical()
    images, points, shapes, angles = [], [], [], []
    for _ in range(count):
        turn = random.uniform(-15, 15, 3)
        seen = np.zeros((68, 2))
        seen[indices] = project(turn, (200, 200), (0, -4, 38))
        opened = random.random()
        image = np.full((200, 200, 1), 60, np.uint8)
        for i in range(68):
            x, y = np.rint(seen[i]).astype(int).clip(3, 196)
            image[y - 3 : y + 3, x - 3 : x + 3] = int(120 + 120 * opened)
        images.append(image)
        points.append(seen)
        shapes.append(np.full(SHAPES, opened))
        angles.append(turn)
    shaped = np.full(count, 2.0, np.float32)
    five = five_of_68(np.array(points, np.float32))
    return Faces(
        np.array(images), five, np.array(points, np.float32), np.ones(count, bool), np.array(shapes, np.float32),
        shaped, np.array(angles, np.float32), np.zeros((count, 2), np.float32), np.arange(SHAPES),
    )  # fmt: skip


SMALL = CuesConfig(side=64, stem=8, widths=(8, 16, 32), squeeze=8, hidden=16)


def test_targets_follow_the_view():
    faces = made_up(6)
    rows = np.arange(6)
    batch = plain(faces, rows, 64)
    template = torch.tensor(read_template(), dtype=torch.float32)
    five = torch.from_numpy(five_of_68(batch.points.numpy()))
    assert (five - template).abs().max() < 0.08
    matrix = similarity(faces.landmarks[:1].astype(float), read_template())
    back = apply(matrix, apply(inverse(matrix), faces.points[:1].astype(float)))
    np.testing.assert_allclose(back, faces.points[:1], atol=1e-4)
    views = Views(faces, 64, np.random.default_rng(0))
    drawn = views.batch(rows)
    assert drawn.x.shape == (6, 1, 64, 64) and torch.isfinite(drawn.x).all()
    # Points stay on their dots: a view's pixel at a point is brighter than the background around it.
    value = drawn.x[:, 0].reshape(6, -1)
    place = (drawn.points[:, 30] * 64).long().clamp(0, 63)
    assert (value[torch.arange(6), place[:, 1] * 64 + place[:, 0]] > value.median(1).values).float().mean() > 0.6


def test_a_warp_cuts_the_pixels_it_says():
    image = np.zeros((200, 200, 1), np.uint8)
    image[80:100, 120:140] = 255
    matrix = np.array([[100.0, 0, 100], [0, 100.0, 50]])  # unit crop -> x 100..200, y 50..150
    crop = warp(image, matrix, 50, 50)
    assert crop[20, 15, 0] == 255 and crop[:14].max() == 0 and crop[:, 21:].max() == 0


def test_two_steps_lower_the_loss():
    torch.manual_seed(0)
    faces = made_up()
    batch = plain(faces, np.arange(24), 64)
    weights = Weights(torch.full((SHAPES,), 0.3), torch.ones(SHAPES))
    net = CuesNet(SMALL).train()
    optimiser = torch.optim.SGD(net.parameters(), 0.01)
    losses = []
    for _ in range(3):
        loss, parts = loss_of(net(batch.x), batch, weights, mean_points())
        losses.append(loss.item())
        assert set(parts) == {"points", "shapes", "pose", "gaze", "spread"}
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[-1] < losses[0]
    assert sum(part.shape[1] for part in split(net(batch.x)).values()) == WIDTH == sum(COLUMNS.values())


def test_the_mirror_counts_only_what_a_mirror_changes():
    batch = Views(made_up(), 64, np.random.default_rng(0)).pairs(np.arange(24))
    assert torch.equal(batch.shapes[:24], batch.shapes[24:])  # the same faces; nothing made up here has sides
    raw = torch.zeros(48, WIDTH)
    said = split(raw)
    said["pose"][:], said["gaze"][:] = batch.pose / POSE_UNIT, batch.gaze / GAZE_UNIT
    assert mirror_loss(raw, batch) < 1e-9
    said["gaze"][:24, 1] += 1  # both look up by one unit too much: a fault, but the same in the mirror
    said["gaze"][24:, 1] += 1
    assert mirror_loss(raw, batch) < 1e-9
    said["gaze"][:, 0] += 1  # one unit to the right in both: a mirror turns it to the left
    assert mirror_loss(raw, batch).item() == pytest.approx((2 * GAZE_UNIT / MIRROR_UNIT) ** 2 / 5, rel=1e-4)


def test_faces_with_closed_eyes_come_again():
    faces = made_up(10)
    faces.shapes[:, BLINK] = 0
    faces.shapes[3, BLINK] = 0.9
    rows = again(faces, Recipe(real_again=1, closed_again=2))
    assert np.bincount(rows).tolist() == [4 if row == 3 else 2 for row in range(10)]


def test_the_file_says_what_the_network_says_and_its_integers_nearly_so(tmp_path: Path):
    torch.manual_seed(1)
    net = CuesNet(SMALL)
    faces = made_up()
    batch = plain(faces, np.arange(24), 64)
    net.train()
    for _ in range(10):  # statistics of the normalisations
        net(batch.x)
    before = net.eval()(batch.x[:4])
    stored = as_stored(net)
    assert (stored(batch.x[:4]) - before).abs().max() < 0.1 * before.abs().max()
    names = [f"shape{i}" for i in range(SHAPES)]
    weights = Weights(torch.full((SHAPES,), 0.3), torch.ones(SHAPES))
    model = ExportedCues(stored, Calibration.none(), weights, mean_points())
    path = tmp_path / "cues.onnx"
    assert write_onnx(model, batch.x[:8], path, facts(net, names, Calibration.none(), {})) < 5e-3
    read = CueModel(path)
    assert read.names == names and json.loads(json.dumps(read.facts))["outputs"]["pose"]["width"] == 3
    said = read.run(batch.x[:3].contiguous().numpy())
    assert {name: value.shape for name, value in said.items()} == {n: (3, w) for n, w in OUTPUTS.items()}
    target = tmp_path / "cues-int8.onnx"
    to_integers(path, target, Crops(tuple(batch.x.contiguous().numpy()[:, None]), "made up"))
    assert CueModel(target).facts == read.facts and METADATA_KEY == "edgeaffect.cues"
    assert deviation(path, target, batch.x.contiguous().numpy())["landmarks"] < 0.5


def test_statistics():
    random = np.random.default_rng(5)
    truth = random.normal(size=(200, 1))
    assert icc_3_1(truth + random.normal(0, 0.01, (200, 4))) > 0.99
    assert icc_3_1(truth + np.arange(4)) > 0.999  # consistency: an offset of a condition does not count
    assert abs(icc_3_1(random.normal(size=(200, 4)))) < 0.15
    assert auc(np.array([0.1, 0.2, 0.3, 0.4]), np.array([False, False, True, True])) == 1
    assert auc(np.array([1.0, 1.0, 1.0]), np.array([True, False, True])) == 0.5
    np.testing.assert_allclose(correlations(np.ones((5, 1)), random.normal(size=(5, 1))), 0)


def test_a_cue_is_admitted_for_what_facs_links_it_to_and_for_nothing_else():
    random = np.random.default_rng(6)
    votes = np.zeros((300, 10))
    emotion = np.arange(300) % len(EMOTIONS)
    votes[np.arange(300), emotion] = 10
    values = random.uniform(0, 0.2, (300, SHAPES))
    happy = emotion == EMOTIONS.index("happiness")
    for name in ("mouthSmileLeft", "mouthSmileRight", "mouthUpperUpLeft", "mouthUpperUpRight", "jawOpen"):
        values[happy, BLENDSHAPES.index(name)] += 0.5
    rows = table(list(BLENDSHAPES), values, votes, np.repeat(values[:, None], 3, 1))
    assert [cue for cue, row in rows.items() if row["admitted"]] == ["smile (AU12)"]
    assert rows["smile (AU12)"]["emotions"]["happiness"]["auc"] == 1.0
    assert (
        rows["upper lip raised (AU10)"]["icc"] == pytest.approx(1) and not rows["upper lip raised (AU10)"]["emotions"]
    )
    shaky = np.stack([values, random.permutation(values)], 1)
    assert not any(row["admitted"] for row in table(list(BLENDSHAPES), values, votes, shaky).values())


def test_every_emotion_of_facs_is_one_of_ours():
    assert set(FACS) == set(EMOTIONS) - {"neutral"}
    assert linked(26) == ["surprise", "fear"] and linked(43) == []
    assert {name for _, shapes in CUES.values() for name in shapes} <= set(BLENDSHAPES)
