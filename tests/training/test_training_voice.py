"""The recipe of the voice model: splits, damage, loss, windows, scores, a short training and its file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
soundfile = pytest.importorskip("soundfile")
pytest.importorskip("sklearn")
ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from edgeaffect.models.spec import ModelSpec  # noqa: E402
from training.voice import augment, card, corpora, folds, loss, scores, unseen  # noqa: E402
from training.voice.batches import Views, stretched, warped, window  # noqa: E402
from training.voice.calibrate import fit_temperature  # noqa: E402
from training.voice.clips import HOP, WINDOW, Said, windows  # noqa: E402
from training.voice.evaluate import Answers, by_windows, ece, gates, score, within, write  # noqa: E402
from training.voice.export import ExportedVoice, export, folded, parameters, ship  # noqa: E402
from training.voice.front_end import frames_of  # noqa: E402
from training.voice.network import VoiceConfig, VoiceNet, relative  # noqa: E402
from training.voice.prepare import Rows, decode_all, prepare  # noqa: E402
from training.voice.teacher import Encoder, opinions, pieces, relative_to_speaker, statistics  # noqa: E402
from training.voice.train import Recipe, load_network, rate, read_windows, rows_of, smoothed, train  # noqa: E402

RATE = corpora.SAMPLE_RATE
SMALL = VoiceConfig(stem=8, widths=(8, 8, 8), blocks=(0, 0, 0), hidden=16, context=1, embedding=16)


def voice(seed: int, seconds: float = 0.9) -> np.ndarray:
    """A buzz with a formant and pauses, float32."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 100 + 80 * random.random()
    buzz = np.sign(np.sin(2 * np.pi * pitch * time)) * (0.2 + np.sin(2 * np.pi * 3 * time) ** 2)
    return (0.1 * buzz + 0.003 * random.standard_normal(len(time))).astype(np.float32)


def ogg(samples: np.ndarray) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="OGG", subtype="VORBIS")
    return file.getvalue()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The corpora in miniature: a few speakers, one short clip per label and speaker."""
    folder = tmp_path_factory.mktemp("data")
    for facts in corpora.CORPORA.values():
        lines = ["file,speaker,gender,emotion,level,sentence,seconds"]
        with zipfile.ZipFile(folder / facts.file, "w") as archive:
            for speaker in range(5):
                for number, label in enumerate(facts.labels or ("low", "neutral", "high")):
                    file = f"{speaker}-{label}.ogg"
                    archive.writestr(file, ogg(voice(speaker * 10 + number, 0.7 + 0.1 * number)))
                    level = "" if facts.labels else str(number)
                    lines.append(f"{file},S{speaker},{'mf'[speaker % 2]},{label},{level},1,0.8")
            archive.writestr("labels.csv", "\n".join(lines))
    with zipfile.ZipFile(folder / corpora.NONSPEECH, "w") as archive:
        random = np.random.default_rng(3)
        for number in range(12):
            archive.writestr(f"n{number}.ogg", ogg((0.1 * random.standard_normal(RATE)).astype(np.float32)))
        rows = [f"n{number}.ogg,room,here,1.0" for number in range(12)]
        archive.writestr("labels.csv", "\n".join(["file,kind,source,seconds", *rows]))
    return folder


@pytest.fixture(scope="module")
def cache(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("cache")
    return prepare(data, out, versions=1), out


def test_no_speaker_is_in_two_parts(data):
    clips = corpora.read_clips(data)
    parts: dict[str, set[str]] = {}
    for clip in clips:
        parts.setdefault(clip.speaker, set()).add(clip.part)
    assert all(len(found) == 1 for found in parts.values())
    for name in corpora.TRAINED:
        assert {clip.part for clip in clips if clip.corpus == name} == set(corpora.PARTS)
    assert {clip.part for clip in clips if clip.corpus == "ased"} == {corpora.ASED_PART}
    assert clips == corpora.read_clips(data)


def test_one_who_says_most_stays_in_training():
    speakers = ["loud"] * 300 + [f"s{n}" for n in range(40) for _ in range(10)]
    parts = corpora.assign_speakers(speakers, [""] * len(speakers))
    assert parts["loud"] == "fit"
    held = sum(parts[name] == "development" for name in speakers) / len(speakers)
    assert 0.15 < held < 0.35


def test_unknown_corpora_labels_and_rates_are_named(data, tmp_path):
    with pytest.raises(ValueError, match="no corpus 'iemocap'"):
        corpora.read_clips(data, ["iemocap"])
    with zipfile.ZipFile(tmp_path / "voice_emodb.zip", "w") as archive:
        archive.writestr("labels.csv", "file,speaker,emotion,seconds\na.ogg,s,bliss,1\n")
    with pytest.raises(ValueError, match="'bliss'"):
        corpora.read_clips(tmp_path, ["emodb"])
    file = io.BytesIO()
    soundfile.write(file, np.zeros(800, np.float32), 8000, format="WAV")
    with pytest.raises(ValueError, match="8000 Hz"):
        corpora.decode(file.getvalue())


def test_sounds_keep_their_part():
    parts = [corpora.sound_part(f"n{number}.ogg") for number in range(400)]
    assert parts == [corpora.sound_part(f"n{number}.ogg") for number in range(400)]
    assert 0.5 < parts.count("fit") / 400 < 0.7 and 0.18 < parts.count("development") / 400 < 0.32


def test_arousal_is_of_the_label_or_the_level():
    def clip(label: str, level: int = -1) -> corpora.Clip:
        return corpora.Clip("ravdess", "f", "s", "fit", label, level, "")

    assert clip("anger").arousal == 1 and clip("boredom").arousal == 0
    assert np.isnan(clip("neutral").arousal) and np.isnan(clip("disgust").arousal)
    assert [clip("", level).arousal for level in range(3)] == [0, 0.5, 1]


@pytest.mark.parametrize(
    "change",
    [
        augment.gain,
        augment.equalise,
        augment.limit_band,
        lambda x, random: augment.mu_law(x),
        lambda x, random: augment.compress(x, "OPUS", 0.8),
        lambda x, random: augment.compress(x, "VORBIS", 0.8),
        lambda x, random: augment.reverberate(x, augment.room_response(random)),
        lambda x, random: augment.add_noise(x, augment.coloured_noise(len(x), random), 10),
    ],
)
@pytest.mark.parametrize("kind", ["voice", "silence"])
def test_changes_keep_length_and_are_finite(change, kind):
    x = voice(0) if kind == "voice" else np.zeros(12345, np.float32)
    y = change(x, np.random.default_rng(1))
    assert y.dtype == np.float32 and y.shape == x.shape and np.isfinite(y).all()


def test_noise_has_the_ratio_that_was_asked_for():
    x = voice(2)
    noise = augment.coloured_noise(len(x), np.random.default_rng(0), slope=-3.0)
    for decibels in (0.0, 12.0):
        added = augment.add_noise(x, noise, decibels) - x
        ratio = augment.speech_power(x) / np.square(added.astype(np.float64)).mean()
        assert 10 * np.log10(ratio) == pytest.approx(decibels, abs=0.05)


def test_coloured_noise_falls_as_told():
    noise = augment.coloured_noise(1 << 16, np.random.default_rng(0), slope=-6.0)
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / RATE)
    octaves = [power[(hertz > f) & (hertz < 2 * f)].mean() for f in (500, 1000, 2000)]
    assert np.diff(10 * np.log10(octaves)) == pytest.approx([-6, -6], abs=1)


def test_pitch_and_tempo_change_what_they_say():
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 200 * time).astype(np.float32)

    def peak(x: np.ndarray) -> float:
        middle = x[len(x) // 4 : len(x) // 4 + 8000] * np.hanning(8000)
        return float(np.abs(np.fft.rfft(middle)).argmax() * RATE / 8000)

    assert peak(augment.change_tempo(tone, 0.8)) == pytest.approx(200, abs=4)
    assert len(augment.change_tempo(tone, 0.8)) == pytest.approx(len(tone) / 0.8, rel=0.01)
    assert peak(augment.change_pitch(tone, 1.1)) == pytest.approx(220, abs=4)
    assert len(augment.change_pitch(tone, 1.1)) == pytest.approx(len(tone), rel=0.02)


def test_damage_is_the_same_for_the_same_seed():
    noises = [voice(9)]
    a, b = (augment.damaged(voice(1), np.random.default_rng(5), noises) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    for seed in range(12):
        y = augment.damaged(voice(seed, 0.4), np.random.default_rng(seed), noises)
        assert np.isfinite(y).all() and np.abs(y).max() < 4 and len(y) > 0.3 * RATE


def naive_loss(logits, target, mask):
    total = 0.0
    denominator = sum(np.exp(v) for v, own in zip(logits, mask, strict=True) if own)
    for value, share in zip(logits, target, strict=True):
        if share:
            total -= share * np.log(np.exp(value) / denominator)
    return total


def test_the_masked_loss_is_that_of_a_naive_reference():
    random = np.random.default_rng(0)
    known = loss.masks()
    keys = sorted(known)
    logits = random.normal(0, 2, (len(keys), 9))
    mask = np.stack([known[key] for key in keys])
    targets = random.random((len(keys), 9)) * mask
    targets /= np.maximum(targets.sum(1, keepdims=True), 1e-9)
    got = loss.emotion_loss(torch.tensor(logits), torch.tensor(targets), torch.tensor(mask)).numpy()
    wanted = [naive_loss(*row) for row in zip(logits, targets, mask, strict=True)]
    np.testing.assert_allclose(got, wanted, atol=1e-9)
    assert got[keys.index(("baved", ""))] == 0


def test_labels_of_other_corpora_count_only_where_arousal_rules_them_out():
    named = dict(zip(corpora.LABELS, loss.compared("ravdess", "sadness"), strict=True))
    assert not named["boredom"] and named["calm"]
    assert dict(zip(corpora.LABELS, loss.compared("ravdess", "anger"), strict=True))["boredom"]
    assert not loss.compared("nemo", "neutral")[corpora.LABELS.index("calm")]
    # A loss over these columns leaves boredom alone where the clip is sad.
    logits = torch.zeros(1, 9, requires_grad=True)
    target = torch.eye(9)[[corpora.LABELS.index("sadness")]]
    loss.emotion_loss(logits, target, torch.tensor(loss.compared("ravdess", "sadness"))[None]).sum().backward()
    assert logits.grad[0, corpora.LABELS.index("boredom")] == 0


def test_smoothing_stays_inside_the_mask():
    mask = torch.tensor([[True, True, False], [False, False, False]])
    got = smoothed(torch.tensor([[1.0, 0, 0], [0, 0, 0]]), mask, 0.1)
    torch.testing.assert_close(got, torch.tensor([[0.95, 0.05, 0], [0, 0, 0]]))


def test_unknown_arousal_costs_nothing():
    raw = torch.tensor([2.0, 2.0, -1.0], requires_grad=True)
    got = loss.arousal_loss(raw, torch.tensor([1.0, float("nan"), 0.5]))
    wanted = [np.log1p(np.exp(-2)), 0, 0.5 * np.log1p(np.exp(1)) + 0.5 * np.log1p(np.exp(-1))]
    np.testing.assert_allclose(got.detach().numpy(), wanted, rtol=1e-5)
    got.sum().backward()
    assert raw.grad[1] == 0


def test_gain_changes_no_answer():
    x = torch.randn(2, 120, 64) * 3 - 12
    torch.testing.assert_close(relative(x), relative(x + 5), atol=1e-4, rtol=1e-4)


def test_windows_cut_and_fill():
    random = np.random.default_rng(0)
    frames = np.full((80, 64), -5, np.float32)
    filled = window(frames, 200, random)
    assert filled.shape == (200, 64) and (filled == -5).all(1).sum() == 80 and filled[filled != -5].max() < -5
    assert window(np.tile(frames, (4, 1)), 200, random).shape == (200, 64)
    assert len(stretched(frames, 0.8)) == 100 and stretched(frames, 0.8) == pytest.approx(-5)
    assert windows(frames).shape == (1, 80, 64)
    long = np.arange(420, dtype=np.float32)[:, None].repeat(64, 1)
    cut = windows(long)
    assert cut.shape == ((420 - WINDOW) // HOP + 1, WINDOW, 64) and cut[1, 0, 0] == HOP


def test_clip_answers_are_means_of_log_probabilities():
    random = np.random.default_rng(0)
    logits = [random.normal(0, 2, (3, 9)), random.normal(0, 2, (1, 9))]
    got = np.exp(Said(logits, np.zeros(2)).log_probabilities(1.5))
    geometric = np.prod([np.exp(row / 1.5) / np.exp(row / 1.5).sum() for row in logits[0]], 0) ** (1 / 3)
    np.testing.assert_allclose(got[0], geometric / geometric.sum(), rtol=1e-6)
    np.testing.assert_allclose(got.sum(1), 1)


def test_the_temperature_undoes_a_scale():
    random = np.random.default_rng(0)
    labels = corpora.CORPORA["nemo"].labels
    clips, logits = [], []
    for _ in range(600):
        row = random.normal(0, 1.5, 9)
        shares = scores.own_labels(scores.softmax(row[None]), ["nemo"])[0]
        label = corpora.LABELS[int(random.choice(9, p=shares))]
        assert label in labels
        clips.append(corpora.Clip("nemo", "f", "s", "validation", label, -1, ""))
        logits.append(row[None] * 2.5)
    assert fit_temperature(Said(logits, np.zeros(600)), clips) == pytest.approx(2.5, rel=0.2)


def test_scores_against_hand_counts():
    truth = np.array(["a", "a", "a", "b"])
    assert scores.uar(truth, np.array(["a", "a", "b", "b"])) == pytest.approx((2 / 3 + 1) / 2)
    assert scores.auc(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True])) == pytest.approx(7 / 8)
    assert np.isnan(scores.auc(np.array([0.1]), np.array([True])))
    confidence = np.array([0.81, 0.81, 0.21, 0.21])
    correct = np.array([True, False, False, False])
    assert scores.calibration_error(confidence, correct) == pytest.approx(0.5 * 0.31 + 0.5 * 0.21)
    found = scores.interval(lambda rows: float(rows.mean()), ["s", "s", "t", "t"], resamples=200)
    assert found["interval"][0] <= found["value"] <= found["interval"][1] and found["interval"] == [0.5, 2.5]


def test_probabilities_are_of_the_corpus_own_labels():
    shares = scores.own_labels(np.full((2, 9), 1 / 9), ["emospeech", "baved"])
    assert shares[0].sum() == pytest.approx(1) and (shares[0] > 0).sum() == 4 and shares[1].sum() == 0


def test_the_clips_are_decoded_once(cache, data):
    clips, out = cache
    frames = Rows.load(out / "clean.npz")
    assert len(frames) == len(clips) and all(len(frames[i]) > 40 for i in range(len(clips)))
    damaged_frames = Rows.load(out / "version-0.npz")
    assert all((len(damaged_frames[i]) > 0) == (c.part in ("fit", "validation")) for i, c in enumerate(clips))
    stamp = (out / "clips.npz").stat().st_mtime_ns
    assert len(decode_all(data, clips, out)) == len(clips) and (out / "clips.npz").stat().st_mtime_ns == stamp


def test_the_teacher_has_not_heard_the_speaker():
    random = np.random.default_rng(0)
    speakers = [f"s{k}" for k in range(6) for _ in range(20)]
    labels = [("anger", "sadness")[n % 2] for n in range(120)]
    features = random.normal(0, 1, (120, 30))
    features[:, 0] += [3 if label == "anger" else -3 for label in labels]
    features += np.repeat(random.normal(0, 20, (6, 30)), 20, 0)
    centred = relative_to_speaker(features.astype(np.float32), speakers)
    np.testing.assert_allclose([centred[k * 20 : k * 20 + 20].mean() for k in range(6)], 0, atol=1e-6)
    said = opinions(centred, labels, speakers)
    np.testing.assert_allclose(said.sum(1), 1)
    assert (np.array(corpora.LABELS)[said.argmax(1)] == labels).mean() > 0.9
    # The features of one speaker say nothing; the labels of the others would have to leak.
    labels[:20] = ["fear"] * 20
    assert opinions(centred, labels, speakers)[:20, corpora.LABELS.index("fear")].max() == 0


def test_the_encoder_reads_pieces():
    mels = np.random.default_rng(0).random((250, 40)).astype(np.float32)
    assert pieces(mels).shape == (2, 160, 40) and (pieces(mels)[1, 90:] == 0).all()
    torch.manual_seed(0)
    encoder = Encoder().eval()
    both = statistics(encoder, [mels, mels[:100]])
    assert both.shape == (2, 2 * (3 * 256 + 40)) and np.isfinite(both).all()
    np.testing.assert_allclose(both[1], statistics(encoder, [mels[:100]])[0], atol=1e-5)


def test_a_warped_voice_has_its_tones_higher():
    def band(hertz: float, factor: float) -> int:
        tone = (0.5 * np.sin(2 * np.pi * hertz * np.arange(8000) / 16000)).astype(np.float32)
        return int(np.median(warped(frames_of(tone), factor)[5:-5].argmax(1)))

    for hertz in (400.0, 900.0, 2500.0):
        assert abs(band(hertz, 1.2) - band(hertz * 1.2, 1.0)) <= 1
        assert abs(band(hertz, 0.85) - band(hertz * 0.85, 1.0)) <= 1
    frames = np.random.default_rng(0).normal(size=(7, 64)).astype(np.float32)
    np.testing.assert_allclose(warped(frames, 1.0), frames, atol=1e-4)


def test_every_actor_is_a_stranger_once(cache):
    clips, _ = cache
    names = [f"ravdess/actor{k:02d}" for k in range(1, 21)]
    dealt = folds.folds(names)
    assert sorted(name for fold in dealt for name in fold) == names and {
        sum(int(n[-2:]) % 2 for n in fold) for fold in dealt
    } == {2}
    with pytest.raises(ValueError, match="2 speakers cannot be dealt out to 5 folds"):
        folds.folds(["a", "b"])
    own = [clip.speaker for clip in clips if clip.corpus == "ravdess"]
    held = own[:1]
    inside, outside = (folds.rows_by(clips, held, inside=side) for side in (True, False))
    assert {clips[row].speaker for row in inside} == set(held)
    assert not {clips[row].speaker for row in outside} & set(held) and len(inside) + len(outside) == len(own)


def test_rates_rise_and_fall():
    recipe = Recipe(steps=100, warm_up=10)
    values = [rate(step, recipe) for step in range(101)]
    assert values[0] < 0.2 and max(values) > 0.9 and values[100] < 1e-6


def test_the_network_is_small_enough():
    assert parameters(VoiceConfig()) <= 300_000


@torch.no_grad()
def test_folded_norms_change_nothing():
    torch.manual_seed(0)
    net = VoiceNet(SMALL)
    net.train()
    net(torch.randn(4, 100, 64) - 8)
    net.eval()
    x = torch.randn(2, 90, 64) - 8
    for a, b in zip(net(x), folded(net)(x), strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)
    assert not any(isinstance(m, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d) for m in folded(net).modules())


def test_a_short_training_goes_on_and_becomes_a_file(cache, tmp_path, monkeypatch):
    clips, out = cache
    recipe = Recipe(steps=3, batch=8, warm_up=1, average_decay=0.5)
    source = read_windows(out, clips, recipe, Views(frames=(50, 90)))
    fit = {clips[row].part for row in source.rows}
    assert fit == {"fit"}
    batch = source.draw(16, np.random.default_rng(0))
    assert batch.log_mel.shape[0] == 16 and 50 <= batch.log_mel.shape[1] <= 90 and batch.log_mel.isfinite().all()
    assert not (batch.targets[~batch.mask] > 0).any()
    path = train(clips, source, out, "tiny", recipe, SMALL, watched=rows_of(clips, ("validation",), corpora.TRAINED))
    train(clips, source, out, "tiny", Recipe(steps=5, batch=8, warm_up=1), SMALL)
    assert torch.load(path, weights_only=True)["step"] == 5
    file = tmp_path / "voice-small.onnx"
    temperature = export(path, clips, out, file)
    spec = ModelSpec.from_onnx(file)
    assert spec.task == "voice" and "BY-NC-SA" in spec.licence and spec.output("logits").labels == corpora.LABELS
    assert spec.calibration.temperature["logits"] == pytest.approx(temperature, abs=1e-3)

    session = pytest.importorskip("onnxruntime").InferenceSession(str(file), providers=["CPUExecutionProvider"])
    model = ExportedVoice(load_network(path)).eval()
    for shape in ((1, 50), (3, 133), (2, 1000)):
        x = np.random.default_rng(1).normal(-9, 3, (*shape, 64)).astype(np.float32)
        with torch.no_grad():
            wanted = model(torch.from_numpy(x))
        for a, b in zip(wanted, session.run(None, {"log_mel": x}), strict=True):
            np.testing.assert_allclose(a.numpy(), b, atol=0.05)

    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "SHA256SUMS").write_text("0  voice-small.onnx\n1  other.onnx\n")
    ship(file, folder)
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["other.onnx", "voice-small.onnx"] and len(lines[1].split()[0]) == 64

    monkeypatch.setattr(scores, "RESAMPLES", 10)
    rows = rows_of(clips, ("development", corpora.ASED_PART), tuple(corpora.CORPORA))
    said = by_windows(file, clips, rows, Rows.load(out / "clean.npz"))
    record = score(said)
    assert set(record["corpora"]) == set(corpora.CORPORA) and record["pooled"]["corpora"] == list(corpora.TRAINED)
    assert 0 <= record["corpora"]["ravdess"]["uar"]["value"] <= 1 and 0 <= ece(said, said.rows(["nemo"])) <= 1
    assert 0 <= within(said, np.arange(len(rows))) <= 1

    record["gates"] = gates(record)
    results = tmp_path / "RESULTS.json"
    origin = {"commit": "abc", "processor": "a CPU", "instruction_set": ["AVX2"]}
    write({"file": {"name": "voice-small"}, "windows": {**origin, "scores": record}}, results)
    monkeypatch.setattr(card, "RESULTS", results)
    assert "not measured" in "\n".join(card.voice_card())
    write({"runtime": {**origin, "scores": record}}, results)
    write({"probe": unseen.probe(file, clips, Rows.load(out / "clean.npz"))}, results)
    left = unseen.scores_of(said, ["emodb", "baved"])
    assert left["emodb"]["chance"] == pytest.approx(1 / 7, abs=1e-4) and "uar" not in left["baved"]
    write({"unseen": {"parameters": 9, "steps": 1, "batch": 2, "commit": "abc", "left_out": {"emodb": left}}}, results)
    text = "\n".join(card.voice_card())
    assert "missed" in text and "| ased (Amharic) |" in text and "guesses the corpus" in text and "2 windows" in text
    assert "RAVDESS" in card.summary("voice-small")[0] and card.summary("other") is None


def test_the_probe_finds_a_corpus_that_shows():
    random = np.random.default_rng(0)
    names = np.array(["a", "b"] * 60)
    x = random.normal(0, 1, (120, 5)) + (names == "a")[:, None] * 3
    assert unseen.guess(x[:80], names[:80], x[80:], names[80:])["uar"] > 0.9
    noise = random.normal(0, 1, (1000, 5)), random.normal(0, 1, (1000, 5))
    many = np.array(["a", "b"] * 500)
    assert unseen.guess(noise[0], many, noise[1], many)["uar"] == pytest.approx(0.5, abs=0.08)


def test_a_clip_without_speech_is_no_hit():
    clips = [corpora.Clip("nemo", "f", "s", "development", "anger", -1, "")] * 2
    logs = np.log(np.eye(9)[[4, 4]] * 0.9 + 0.01)
    said = Answers(clips, logs, np.zeros(2), np.array([False, True]))
    assert ece(said, np.arange(2)) == pytest.approx(
        ece(said, np.arange(1))
    )  # it has no probability that could be wrong
    assert said.answer.tolist() == ["anger", "(no speech)"] and scores.uar(said.truth, said.answer) == 0.5
