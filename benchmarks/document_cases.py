"""The documents of `benchmarks.documents` with their expected texts: half for writing the rules,
half for testing them.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.document_pages import Layout, Setter, draw_table, print_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Case = tuple[str, bytes, list[str]]
DOCS = Path(__file__).parents[1] / "docs"
_PROSE = re.compile(r"^(?:- |\d+\. )?[A-Z].*[.:]$")
_MARKS = re.compile(r"\[([^\]]*)\]\([^)]*\)|[*`#]|https?://\S+")
CHINESE = (
    "财政部|发改委|市政府|工信部|公布|推进|支持|加快|落实|研究|数字经济|新能源汽车|小微企业|"
    "养老服务|粮食安全|"
    "乡村建设|水利工程|公共卫生|有关部门|各地区|专项资金|实施方案|指导意见|年度计划|试点工作"
)
JAPANESE = (
    "政府は|経済産業省は|来年度から|再生可能エネルギーの|導入を|地方自治体と|連携して|進める|"
    "方針を|決めた|"
    "予算案に|盛り込む|見通しだ|少子化対策を|検討する|有識者会議の|報告書を|公表した|補助金の|"
    "対象を|広げる"
)
ARABIC = (
    "أعلنت|الوزارة|خطة|جديدة|لدعم|الاقتصاد|المحلي|خلال|العام|المقبل|وتشمل|مشاريع|الطاقة|والمياه|في|"
    "المدن|"
    "الكبرى|على|أن|تبدأ|المرحلة|الأولى|من|البرنامج|بعد|موافقة|المجلس"
)
HEBREW = (
    "הממשלה|אישרה|תוכנית|חדשה|לפיתוח|התחבורה|הציבורית|בערים|הגדולות|במהלך|השנה|הבאה|המשרד|פרסם|את|"
    "התקציב|לאחר|"
    "דיון|בוועדה|ומסר|כי|ההשקעה|תגדל|בהדרגה"
)
GERMAN = (
    "Die|Bundesregierung|beschließt|eine|Verordnung|über|Fördermittel|für|Kommunen|und|Landkreise|"
    "sowie|den|"
    "Ausbau|der|Ladeinfrastruktur|in|ländlichen|Regionen|nach|Angaben|des|Wirtschaftsministeriums|"
    "sollen|"
    "Antragsverfahren|vereinfacht|werden|Zuständigkeiten|Haushaltsausschuss|Genehmigungsbehörde|"
    "Verwaltungsvorschrift"
)


def prose() -> list[str]:
    """Return the paragraphs of the documentation of at least twelve words, without marks."""
    texts: list[str] = []
    for path in sorted(DOCS.rglob("*.md")):
        for block in re.split(r"\n\s*\n|\n(?=- )", path.read_text(encoding="utf-8")):
            text = " ".join(_MARKS.sub(r"\1", block).split()).removeprefix("- ")
            if (
                _PROSE.match(text)
                and len(text.split()) >= 12
                and text.isascii()
                and not set(text) & set("|<>{}_=/\\")
            ):
                texts.append(text)
    return list(dict.fromkeys(texts))


ENGLISH = prose()


def some(rng: random.Random, count: int) -> list[str]:
    """Return paragraphs of the documentation in random order."""
    return rng.choices(ENGLISH, k=count) if count > len(ENGLISH) else rng.sample(ENGLISH, count)


def made(
    rng: random.Random,
    words: str,
    count: int,
    *,
    length: int = 60,
    between: str = " ",
    stop: str = ".",
) -> list[str]:
    """Return paragraphs of random words."""
    bank = words.split("|")
    return [
        between.join(rng.choice(bank) for _ in range(rng.randint(length // 2, length))) + stop
        for _ in range(count)
    ]


def on_canvas(layout: Layout, seed: int, count: int) -> Case:
    """Return a document of a title and paragraphs, set on a canvas."""
    rng = random.Random(seed)
    setter = Setter(layout, rng)
    setter.paragraph(" ".join(some(rng, 1)[0].split()[:7]), size=layout.size + 4)
    for text in some(rng, count):
        setter.paragraph(text)
    return "", setter.write(), [text for page in setter.expected for text in page]


def noted(layout: Layout, seed: int, count: int) -> Case:
    """Return a document with footnotes, in which no paragraph continues on another page."""
    rng = random.Random(seed)
    setter = Setter(layout, rng)
    for number, text in enumerate(some(rng, count), start=1):
        if setter.y < setter.bottom + setter.note_height() + 110:
            setter.next_page()
        note = (
            f"{number} {' '.join(some(rng, 1)[0].split()[:18])}"
            if number % layout.footnotes == 0
            else ""
        )
        setter.paragraph(text, note=note)
    return "", setter.write(), [text for page in setter.expected for text in page]


def printed(
    paragraphs: Sequence[str],
    css: str,
    lang: str = "en",
    *,
    box: str = "",
    heading: str = "",
    **options: Any,
) -> Case:
    """Return a document printed by Chromium; ``box`` is a text in a box after the first
    paragraph.
    """
    parts = [f"<p>{text}</p>" for text in paragraphs]
    expected = list(paragraphs)
    if box:
        parts.insert(1, f"<aside>{box}</aside>")
        expected.insert(1, box)
    if heading:
        parts.insert(0, f"<h1>{heading}</h1>")
        expected.insert(0, heading)
    return "", print_html("".join(parts), css, lang=lang, **options), expected


def table(rng: random.Random, layout: Layout, count: int, *, by_column: bool) -> Case:
    """Return a document with a table whose first column has several words."""
    rows = [("Measure", "Budget", "Office in charge", "Year")]
    for _ in range(count):
        words = some(rng, 1)[0].split()
        budget, year = f"{rng.randint(10, 900)}.{rng.randint(0, 9)}", str(2020 + rng.randint(0, 9))
        rows.append((" ".join(words[:6]), budget, " ".join(words[6:10]), year))
    pdf, expected = draw_table(layout, some(rng, 3), rows, (170, 60, 150, 60), by_column=by_column)
    return "", pdf, expected


def html_table(rng: random.Random, count: int, css: str) -> Case:
    """Return a printed document with a table between paragraphs."""
    before, after = some(rng, 3), some(rng, 3)
    rows = [["Region", "2024", "2025", "Remarks"]]
    rows += [
        [
            rng.choice(("North", "South", "Upper valley", "Coast")),
            str(rng.randint(1, 999)),
            str(rng.randint(1, 999)),
            " ".join(some(rng, 1)[0].split()[:5]),
        ]
        for _ in range(count)
    ]
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    body = (
        "".join(f"<p>{p}</p>" for p in before)
        + f"<table>{cells}</table>"
        + "".join(f"<p>{p}</p>" for p in after)
    )
    pdf = print_html(body, "td{padding:3px 14px 3px 0;vertical-align:top}" + css)
    return "", pdf, [*before, *(" ".join(row) for row in rows), *after]


def shy(texts: Sequence[str]) -> list[str]:
    """Return texts with soft hyphens, at which Chromium may divide a word."""
    return [
        re.sub(r"(?<=[a-zäöü]{3})([bdfgklmnprst])(?=[aeiouäöü][a-zäöü]{2})", "\u00ad\\1", text)
        for text in texts
    ]


HEAD = '<div style="font-size:8pt;width:100%;text-align:center">{}</div>'
TWO = "body{columns:2;column-gap:8mm;text-align:justify;font-size:10pt}"


def dev(shift: int = 0) -> Iterator[tuple[str, Case]]:
    """Yield the documents with which the rules were written, by variant."""
    rng = random.Random(1 + shift)
    heads = ("Gazette of the Province of Dunmere", "No. 14, Tuesday 16 June 2026")
    yield (
        "1 column, running heads",
        on_canvas(Layout(heads=heads, number="{number}"), 11 + shift, 60),
    )
    yield (
        "1 column, indents",
        on_canvas(
            Layout(gap=0, indent=14, number="- {number} -", font="Helvetica"), 12 + shift, 50
        ),
    )
    yield (
        "2 columns",
        on_canvas(
            Layout(columns=2, heads=heads, number="Page {number} of {total}"), 13 + shift, 90
        ),
    )
    yield (
        "2 columns, interleaved",
        on_canvas(
            Layout(columns=2, stream="interleaved", heads=heads, number="{number}"), 14 + shift, 60
        ),
    )
    yield (
        "3 columns, gazette of 60 pages",
        on_canvas(
            Layout(columns=3, leading=13, margin=50, heads=heads, number="{number}"),
            15 + shift,
            1330,
        ),
    )
    yield (
        "3 columns, shuffled",
        on_canvas(
            Layout(
                columns=3, size=9, leading=11, stream="shuffled", number="{number}", heads=heads
            ),
            16 + shift,
            90,
        ),
    )
    yield "footnotes", noted(Layout(footnotes=3, number="{number}"), 17 + shift, 40)
    yield "table", table(rng, Layout(), 18, by_column=False)
    yield "table, by column", table(rng, Layout(font="Helvetica"), 16, by_column=True)
    yield "rotated page", on_canvas(Layout(rotate=90, number="{number}"), 18 + shift, 30)
    yield (
        "2 columns",
        (
            "",
            *printed(shy(made(rng, GERMAN, 22)), TWO, "de", heading="Verordnung über Fördermittel")[
                1:
            ],
        ),
    )
    yield (
        "1 column, running heads",
        printed(
            some(rng, 40),
            "p{margin:0 0 9pt}",
            heading="Statement on the budget",
            display_header_footer=True,
            header_template=HEAD.format("Ministry of Transport"),
            footer_template=HEAD.format(
                '<span class="pageNumber"></span> / <span class="totalPages"></span>'
            ),
        ),
    )
    yield (
        "3 columns",
        printed(
            some(rng, 40),
            "body{columns:3;font-size:9pt} h1{column-span:all}",
            heading="Bulletin of measures",
        ),
    )
    yield "table", html_table(rng, 20, "")
    yield (
        "box",
        printed(
            some(rng, 14),
            "aside{border:1px solid;padding:8px;margin:6px 40px;background:#eee}",
            box=some(rng, 1)[0],
            heading="Report with a box",
        ),
    )
    yield (
        "Chinese",
        printed(
            made(rng, CHINESE, 14, between="", stop="。"),
            "body{font-family:'Noto Serif CJK SC'}",
            "zh",
            heading="关于推进数字经济的意见",
        ),
    )
    yield (
        "Chinese",
        printed(
            made(rng, CHINESE, 20, between="", stop="。"),
            TWO + "body{font-family:'Noto Sans CJK SC'}",
            "zh",
        ),
    )
    yield (
        "Japanese, vertical",
        printed(
            made(rng, JAPANESE, 12, between="", stop="。"),
            "body{writing-mode:vertical-rl;font-family:'Noto Serif CJK JP'}",
            "ja",
        ),
    )
    yield "Arabic", printed(made(rng, ARABIC, 14), "body{font-family:'DejaVu Sans'}", "ar")
    yield (
        "letter-spaced, small capitals",
        printed(
            some(rng, 12),
            "h1{letter-spacing:.35em;font-size:15pt} p:first-letter{font-size:1.6em}"
            " p:nth-child(3){font-variant:small-caps}",
            heading="Press release",
        ),
    )


def held(shift: int = 0) -> Iterator[tuple[str, Case]]:
    """Yield the documents with which the rules are tested, by variant: other layouts, fonts, page
    sizes and seeds.
    """
    rng = random.Random(2 + shift)
    heads = ("OFFICIAL BULLETIN", "Volume 7 · Issue 3")
    letter = Layout(width=612, height=792)
    yield (
        "1 column, running heads",
        on_canvas(
            replace(letter, heads=heads, number="{number}/{total}", font="Courier", size=9),
            21 + shift,
            45,
        ),
    )
    yield (
        "1 column, ragged",
        on_canvas(
            Layout(is_justified=False, hyphenates=False, gap=10, size=11, leading=15),
            22 + shift,
            40,
        ),
    )
    yield (
        "2 columns, narrow gutter",
        on_canvas(
            Layout(columns=2, gutter=12, size=9, leading=10.5, heads=heads, number="{number}"),
            23 + shift,
            120,
        ),
    )
    yield (
        "2 columns, indents",
        on_canvas(replace(letter, columns=2, gap=0, indent=12, font="Helvetica"), 24 + shift, 80),
    )
    yield (
        "3 columns, interleaved",
        on_canvas(
            Layout(columns=3, size=8, leading=9.5, stream="interleaved", heads=heads),
            25 + shift,
            110,
        ),
    )
    yield (
        "2 columns, shuffled",
        on_canvas(
            Layout(columns=2, stream="shuffled", number="– {number} –", heads=heads), 26 + shift, 70
        ),
    )
    yield (
        "2 columns, gazette of 60 pages",
        on_canvas(
            replace(letter, columns=2, leading=14, margin=70, heads=heads, number="Page {number}"),
            27 + shift,
            950,
        ),
    )
    yield (
        "footnotes",
        noted(replace(letter, footnotes=2, number="{number}", font="Helvetica"), 28 + shift, 30),
    )
    yield (
        "2 columns, footnotes",
        noted(Layout(footnotes=4, columns=2, heads=heads, number="{number}"), 29 + shift, 60),
    )
    yield "table", table(rng, replace(letter, size=9, leading=11), 25, by_column=False)
    yield (
        "rotated page",
        on_canvas(Layout(rotate=180, heads=heads, number="{number}"), 30 + shift, 30),
    )
    yield (
        "2 columns, hyphens",
        printed(
            some(rng, 30),
            TWO + "p{hyphens:auto;margin:0;text-indent:1.2em}",
            heading="Annual statement",
        ),
    )
    cover = "<div style='height:230mm;padding-top:60mm;text-align:center;break-after:page'>"
    cover += "<h1>Plan for rivers</h1><p>Ministry</p></div>"
    body = some(rng, 25)
    yield (
        "cover page",
        (
            "",
            print_html(cover + "".join(f"<p>{t}</p>" for t in body), "h1{font-size:30pt}"),
            ["Plan for rivers", "Ministry", *body],
        ),
    )
    items = [" ".join(text.split()[:14]) for text in some(rng, 18)]
    listed = (
        "<ul>"
        + "".join(f"<li>{item}</li>" for item in items[:9])
        + "</ul><ol>"
        + "".join(f"<li>{i}</li>" for i in items[9:])
    )
    numbers = [f"{number}. {item}" for number, item in enumerate(items[9:], start=1)]
    yield (
        "lists",
        (
            "",
            print_html(f"<h2>Measures</h2>{listed}</ol>", "body{font-family:sans-serif}"),
            ["Measures", *items[:9], *numbers],
        ),
    )
    side, text = some(rng, 1)[0], some(rng, 5)
    aside = f"<aside>{side}</aside>" + "".join(f"<p>{paragraph}</p>" for paragraph in text)
    css = "body{display:grid;grid-template-columns:2fr 1fr;column-gap:9mm} p{grid-column:1}"
    css += "aside{grid-column:2;grid-row:1/99;font-size:9pt}"
    yield "box beside the text", ("", print_html(aside, css), [*text, side])
    yield (
        "table",
        html_table(
            rng,
            45,
            "td{border:1px solid;padding:4px} table{border-collapse:collapse;font-size:9pt}",
        ),
    )
    yield (
        "Chinese, vertical",
        printed(
            made(rng, CHINESE, 10, between="", stop="。"),
            "body{writing-mode:vertical-rl;font-family:'Noto Serif CJK TC'}",
            "zh",
            heading="實施方案",
        ),
    )
    yield (
        "Japanese",
        printed(
            made(rng, JAPANESE, 16, between="", stop="。"),
            "body{columns:2;font-family:'Noto Sans CJK JP'}",
            "ja",
        ),
    )
    yield (
        "Hebrew, 2 columns",
        printed(
            made(rng, HEBREW, 24), "body{columns:2;column-gap:9mm;font-family:'DejaVu Sans'}", "he"
        ),
    )
    mark = (
        "<div"
        " style='position:fixed;top:90mm;left:0;font-size:80pt;color:#ddd;"
        "transform:rotate(-40deg)'>DRAFT</div>"
    )
    text = some(rng, 16)
    body_html = (
        mark + "<h1>ORDER ON FISHERIES</h1>" + "".join(f"<p>{paragraph}</p>" for paragraph in text)
    )
    yield (
        "watermark, letter-spaced",
        (
            "",
            print_html(body_html, "h1{letter-spacing:.5em;font-size:13pt;font-weight:400}"),
            ["ORDER ON FISHERIES", *text],
        ),
    )
