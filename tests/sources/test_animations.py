"""What moves is a film with its own times, whatever the format and the name; what does not is a picture."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from scenes import scene

from edgeaffect.errors import SourceError
from edgeaffect.sources import Images, VideoFile, open_source
from edgeaffect.sources.animation import Animation
from edgeaffect.sources.images import read_image

pytest.importorskip("cv2")
Image = pytest.importorskip("PIL.Image")

FORMS = {"GIF": VideoFile, "PNG": Animation, "WEBP": Animation, "AVIF": Animation}
DELAYS = [100, 100, 300, 40, 40, 200]
TIMES = [0.0, 0.1, 0.2, 0.5, 0.54, 0.58]


def pictures(count: int = len(DELAYS)) -> list:
    return [Image.fromarray(scene(level=40 * number)[..., ::-1].copy()) for number in range(count)]


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    from PIL import features

    if request.param == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow writes no AVIF")
    return request.param


def save(path: Path, form: str, delays: list[int] = DELAYS, **options) -> Path:
    first, *others = pictures(len(delays))
    first.save(path, form, save_all=True, append_images=others, duration=delays, **options)
    return path


def test_an_animation_is_a_film_with_its_own_times(tmp_path, form):
    source = open_source(save(tmp_path / "upload", form))
    assert isinstance(source, FORMS[form])
    frames = [(frame.timestamp, frame.image.copy(), frame.still, frame.clock) for frame in source]
    np.testing.assert_allclose([time for time, *_ in frames], TIMES, atol=0.002)
    for number, (_, image, still, clock) in enumerate(frames):
        assert (still, clock) == (False, "media")
        assert np.abs(image.astype(int) - scene(level=40 * number)).mean() < 12
    assert not source.errors and not source.lost
    assert len(list(source)) == len(DELAYS)  # a second pass


def test_an_animation_is_turned(tmp_path, form):
    seen = next(iter(open_source(save(tmp_path / "a", form), rotate=90, mirror=True))).image
    assert np.abs(seen.astype(int) - np.rot90(scene(), -1)[:, ::-1]).mean() < 12


def test_one_frame_is_a_picture(tmp_path, form):
    source = open_source(save(tmp_path / "one", form, [100]))
    assert isinstance(source, Images) and next(iter(source)).still


def test_frames_without_a_duration_last_a_tenth_of_a_second(tmp_path):
    for form in ("GIF", "WEBP"):
        source = open_source(save(tmp_path / form, form, [0] * 4))
        np.testing.assert_allclose([frame.timestamp for frame in source], [0, 0.1, 0.2, 0.3], atol=0.001)


def test_folders_and_lists_say_that_an_animation_is_no_picture(tmp_path, form, caplog):
    pictures()[0].save(tmp_path / "still.png")
    moving = save(tmp_path / f"moving.{form.lower()}", form)
    source = open_source(tmp_path)
    assert [Path(frame.source).name for frame in source] == ["still.png"]
    assert source.skipped == [(moving, "an animation, which is a film: give it by itself")]
    assert "moving" in caplog.text
    with pytest.raises(SourceError, match="it is a film, not a picture"):
        read_image(moving)


def test_a_picture_for_programs_that_play_no_png_is_no_frame(tmp_path):
    first, *others = pictures()
    first.save(tmp_path / "a.png", save_all=True, append_images=others, duration=100, default_image=True)
    frames = [(frame.timestamp, frame.image[-1, 0, 0]) for frame in open_source(tmp_path / "a.png")]
    np.testing.assert_allclose(frames, [(0.1 * number, 40 + 40 * number) for number in range(5)])


def test_transparent_frames_lie_over_gray(tmp_path):
    clear = [Image.new("RGBA", (64, 48), (255, 0, 0, 0)), Image.new("RGBA", (64, 48), (0, 0, 255, 255))]
    clear[0].save(tmp_path / "a.webp", save_all=True, append_images=clear[1:], lossless=True)
    first, second = (frame.image.copy() for frame in open_source(tmp_path / "a.webp"))
    assert (first == 127).all() and (second == (255, 0, 0)).all()


def test_a_damaged_animation_ends_with_an_error(tmp_path, caplog):
    path = save(tmp_path / "a.webp", "WEBP", [50] * 6, lossless=True)
    data = path.read_bytes()
    last = data.rindex(b"ANMF")
    path.write_bytes(data[: last + 40] + bytes(len(data) - last - 40))
    source = open_source(path)
    with caplog.at_level(logging.WARNING):
        count = len(list(source))
    assert count == 5 and source.lost == 1
    assert "cannot decode" in str(source.errors[0]) and str(source.errors[0]) in caplog.text


def test_large_animations_are_refused_before_they_are_decoded(tmp_path, form):
    path = save(tmp_path / "a", form)
    kind = {VideoFile: VideoFile, Animation: Animation}[FORMS[form]]
    with pytest.raises(SourceError, match="64x48 pixels, more than max_pixels=3071"):
        next(iter(kind(path, max_pixels=3071)))
    assert next(iter(kind(path, max_pixels=3072))).image.shape == (48, 64, 3)


def test_without_pillow_the_remedy_is_named(tmp_path, monkeypatch):
    path = save(tmp_path / "a.webp", "WEBP")
    monkeypatch.setitem(__import__("sys").modules, "PIL.Image", None)
    with pytest.raises(SourceError, match=r"a\.webp is an animation, .* pip install \"edgeaffect\[images\]\""):
        list(open_source(path))
