"""Protocols of challenges on cases computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from edgeaffect.evaluation.agreement import ccc
from edgeaffect.evaluation.protocols import PROTOCOLS, score_protocol


def test_aff_wild2_joins_recordings_and_skips_what_is_not_annotated() -> None:
    rated = {"valence": [0.1, 0.5, -5, 0.3], "arousal": [0.2, -5, 0.1, 0.4]}
    predicted = {"valence": [0.2, 0.4, 0.9, 0.3], "arousal": [0.2, 0.9, 0.1, np.nan]}
    found = score_protocol("aff-wild2-va", predicted, rated)
    assert found["by_column"]["valence"] == pytest.approx(ccc([0.2, 0.4, 0.3], [0.1, 0.5, 0.3]))
    assert found["by_column"]["arousal"] == pytest.approx(1)
    assert found["rows"] == 5 and found["unpredicted"] == 1
    assert found["score"] == pytest.approx(np.mean(list(found["by_column"].values())))


def test_omg_is_the_mean_of_recordings_and_not_of_rows() -> None:
    rated = {"valence": [0.0, 1.0, 2.0, 5.0, 5.5, 6.5]}
    predicted = {"valence": [0.0, 1.0, 2.0, 6.5, 5.5, 5.0]}
    names = ["a", "a", "a", "b", "b", "b"]
    found = score_protocol("omg-empathy", predicted, rated, recordings=names)
    other = ccc(predicted["valence"][3:], rated["valence"][3:])
    assert found["score"] == pytest.approx((1 + other) / 2)
    with pytest.raises(ValueError, match="scored per recording: name the column"):
        score_protocol("omg-empathy", predicted, rated)


def test_cultures_of_sewa_are_averaged() -> None:
    column = {name: np.array([0.0, 1.0, 0.0, 1.0]) for name in PROTOCOLS["sewa"].columns}
    turned = {name: np.array([0.0, 1.0, 1.0, 0.0]) for name in column}
    assert score_protocol("sewa-cultures", turned, column, groups=["de", "de", "hu", "hu"])["score"] == 0
    assert score_protocol("sewa", column, column)["score"] == 1


def test_classes_units_reactions_humour_and_emotic() -> None:
    said, true = np.array([0, 1, 1, 4.0]), np.array([0, 1, 4, -1.0])
    # class 0: 1, class 1: 2/3, class 4: 0
    assert score_protocol("aff-wild2-expr", {"expression": said}, {"expression": true})["score"] == pytest.approx(5 / 9)
    units = {name: np.array([0.9, 0.1, 0.6]) for name in PROTOCOLS["aff-wild2-au"].columns}
    marks = {name: np.array([1, 0, 0.0]) for name in units}
    assert score_protocol("aff-wild2-au", units, marks)["score"] == pytest.approx(2 / 3)
    reactions = {name: np.array([0.1, 0.5, 0.3]) for name in PROTOCOLS["muse-reaction"].columns}
    assert score_protocol("muse-reaction", reactions, reactions)["score"] == pytest.approx(1)
    humour = score_protocol("muse-humor", {"humor": np.array([0.2, 0.8, 0.3])}, {"humor": np.array([0, 1, 1.0])})
    assert humour["score"] == 1
    labels = PROTOCOLS["emotic"].columns
    scores = {name: np.array([0.9, 0.8, 0.7]) for name in labels}
    found = score_protocol("emotic", scores, {name: np.array([1, 0, 1.0]) for name in labels})
    assert len(labels) == 26 and found["score"] == pytest.approx(5 / 6)


def test_columns_that_lack_are_named() -> None:
    with pytest.raises(ValueError, match="arousal are missing"):
        score_protocol("muse-stress", {"valence": [1.0]}, {"valence": [1.0]})
    with pytest.raises(ValueError, match="choose muse-humor"):
        score_protocol("avec", {}, {})
    nothing = {"valence": [np.nan], "arousal": [np.nan]}
    with pytest.raises(ValueError, match="no row has both"):
        score_protocol("muse-stress", nothing, nothing)
    half = {"valence": [0.1, 0.2], "arousal": [np.nan, np.nan]}
    assert score_protocol("muse-stress", half, half)["unrated_columns"] == ["arousal"]
