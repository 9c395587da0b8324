"""Agreement of numbers against hand-computed cases, naive formulas, SciPy and pingouin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.evaluation import agreement

numbers = st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=40)


def test_hand_computed_values() -> None:
    p, r = [1.0, 2.0, 3.0], [2.0, 4.0, 6.0]
    # means 2 and 4, variances 2/3 and 8/3, covariance 4/3: 2 * 4/3 / (2/3 + 8/3 + 4) = 4/11
    assert agreement.ccc(p, r) == pytest.approx(4 / 11)
    assert agreement.pearson(p, r) == pytest.approx(1)
    assert agreement.rmse(p, r) == pytest.approx(np.sqrt(14 / 3))
    assert agreement.mae(p, r) == pytest.approx(2)
    assert agreement.sagr([0.1, -0.2, 0.3, 0.0], [0.5, -0.1, -0.3, 0.0]) == 0.75


def test_constants_have_no_correlation_and_a_constant_prediction_no_concordance() -> None:
    assert np.isnan(agreement.pearson([1, 1, 1], [1, 2, 3]))
    assert agreement.ccc([1, 1, 1], [1, 2, 3]) == 0
    assert np.isnan(agreement.ccc([1, 1], [1, 1]))
    assert agreement.ccc([0, 0], [1, 1]) == 0


@settings(max_examples=60, deadline=None)
@given(numbers)
def test_ccc_is_lins_formula_and_never_exceeds_pearson(pairs: list[tuple[float, float]]) -> None:
    p, r = np.array(pairs).T
    if p.std() < 1e-3 or r.std() < 1e-3:
        return
    stats = pytest.importorskip("scipy.stats")
    rho = stats.pearsonr(p, r).statistic
    lin = 2 * rho * p.std() * r.std() / (p.var() + r.var() + (p.mean() - r.mean()) ** 2)
    assert agreement.pearson(p, r) == pytest.approx(rho, abs=1e-9)
    assert agreement.ccc(p, r) == pytest.approx(lin, abs=1e-9)
    assert abs(agreement.ccc(p, r)) <= abs(rho) + 1e-9


def test_missing_values_are_an_error_until_they_are_dropped() -> None:
    with pytest.raises(ValueError, match="1 of 3 pairs lack a value: fill them, or pass missing='drop'"):
        agreement.ccc([0.1, np.nan, 0.3], [0.1, 0.2, 0.3])
    p, r = agreement.paired([0.1, np.nan, 0.3], [0.1, 0.2, 0.4], missing="drop")
    assert p.tolist() == [0.1, 0.3] and r.tolist() == [0.1, 0.4]
    for bad, words in (([np.nan], "none of 1"), ([np.inf], "infinite"), ([1.0, 2.0], "one length")):
        with pytest.raises(ValueError, match=words):
            agreement.paired(bad, [1.0], missing="drop")
    with pytest.raises(ValueError, match="'raise' or 'drop'"):
        agreement.paired([1.0], [1.0], missing="ignore")


# Shrout & Fleiss 1979, table 2: six targets, four judges; their table 4 gives the six coefficients.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


@pytest.mark.parametrize(
    ("form", "value"),
    [("ICC(1,1)", 0.17), ("ICC(2,1)", 0.29), ("ICC(3,1)", 0.71), ("ICC(1,k)", 0.44), ("ICC(2,k)", 0.62),
     ("ICC(3,k)", 0.91)],
)  # fmt: skip
def test_icc_gives_the_published_values(form: str, value: float) -> None:
    assert agreement.icc(SHROUT_FLEISS, form) == pytest.approx(value, abs=0.005)


def test_icc_agrees_with_pingouin() -> None:
    pingouin, pandas = pytest.importorskip("pingouin"), pytest.importorskip("pandas")
    ratings = np.random.default_rng(0).normal(size=(30, 1)) + np.random.default_rng(1).normal(0, 0.7, (30, 3))
    rows = [(t, r, ratings[t, r]) for t in range(30) for r in range(3)]
    table = pandas.DataFrame(rows, columns=["target", "rater", "value"])
    found = pingouin.intraclass_corr(table, targets="target", raters="rater", ratings="value")["ICC"].tolist()
    # pingouin lists ICC1, ICC2, ICC3, ICC1k, ICC2k, ICC3k, the order of ICC_FORMS
    assert [agreement.icc(ratings, form) for form in agreement.ICC_FORMS] == pytest.approx(found, abs=1e-9)


def test_icc_refuses_what_it_cannot_judge() -> None:
    with pytest.raises(ValueError, match=r"one of ICC\(1,1\)"):
        agreement.icc(SHROUT_FLEISS, "ICC2")
    with pytest.raises(ValueError, match="leave targets out that a rater missed"):
        agreement.icc([[1.0, np.nan], [2.0, 2.0]])
    assert np.isnan(agreement.icc(np.ones((4, 2))))
