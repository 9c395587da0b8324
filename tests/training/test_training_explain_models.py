"""The explainer's seeing and speaking models: shapes, caches, files, losses against naive references."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from edgeaffect.explain.content import Known  # noqa: E402
from edgeaffect.explain.cues import CUES, FACTS  # noqa: E402
from edgeaffect.explain.grammar import realise  # noqa: E402
from edgeaffect.explain.meaning import Claim  # noqa: E402
from edgeaffect.explain.static_cache import joined  # noqa: E402
from edgeaffect.models.registry import FILES  # noqa: E402
from training.explain import export, fact_limits, facts, losses, measures, pictures, store  # noqa: E402
from training.explain.decoder import MATCH, SUMMARY, TOKENS, Decoder, DecoderConfig  # noqa: E402
from training.explain.evidence import thresholds  # noqa: E402
from training.explain.faces import VALUES  # noqa: E402
from training.explain.features import Seen  # noqa: E402
from training.explain.generate import speak  # noqa: E402
from training.explain.grow import grow  # noqa: E402
from training.explain.network import PATCHES, WIDTH, SeeingNet, float_weights, load_cue_network  # noqa: E402
from training.explain.salience import contributions, fit  # noqa: E402
from training.explain.sequences import IGNORED, PREFIX, padded, spoken, swapped  # noqa: E402
from training.files import open_on_one_thread  # noqa: E402

TINY = DecoderConfig(words=40, layers=2, width=16, heads=2, inner=24, longest=20)
TEXT = [1, 7, 39, 4, 22, 5, 13, 13, 2]


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    torch.manual_seed(0)
    return Decoder(TINY, torch.randn(40, 3)).eval()


def looked(decoder: Decoder, rows: int = 1, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    given = (draw(rows, PATCHES, WIDTH), draw(rows, SUMMARY), draw(rows, 12), draw(rows, len(CUES)))
    with torch.no_grad():
        memory, match, sure = decoder.memory(*given)
        assert memory.shape == (rows, TOKENS, TINY.width) and match.shape == (rows, MATCH) and sure.shape == (rows,)
        return decoder.keys_and_values(memory)


def test_the_trunk_is_the_shipped_cue_network():
    net = load_cue_network(FILES / "face-cues.onnx")
    x = np.random.default_rng(0).normal(size=(2, 1, 96, 96)).astype(np.float32)
    said = open_on_one_thread(FILES / "face-cues.onnx").run(["blendshapes"], {"image": x})[0]
    with torch.no_grad():
        shapes = net(torch.from_numpy(x))[:, 136 : 136 + 51].sigmoid()
    np.testing.assert_allclose(shapes, said, atol=1e-5)


def test_the_eyes_say_all_they_are_asked():
    net = SeeingNet().train()
    assert not any(m.training for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d))
    patches, cues, told, votes = net(torch.randn(3, 1, 96, 96))
    assert patches.shape == (3, PATCHES, WIDTH)
    assert (cues.shape, told.shape, votes.shape) == ((3, len(CUES)), (3, len(FACTS)), (3, 8))


def test_steps_equal_one_run_and_a_fixed_cache_equals_a_growing_one(decoder: Decoder):
    memory = looked(decoder)
    tokens = torch.tensor([TEXT])
    with torch.no_grad():
        whole, _ = decoder(tokens, None, memory)
        said, past = decoder(tokens[:, :4], None, memory)
        parts = [said]
        fixed_past = torch.zeros(TINY.layers, 2, 1, TINY.heads, TINY.longest, TINY.head)
        hidden, fixed_past = decoder.static_hidden(tokens[:, :4], fixed_past, memory, torch.zeros(1, 1))
        fixed = [decoder.logits(hidden)]
        for place in range(4, len(TEXT)):
            said, past = decoder(tokens[:, place : place + 1], past, memory)
            parts.append(said)
            at = torch.full((1, 1), float(place))
            hidden, fixed_past = decoder.static_hidden(tokens[:, place : place + 1], fixed_past, memory, at)
            fixed.append(decoder.logits(hidden))
    np.testing.assert_allclose(torch.cat(parts, 1), whole, atol=1e-5)
    np.testing.assert_allclose(torch.cat(fixed, 1), whole, atol=1e-5)
    assert past.shape == (TINY.layers, 2, 1, TINY.heads, len(TEXT), TINY.head)


def test_no_word_sees_a_later_one(decoder: Decoder):
    memory = looked(decoder)
    first, second = torch.tensor([TEXT]), torch.tensor([[*TEXT[:5], 30, 31, 32, 33]])
    with torch.no_grad():
        a, b = decoder(first, None, memory)[0], decoder(second, None, memory)[0]
    np.testing.assert_allclose(a[:, :5], b[:, :5], atol=1e-6)
    assert (a[:, 5:] - b[:, 5:]).abs().max() > 1e-3


def test_another_face_changes_what_is_said(decoder: Decoder):
    tokens = torch.tensor([TEXT])
    with torch.no_grad():
        a, b = (decoder(tokens, None, looked(decoder, seed=seed))[0] for seed in (1, 2))
    assert (a - b).abs().max() > 1e-3


def test_affect_is_folded_into_the_table(decoder: Decoder):
    memory = looked(decoder)
    with torch.no_grad():
        whole, folded = (d(torch.tensor([TEXT]), None, memory)[0] for d in (decoder, export.folded(decoder)))
    np.testing.assert_allclose(whole, folded, atol=1e-5)


def test_a_grown_decoder_says_the_same(decoder: Decoder):
    large = grow(decoder, TINY.layers + 1)
    assert large.config.width == 2 * TINY.width and len(large.blocks) == TINY.layers + 1
    generator = torch.Generator().manual_seed(7)
    shapes = ((2, PATCHES, WIDTH), (2, SUMMARY), (2, 12), (2, len(CUES)))
    given = [torch.randn(*shape, generator=generator) for shape in shapes]
    tokens, said = torch.tensor([TEXT, TEXT[::-1]]), []
    with torch.no_grad():
        for net in (decoder, large):
            memory, match, sure = net.memory(*given)
            hidden, _ = net.hidden(tokens, None, net.keys_and_values(memory))
            said.append((net.logits(hidden), match, sure, net.vad_head(hidden), net.text_match(tokens, tokens > 2)))
    for small_says, large_says in zip(*said, strict=True):
        np.testing.assert_allclose(large_says, small_says, atol=1e-4)
    with pytest.raises(ValueError, match="fewer"):
        grow(decoder, 1)


def test_files_say_what_pytorch_says(decoder: Decoder, tmp_path: Path):
    spoken = export.folded(decoder)
    graph = export.decoder_graph(spoken)
    probe = {
        "tokens": torch.tensor([TEXT[:3]]),
        "past": torch.randn(TINY.layers, 2, 1, TINY.heads, 4, TINY.head),
        "keys_values": torch.randn(1, TINY.layers, 2, TINY.heads, TOKENS, TINY.head),
    }
    assert export.difference(graph, export.DecoderGraph(spoken), probe) < export.TOLERANCE
    eyes = SeeingNet().eval()
    given = {"image": torch.randn(1, 1, 96, 96), "affect": torch.rand(1, 12), "change": torch.zeros(1, len(CUES))}
    encoder = export.encoder_graph(eyes, spoken)
    assert export.difference(encoder, export.EncoderGraph(eyes, spoken), given) < export.TOLERANCE


def test_the_static_file_takes_its_weights_from_the_growing_one(decoder: Decoder):
    config = DecoderConfig(words=300, layers=1, width=32, heads=2, inner=48, longest=16)
    torch.manual_seed(3)
    spoken = export.folded(Decoder(config, None))
    graphs = [export.decoder_graph(spoken), export.static_graph(spoken)]
    for graph in graphs:
        store.store_weights(graph)
        export.shorten_names(graph)
    growing = graphs[0].SerializeToString()
    bones = export.skeleton(graphs[1], onnx.load_from_string(growing)).SerializeToString()
    assert len(bones) < 0.5 * len(growing)
    memory = np.random.default_rng(0).normal(size=(1, 1, 2, 2, TOKENS, 16)).astype(np.float32)
    tokens = np.array([[1, 250, 7]], np.int64)
    grown = open_on_one_thread(growing).run(
        None, {"tokens": tokens, "past": np.zeros((1, 2, 1, 2, 0, 16), np.float32), "keys_values": memory}
    )
    static = open_on_one_thread(joined(growing, bones)).run(
        None,
        {
            "tokens": tokens, "past": np.zeros((1, 2, 1, 2, 16, 16), np.float32), "keys_values": memory,
            "position": np.zeros((1, 1), np.float32),
        },
    )  # fmt: skip
    np.testing.assert_allclose(static[0], grown[0], atol=1e-5)
    np.testing.assert_allclose(static[1][..., :3, :], grown[1], atol=1e-5)


def test_stored_weights_are_close_and_small(decoder: Decoder):
    config = DecoderConfig(words=400, layers=1, width=64, heads=2, inner=96, longest=16)
    graph = export.decoder_graph(export.folded(Decoder(config, None)))
    before, size = float_weights(graph), len(graph.SerializeToString())
    axes = store.output_axes(graph.graph)
    store.store_weights(graph)
    after = float_weights(graph)
    assert len(graph.SerializeToString()) < 0.4 * size
    for name, axis in axes.items():
        large = np.moveaxis(np.abs(before[name]), axis, 0).reshape(before[name].shape[axis], -1).max(1)
        error = np.moveaxis(np.abs(before[name] - after[name]), axis, 0).reshape(len(large), -1).max(1)
        # Half a step, or what the shortest scale cuts off.
        assert (error <= 0.41 * large).all() and error.mean() < 0.02 * large.mean()


def test_random_weights_say_nothing_of_the_grammar(decoder: Decoder):
    from edgeaffect.explain.vocabulary import Vocabulary
    from training.explain.generate import claims_of

    vocabulary = Vocabulary()
    torch.manual_seed(5)
    net = Decoder(DecoderConfig(vocabulary.speakable_end, 1, 16, 2, 24, 40), None).eval()
    said = speak(net, looked_of(net), [[1, 4, 20, 30, 40]], temperature=1.0)
    assert not claims_of(said[0], vocabulary)[1]


def looked_of(net: Decoder) -> torch.Tensor:
    with torch.no_grad():
        return net.keys_and_values(torch.randn(1, TOKENS, net.config.width))


def test_targets_are_the_next_words_behind_the_prefix():
    tokens, targets = padded([[1, 4, 5, 6, 7, 10, 11, 2], [1, 4, 5, 6, 7, 9, 2]])
    assert tokens.tolist()[1] == [1, 4, 5, 6, 7, 9, 2, 0]
    assert targets.tolist() == [[IGNORED] * 4 + [10, 11, 2, IGNORED], [IGNORED] * 4 + [9, 2, IGNORED, IGNORED]]
    assert PREFIX == 5


def test_word_and_distillation_losses_are_means_over_counted_words():
    random = np.random.default_rng(0)
    student, teacher = random.normal(size=(2, 3, 5)), random.normal(size=(2, 3, 5))
    targets = np.array([[1, IGNORED, 4], [IGNORED, IGNORED, 0]])

    def soft(z: np.ndarray) -> np.ndarray:
        e = np.exp(z - z.max())
        return e / e.sum()

    words, distil, count = 0.0, 0.0, 0
    for i in range(2):
        for t in range(3):
            if targets[i, t] == IGNORED:
                continue
            count += 1
            words -= np.log(soft(student[i, t])[targets[i, t]])
            p, q = soft(teacher[i, t] / 2), soft(student[i, t] / 2)
            distil += 4 * float((p * np.log(p / q)).sum())
    s, t, y = torch.tensor(student), torch.tensor(teacher), torch.tensor(targets)
    assert float(losses.word_loss(s, y)) == pytest.approx(words / count)
    assert float(losses.distil_loss(s, t, y)) == pytest.approx(distil / count)
    expected = [sum(np.log(soft(student[i, t])[targets[i, t]]) for t in range(3) if targets[i, t] >= 0) for i in (0, 1)]
    np.testing.assert_allclose(losses.sequence_log_probability(s, y), expected)


def test_affect_losses_look_at_affect_bearing_words_only(decoder: Decoder):
    net = Decoder(TINY, torch.zeros(40, 3))
    net.vad[9] = torch.tensor([0.5, -0.5, 0.25])
    targets = torch.tensor([[3, 9, IGNORED]])
    hidden = torch.zeros(1, 3, TINY.width)
    wanted = (net.vad_head.bias.detach().numpy() - [0.5, -0.5, 0.25]) ** 2
    assert losses.vad_loss(hidden, net, targets).item() == pytest.approx(wanted.mean(), rel=1e-5)
    logits = torch.full((1, 3, 40), -50.0)
    logits[..., 9] = 50.0
    meant = torch.tensor([[0.5, 0.5, 0.25]])
    there = losses.soft_vad_loss(logits, net, targets, meant, torch.tensor([True]))
    assert float(there) == pytest.approx(1.0, rel=1e-4)
    assert float(losses.soft_vad_loss(logits, net, targets, meant, torch.tensor([False]))) == 0


def test_the_match_prefers_the_own_text_to_a_false_one():
    faces = torch.nn.functional.normalize(torch.eye(3), dim=1)
    speaks = torch.tensor([True, True, True])
    good = float(losses.match_loss(faces, faces, -faces, speaks))
    assert good < 0.01 < float(losses.match_loss(faces, -faces, faces, speaks))
    assert float(losses.match_loss(faces, faces, faces, torch.tensor([True, False, False]))) == 0


def test_confidence_is_best_at_the_share_of_votes():
    share = torch.tensor([0.7, float("nan")])
    at = {p: float(losses.sure_loss(torch.logit(torch.tensor([p, 0.5])), share)) for p in (0.5, 0.7, 0.9)}
    assert at[0.7] == min(at.values())


def test_a_preference_falls_as_the_chosen_text_gains():
    zero = torch.zeros(1)
    losses_ = [float(losses.preference_loss(torch.tensor([x]), zero, zero, zero, 0.1)) for x in (0.0, 1.0, 5.0)]
    assert losses_[0] == pytest.approx(np.log(2)) and losses_[0] > losses_[1] > losses_[2]


def test_measures_are_sums_sizes_and_largest_parts():
    values = np.zeros((2, len(VALUES)))
    values[:, VALUES.index("mouthSmileLeft")] = (0.8, 0.2)
    values[:, VALUES.index("gaze_yaw")] = (-20, 3)
    values[:, VALUES.index("gaze_pitch")] = (1, -5)
    values[:, VALUES.index("head_roll")] = (-14, 2)
    found = dict(zip(CUES, measures.measured(values).T, strict=True))
    np.testing.assert_allclose(found["smile"], [0.4, 0.1])
    np.testing.assert_allclose(found["looking_at_camera"], [-20, -5])
    np.testing.assert_allclose(found["head_tilted"], [14, 2])
    np.testing.assert_allclose(found["looking_left"], [20, -3])
    assert (measures.SWAP[measures.SWAP] == np.arange(len(CUES))).all()


def test_thresholds_keep_their_promise():
    random = np.random.default_rng(1)
    truth = random.random(4000) < 0.3
    p = 1 / (1 + np.exp(-(random.normal(size=4000) + np.where(truth, 2.0, -2.0))))
    hi, lo, called = thresholds(p, truth)
    assert called["present_precision"] >= 0.95 and truth[p >= hi].mean() == pytest.approx(called["present_precision"])
    assert called["absent_precision"] >= 0.95 and lo < hi


def test_salience_finds_the_cue_that_votes_follow():
    random = np.random.default_rng(2)
    cues = random.random((3000, 2))
    votes = np.full((3000, 8), 0.02)
    votes[np.arange(3000), np.where(cues[:, 1] > 0.5, 3, 0)] = 0.86
    weights, _ = fit(cues - cues.mean(0), votes)
    assert weights[3, 1] > 1 and abs(weights[3, 0]) < 0.3
    np.testing.assert_allclose(weights.sum(0), 0, atol=1e-9)
    table = {
        "salience": {"happiness": {"smile": 2.0}, **{e: {} for e in emotions() if e != "happiness"}},
        "means": {"smile": 0.25},
    }
    given = np.zeros((1, len(CUES)))
    given[0, CUES.index("smile")] = 0.75
    assert contributions(table, given)[0, 1, CUES.index("smile")] == pytest.approx(1.0)


def emotions() -> tuple[str, ...]:
    from edgeaffect.circumplex import EMOTIONS

    return EMOTIONS


def frontal() -> np.ndarray:
    """68 points of a drawn face in a crop of 96 px."""
    points = np.zeros((68, 2))
    angle = np.linspace(np.pi, 0, 17)
    points[:17] = np.stack([48 + 30 * np.cos(angle), 40 + 42 * np.sin(angle)], 1)
    points[17:22] = [[22 + 4 * i, 24] for i in range(5)]
    points[22:27] = [[58 + 4 * i, 24] for i in range(5)]
    points[27:36] = [[48, 32 + 2 * i] for i in range(9)]
    for first, x in ((36, 33), (42, 63)):
        t = np.linspace(0, 2 * np.pi, 6, endpoint=False)
        points[first : first + 6] = np.stack([x + 5 * np.cos(t), 32 + 2 * np.sin(t)], 1)
    for first, count, size in ((48, 12, 11), (60, 8, 8)):
        t = np.linspace(0, 2 * np.pi, count, endpoint=False)
        points[first : first + count] = np.stack([48 + size * np.cos(t), 62 + 4 * np.sin(t)], 1)
    return points


def test_covers_hide_what_lies_behind_them():
    image = np.full((96, 96), 128.0)
    for seed in range(8):
        scene = facts.Scene(image.copy(), frontal(), np.random.default_rng(seed))
        facts.mask(scene)
        facts.measure(scene)
        told = dict(zip(FACTS, scene.facts, strict=True))
        assert told["mouth_covered"] == 1 and told["brows_covered"] == 0 and told["glasses"] == 0
        dark = facts.Scene(image.copy(), frontal(), np.random.default_rng(seed))
        facts.glasses(dark, dark=True)
        facts.measure(dark)
        assert dark.facts[FACTS.index("glasses")] == 1 and dark.facts[FACTS.index("mouth_covered")] == 0
        assert dark.facts[FACTS.index("eyes_covered")] != 0


def test_the_border_repeats_and_darkness_is_measured():
    image = np.tile(np.arange(96.0), (96, 1))
    random = np.random.default_rng(4)
    seen = set()
    for _ in range(30):
        scene = facts.Scene(image.copy(), frontal(), random)
        facts.cut(scene)
        seen.add(float(scene.facts[FACTS.index("cut_off")]))
        assert scene.opacity.any() and scene.image.shape == (96, 96)
    assert 1.0 in seen
    dark = facts.Scene(np.full((96, 96), 20.0), frontal(), random)
    facts.measure(dark)
    assert dark.facts[FACTS.index("dark")] == 1
    light = facts.Scene(np.full((96, 96), 120.0), frontal(), random)
    facts.measure(light)
    assert light.facts[FACTS.index("dark")] == 0


def test_hidden_cues_and_joined_facts():
    told = np.zeros((1, len(FACTS)), np.float32)
    told[0, FACTS.index("mouth_covered")] = 1
    hidden = dict(zip(CUES, pictures.hidden_cues(told)[0], strict=True))
    assert hidden["smile"] == hidden["mouth_open"] == 1 and hidden["eyes_wide"] == hidden["head_left"] == 0
    rest, made = np.array([1, np.nan, 0, np.nan], np.float32), np.array([0, 1, np.nan, 0], np.float32)
    result = pictures.joined(rest, made)
    assert result[:2].tolist() == [1, 1] and np.isnan(result[2:]).all()


def test_what_is_hardly_seen_is_not_said():
    truth = np.full((3, len(CUES)), 0.5)
    logits = np.zeros((3, len(CUES)))
    smile, tilt = CUES.index("smile"), CUES.index("head_tilted")
    truth[:, smile], logits[:, smile] = (1, 1, 0), (3, 0, -3)
    truth[:, tilt], logits[:, tilt] = (1, 0, 1), (-9, 9, 0)
    said = spoken(truth, logits)
    assert said[:, smile].tolist() == [1, 0.5, 0] and said[:, tilt].tolist() == [1, 0, 1]


def test_a_false_text_differs_in_one_cue():
    claims = (Claim("emotion", "happiness"), Claim("bin", "clearly"), Claim("cue", "smile", "present", True))
    states = dict.fromkeys(CUES, "absent") | {"smile": "present"}
    known = Known(states, {}, "happiness", 0.9, {"happiness": 0.9})
    found = {swapped(claims, known, Random(seed)) for seed in range(20)} - {None}
    assert found
    for wrong in found:
        assert wrong[:2] == claims[:2] and wrong[2] != claims[2] and wrong[2].is_reason
        assert realise(wrong, Random(0))
    assert swapped(claims[:2], known, Random(0)) is None


def test_limits_of_facts_keep_precision():
    random = np.random.default_rng(6)
    n = 4000
    truth = random.random((n, len(FACTS))) < 0.2
    logits = random.normal(size=(n, len(FACTS))) + np.where(truth, 3.0, -3.0)
    summary = np.concatenate([np.zeros((n, len(CUES))), logits], 1)
    empty = np.zeros(n)
    seen = Seen(empty, summary, empty, truth.astype(np.float32), np.ones_like(truth), *[empty] * 4, empty > 1, empty)
    for row in fact_limits.limits(seen).values():
        assert row["development"]["precision"] >= 0.95 and row["lo"] < row["hi"]


def test_admission_and_records_are_whole():
    record = json.loads((ROOT / "training" / "explain" / "ADMISSION.json").read_text())
    for name, row in record["cues"].items():
        told = (
            any(e["auc"] >= record["least_auc"] for e in row["emotions"].values()) and row["icc"] >= record["least_icc"]
        )
        assert row["admitted"] == told, name
