"""Draw articles of a release for coders, the most useful ones first and with known probabilities;
predict the width of each theme's interval, and measure it afterwards.
"""

import bisect
import datetime as dt
import hashlib
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from tidings.analysis.answers import LINEAGE, has_table, read_rows
from tidings.analysis.inputs import refuse, require_themes
from tidings.analysis.own_seeds import read_own, replace_rows
from tidings.analysis.true_rates import Cell, Stratum, expected_shares, group_undivided, shares_of
from tidings.base.functions import create_functions
from tidings.base.languages import primary_language
from tidings.base.load_rows import load_rows
from tidings.storage.lake import Connection
from tidings.storage.load import read_column
from tidings.storage.reference import write_csv

NEEDED = ("article_id", "stratum", "weight", "language", "publisher_id", "published_on")
COLUMNS = (*NEEDED, "chance", "threshold", "is_double")
"""``weight`` holds for the whole sample; that of the first n articles is ``weight_of`` the n-th."""
STRATA = ("hit", "near_miss", "silent")
LARGEST = 12  # themes if none is named
EMPTY = "(select null as theme_id, null as article_id, 0 as score limit 0)"
"""No labels of other programs."""
DOUBLE = 5  # one article of so many is for a second coder

# Of a text in several versions, one counts, as in the shares.
_POPULATION = """
create or replace temp table population as
with found as (
    select article_id, bool_or(is_about) as is_about from marts.article_themes
    where $themes = [] or theme_id in $themes group by article_id
)
select
    article_id, language, publisher_id, published_on,
    case when found.is_about then 'hit' when not found.is_about then 'near_miss' else 'silent'
    end as stratum
from core.articles left join found using (article_id)
where
    excluded_reason is null
    and article_id in (select text_id from marts.article_stories)
    and concat(title, body_text) != ''
    and $language in ('', primary_language(language))
    and ($first::date is null or published_on >= $first::date)
    and ($last::date is null or published_on <= $last::date)
"""
# The first coder decides, or the joint decision of coders: the main themes and those above them. A
# coder without weights is the second.
CODED = f"""
{LINEAGE},
coders as (
    select
        article_id, max(weight) as weight,
        coalesce(list(distinct lineage.theme_id) filter (role = 'main'), []) as themes,
        row_number() over (
            partition by article_id order by coder != 'joint', max(weight) is null, coder
        ) as place
    from {{codings}} as codings left join lineage on codings.theme_id = member_id
    where article_id is not null group by article_id, coder
),
coded as (
    select
        article_id, max(weight) as weight, any_value(themes) filter (place = 1) as themes,
        any_value(themes) filter (place = 2) as second_themes
    from coders group by article_id
)
"""
# A label of another program is no truth: it divides the articles with the same prediction.
_OUTSIDE = """
create or replace temp table outside_scores as
select theme_id::varchar as theme_id, article_id::uuid as article_id, score::double as score
from {table};
create or replace temp table outside as from outside_groups('outside_scores')
"""
_FOUND = """
create or replace temp table found as
select
    theme_id, article_id,
    concat(
        case when is_about then 'about' when not is_about then 'mentioned' else 'absent' end,
        label
    ) as prediction
from (from marts.article_themes where $themes = [] or theme_id in $themes)
full join (from outside where $themes = [] or theme_id in $themes)
    using (theme_id, article_id)
"""
_TARGETS = """
create or replace temp table targets as
select theme_id, count(*) filter (prediction like 'about%') as about_count,
    count(*) filter (prediction like 'mentioned%') as mentioned_count,
    (select count(*) from population) as total_count
from (select unnest($themes) as theme_id union select theme_id from found)
left join (select found.* from found semi join population using (article_id)) using (theme_id)
group by theme_id order by about_count desc, theme_id
limit if($themes = [], $largest, null)
"""
_CODED = """
create or replace temp table coded as
with {coded}
select
    targets.theme_id as series, coalesce(primary_language(language), 'unknown') as language,
    coalesce(prediction, 'absent') as prediction, coalesce(weight, 1) as weight,
    coalesce(story_id, article_id)::varchar as story,
    list_contains(themes, targets.theme_id) as label,
    list_contains(second_themes, targets.theme_id) as second_label
from coded join core.articles using (article_id) cross join targets
left join found using (theme_id, article_id)
left join marts.article_stories using (article_id)
"""
# true_share: the expected share of true articles among those with a prediction. Before anybody
# codes, it is .8 of those that are about the theme. The list finds .7 of the true
# articles, and half of the others mention the theme. This weighs as much as ten coded articles.
_RATES = """
create or replace temp table guessed as
with measured as (
    select
        series as theme_id, prediction, power(sum(weight), 2) / sum(weight * weight) as coded_count,
        sum(weight * label::int) / sum(weight) as coded_share
    from coded group by all
),
cells as (
    select theme_id, coalesce(prediction, 'absent') as prediction, count(*) as articles
    from population cross join targets left join found using (theme_id, article_id) group by all
)
select
    *, if(prediction like 'about%', 0.8, least((0.8 * about_count + 0.05 * mentioned_count + 0.2)
        / 5 / articles, 0.5)) as plain,
    if(prediction like '%:likely', 0.5 + plain / 2, plain) as guess,
    (10 * guess + coalesce(coded_count * coded_share, 0)) / (10 + coalesce(coded_count, 0))
        as true_share,
    greatest(sum(articles * true_share) over (partition by theme_id), 1) as true_count
from cells join targets using (theme_id) left join measured using (theme_id, prediction)
"""
# The chance of an article, relative to others, is the root of the variance of its truth, summed
# over themes in units of their squared size (Isaki and Fuller 1982, JASA 77; Zrnic and Candès 2024,
# ICML 41), at least a tenth of the largest.
_CHANCES = """
create or replace temp table chances as
with variances as (
    select theme_id, prediction, true_share * (1 - true_share) / power(true_count, 2) as variance
    from guessed
),
extra as (
    select article_id, sum(own.variance - coalesce(absent.variance, 0)) as variance
    from found join variances as own using (theme_id, prediction)
    left join (from variances where prediction = 'absent') as absent using (theme_id)
    group by article_id
),
roots as (
    select
        population.*,
        sqrt(greatest((select sum(variance) from variances where prediction = 'absent')
            + coalesce(extra.variance, 0), 1e-12)) as root,
        article_id in (select article_id from {codings} where article_id is not null) as is_coded
    from population left join extra using (article_id)
)
select * exclude (root), greatest(root / max(root) over (), 0.1) as chance from roots
"""
# Sequential Poisson sampling (Ohlsson 1998, Journal of Official Statistics 14): in the order of
# u / chance, with u uniform, the articles before any place are a sample in which each had the
# probability min(1, chance × value of the next article). The u of a language, outlet, month and
# stratum have equal distances (Brewer, Early and Joyce 1972, Australian Journal of Statistics 14).
_DRAWN = """
with spaced as (
    select *, (
            row_number() over (cell order by md5(concat($seed, ' ', article_id))) - 1
            + md5_number_lower(concat_ws(' ', $seed, language, stratum, publisher_id, month))
            / power(2.0, 64)
        ) / count(*) over cell / chance as place
    from (
        select *, date_trunc('month', published_on) as month from chances where not is_coded
    )
    window cell as (partition by language, stratum, publisher_id, month)
),
ordered as (
    select *, lead(place) over (order by place, article_id) as threshold,
        row_number() over (order by place, article_id) as number
    from spaced
)
select
    article_id::varchar as article_id, stratum,
    round(1 / least(chance * coalesce(last_value(threshold) over whole, 1e9), 1), 6) as weight,
    language, publisher_id, published_on, chance, threshold,
    (number + $seed::bigint) % $double = 0 as is_double
from (from ordered order by number limit $size)
window whole as (order by number rows between unbounded preceding and unbounded following)
order by number
"""


def draw_sample(con: Connection, size: int, seed: int) -> list[dict[str, Any]]:
    """Return a sample of ``prepare_population`` with the columns in COLUMNS. A larger one with the
    same seed begins with the same articles.

    Strata: ``hit`` if the word list finds that the article is about a theme; ``near_miss`` if it
    only mentions a theme; ``silent`` otherwise.
    """
    values = {"seed": str(seed), "size": size, "double": DOUBLE}
    return read_rows(con, _DRAWN, values)


def prepare_population(
    con: Connection,
    *,
    themes: Sequence[str] = (),
    language: str = "",
    first: dt.date | str | None = None,
    last: dt.date | str | None = None,
    codings: str = "ref.codings",
    outside: str = "",
) -> None:
    """Create the temporary tables ``population``, ``found``, ``targets``, ``coded`` (of
    ``coding_cells``), ``guessed`` and ``chances`` from a connection of ``open_release``.

    Strata and chances refer to ``themes`` and those below them; by default strata to all, chances
    to the largest. ``codings``, a table of earlier ones, improve the choice and are not drawn
    again. ``outside`` is a table with labels of other programs, by default those of the release.
    Raises InputError for an unknown theme, or if no article matches.
    """
    create_functions(con)  # older releases lack some
    require_themes(themes, read_column(con, "select theme_id from ref.themes"))
    named = {"themes": list(themes)}
    days = {"first": first, "last": last}
    con.execute(_POPULATION, named | days | {"language": primary_language(language)})
    refuse(
        not con.execute("select 1 from population").fetchone(),
        "No article of the release matches these options. Choose another period or language.",
    )
    released = "ref.outside_labels" if has_table(con, "ref.outside_labels") else EMPTY
    con.execute(_OUTSIDE.format(table=outside or released))
    con.execute(_FOUND, named)
    con.execute(_TARGETS, named | {"largest": LARGEST})
    con.execute(_CODED.format(coded=CODED.format(codings=codings)))
    con.execute(_RATES)
    con.execute(_CHANCES.format(codings=codings))


def weight_of(row: Mapping[str, Any], threshold: Any) -> float:
    """Return the number of articles that a drawn article represents, if all articles up to one with
    this threshold are coded; without a threshold, all.
    """
    if not row.get("chance"):  # samples of earlier versions
        return float(row["weight"])
    return 1 / min(float(row["chance"]) * float(threshold or "inf"), 1)


PLAN = (
    "plan_id", "question", "theme_ids", "language", "first_on", "last_on", "size", "width",
    "change", "seed", "release_id", "lexicon_version", "article_count", "sample_hash", "drawn_at",
)  # fmt: skip


def plan_path(sample: Path) -> Path:
    """Return the path of the plan of a sample."""
    return sample.with_name(f"{sample.stem}.plan.csv")


def freeze_plan(sample: Path, plan: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> str:
    """Add a plan to the file of a sample, with time and hash of its articles, and return its ID:
    the first 16 digits of the SHA-256 of its cells.
    """
    ids = "\n".join(str(row["article_id"]) for row in rows)
    cells = {name: "" if plan.get(name) is None else str(plan.get(name)) for name in PLAN} | {
        "sample_hash": hashlib.sha256(ids.encode()).hexdigest(),
        "drawn_at": f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    cells["plan_id"], path = _hash_plan(cells), plan_path(sample)
    write_csv(path, PLAN, [*read_plans(path), cells])
    return cells["plan_id"]


def read_plans(path: Path) -> list[dict[str, str]]:
    """Return the plans of a file in the order of drawing; none without a file. Raises InputError if
    one has changed since it was frozen.
    """
    plans = read_own(path, PLAN)
    for plan in plans:
        refuse(
            plan["plan_id"] != _hash_plan(plan),
            f"{path.name}: plan {plan['plan_id']} has changed since it was frozen. Restore the"
            f" file, or draw a new sample.",
        )
    return plans


def add_plans(path: Path, labels: Iterable[Path], wanted: Collection[str]) -> set[str]:
    """Add the plans beside label files to ``coding_plans.csv``, those with a wanted ID. Return the
    IDs of all plans in it.
    """
    files = {file for label in labels for file in label.parent.glob("*.plan.csv")}
    rows = [row for file in sorted(files) for row in read_plans(file) if row["plan_id"] in wanted]
    if rows:
        replace_rows(path, rows, itemgetter("plan_id"))
    return {row["plan_id"] for row in read_own(path)}


def _hash_plan(plan: Mapping[str, str]) -> str:
    cells = {name: plan[name] for name in PLAN if name != "plan_id"}
    return hashlib.sha256(json.dumps(cells, ensure_ascii=False).encode()).hexdigest()[:16]


_UNDIVIDED = "split_part(prediction, ':', 1)"
SIZES = (30, 60, 90, 120, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400)

# Kish's expected effective number: the squared number by the sum, over articles, of 1 / probability
# of selection and the number of further copies, because the copies of a story are one unit.
_STRATA = """
select theme_id, language, prediction, count(*)::double,
    coalesce(power(count(*) filter (not is_coded), 2)
        / sum(1 / least(1, $scale * chance) + copies) filter (not is_coded), 0),
    any_value(true_share), coalesce(any_value(coded_count), 0)
from (
    select targets.theme_id, coalesce(primary_language(language), 'unknown') as language,
        coalesce(found.prediction, 'absent') as prediction, is_coded, chance,
        count(*) over (
            partition by targets.theme_id, language, prediction, is_coded,
                coalesce(story_id, article_id)
        ) - 1 as copies
    from chances cross join targets left join found using (theme_id, article_id)
    left join marts.article_stories using (article_id)
) join guessed using (theme_id, prediction)
group by all order by all
"""
_POWER = """
select sum(articles), sum(articles) filter (is_hit), sum(articles * true_share),
    sum(articles * true_share) filter (is_hit)
from (select *, prediction like 'about%' as is_hit from guessed where theme_id = ?)
"""


def expected_widths(
    con: Connection, sizes: Iterable[int], change: float | None = None
) -> list[dict[str, Any]]:
    """Return the expected share of each theme and the width of its interval after ``size`` more
    coded articles, for the population of ``prepare_population``.

    Columns: theme_id, size, predicted (share that the word list finds), share, width, narrow and
    wide (the width for a better and a worse word list), plain (without the labels of other
    programs, if there are any), and power to find this change between two halves of the population
    at 5 %. Null if there would be no corrected share.
    """
    chances = np.array(con.execute("select chance from chances order by 1 desc").fetchall())[:, 0]
    cells = _read_cells(con)
    targets = con.execute("select theme_id, about_count / total_count from targets").fetchall()
    rows = []
    for size in sorted({min(size, len(chances)) for size in sizes}):
        strata = _read_strata(con, _scale(chances, size))
        shares = expected_shares(con, strata, cells)
        without = {}
        if any(":" in row.prediction for row in strata):
            without = expected_shares(con, _merge(strata), _read_cells(con, _UNDIVIDED))
        for theme, found in targets:
            row = {
                "theme_id": theme,
                "size": size,
                "predicted": found,
                "share": shares[theme][1][0],
            }
            widths = map(_width, shares[theme])
            row |= zip(("narrow", "width", "wide"), widths, strict=True)
            if without:
                row["plain"] = _width(without[theme][1])
            rows.append(row | {"power": _find_power(con, theme, change) if change else None})
    return rows


def _read_strata(con: Connection, scale: float) -> list[Stratum]:
    return [Stratum(*row) for row in con.execute(_STRATA, {"scale": scale}).fetchall()]


def _merge(strata: Iterable[Stratum]) -> list[Stratum]:
    """Return strata without the division by labels of other programs."""
    merged = []
    for key, numbers in group_undivided(strata).items():
        counts, planned, shares, known = numbers.T
        share = counts @ shares / counts.sum()
        merged.append(Stratum(*key, counts.sum(), planned.sum(), share, known.sum()))
    return merged


def _read_cells(con: Connection, prediction: str = "prediction") -> list[Cell]:
    con.execute(
        f"create or replace temp view cells as select * replace ({prediction} as prediction)"
        " from coded"
    )
    return [Cell(*row) for row in con.execute("from coding_cells('cells') order by all").fetchall()]


def measured_widths(
    con: Connection,
    plan: Mapping[str, str],
    labels: Sequence[Mapping[str, str]],
    outside: str,
) -> list[dict[str, Any]]:
    """Return the corrected share of each theme of a plan with the labels of its sample: theme_id,
    predicted, share, low, high, width, plain, and expected, the width after all its articles.
    """
    texts = dict.fromkeys(("coder", "theme_id", "role"), "varchar")
    types = {"article_id": "uuid", **texts, "weight": "double"}
    load_rows(con, "given_labels", ([row[name] or None for name in types] for row in labels), types)
    prepare_population(
        con,
        themes=[*filter(None, plan["theme_ids"].split("|"))],
        language=plan["language"],
        first=plan["first_on"] or None,
        last=plan["last_on"] or None,
        outside=outside,
        codings="given_labels",
    )
    left = int(plan["size"]) - len({row["article_id"] for row in labels})
    rows = expected_widths(con, [max(left, 0)])
    strata = _read_strata(con, 1)
    shares = shares_of(con, strata, _read_cells(con))
    without = shares_of(con, _merge(strata), _read_cells(con, _UNDIVIDED))
    for row in rows:
        found = shares.get(row["theme_id"], (None,) * 3)
        row["expected"], row["width"] = row["width"], _width(found)
        if "plain" in row:
            row["plain"] = _width(without.get(row["theme_id"], (None,) * 3))
        row.update(zip(("share", "low", "high"), found, strict=True))
    return rows


def _width(share: Sequence[Any]) -> float | None:
    return None if share[1] is None else share[2] - share[1]


def _scale(chances: Any, size: int) -> float:
    """Return the factor with which descending chances, cut at 1, add up to ``size``."""
    rest = np.cumsum(chances[::-1])[::-1]  # of those that are not certain
    scales = (size - np.arange(len(chances))) / rest
    return float(scales[scales * chances <= 1 + 1e-9][0])


def _find_power(con: Connection, theme: str, change: float) -> float | None:
    """Return the power of a two-sided test between two halves of the articles. The share that the
    list finds changes by the true change times recall less false positive rate (Rogan and Gladen
    1978, American Journal of Epidemiology 107).
    """
    ((articles, hits, true, true_hits),) = con.execute(_POWER, [theme]).fetchall()
    if not hits or not 0 < true < articles:
        return None
    found = hits / articles
    slope = true_hits / true - (hits - true_hits) / (articles - true)
    later = min(max(found + change * slope, 0), 1)
    error = math.sqrt((found * (1 - found) + later * (1 - later)) / (articles / 2))
    return NormalDist().cdf(abs(later - found) / error - 1.959964)


def least_size(con: Connection, width: float) -> int | None:
    """Return the smallest of SIZES at which all intervals have at most this width, or None."""

    def find_widest(size: int) -> float:
        return max(row["width"] or math.inf for row in expected_widths(con, [size]))

    place = bisect.bisect_left(SIZES, -width, key=lambda size: -find_widest(size))
    return SIZES[place] if place < len(SIZES) else None
