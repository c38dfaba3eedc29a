"""The difference between tables of contents and articles with lists."""

from itertools import product

from tests.cases import cases
from tests.extraction.read import article_of, page_of
from tidings.extraction import Hint

ITEMS = (
    "水库今日蓄水|2026年果园丰收 农户收入增加|【走进乡村】图书馆延长开放时间|5座桥梁完成检修|"
    "8.5万名学生参加植树|市长：老城区年内通地铁|剧院重新开放 首演门票售罄|果蔬价格平稳"
).split("|")
INTRODUCTION = "本期节目主要内容："
LONG_ITEM = "市政府召开会议，要求各部门做好防汛工作，检查河道堤防，疏通排水管网，备足沙袋水泵，" * 3
TOPICS = (
    "Council approves harbour plan|Rates rise, mortgages follow|Who pays for the tunnel?|"
    "Sport and weather"
).split("|")
TITLE = "《晚间新闻》 20260109 19:00"


def reason(*paragraphs: str, title: str = TITLE) -> str | None:
    """Return the reason why a page with these paragraphs is excluded."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    html = f"<title>{title}</title><h1>{title}</h1><div class='content'>{body}</div>"
    return article_of(page_of(f"<meta charset='utf-8'><body>{html}</body>")).excluded_reason


def numbered(pattern: str, items: list[str] = ITEMS) -> list[str]:
    """Return the items with a number in front, for example ``{}.`` for 1."""
    return [pattern.format(number) + item for number, item in enumerate(items, 1)]


def test_a_programme_is_excluded_however_it_is_numbered() -> None:
    """Headlines are a table of contents with any number, separator and introduction."""
    patterns, separators = ("{}.", "（{}）", "{}．", ""), ("；", ";", "；<br>", "；</p><p>")
    for pattern, separator, begin in product(patterns, separators, (INTRODUCTION, "")):
        text = begin + separator.join(numbered(pattern)) + separator
        assert reason(text) == "round_up", text
    for numbers in (
        "①②③④⑤⑥⑦⑧",
        [f"{number}、" for number in "一二三四五六七八"],
    ):
        assert reason(*map("".join, zip(numbers, ITEMS, strict=True))) == "round_up"


@cases(
    "paragraphs",
    ["央视网消息（晚间新闻）：" + INTRODUCTION + "；".join(numbered("{}."))],
    ["央视网消息：" + "；".join(numbered("{}."))],
    ["欢迎收看今天的节目，今天是星期五。", "节目主要内容有：", *ITEMS],
    ["来源：本台 时间：2026年1月9日", "本期节目主要内容", *ITEMS],
    [INTRODUCTION + " ".join(ITEMS)],
    [INTRODUCTION + "。".join(ITEMS) + "。"],
    [f"{INTRODUCTION}{'；'.join(numbered('{}.'))}；6.快讯：（1）渔港休渔；（2）通了公交。（《新闻》）"],
    [INTRODUCTION + "；".join(numbered("{}.")), "详细内容请看视频。"],
    [INTRODUCTION + "；".join(numbered("{}.", [ITEMS[0], LONG_ITEM, *ITEMS * 4]))],
    [INTRODUCTION + "1.庆祝大会特别报道；2.大会今晚举行"],
    [INTRODUCTION, "庆祝大会特别报道"],
ids="dateline,only_dateline,long,heading,spaces,stops,nested,closing,long_item,two,one".split(","),
)  # fmt: skip
def test_a_programme_is_excluded_whatever_surrounds_its_items(paragraphs: list[str]) -> None:
    """A dateline, introduction, nested items, closing line or title change nothing."""
    for title in (TITLE, "晚间新闻完整版"):
        assert reason(*paragraphs, title=title) == "round_up"


@cases(
    "introduction",
    "In today's programme:", "In this edition", "Tonight's headlines:",
    "Die Themen der Sendung", "In dieser Ausgabe:",
    "Les titres du journal", "Au sommaire de cette édition :", "Los titulares de hoy:",
    "I titoli del telegiornale",
    "Destaques desta edição:", "Темы выпуска:", "本日の主なニュース：", "오늘의 주요 뉴스:",
)  # fmt: skip
def test_bulletins_in_other_languages_are_excluded(introduction: str) -> None:
    """The introduction of a bulletin with its topics makes a table of contents in each language."""
    for separator in ("</p><p>", "; ", ", "):
        text = f"{introduction}</p><p>{separator.join(TOPICS)}"
        assert reason(text, title="Evening bulletin") == "round_up"


PROSE = [
    "市政府今天公布，今年将新建三座水库，工程总投资二十亿元，预计明年年底完工。",
    "水利局负责人表示，新水库建成以后，全市供水能力将提高两成，下游的农田也能得到灌溉。",
]
REPORT = [
    "The council approved the harbour plan on Friday, after a debate that lasted for six hours.",
    "The mayor said the work would begin in spring. Residents had asked for a tunnel instead.",
]
APPOINTMENTS = [f"{who}局局长" for who in ("李明任教育", "王芳任水利", "张伟任交通", "刘洋任财政")]
PLACES = ("coast", "hills", "city", "lake", "islands")
BRIEFS = [
    "<b>水库今日蓄水</b>",
    PROSE[0],
    "<b>果园丰收</b>",
    PROSE[1],
    "<b>桥梁完成检修</b>",
    PROSE[0],
]
CLAUSES = (
    "会议强调，要加快工程建设；要确保施工安全；要做好移民安置，要保护环境；要加强监管；要按期完成。"
)
LETTERS = numbered("{}. ", [*TOPICS, "Letters"])


@cases(
    "paragraphs",
    ["市政府今天公布了下列工程的进展。", "；".join(numbered("{}."))],
    ["市政府任命下列人员：", *numbered("{}.", [*APPOINTMENTS, "陈静任卫生局局长"])],
    [*numbered("{}.", ITEMS[:5]), *PROSE * 2],
    [INTRODUCTION, *PROSE],
    [*PROSE, "今日要闻：", *ITEMS[:4]],
    ["央视网消息（晚间新闻）：", *BRIEFS],
    ["总台今天发布十大新闻和十大人物，下面是十大新闻：", *ITEMS],
    [CLAUSES],
    ["In today's programme:", *REPORT * 2],
    [*LETTERS, *REPORT * 2],
    numbered("{}. ", [f"I would like to visit the {place} this year." for place in PLACES]),
    ["The winners are the following:", *LETTERS],
    ["What happens next?", *LETTERS],
    ids="sentence appointments points prose related briefs news clauses English summary diary"
    " awards question".split(),
)
def test_lists_in_articles_do_not_exclude_them(paragraphs: list[str]) -> None:
    """Lists beside prose, briefs with their own text and numbered sentences are articles."""
    assert reason(*paragraphs, title="新水库将建成") is None


SHORT = "The harbour council decided on Tuesday to dredge the northern channel before spring."


def shown(text: str, below: str = "") -> str:
    """Return a page with a text and what follows it."""
    return f"<title>Harbour</title><h1>Harbour</h1><div class='content'>{text}</div>{below}"


@cases(
    "line, expected",
    ("You have read the free part. Subscribe to read on.", True),
    ("Jetzt Abonnement abschließen und weiterlesen. Schon ein Konto? Hier anmelden.", True),
    ("Pour lire la suite, abonnez-vous ou connectez-vous.", True),
    ("Abbonati per continuare a leggere. Sei già abbonato? Accedi.", True),
    ("订阅后继续阅读，已有账号请登录。", True),
    ("Subscribe to our morning newsletter.", False),
    ("Log in to comment. Register for the harbour run.", False),
    ("Read the full article on the page of the council.", False),
)
def test_an_invitation_to_pay_for_the_rest_marks_a_cut_off_text(line: str, expected: bool) -> None:
    """It is in the text or right after it; other requests to the reader mark nothing."""
    inside, below = shown(f"<p>{SHORT}</p><p>{line}</p>"), shown(f"<p>{SHORT}</p>", line)
    assert [article_of(page_of(html)).is_truncated for html in (inside, below)] == [expected] * 2


@cases(
    "end, expected",
    ("The council gave its reasons for the decision in a letter that ...", True),
    ("委员会在信中说明了作出这一决定的理由以及今后几年的…", True),
    ("The council meets again. [...]", True),
    ("The council has decided. More soon ...", False),
    ("委员会已作出决定。详情稍后…", False),
)
def test_dots_mark_a_cut_off_text_but_no_flash(end: str, expected: bool) -> None:
    """Dots in brackets or at the end of a long sentence; a flash promises more in a short one."""
    assert article_of(page_of(shown(f"<p>{SHORT}</p><p>{end}</p>"))).is_truncated == expected


@cases(
    "free, count, expected",
    ("false", 2, "paywall"),
    ("false", 9, None),
    ("true", 2, None),
    ids=["teaser", "whole text behind a wall", "free flash"],
)
def test_a_short_text_of_a_paid_article_is_excluded(
    free: str, count: int, expected: str | None
) -> None:
    """A page that declares isAccessibleForFree as false and shows the whole text stays."""
    data = f'{{"@type": "NewsArticle", "headline": "Harbour", "isAccessibleForFree": {free}}}'
    body = "".join(f"<p>Part {number}. {SHORT}</p>" for number in range(count))
    html = f"<script type='application/ld+json'>{data}</script><article>{body}</article>"
    assert article_of(page_of(shown(html))).excluded_reason == expected


@cases(
    "announced, title, language, expected",
    ("Harbour council approves deeper channel", "Just a moment", "en", "other_page"),
    ("港口委员会批准疏浚航道", "请稍候，正在进行安全检查", "zh", "other_page"),
    ("Harbour council approves deeper channel", "Council: deeper channel", "en", None),
    ("Rat genehmigt tiefere Fahrrinne im Hafen", "Just a moment", "de", None),
    ("港口委员会批准疏浚航道", "Just a moment", None, None),
    ("Opinion", "Just a moment", "en", None),
    ids=["robot check", "Chinese", "own title", "translation", "other script", "short title"],
)
def test_a_page_without_a_word_of_the_announced_title_is_excluded(
    announced: str, title: str, language: str | None, expected: str | None
) -> None:
    """Another language, another headline of the same page, or a short title shows nothing."""
    english = "Please confirm that you are no robot. Our security check takes a few seconds."
    chinese = "为了保护网站，系统需要几秒钟确认您不是机器人，之后会自动跳转。"
    html = shown(f"<p>{english if title.isascii() else chinese}</p>").replace("Harbour", title)
    page = page_of(html, hint=Hint(title=announced, language=language))
    assert article_of(page).excluded_reason == expected
