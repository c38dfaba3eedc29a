"""The export for other packages has what they need, and their formula gives the corrected share."""

import numpy as np
import pytest

from tests.analysis.coding.coded_release import coded_release
from tidings.analysis.coding.labels import labelled_articles
from tidings.analysis.inputs import InputError


def test_the_export_has_predictions_probabilities_and_codings() -> None:
    """Each article has a row. A second coding and labels of other programs have columns."""
    con = coded_release()
    first = "00000000-0000-0000-0000-000000000000"
    con.execute("delete from ref.codings where article_id::text like '%5_'")
    con.execute("insert into ref.codings values (?, 'B', null, 'none', now(), null)", [first])
    con.execute("insert into ref.outside_labels values (?, 'industry', .5)", [first])
    result = labelled_articles(con, "industry")
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]
    assert len(rows) == 60
    assert (rows[0]["label"], rows[0]["second_label"], rows[0]["probability"]) == (1, 0, 0.5)
    assert (rows[0]["prediction"], rows[0]["predicted"]) == ("absent", 0)
    assert (rows[0]["outside_score"], rows[10]["predicted"]) == (0.5, 1)
    assert rows[55]["label"] is None
    assert 0 < rows[55]["probability"] < 1
    with pytest.raises(InputError, match="Unknown theme 'x'"):
        labelled_articles(con, "x")


def test_the_formulas_of_dsl_and_ppi_recover_the_true_share() -> None:
    """With half of the articles coded, the mean of the design-adjusted outcomes (Egami et al. 2023)
    equals prediction-powered inference (Angelopoulos et al. 2023), and both the true share, which
    the word list halves. The
    formula of ppi_py agrees.
    """
    con = coded_release(2000, 300)
    con.execute("delete from ref.codings where hash(article_id) % 2 = 0")
    columns = labelled_articles(con, "industry").fetchnumpy()
    coded = ~np.ma.getmaskarray(columns["label"])
    predicted, truth = columns["predicted"].astype(float), np.ma.filled(columns["label"], 0)
    probability = np.where(coded, 0.5, columns["probability"])
    adjusted = predicted + coded / probability * (truth - predicted)
    share, error = adjusted.mean(), adjusted.std() / len(adjusted) ** 0.5
    assert abs(share - (300 + 333) / 2000) < 3 * error
    assert abs(predicted.mean() - (300 + 333) / 2000) > 6 * error
    # the mean of ppi_py: Angelopoulos et al. (2023), Science 382
    rectifier = (truth - predicted)[coded]
    mean = predicted[~coded].mean() + rectifier.mean()
    variance = predicted[~coded].var() / (~coded).sum() + rectifier.var() / coded.sum()
    assert abs(share - mean) < 1.96 * variance**0.5
