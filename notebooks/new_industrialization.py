"""Follow one formulation from its first use to the figures that may be printed.

Open it with ``marimo edit notebooks/new_industrialization.py``. ``python
notebooks/new_industrialization.py FOLDER`` also writes the essay to
FOLDER/new_industrialization.md, and its charts beside it. TIDINGS_WAREHOUSE names the warehouse.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="New industrialization")


@app.cell
def _():
    import sys
    from inspect import cleandoc
    from pathlib import Path

    import altair as alt
    import marimo as mo

    from tidings.analysis.report.release import read_invented
    from tidings.cli.lake import find_lake
    from tidings.storage.release import open_release

    con = open_release(find_lake())
    notice = read_invented(con).notice  # such as of the demo; each chart shows it
    alt.theme.register("tidings", enable=True)(
        lambda: alt.theme.ThemeConfig({"title": notice} if notice else {})
    )
    values = {
        "theme": "new_industrialization",
        "other": "new_quality_productive_forces",
        "language": "zh",
    }

    def rows(query):
        """Return the rows of a query as dictionaries; $theme, $other and $language are bound."""
        bound = {name: value for name, value in values.items() if f"${name}" in query}
        return con.execute(query, bound).to_arrow_table().to_pylist()

    return Path, alt, cleandoc, con, mo, notice, rows, sys


@app.cell
def _(cleandoc, mo, notice, rows):
    [release] = rows("""
        with days as (
            from outlet_daily where publisher_id in (select publisher_id from articles
                where language = $language)
        )
        select release_id, lexicon_version, min(days.published_on) as first_on,
            max(days.published_on) as last_on,
            count(distinct days.published_on) as day_count,
            count(distinct days.published_on) filter (days.is_gap) as gap_count,
            sum(days.article_count)::bigint as article_count,
            count(distinct days.publisher_id) as outlet_count
        from days, (from releases order by snapshot_id desc limit 1) group by all
    """)
    [theme] = rows("select label_en, label_zh, source from themes where theme_id = $theme")
    opening = cleandoc(f"""
    # {theme["label_zh"]}: one formulation, from first use to report

    {notice}

    “{theme["label_en"]}” is a formulation, a wording with a known origin: {theme["source"]}. This
    essay shows when Chinese news used it, who carried it, in which company, and which of the
    answers may be printed. A notebook wrote it: it read every figure from the release
    `{release["release_id"]}` with the word list `{release["lexicon_version"]}`.

    Outlets that publish in Chinese: {release["outlet_count"]}, with {release["article_count"]:,}
    articles from {release["first_on"]:%-d %B %Y} to {release["last_on"]:%-d %B %Y}. On
    {release["gap_count"]} of these {release["day_count"]} days an outlet was not fully covered.
    Such a coverage gap never counts as zero.
    """)
    mo.md(opening)
    return opening, release, theme


@app.cell
def _(cleandoc, mo, rows):
    [life] = rows("""
        select l.*, w.phrase from phrase_lives as l join theme_phrases as w using (phrase_id)
        where l.theme_id = $theme and l.language = $language order by l.article_count desc limit 1
    """)
    reasons = {
        "too_early": "the collection began too shortly before it, and older articles may contain"
        " the phrase",
        "after_gap": "a coverage gap precedes it",
    }
    certainty = (
        "The release calls this first use certain."
        if life["first_seen_is_certain"]
        else "The release does not call it the first use: "
        + reasons.get(life["uncertain_because"], str(life["uncertain_because"]).replace("_", " "))
        + ". Print “first seen”, never “first used”."
    )
    first_use = cleandoc(f"""
    ## When does it appear?

    {life["phrase"]} is first seen on {life["first_seen_on"]:%-d %B %Y}, after
    {life["observed_day_count"]} covered days. {certainty}
    It was last seen on {life["last_seen_on"]:%-d %B %Y}
    and appears in {life["article_count"]} articles.

    ```sql
    select first_seen_on, first_seen_is_certain, uncertain_because, article_count
    from phrase_lives where phrase_id = '{life["phrase_id"]}'
    ```
    """)
    mo.md(first_use)
    return first_use, life


@app.cell
def _(alt, rows):
    weeks = rows("""
        select o.theme_id, t.label_en as formulation,
            date_trunc('week', o.published_on)::date as week_start_on,
            sum(o.article_count)::bigint as hits, sum(o.total_count)::bigint as total,
            wilson_low(hits, total) as low, wilson_high(hits, total) as high
        from theme_outlet_daily as o join themes as t using (theme_id)
        where o.theme_id in ($theme, $other) and not o.is_gap
            and o.publisher_id in (select publisher_id from articles where language = $language)
        group by all having sum(o.total_count) > 0 order by all
    """)
    for week in weeks:
        week["share"] = week["hits"] / week["total"]
    base = alt.Chart(
        alt.Data(values=[row | {"week_start_on": str(row["week_start_on"])} for row in weeks])
    ).encode(
        alt.X("week_start_on:T", title=None, axis=alt.Axis(format="%b %Y", tickCount="month")),
    )
    colour = alt.Color(
        "formulation:N",
        title=None,
        scale=alt.Scale(range=["#b3421f", "#2f6690"]),
        legend=alt.Legend(orient="top"),
    )
    curve = (
        base.mark_area(opacity=0.15).encode(alt.Y("low:Q", title="Share of articles",
                                                  axis=alt.Axis(format="%")),
            alt.Y2("high:Q"), colour)
        + base.mark_line(point=True).encode(alt.Y("share:Q"), colour)
    ).properties(width=620, height=260)  # fmt: skip
    curve
    return curve, weeks


@app.cell
def _(cleandoc, mo, rows, weeks):
    own = [week for week in weeks if week["theme_id"] == "new_industrialization"]
    peak = max(own, key=lambda week: week["share"])  # the first of equal weeks
    rest = (
        sum(week["hits"] for week in own if week is not peak),
        sum(week["total"] for week in own if week is not peak),
    )
    months = rows("""
        select
            date_trunc('month', articles.published_on)::date as month_start_on,
            count(themes.article_id) as article_count,
            count_if(themes.is_about) as about_count,
            count(*) as total_count,
            article_count / total_count as share,
            wilson_low(article_count, total_count) as share_low,
            wilson_high(article_count, total_count) as share_high
        from articles
        semi join outlet_daily using (publisher_id, published_on)
        left join article_themes as themes
            on articles.article_id = themes.article_id and themes.theme_id = $theme
        where primary_language(articles.language) = $language and excluded_reason is null
        group by all
        having total_count >= 10
        order by all
    """)
    table = "\n".join(
        f"    | {row['month_start_on']:%B %Y} | {row['article_count']} | {row['about_count']} |"
        f" {row['total_count']} | "
        f"{row['share']:.1%} | {row['share_low']:.1%} to {row['share_high']:.1%} |"
        for row in months
    )
    overlap = all(one["share_high"] >= two["share_low"] for one in months for two in months)
    [burst] = rows(
        "select count(*) as n, min(start_on) as start_on from bursts where series ="
        " 'theme' and series_id = $theme"
    )
    rise = cleandoc(f"""
    ## How does it rise and fade?

    The chart shows the weekly share of these outlets' articles that mention the formulation, with a
    95 % Wilson interval, beside another formulation. The peak is the week of
    {peak["week_start_on"]:%-d %B %Y}: {peak["hits"]} of {peak["total"]} articles,
    {peak["share"]:.1%} ({peak["low"]:.1%} to {
        peak["high"]:.1%}). In all other weeks together it is {rest[0]} of {rest[1]:,},
    {rest[0] / rest[1]:.1%}, {
        "below" if rest[0] / rest[1] < peak["low"] else "within"
    } the interval of the peak.

    | month | mention it | about it | articles | share | 95 % interval |
    |---|---|---|---|---|---|
{table}

    “About it” counts the articles whose main subject it is; the others name it in passing.
    {
        "All intervals of months overlap, so the months alone prove no rise."
        if overlap
        else "The intervals of some months do not overlap: between them the change is larger than"
        " chance."
    }
    {
        f"The release reports {burst['n']} bursts, the first from {burst['start_on']:%-d %B %Y}."
        if burst["n"]
        else "The release reports no burst: a few articles in one week are not enough for one."
    }
    """)
    mo.md(rise)
    return months, own, peak, rise


@app.cell
def _(alt, rows):
    speakers = rows("""
        select coalesce(p.name, min(s.speaker_name)) as speaker, count(*) as statement_count,
            count(distinct s.article_id) as article_count
        from statements as s
        semi join (from article_themes where theme_id = $theme and is_about) as a using (article_id)
        left join (select person_id, min(name) as name from speakers where language = 'en'
            group by all) as p
            on p.person_id = s.speaker
        where s.speaker_kind = 'person' group by s.speaker, p.name
        order by statement_count desc, speaker limit 8
    """)
    people = (
        alt.Chart(alt.Data(values=speakers))
        .mark_bar(color="#2f6690")
        .encode(
            alt.X(
                "statement_count:Q",
                title="Statements in articles about it",
                axis=alt.Axis(tickMinStep=1),
            ),
            alt.Y("speaker:N", sort="-x", title=None, axis=alt.Axis(minExtent=110)),
        )
        .properties(width=520, height=alt.Step(20))
    )
    people
    return people, speakers


@app.cell
def _(cleandoc, mo, rows, speakers):
    firsts = rows("""
        select language, name as outlet, min(published_on) as first_on, count(*) as article_count
        from article_themes join publishers using (publisher_id) where theme_id = $theme
        group by all order by first_on, outlet
    """)
    spread = "\n".join(
        f"    | {row['outlet']} | {row['language']} | {row['first_on']:%-d %B %Y} |"
        f" {row['article_count']} |"
        for row in firsts
    )
    named = ", ".join(f"{row['speaker']} ({row['statement_count']})" for row in speakers[:3])
    carriers = cleandoc(f"""
    ## Who carries it?

    The chart counts the statements of persons in the articles about it. The first are {named}.
    A person's names in several languages count as one person.

    | outlet | language | first seen | articles |
    |---|---|---|---|
{spread}

    An outlet's first article in the release is not its first use: see above. An article in another
    language that follows within days usually reports the same event.
    """)
    mo.md(carriers)
    return carriers, firsts


@app.cell
def _(cleandoc, mo, rows):
    pairs = rows("""
        select t.label_en as theme, sum(p.article_count)::bigint as together,
            round(avg(p.npmi), 2) as npmi
        from theme_pairs_monthly as p join themes as t on t.theme_id = p.other_theme_id
        where p.theme_id = $theme and t.parent_id is not null group by all
        having sum(p.article_count) >= 5
        order by together desc, theme limit 6
    """)
    company = "\n".join(
        f"    | {row['theme']} | {row['together']} | {row['npmi']} |" for row in pairs
    )
    words = cleandoc(f"""
    ## In which company?

    | also mentioned | articles with both | NPMI, mean of months |
    |---|---|---|
{company}

    NPMI is 1 if two themes always appear together and 0 if they are independent. Programme names
    appear often with everything, so read the number of articles together with the NPMI.
    """)
    mo.md(words)
    return pairs, words


@app.cell
def _(cleandoc, life, mo, months, peak, release):  # noqa: PLR0917 - marimo lists what a cell reads
    ending = cleandoc(f"""
    ## What may be printed?

    - “In the week of {peak["week_start_on"]:%-d %B %Y}, {peak["hits"]} of {
        peak["total"]
    } items mentioned it” may be printed: every
      item was collected, and each mention is listed in `theme_mentions` with its sentence and its
      link.
    - “First used on {life["first_seen_on"]:%-d %B %Y}” {
        "may be printed" if life["first_seen_is_certain"] else "may not: print “first seen”"
    }.
    - “Chinese media took it up” {
        "may not: the release has one Chinese outlet"
        if release["outlet_count"] == 1
        else "needs the figures by outlet: the release has"
        f" {release['outlet_count']} Chinese outlets"
    }.
    - “It is fading” {
        "may not: the interval of the last month contains the share of the first"
        if months[-1]["share_low"] <= months[0]["share"] <= months[-1]["share_high"]
        else "needs a look at the intervals above"
    }.

    Cite the release and the word list with each figure. `tidings report` draws the page of the
    theme, `tidings export` writes the tables with checksums and citation, and `tidings sql
    --release {release["release_id"]}` answers the same query next year.
    """)
    mo.md(ending)
    return (ending,)


@app.cell
def _(Path, carriers, con, curve, ending, first_use, opening, people, rise, sys, words):  # noqa: PLR0917
    def write(folder):
        """Write the essay as Markdown, and its charts as SVG files in ``images`` beside it."""
        images = Path(folder, "images")
        images.mkdir(parents=True, exist_ok=True)
        curve.save(images / "new-industrialization-weeks.svg")
        people.save(images / "new-industrialization-speakers.svg")
        week_image = (
            "![Weekly share of two formulations, with"
            " intervals](images/new-industrialization-weeks.svg)"
        )
        people_image = "![Statements by person](images/new-industrialization-speakers.svg)"
        parts = (opening, first_use, rise, week_image, carriers, people_image, words, ending)
        Path(folder, "new_industrialization.md").write_text(
            "\n\n".join(parts) + "\n", encoding="utf-8"
        )

    # not under a test
    if len(sys.argv) == 2 and Path(sys.argv[0]).name == "new_industrialization.py":
        write(sys.argv[1])
    con.close()
    return (write,)


if __name__ == "__main__":
    app.run()
