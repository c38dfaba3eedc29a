"""Estimate how often each prediction of the word list is true, from coded articles.

The model is a multilevel logistic regression (Gelman and Hill 2007, Data Analysis Using Regression
and Multilevel/Hierarchical Models, chapters 12 and 14). A cell is a theme, language and prediction.
The logit of its true rate is normal around that of the theme and prediction, and this around that
of the prediction in all themes, estimated from the other themes. Two coders with equal error rates,
constant over the cells of a theme, label an article independently (Dawid and Skene 1979, Applied
Statistics 28). All parameters have discrete values, so the posterior distribution is exact and
draws from it are reproducible.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from tidings.base.load_rows import load_rows
from tidings.storage.lake import Connection

VERSION = 1  # changes with the estimates
DRAWS = 200
_TINY = 1e-200
_CELL = dict.fromkeys(("theme_id", "language", "prediction"), "varchar")
OTHER = ""  # the language of cells without a coded article
DEFAULTS = {"about": (1.8, 1.1), "mentioned": (-1.3, 1.3), "absent": (-6.0, 1.8)}
"""Mean and standard deviation of the logit of the true rate, before any coding."""

_GROUPS = 1.3
"""Standard deviation of the logit between articles with and without labels of other programs."""

_GUESSED = {"about": 0.8, "mentioned": 1.2, "absent": 1.6}
"""Standard deviation of the logit of a rate that nobody has measured, between word lists."""


class Cell(NamedTuple):
    """Effective numbers of coded articles: of one coder, and of two (both, one, none say true)."""

    theme: str
    language: str
    prediction: str
    true: float
    false: float
    both_true: float = 0
    split: float = 0
    both_false: float = 0


class Rate(NamedTuple):
    """Draws of a cell's true rate, its effective number of coded articles, and the number to which
    other cells are equivalent.
    """

    theme_id: str
    language: str
    prediction: str
    coded_count: float
    pooled_count: float
    draws: Any


def _normal(values: Any, mean: Any, deviation: Any) -> Any:
    """Return the probabilities of a discrete normal distribution, in the last axis."""
    mean, deviation = np.asarray(mean)[..., None], np.asarray(deviation)[..., None]
    weights = np.exp(-(((values - mean) / deviation) ** 2) / 2)
    return weights / weights.sum(-1, keepdims=True)


def _rate(logit: Any) -> Any:
    return 1 / (1 + np.exp(-logit))


_STEP = 0.125
_LOGITS = np.arange(-10.0, 6.1, _STEP)
_VALUES = _rate(_LOGITS)
_MOST_INFORMATION = 100  # n·p·(1 - p), so that a likelihood is not narrower than the steps
# A level is the mean of a theme and prediction, and the deviation of languages from it.
_MEANS = np.arange(-9.5, 5.1, 0.5)
_SPREADS = {0.25: 0.2, 0.5: 0.35, 0.9: 0.3, 1.5: 0.15}  # with prior weights
_LEVELS = [grid.ravel() for grid in np.meshgrid(_MEANS, [*_SPREADS], indexing="ij")]
_RATES_BY_LEVEL = _normal(_LOGITS, *_LEVELS)
# Logits of the shares of true and of other articles that a coder calls true, with their priors.
_SENSITIVITY, _SENSITIVITY_PRIOR = np.arange(0.5, 6.0, 0.7), (2.7, 0.8)
_FALSE, _FALSE_PRIOR = np.arange(-8.5, -1.4, 0.6), (-4.3, 1.1)
_PERFECT = np.array([[1.0, 0.0]]), np.ones((1, 1)), np.zeros(1)


@cache
def _level_candidates(prediction: str) -> tuple[Any, Any]:
    """Return distributions of a theme's level, and the logs of their prior weights."""
    mean, deviation = DEFAULTS[prediction.partition(":")[0]]
    candidates, logs = [], []
    for shift, scale in itertools.product(np.arange(-2, 2.1, 0.5), (0.5, 1.0, 1.6)):
        over_means = _normal(_MEANS, mean + shift * deviation, scale)
        for spread, weight in zip(np.eye(len(_SPREADS)), _SPREADS.values(), strict=True):
            candidates.append(np.outer(over_means, spread).ravel())
            logs.append(-(shift**2) / 2 + np.log(weight))
    return np.array(candidates), np.array(logs)


@cache
def _coder_candidates() -> tuple[Any, Any, Any]:
    """Return the coders' error rates, distributions of them, and the logs of their weights."""
    pairs = np.stack(np.meshgrid(_rate(_SENSITIVITY), _rate(_FALSE), indexing="ij"), -1)
    candidates, logs = [], []
    for shifts in itertools.product(np.arange(-1, 1.1), np.arange(-2, 2.1, 0.5)):
        parts = [
            _normal(values, mean + shift * deviation, 0.6 * deviation + 0.2)
            for values, shift, (mean, deviation) in zip(
                (_SENSITIVITY, _FALSE), shifts, (_SENSITIVITY_PRIOR, _FALSE_PRIOR), strict=True
            )
        ]
        candidates.append(np.outer(*parts).ravel())
        logs.append(-sum(shift**2 for shift in shifts) / 2)
    return pairs.reshape(-1, 2), np.array(candidates), np.array(logs)


def _pool(evidence: Any, candidates: Any, logs: Any) -> Any:
    """Return the prior of each theme: candidates, weighted by the evidence of all other themes."""
    found = np.log(evidence @ candidates.T + _TINY)
    others = found.sum(0) - found + logs
    others = np.exp(others - others.max(1, keepdims=True))
    return (others / others.sum(1, keepdims=True)) @ candidates


def _likelihood(counts: Sequence[float], coders: Any) -> Any:
    """Return the likelihood of a cell's counts, as coder error × true rate, at most 1."""
    true, total = counts[0] + counts[2] + counts[3] / 2, sum(counts)
    part = (true + 0.5) / (total + 1)
    scale = min(1, _MOST_INFORMATION / (total * part * (1 - part) + _TINY))
    s, f = coders[:, :1], coders[:, 1:]
    p, q = _VALUES, 1 - _VALUES
    parts = (
        p * s + q * f,
        p * (1 - s) + q * (1 - f),
        p * s**2 + q * f**2,
        p * s * (1 - s) + q * f * (1 - f),
        p * (1 - s) ** 2 + q * (1 - f) ** 2,
    )
    logs = np.zeros((len(coders), len(p)))
    for count, part in zip(counts, parts, strict=True):
        logs += scale * count * np.log(part + _TINY) if count else 0
    return np.exp(logs - logs.max()) + _TINY


def _uniform(name: str) -> Any:
    """Return evenly distributed numbers from 0 to 1, in an order that a name determines."""
    order = np.random.default_rng(crc32(name.encode())).permutation(DRAWS)
    return (order + 0.5) / DRAWS


def _choose(weights: Any, uniform: Any) -> tuple[Any, Any]:
    """Return a place for each row of weights, and the part of this place that the number passes."""
    sums = np.cumsum(weights, 1)
    goal = uniform * sums[:, -1]
    place = np.minimum((sums < goal[:, None]).sum(1), weights.shape[1] - 1)
    rows = np.arange(len(weights))
    chosen = weights[rows, place]
    return place, 1 - (sums[rows, place] - goal) / np.where(chosen > 0, chosen, 1)


class _Theme:
    """Likelihoods of a theme's cells: ``rates`` (coders' error × true rate) by prediction and
    language, ``joint`` (coders' error × level) by prediction, and ``own`` priors of divided ones.
    """

    def __init__(
        self,
        cells: Sequence[Cell],
        predictions: Sequence[str],
        coders: Any,
        whole: Mapping[tuple[str, str], Any],
    ) -> None:
        self.name = cells[0].theme
        self.counts = {(cell.prediction, cell.language): cell[3:] for cell in cells}
        self.rates = {key: _likelihood(counts, coders) for key, counts in self.counts.items()}
        self.undivided = [name for name in predictions if ":" not in name]
        divided = set(predictions) - {*self.undivided}
        self.own = {name: whole[self.name, name.partition(":")[0]] for name in divided}
        empty = np.ones((len(coders), len(_RATES_BY_LEVEL)))
        self.joint: dict[str, Any] = {name: empty.copy() for name in predictions}
        for (prediction, _), values in self.rates.items():
            self.joint[prediction] *= values @ _RATES_BY_LEVEL.T

    def coder_evidence(self, priors: Mapping[str, Any]) -> Any:
        """Return the likelihood of each value of the coders' error, at most 1."""
        found = np.prod([self.joint[name] @ prior for name, prior in priors.items()], axis=0)
        return found / found.max()


def draw_true_rates(cells: Iterable[Cell]) -> list[Rate]:
    """Return a row per theme with cells, language and prediction, where the language OTHER is any
    without coded articles. If no article was coded twice, coders count as perfect.
    """
    cells = [*cells]
    if not cells:
        return []
    predictions = sorted({*DEFAULTS, *(cell.prediction for cell in cells)})
    coders, *coder_prior = _coder_candidates() if is_coded_twice(cells) else _PERFECT
    whole = _own_levels(cells)
    themes = [
        _Theme([cell for cell in cells if cell.theme == name], predictions, coders, whole)
        for name in dict.fromkeys(cell.theme for cell in cells)
    ]
    pooled = _pool_themes(themes, coder_prior)
    return [rate for theme, priors, coder in pooled for rate in _draw(theme, priors, coder)]


def _own_levels(cells: Sequence[Cell]) -> dict[tuple[str, str], Any]:
    """Return the prior of a divided prediction's level, by theme and undivided prediction: groups
    differ from its rate by _GROUPS in the logit, and not like those of other themes.
    """
    if not any(":" in cell.prediction for cell in cells):
        return {}
    found = {}
    undivided = [Cell(*key, *counts.sum(0)) for key, counts in group_undivided(cells).items()]
    for rate in draw_true_rates(undivided):
        mean = rate.draws.mean()
        over_means = _normal(_MEANS, np.log(mean / (1 - mean)), _GROUPS)
        if rate.language == OTHER:
            prior = np.outer(over_means, np.array([*_SPREADS.values()])).ravel()
            found[rate.theme_id, rate.prediction] = prior
    return found


def _pool_themes(
    themes: Sequence[_Theme], coder_prior: Sequence[Any]
) -> Iterable[tuple[_Theme, Mapping[str, Any], Any]]:
    """Return each theme with the priors of its levels by prediction, and the posterior of the
    coders' error, each pooled given the other, twice.
    """
    levels = {name: _level_candidates(name) for name in themes[0].undivided}
    start = {
        name: np.average(values, axis=0, weights=np.exp(logs))
        for name, (values, logs) in levels.items()
    }
    priors = [start | theme.own for theme in themes]
    for _ in range(2):
        pairs = zip(themes, priors, strict=True)
        evidence = np.array([theme.coder_evidence(prior) for theme, prior in pairs])
        posteriors = evidence * _pool(evidence, *coder_prior)
        pooled = {}
        for name, candidates in levels.items():
            pairs = zip(themes, posteriors, strict=True)
            seen = np.array([posterior @ theme.joint[name] for theme, posterior in pairs])
            pooled[name] = _pool(seen / seen.max(1, keepdims=True), *candidates)
        priors = [
            {name: pooled[name][place] for name in levels} | theme.own
            for place, theme in enumerate(themes)
        ]
    return zip(themes, priors, posteriors, strict=True)


def is_coded_twice(cells: Iterable[Cell]) -> bool:
    """Return whether two coders coded an article; otherwise, perfect coders are assumed."""
    return any(sum(cell[5:]) > 0 for cell in cells)


def _draw(theme: _Theme, priors: Mapping[str, Any], posterior: Any) -> list[Rate]:
    coder, _ = _choose(np.broadcast_to(posterior, (DRAWS, len(posterior))), _uniform("coder"))
    best = int(posterior.argmax())
    languages = sorted({OTHER, *(language for _, language in theme.counts)})
    rates = []
    for prediction, joint in theme.joint.items():
        prior = priors[prediction]
        level, _ = _choose(joint[coder] * prior, _uniform(f"level {prediction}"))
        for language in languages:
            weights, others, count = _RATES_BY_LEVEL[level], prior * joint[best], 0.0
            if (key := (prediction, language)) in theme.rates:
                weights = weights * theme.rates[key][coder]
                others = others / (theme.rates[key][best] @ _RATES_BY_LEVEL.T)
                count = sum(theme.counts[key])
            place, part = _choose(weights, _uniform(f"{language} {prediction}"))
            draws = _rate(_LOGITS[place] + (part - 0.5) * _STEP)
            borrowed = _equivalent_count(others @ _RATES_BY_LEVEL)
            rates.append(Rate(theme.name, language, prediction, count, borrowed, draws))
    return rates


def _equivalent_count(weights: Any) -> float:
    """Return the number of articles with as much information as a prior of a rate: that of the beta
    distribution with its mean and variance.
    """
    weights = weights / weights.sum()
    mean = weights @ _VALUES
    return float(mean * (1 - mean) / (weights @ (_VALUES - mean) ** 2) - 1)


def group_undivided(rows: Iterable[Cell | Stratum]) -> dict[tuple[str, str, str], Any]:
    """Return the numbers of cells or strata by theme, language and prediction, without its division
    by labels of other programs.
    """
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for theme, language, prediction, *numbers in rows:
        groups.setdefault((theme, language, prediction.partition(":")[0]), []).append(numbers)
    return {key: np.array(numbers) for key, numbers in groups.items()}


class Stratum(NamedTuple):
    """Articles of a theme, effective numbers of those to be coded and of those on which the
    expected rate is based.
    """

    theme: str
    language: str
    prediction: str
    article_count: float
    planned_count: float
    true_share: float
    known_count: float


def expected_shares(
    con: Connection, strata: Sequence[Stratum], cells: Iterable[Cell]
) -> dict[str, list[tuple[float | None, ...]]]:
    """Return ``shares_of`` by theme after the planned codings and those of cells, for three word
    lists: one that only one list in ten surpasses, the expected one, and one that only one in ten
    falls short of.
    """
    known = {cell[:3]: np.array(cell[3:]) for cell in cells}
    found: dict[str, list[tuple[float | None, ...]]] = {}
    for quantile in (-1.28, 0, 1.28):
        counts = dict(known)
        for row in strata:
            counts[row[:3]] = counts.get(row[:3], 0) + _expect_codings(row, quantile)
        shares = shares_of(con, strata, [Cell(*key, *count) for key, count in counts.items()])
        for theme, share in shares.items():
            found.setdefault(theme, []).append(share)
    return found


def _expect_codings(stratum: Stratum, quantile: float) -> Any:
    """Return the five numbers of a cell. A fifth of the articles is coded twice; coders find .925
    of the true articles and accept .02 of the others.
    """
    share = stratum.true_share
    information = _GUESSED[stratum.prediction.partition(":")[0]] ** -2
    information += stratum.known_count * share * (1 - share)
    sign = -1 if stratum.prediction.startswith("about") else 1
    odds = share / (1 - share) * np.exp(sign * quantile / information**0.5)
    true, other = odds / (1 + odds), 1 / (1 + odds)
    found, both = 0.925 * true + 0.02 * other, 0.925**2 * true + 0.02**2 * other
    once, twice = 0.8 * stratum.planned_count, 0.2 * stratum.planned_count
    parts = (both, 2 * (found - both), 1 - 2 * found + both)
    return np.array([once * found, once * (1 - found), *(twice * part for part in parts)])


def shares_of(
    con: Connection, strata: Sequence[Stratum], cells: Iterable[Cell]
) -> dict[str, tuple[float | None, ...]]:
    """Return the corrected share and its limits, by theme, of the articles in strata; None as in
    the SQL function ``corrected_shares``. ``con`` has the SQL functions.
    """
    store_rates(con, draw_true_rates(cells))
    rows = ((row.theme, *row[:4]) for row in strata)
    load_rows(
        con, "expected_counts", rows, {"series": "varchar", **_CELL, "article_count": "double"}
    )
    con.execute(
        "create or replace temp table expected_strata as"
        " from rated_strata('expected_counts', 'rates')"
    )
    found = con.execute(
        "select series, share_corrected, share_corrected_low, share_corrected_high"
        " from corrected_shares('expected_strata')"
    )
    return {row[0]: row[1:] for row in found.fetchall()}


def store_rates(con: Connection, rates: Sequence[Rate]) -> None:
    """Replace the temporary table ``rates``, like ``true_rates``, with five significant digits of
    each draw, because processors round the last ones differently.
    """
    rows = [
        rate._replace(
            coded_count=round(rate.coded_count, 6),
            pooled_count=round(rate.pooled_count, 6),
            draws=[float(f"{draw:.5g}") for draw in rate.draws],
        )
        for rate in rates
    ]
    types = {"coded_count": "double", "pooled_count": "double", "draws": "double[]"}
    load_rows(con, "rates", rows, _CELL | types)
