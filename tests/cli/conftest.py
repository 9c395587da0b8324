"""A picture and a film as files, for commands."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest


@pytest.fixture(scope="session")
def portrait(tmp_path_factory) -> Path:
    image = pytest.importorskip("skimage.data").astronaut()[..., ::-1]
    path = tmp_path_factory.mktemp("pictures") / "portrait.png"
    cv2.imwrite(str(path), image)
    return path


@pytest.fixture(scope="session")
def video(portrait) -> Path:
    path = portrait.parent.parent / "film.mp4"
    image = cv2.imread(str(portrait))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, (320, 240))
    for step in range(20):
        writer.write(image[20 + step : 260 + step, 60 + step : 380 + step])
    writer.release()
    return path
