"""The recipe of voice activity: splits, music, labels, scenes, network and file, scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from voice_nets import tiny_activity

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
ROOT = next((p for p in Path(__file__).resolve().parents if (p / "training" / "voice").is_dir()), None)
if ROOT is None:
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)
for name in ("scipy", "soundfile", "soxr"):
    pytest.importorskip(name)

from edgeaffect.voice import VoiceActivity  # noqa: E402
from training.data import data_folder  # noqa: E402
from training.voice import activity_data, activity_labels, activity_mix, activity_scenes, activity_trials  # noqa: E402
from training.voice.activity_card import activity_card, summary  # noqa: E402
from training.voice.activity_choose import bias, limit, logits  # noqa: E402
from training.voice.activity_data import LEFT_OUT, UNSEEN, parts_of  # noqa: E402
from training.voice.activity_evaluate import clip_score, merged, shares, wilson  # noqa: E402
from training.voice.activity_export import check, export  # noqa: E402
from training.voice.activity_music import HELD_OUT, INSTRUMENTS, hum, music, tone  # noqa: E402
from training.voice.activity_network import ActivityNet, from_file, renormalise  # noqa: E402
from training.voice.activity_peers import HOP, WINDOW, frame_centres  # noqa: E402
from training.voice.activity_scenes import FRAMES, SAMPLES, Scenes, Sounds, render  # noqa: E402
from training.voice.activity_train import Batches, Recipe, auc, loss_of, train  # noqa: E402

RATE = activity_data.RATE


@pytest.fixture(scope="module")
def data() -> Path:
    try:
        folder = data_folder()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    if not (folder / "audio_nonspeech.zip").exists():
        pytest.skip("the data folder holds no sounds")
    return folder


def buzz(seconds: float, hz: float = 150.0) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    return (0.2 * np.sign(np.sin(2 * np.pi * hz * t))).astype(np.float32)


def small_sounds() -> Sounds:
    """Stand-ins: buzzes for speech, hisses for all else."""
    hiss = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * np.float32(0.1)
    label = np.ones(1 + (RATE - WINDOW) // HOP, np.int8)
    kinds = ("laughter", "cough", "knock", "dog", "teeth_chatter", "tongue_click")
    return Sounds(
        speech=[(buzz(1.0, 120), label), (buzz(1.0, 200), label)], groups=["a", "b"],
        events={kind: [hiss * 0.5] for kind in kinds}, backgrounds=[hiss], pieces=[hiss],
    )  # fmt: skip


def test_names_are_dealt_out_by_their_hash_alone():
    names = [f"clip{n}" for n in range(50)]
    parts = parts_of(names)
    assert parts == parts_of(names[::-1])
    assert {p: list(parts.values()).count(p) for p in set(parts.values())} == {
        "development": 12, "validation": 6, "fit": 32
    }  # fmt: skip
    assert set(parts_of(["a", "b", "c"]).values()) == {"fit", "validation", "development"}
    with pytest.raises(ValueError, match="2 names cannot be dealt out to 3 parts"):
        parts_of(["a", "b"])


def test_speakers_and_files_are_in_one_part_only(data: Path):
    entries = activity_data.speech(data)
    parts: dict[str, set[str]] = {}
    for entry in entries:
        parts.setdefault(entry.speaker, set()).add(entry.part)
    assert all(len(p) == 1 for p in parts.values())
    assert {e.part for e in entries if e.group == LEFT_OUT} == {UNSEEN}
    assert {e.part for e in entries if e.group != LEFT_OUT} == {"fit", "validation", "development"}
    sounds = activity_data.others(data)
    kinds = {e.group for e in sounds}
    for part in ("fit", "validation", "development"):
        assert {e.group for e in sounds if e.part == part} == kinds
    assert len({e.file for e in sounds}) == len(sounds)


def test_some_takes_speakers_in_turn(data: Path):
    entries = [e for e in activity_data.speech(data) if e.group == "nemo" and e.part == "fit"]
    speakers = {e.speaker for e in entries}
    chosen = activity_data.some(entries, 2 * len(speakers))
    assert sorted(e.speaker for e in chosen) == sorted([*speakers, *speakers])
    samples = dict((e.file, x) for e, x in activity_data.read(data, chosen[:2]))
    assert len(samples) == 2 and all(x.dtype == np.float32 and len(x) > RATE // 2 for x in samples.values())


@pytest.mark.parametrize("held_out", [False, True])
def test_music_is_seeded_bounded_and_of_its_length(held_out: bool):
    pieces = [music(2.0, np.random.default_rng(s), held_out) for s in (0, 0, 1)]
    assert all(len(p) == 2 * RATE and np.isfinite(p).all() and np.abs(p).max() <= 0.5 for p in pieces)
    np.testing.assert_array_equal(pieces[0], pieces[1])
    assert not np.array_equal(pieces[0], pieces[2])
    assert set(HELD_OUT) < set(INSTRUMENTS)


def test_every_instrument_plays_the_pitch_it_is_asked_for():
    t = np.arange(RATE) / RATE
    for name, play in INSTRUMENTS.items():
        wave = play(t, 440.0, np.random.default_rng(3))
        assert wave.shape == t.shape and np.isfinite(wave).all() and np.abs(wave).max() > 0.1, name
        if name in ("additive", "square", "detuned_saws", "plucked"):
            spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
            peak = spectrum[100:].argmax() + 100
            assert abs(peak - 440 * round(peak / 440)) < 12, (name, peak)
    for wave in (hum(RATE, np.random.default_rng(0)), tone(RATE, np.random.default_rng(0))):
        assert 0.02 < np.sqrt(np.mean(wave**2)) < 0.2


def test_energy_labels_know_loud_from_silent():
    wave = np.concatenate([np.zeros(RATE // 2, np.float32), buzz(0.5), np.zeros(RATE // 2, np.float32)])
    label = activity_labels.energy_label(wave)
    centres = frame_centres(len(wave))
    assert len(label) == len(centres)
    inside = (centres > RATE // 2 + WINDOW) & (centres < RATE - WINDOW)
    outside = (centres < RATE // 2 - WINDOW) | (centres > RATE + WINDOW)
    assert (label[inside] == 1).all() and (label[outside] == 0).all()
    assert len(activity_labels.energy_label(wave[:100])) == 0


def test_levels_are_those_of_the_loud_part():
    wave = np.concatenate([buzz(0.5), np.zeros(RATE, np.float32)])
    assert activity_mix.level(activity_mix.at_level(wave, -30.0)) == pytest.approx(-30, abs=0.1)
    silence = np.zeros(1000, np.float32)
    np.testing.assert_array_equal(activity_mix.at_level(silence, -30.0), silence)
    out = np.zeros(10, np.float32)
    activity_mix.place(out, np.ones(5, np.float32), 8)
    np.testing.assert_array_equal(out, [0] * 8 + [1] * 2)
    np.testing.assert_array_equal(activity_mix.spread(np.ones(3, np.int8), 5, 4), [0, 0, 0, 0, 1])


def test_scenes_are_seeded_and_only_those_with_speech_are_labelled_so():
    first, again = (render(small_sounds(), 24, seed=5) for _ in range(2))
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    assert first["log_mel"].shape == (24, FRAMES, 64) and np.isfinite(first["log_mel"].astype(np.float32)).all()
    has_speech = (first["label"] == 1).any(1)
    assert (has_speech == (first["kind"] == "speech")).all() and 0 < has_speech.sum() < 24
    assert set(np.unique(first["label"])) <= {-1, 0, 1}


def test_the_label_of_a_scene_is_where_the_sound_is():
    sounds = small_sounds()
    scenes = Scenes(sounds, 1)
    scenes._noise = lambda: np.zeros(SAMPLES, np.float32)  # type: ignore[method-assign]
    sounds.events = {kind: [np.zeros(RATE, np.float32)] for kind in sounds.events}
    for _ in range(4):
        wave, label = scenes._spoken()
        energy = activity_labels.frame_energy(wave)
        assert energy[label == 1].min() > -45
        # A room goes on after its sound, but grows quieter.
        assert np.median(energy[label == 0]) < -60


def test_edges_and_tails_are_unsure():
    label = np.array([0] * 10 + [1] * 20 + [0] * 30, np.int8)
    np.testing.assert_array_equal(
        activity_scenes._edges(label)[[6, 7, 12, 13, 26, 27, 32, 33]], [0, -1, -1, 1, 1, -1, -1, 0]
    )
    tail = activity_scenes._tail(label)
    assert (tail[30:45] == -1).all() and (tail[45:] == 0).all() and (tail[:30] == label[:30]).all()


def test_the_network_is_causal_and_its_state_is_all_it_remembers():
    torch.manual_seed(0)
    net = ActivityNet().eval()
    x = torch.randn(2, 50, 64) * 4 - 9
    with torch.no_grad():
        whole, end = net(x, net.zeros(2))
        changed = x.clone()
        changed[:, 30:] += 5
        assert torch.equal(net(changed, net.zeros(2))[0][:, :30], whole[:, :30])
        first, state = net(x[:, :17], net.zeros(2))
        second, last = net(x[:, 17:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, atol=1e-5, rtol=0)
    torch.testing.assert_close(last, end, atol=1e-5, rtol=0)


def test_the_loss_leaves_unsure_frames_out_and_looks_at_peaks():
    label = torch.tensor([[1, 0, -1, -1], [0, 0, 0, -1]])
    logits = torch.tensor([[2.0, -1.0, 9.0, -9.0], [0.5, -3.0, -3.0, 7.0]])
    plain = loss_of(logits, label, Recipe(peaks=0.0, positive=1.0))
    each = [np.log1p(np.exp(-2.0)), np.log1p(np.exp(-1.0)), np.log1p(np.exp(0.5)), *[np.log1p(np.exp(-3.0))] * 2]
    assert plain.item() == pytest.approx(np.mean(each))
    assert loss_of(logits, label, Recipe(peaks=1.0)).item() > plain.item()


def test_a_short_training_makes_a_file_that_the_runtime_takes(tmp_path: Path):
    torch.set_num_threads(1)
    for part, count in (("fit", 12), ("validation", 6)):
        for name, values in render(small_sounds(), count, seed=len(part)).items():
            np.save(tmp_path / f"{part}_{name}.npy", values)
    batches = Batches(tmp_path, "fit", 0, Recipe())
    x, label = batches.take(6)
    assert x.shape == (6, Recipe.frames, 64) and label.shape == (6, Recipe.frames) and torch.isfinite(x).all()
    checkpoint = train(tmp_path, Recipe(steps=3, rows=6))
    path = tmp_path / "mine.onnx"
    assert export(checkpoint, path) <= 1e-5
    with VoiceActivity(path) as activity:
        assert activity.probabilities(buzz(1.0), RATE).shape == (98,)
    other = ActivityNet()
    with pytest.raises(ValueError, match="differs from the network"):
        check(path, other)
    # A file can be trained further: it begins with its own answers, in training as well.
    again = from_file(path).eval()
    torch.testing.assert_close(check(path, again), 0.0, atol=1e-5, rtol=0)
    with torch.no_grad():
        before = again(x, again.zeros(6))[0]
        renormalise(again, x)
        torch.testing.assert_close(again(x, again.zeros(6))[0], before, atol=2e-2, rtol=0)
    train(tmp_path, Recipe(steps=1, rows=6), begin=path)
    with pytest.raises(ValueError, match="holds no network of"):
        from_file(tiny_activity(tmp_path / "other.onnx").path)


def test_auc_and_intervals_match_their_definitions():
    random = np.random.default_rng(0)
    score, positive = random.integers(0, 5, 60).astype(float), random.uniform(size=60) < 0.4
    a, b = score[positive][:, None], score[~positive]
    assert auc(score, positive) == pytest.approx(np.mean((a > b) + 0.5 * (a == b)))
    assert wilson(0, 10) == [0.0, pytest.approx(0.2775, abs=1e-3)]
    assert wilson(5, 10) == [pytest.approx(0.2366, abs=1e-3), pytest.approx(0.7634, abs=1e-3)]


def test_the_score_of_a_clip_is_its_limit_of_being_speech():
    said = np.array([0.1, 0.9, 0.3, 0.8], np.float32)
    assert clip_score(said, 2) == pytest.approx(0.8) and clip_score(said, 9) == pytest.approx(0.1)
    table = shares({"a": np.array([0.9, 0.1]), "b": np.array([0.6])}, 0.5)
    assert table["all"]["called"] == 2 and table["a"]["share"] == 0.5


def test_the_bias_lets_no_more_through_than_asked_for():
    scores = np.random.default_rng(0).normal(size=200)
    for share in (0.05, 0.1):
        found = (scores + bias(scores, share) >= 0).mean()
        assert share - 0.01 <= found <= share
    assert limit(np.array([3.0, 1.0, 2.0], np.float32), 2) == 2 and limit(np.zeros(0, np.float32), 2) < -10
    assert logits(ActivityNet().eval(), buzz(1.0)).shape == (98,)


def test_noise_is_laid_under_speech_at_its_ratio():
    wave = np.concatenate([buzz(1.0), np.zeros(RATE, np.float32)])
    spoken = activity_labels.energy_label(wave) == 1
    noise = np.random.default_rng(0).standard_normal(len(wave)).astype(np.float32)
    mixed = activity_trials.with_noise(wave, spoken, noise, 10.0)
    ratio = 10 * np.log10(0.04 / np.mean((mixed[RATE + 400 :]) ** 2))
    assert ratio == pytest.approx(10, abs=0.3)


def test_sections_are_measured_one_at_a_time_but_of_one_file():
    old = {"sha256": "a", "part": "development", "frames": {"pink": 1}, "clips": 2}
    new = {"sha256": "a", "part": "development", "frames": {"recorded": 3}, "cost_ms_per_second": 4}
    assert merged(old, new) == {**old, **new, "frames": {"pink": 1, "recorded": 3}}
    with pytest.raises(ValueError, match="sha256 a, this run of b"):
        merged(old, {**new, "sha256": "b"})


def test_the_card_says_what_the_record_says():
    share = {"clips": 4, "called": 1, "share": 0.25, "interval": [0.05, 0.7]}
    point = {"threshold": 0.5, "speech": {"all": share}, "clean_speech": {"baved": share, "all": share},
             "non_speech": {"cough": share, "all": share},
             "synthesised": {"music": share, "all": share}}  # fmt: skip
    detectors = {"edgeaffect": {"at_kept": point, "at_default": point, "clip_auc": 0.9},
                 "silero-vad": {"at_kept": point, "at_default": point, "clip_auc": 0.8}}  # fmt: skip
    frames = {name: {"auc": 0.987, "auc_agreed_labels": 0.9, "nemo": 0.95} for name in detectors}
    record = {
        "commit": "abc", "processor": "X", "instruction_set": ["AVX2"], "left_out_corpus": "emodb",
        "frames": {"pink": {"5": frames}, "recorded": {"10": frames}},
        "clips": {"min_speech": 0.25, "kept_asked": 0.95, **detectors},
        "delay_seconds": {"20": {name: {"median": 0.1, "p90": 0.2} for name in detectors}},
        "cost_ms_per_second": {"edgeaffect, log-mel and model, 10 ms pieces": 1.5},
    }  # fmt: skip
    text = "\n".join(activity_card(record))
    assert "0.987" in text and "| cough | 4 | 25.0 % (5.0 to 70.0)" in text and "silero-vad 0.800" in text
    assert "| baved | 4 | 25.0 % (5.0 to 70.0) | 25.0 % (5.0 to 70.0) |" in text
    assert activity_card({}) == []
    assert "0.987" in summary(record)[0] and "1.50 ms" in summary(record)[1]
