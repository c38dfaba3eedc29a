"""Authors, as different kinds of sites show them."""

from tests.cases import cases
from tests.extraction.read import article_of, page_of
from tidings.extraction.authors import names_in

TEXT = """<p>The council decided on Saturday to widen the northern canal before winter, and to pay
for it from dues.</p>
<p>Work begins in October. Boats are to use the southern lock until the spring, the harbour master
said in a notice.</p>"""
HEAD = "<h1>The council widens the canal</h1>"


def authors(
    body: str, head: str = "", url: str = "https://www.inland.example/canal"
) -> tuple[str, ...]:
    """Return the authors of a page with this body."""
    return article_of(page_of(f"<html><head>{head}</head><body>{body}</body></html>", url)).authors


@cases(
    "shown, expected",
    (("<div class='post-footer'><span class='post-author vcard'>Eingestellt von <b"
     " class='fn'>der Michl</b></span></div>"),
     ("der Michl",)),  # a blog has the byline in the article's footer
    (("<div class='info'><span class='labelDate'>Datum:</span>"
     " 19.11.2021<br><span>Autor:</span> Fritz Beispiel<br></div>"),
     ("Fritz Beispiel",)),
    ("<p><strong>Author:</strong> <a href='/profile/7'>Klara Example</a></p>",
     ("Klara Example",)),
    ("<ul class='metaInfoAuthorList'><li><a href='/author/n/'>Nora Example</a></li></ul>",
     ("Nora Example",)),
    ("<p>Ein Artikel von <strong>Paula Beispiel</strong> | 27.01.2022 - 12:45</p>",
     ("Paula Beispiel",)),
    ("<p><a href='/writers/emil-example/'>Emil Example</a></p>", ("Emil Example",)),
    # a day behind the name, with any form of its month
    ("<p class='byline'>Emil Example, Dec 15</p>", ("Emil Example",)),
    # a line that only the word for "by" marks
    ("<p>Von Paula Beispiel</p>", ("Paula Beispiel",)),
    ("<p>Par Claire Exemple</p>", ("Claire Exemple",)),
    ("<p>Por Ana Ejemplo</p>", ("Ana Ejemplo",)),
    # Chinese reports
    ("<p>（记者张明、李 华 通讯员王小河）运河下月开工，市民可以从南岸通行。</p>",
     ("张明", "李华", "王小河")),
    ("<p>2024-05-02 来源：河口日报 作者： 李 华 编辑：王五</p><p>运河开工。</p>", ("李华",)),
    ("<p>記者陳大河／河口報導</p><p>運河下月開工。</p>", ("陳大河",)),
    ("<p>张明／河口报道</p><p>运河下月开工。</p>", ("张明",)),
    ("<p>市长对记者说，运河下月开工。据记者了解，记者从市政府获悉，记者会将举行。</p>", ()),
    ("<p><span class='author'>阅读时间 5 分钟</span></p>", ()),
    # another article's
    ("<div class='related'><a href='/author/other/'>Olga Other</a></div>", ()),
)  # fmt: skip
def test_a_visible_byline_of_each_kind_of_site(shown: str, expected: tuple[str, ...]) -> None:
    """Labels, classes, author links and "by" identify the author, not related articles."""
    assert authors(f"<div>{HEAD}{shown}{TEXT}</div>") == expected


def test_what_is_not_an_author() -> None:
    """The visible byline replaces a meta author that is the site itself. An element with many links
    and a sentence without spaces are no names.
    """
    publisher = "<meta name='author' content='L-Post – the magazine'>"
    url = "https://www.l-post.example/1"
    assert authors(f"{HEAD}<p>By Clara Example</p>{TEXT}", publisher, url) == ("Clara Example",)
    assert authors(f"{HEAD}{TEXT}", publisher, url) != ()
    crowd = ", ".join(
        f"<a href='/c{i}'>Category {word}</a>"
        for i, word in enumerate("one two six ten red blue".split())
    )
    assert authors(f"{HEAD}<div class='author-box'>{crowd}</div>{TEXT}") == ()
    found = names_in(["李四", "河口市人民政府新闻办公室", "ลี สี่"])
    assert found == ("李四", "河口市人民政府新闻办公室", "ลี สี่")
    sentences = [
        "市议会昨天清点了旧港口的所有船只并询问谁将支付新运河的费用",
        "สภาเมืองนับจำนวนเรือในท่าเรือเก่าและถามว่าใครจะจ่ายค่าคลองใหม่ที่",
    ]
    assert names_in(sentences) == ()


def test_a_first_name_is_completed_by_a_line_that_begins_with_it() -> None:
    """JSON-LD often has only a first name; the full name is elsewhere on the page."""
    data = (
        "<script"
        ' type="application/ld+json">{"@type":"Article","headline":"x","author":{"@type":"Person",'
        '"name":"Tom"}}</script>'
    )
    assert authors(f"{HEAD}{TEXT}<p>Tom Example – engineer</p>", data) == ("Tom Example",)
    assert authors(f"{HEAD}{TEXT}<p>Tom explains engines.</p>", data) == ("Tom",)
