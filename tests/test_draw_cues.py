"""Layers of cues: each draws where the cues are, and nothing where there are none."""

from __future__ import annotations

import numpy as np
import pytest

from edgeaffect import Pipeline
from edgeaffect.draw import annotate
from edgeaffect.draw_cues import LAYERS
from edgeaffect.models.registry import FILES

pytestmark = pytest.mark.skipif(not (FILES / "face-cues-int8.onnx").exists(), reason="no bundled cue model here")


@pytest.fixture(scope="module")
def result(portrait):
    with Pipeline(cues=True) as pipeline:
        return pipeline.process(portrait)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_draws_near_the_face(portrait, result, layer):
    plain, drawn = annotate(portrait, result), annotate(portrait, result, layers=[layer])
    changed = np.argwhere((plain != drawn).any(-1))
    assert len(changed) > 100
    x0, y0, x1, y1 = result.faces[0].box
    side = x1 - x0
    low, high = changed.min(0), changed.max(0)
    assert low[0] > y0 - side and high[0] < y1 + 1.5 * side and low[1] > x0 - 2 * side and high[1] < x1 + 2 * side


def test_faces_without_cues_and_unknown_layers(portrait, result):
    with Pipeline() as pipeline:
        without = pipeline.process(portrait)
    assert (annotate(portrait, without, layers=list(LAYERS)) == annotate(portrait, without)).all()
    with pytest.raises(ValueError, match="no layer 'hair' to draw: choose landmarks"):
        annotate(portrait, result, layers=["hair"])


def test_events_stand_along_the_lower_edge(portrait, result):
    changed = np.argwhere((annotate(portrait, result) != annotate(portrait, result, events=["smile", "nod"])).any(-1))
    assert changed.min(0)[0] > 0.9 * portrait.shape[0]
