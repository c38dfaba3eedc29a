"""Intervals of corrected shares, their changes and recall cover simulated truth."""

import itertools
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tidings.analysis.true_rates import Cell, draw_true_rates, store_rates
from tidings.base.functions import create_functions

SAMPLES = 600
MIN_COVERAGE = 0.93 - 3.5 * float(np.sqrt(0.93 * 0.07 / SAMPLES))
HITS_FIRST, EQUAL_PARTS = (0.5, 0.3, 0.2), (1 / 3, 1 / 3, 1 / 3)
SETTINGS = tuple(
    itertools.product(
        (0.01, 0.03, 0.1, 0.3), (0.4, 0.7, 0.95), (0.8, 0.9, 0.99), (100, 200, 400, 600)
    )
)
"""Share of the articles about the theme, recall, precision and number of coded articles."""


def cells(share: float, recall: float, precision: float, *, by_theme: bool) -> Any:
    """Return the probabilities of prediction × truth × stratum of the sample.

    Half of the missed articles mention the theme. The strata are the theme's predictions, or those
    of any theme.
    """
    hit, missed, mentioned = share * recall, share * (1 - recall), min(share, 0.3)
    truth = np.array([[hit / precision - hit, hit], [mentioned, missed / 2], [0, missed / 2]])
    truth[2, 0] = 1 - truth.sum()
    strata = np.array(
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        if by_theme
        else [[1, 0, 0], [0.5, 0.5, 0], [0.4, 0.3, 0.3]]
    )
    return truth[:, :, None] * strata[:, None, :]


def draw(
    rng: Any, probabilities: Any, coded: int, parts: tuple[float, ...], articles: int
) -> tuple[Any, Any, Any]:
    """Return the predictions of a period, and counts and weights of coded articles, by sample."""
    period = rng.multinomial(articles, probabilities.sum((1, 2)), SAMPLES)
    sizes = probabilities.sum((0, 1))
    drawn = np.maximum(np.round(coded * np.array(parts)), 1)
    counts = [
        rng.multinomial(drawn[i], probabilities[:, :, i].ravel() / sizes[i], SAMPLES).reshape(
            SAMPLES, 3, 2
        )
        for i in range(len(parts))
    ]
    return period, np.stack(counts, -1), np.broadcast_to(sizes / drawn, (SAMPLES, 3, 2, len(parts)))


def bounds_of(macro: str, name: str, **columns: Any) -> Any:
    """Return the ends of the intervals of a macro of the release, by series; null is NaN."""
    con = duckdb.connect(config={"threads": 1})
    create_functions(con)
    con.register("t", pa.table({key: pa.array(column.ravel()) for key, column in columns.items()}))
    found = con.execute(
        f"select {name}_low, {name}_high from {macro}('t') order by series"
    ).fetchnumpy()
    return np.stack(
        [np.ma.filled(np.ma.asarray(column).astype(float), np.nan) for column in found.values()]
    )


def groups_of(counts: Any, weights: Any) -> dict[str, Any]:
    """Return the input of recall_rates for samples from ``draw``."""
    sums, squares = (counts * weights).sum(3), (counts * weights**2).sum(3)
    return {
        "series": number_rows(sums[:, :, 1]),
        "is_hit": np.broadcast_to([True, False, False], sums.shape[:2]),
        "coded_weight": sums.sum(2),
        "coded_squares": squares.sum(2),
        "true_weight": sums[:, :, 1],
        "true_squares": squares[:, :, 1],
    }


def number_rows(values: Any) -> Any:
    return np.broadcast_to(np.arange(len(values))[:, None], values.shape)


def coverage(bounds: Any, truth: Any, is_known: Any) -> Any:
    """Return the share of known intervals that contain the truth, by setting, if half are known."""
    covered = (bounds[0] <= truth) & (truth <= bounds[1]) & is_known
    covered, known = (values.reshape(-1, SAMPLES).sum(1) for values in (covered, is_known))
    return (covered / np.maximum(known, 1))[known >= SAMPLES / 2]


@pytest.mark.parametrize("design", ["by theme", "by any theme", "simple"])
def test_intervals_of_recall_cover_the_truth_in_95_of_100_samples(design: str) -> None:
    """In samples by theme, by any theme and without strata, intervals of recall cover the truth in
    93 to 97.5 %.

    This is the mean of all settings. Counts are discrete, so single settings are higher, or lower
    within the simulation's error.
    """
    rng = np.random.default_rng(7)
    samples = []
    for number, (share, recall, precision, coded) in enumerate(SETTINGS):
        probabilities = cells(share, recall, precision, by_theme=design == "by theme")
        parts: tuple[float, ...] = (HITS_FIRST, EQUAL_PARTS)[number % 2]
        if design == "simple":
            probabilities, parts = probabilities.sum(2, keepdims=True), (1.0,)
        samples.append(draw(rng, probabilities, coded, parts, articles=3000))
    _, counts, weights = (np.concatenate(parts) for parts in zip(*samples, strict=True))
    recalls = np.repeat(np.array(SETTINGS), SAMPLES, axis=0)[:, 1]
    recall_bounds = bounds_of("recall_rates", "recall", **groups_of(counts, weights))
    found = coverage(recall_bounds, recalls, counts[:, :, 1].sum((1, 2)) >= 10)
    assert len(found) >= 50
    assert 0.93 <= found.mean() <= 0.975
    assert found.min() >= MIN_COVERAGE


class Sample(NamedTuple):
    """A simulated theme: true shares and recall by language, the list's precision, the number of
    coded articles, the share of copies, and the articles, true and other, that a coder calls true.
    """

    shares: tuple[float, float] = (0.1, 0.1)
    recalls: tuple[float, float] = (0.8, 0.8)
    precision: float = 0.9
    coded: int = 120
    copies: float = 0
    coder: tuple[float, float] = (1.0, 0.0)


PARTS, MONTH = {"en": 0.7, "de": 0.3}, 3000


def truths(sample: Sample, factor: float = 1) -> Any:
    """Return the probabilities of language × prediction × truth; ``factor`` multiplies shares."""
    shares = zip(PARTS.values(), sample.shares, sample.recalls, strict=True)
    return np.array(
        [
            part * cells(share * factor, recall, sample.precision, by_theme=True).sum(2)
            for part, share, recall in shares
        ]
    )


def write_sample(con: Any, rng: Any, sample: Sample, factors: tuple[float, ...] = (1,)) -> None:
    """Write the tables counts (one column of articles per factor of the true share) and rates."""
    months = [rng.multinomial(MONTH, truths(sample, factor).sum(2).ravel()) for factor in factors]
    chances = truths(sample, float(np.mean(factors)))
    coded: list[Any] = []
    rows, story = [], itertools.count()
    for i, j in np.ndindex(2, 3):
        name, prediction = [*PARTS][i], ("about", "mentioned", "absent")[j]
        rows.append(("t", "t", name, prediction, *(int(month[3 * i + j]) for month in months)))
        weight = chances[i, j].sum()
        left = round(sample.coded / 3 * weight / chances[:, j].sum())
        while left > 0:
            copies = min(left, 4 if rng.random() < sample.copies / 4 else 1)
            truth = rng.random() < chances[i, j, 1] / weight
            first, second = (bool(rng.random() < sample.coder[0 if truth else 1]) for _ in range(2))
            again = second if rng.random() < 0.2 else None
            coded += [("t", name, prediction, 1.0, next(story), first, again)] * copies
            left -= copies
    con.execute("create or replace temp table sample (series text, language text, prediction text,"
                " weight double, story int, label bool, second_label bool)")  # fmt: skip
    columns = dict(zip("abcdefg", map(pa.array, zip(*coded, strict=True)), strict=True))
    con.register("coded", pa.table(columns))
    con.execute("insert into sample from coded")
    counted = ["article_count", "previous_count"][: len(factors)]
    con.execute("create or replace temp table counts (series text, theme_id text, language text,"
                f" prediction text, {' int, '.join(counted)} int)")  # fmt: skip
    con.executemany(f"insert into counts values (?, ?, ?, ?{', ?' * len(factors)})", rows)
    found = con.execute("from coding_cells('sample') order by all").fetchall()
    store_rates(con, draw_true_rates(map(Cell._make, found)))
    con.execute("create or replace temp table strata as from rated_strata('counts', 'rates')")


@pytest.fixture(scope="module")
def functions() -> Any:
    con = duckdb.connect(config={"threads": 1})
    create_functions(con)
    return con


HARD = (
    Sample(),
    Sample((0.02, 0.03), copies=0.4),
    Sample((0.05, 0.02), (0.8, 0.5), 0.7),
    Sample((0.3, 0.3), (0.6, 0.5), 0.7, coder=(0.92, 0.02)),
    Sample((0.03, 0.03), coder=(0.9, 0.03), copies=0.4),
    Sample((0.1, 0.2), (0.85, 0.7), coded=60, coder=(0.9, 0.03)),
)


@pytest.mark.slow
def test_corrected_shares_cover_the_truth_despite_copies_and_errors_of_coders(
    functions: Any,
) -> None:
    """At least 93 % of the intervals contain the true share, over samples with copies, coders who
    err, languages with another recall, rare themes and 60 coded articles. Each has a value.
    """
    rng, inside = np.random.default_rng(7), []
    for sample in HARD:
        truth = truths(sample)[:, :, 1].sum()
        for _ in range(20):
            write_sample(functions, rng, sample)
            ((low, high),) = functions.execute(
                "select share_corrected_low, share_corrected_high from corrected_shares('strata')"
            ).fetchall()
            inside.append(low <= truth <= high)
    assert np.mean(inside) >= 0.93


@pytest.mark.slow
def test_changes_are_found_and_not_shrunk(functions: Any) -> None:
    """With 300 coded articles for two months, a rise from .10 to .13 is found in at least 85 % of
    samples, its mean is within 7 % of the true change, and at most 5 % of equal months differ. If
    the truth given the prediction is assumed constant, the change is too small.
    """
    rng, sample = np.random.default_rng(8), Sample(coded=300, recalls=(0.85, 0.85))
    for factors, least, most in (((1.3, 1.0), 0.85, 1.0), ((1.0, 1.0), 0.0, 0.05 + 0.04)):
        rows = []
        for _ in range(40):
            write_sample(functions, rng, sample, factors)
            rows += functions.execute(
                "select * exclude (series) from corrected_changes('strata')"
            ).fetchall()
        change, low, high, same_truth, *_ = np.array(rows).T
        assert least <= np.mean((low > 0) | (high < 0)) <= most
        assert np.mean((low <= factors[0] * 0.1 - 0.1) & (high >= factors[0] * 0.1 - 0.1)) >= 0.9
        if factors[0] > 1:
            assert change.mean() == pytest.approx(0.03, rel=0.07)
            assert same_truth.mean() < 0.97 * change.mean()


def test_the_rates_must_hold_in_the_period(functions: Any) -> None:
    """If recall halves in the period, the corrected share is too low and its interval fails."""
    write_sample(functions, np.random.default_rng(9), Sample(coded=600))
    low_recall = truths(Sample(recalls=(0.4, 0.4))).sum(2).ravel()
    for (name, prediction), part in zip(
        itertools.product(PARTS, ("about", "mentioned", "absent")), low_recall, strict=True
    ):
        functions.execute(
            "update strata set article_count = ? where language = ? and prediction = ?",
            [round(MONTH * part), name, prediction],
        )
    (row,) = functions.execute("from corrected_shares('strata')").fetchall()
    assert row[1] < 0.09


def test_copies_are_one_unit() -> None:
    """Four copies in one story have a fourth of the effective number, and the second coder's
    decisions are separate from those of one coder.
    """
    con = duckdb.connect()
    create_functions(con)
    con.execute("""create table t as select * from (values
        ('a', 'en', 'about', 1, 1, true, null), ('a', 'en', 'about', 1, 1, true, null),
        ('a', 'en', 'about', 1, 1, true, null), ('a', 'en', 'about', 1, 1, true, null),
        ('a', 'en', 'absent', 2, 2, true, true), ('a', 'en', 'absent', 2, 3, true, false),
        ('a', 'en', 'absent', 2, 4, false, false), ('a', 'en', 'absent', 2, 5, false, null)
    ) as rows (series, language, prediction, weight, story, label, second_label)""")
    rows = con.execute("from coding_cells('t') order by prediction").fetchall()
    assert rows == [("a", "en", "about", 1, 0, 0, 0, 0), ("a", "en", "absent", 0, 1, 1, 1, 1)]


@pytest.mark.parametrize(
    ("counts", "coded", "reason"),
    [
        ((80, 20), (20, 0), None),
        ((80, 20), (19, 0), "too_few_coded"),
        ((79, 21), (40, 0), "language_not_coded"),
        ((0, 0), (40, 0), "no_articles"),
        ((0, 5), (0, 40), None),
    ],
)
def test_the_reason_without_a_value(
    functions: Any, counts: tuple[int, int], coded: tuple[int, int], reason: str | None
) -> None:
    """There is a value with 20 coded articles in languages with four fifths of the articles."""
    rows = [("s", name, *pair) for name, *pair in zip(PARTS, counts, coded, strict=True)]
    functions.execute(
        "create or replace temp table few"
        " (series text, language text, article_count int, coded_count int)"
    )
    functions.executemany("insert into few values (?, ?, ?, ?)", rows)
    functions.execute("create or replace temp table strata as select *, 'absent' as prediction,"
                      " 20.0 as pooled_count, [0.1, 0.2] as draws from few")  # fmt: skip
    (row,) = functions.execute("from corrected_shares('strata')").fetchall()
    assert row[5] == reason
    assert [value is None for value in row[1:5]] == [reason is not None] * 4
    if reason is None:
        assert row[1] == pytest.approx(0.15)
        assert 0 <= row[2] < 0.15 < row[3]
