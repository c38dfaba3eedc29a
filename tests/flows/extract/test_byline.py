"""Who wrote it, as sites of each class show it."""

import datetime as dt

import pytest

from tidings.flows.extract import Page, clean

TEXT = """<p>The council decided on Saturday to widen the northern canal before winter, and to pay for it from dues.</p>
<p>Work begins in October. Boats are to use the southern lock until the spring, the harbour master said in a notice.</p>"""
HEAD = "<h1>The council widens the canal</h1>"


def authors(body, head="", url="https://www.inland.example/canal"):
    """Return the authors read from a page with a body."""
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    return clean(Page(url, url, html.encode(), "text/html; charset=utf-8", dt.datetime(2024, 6, 1, tzinfo=dt.UTC))).authors


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("<div class='post-footer'><span class='post-author vcard'>Eingestellt von <b class='fn'>der Michl</b></span></div>",
         ("der Michl",)),  # a blog keeps the byline in the article's own footer
        ("<div class='info'><span class='labelDate'>Datum:</span> 19.11.2021<br><span>Autor:</span> Fritz Beispiel<br></div>",
         ("Fritz Beispiel",)),
        ("<p><strong>Author:</strong> <a href='/profile/7'>Klara Example</a></p>", ("Klara Example",)),
        ("<ul class='metaInfoAuthorList'><li><a href='/author/n/'>Nora Example</a></li></ul>", ("Nora Example",)),
        ("<p>Ein Artikel von <strong>Paula Beispiel</strong> | 27.01.2022 - 12:45</p>", ("Paula Beispiel",)),
        ("<p><a href='/writers/emil-example/'>Emil Example</a></p>", ("Emil Example",)),
        ("<div class='related'><a href='/author/other/'>Olga Other</a></div>", ()),  # another article's
    ],
)  # fmt: skip
def test_a_shown_byline_is_read_as_sites_of_its_class_write_it(shown, expected):
    """Labels, classes, links to an author's page and "by" name the author; related articles' authors are not the page's."""
    assert authors(f"<div>{HEAD}{shown}{TEXT}</div>") == expected


def test_a_byline_around_the_headline_counts_whatever_its_wrapper_is_called():
    """What holds the headline too is not beside the article, even if it is called a teaser."""
    page = f"<div class='imageTeaser'>{HEAD}<div class='metaInfo'>By Paula Example</div></div>{TEXT}"
    assert authors(page) == ("Paula Example",)


def test_the_house_stands_back_when_a_person_is_named():
    """A meta author that is the site itself gives way to the visible byline, and stands where there is none."""
    house = "<meta name='author' content='L-Post – the magazine'>"
    url = "https://www.l-post.example/1"
    assert authors(f"{HEAD}<p>By Clara Example</p>{TEXT}", house, url) == ("Clara Example",)
    assert authors(f"{HEAD}{TEXT}", house, url) != ()


def test_a_first_name_is_completed_by_a_line_that_begins_with_it():
    """JSON-LD often knows an account's first name only: the full name stands elsewhere on the page."""
    data = (
        '<script type="application/ld+json">{"@type":"Article","headline":"x","author":{"@type":"Person","name":"Tom"}}</script>'
    )
    assert authors(f"{HEAD}{TEXT}<p>Tom Example – engineer</p>", data) == ("Tom Example",)
    assert authors(f"{HEAD}{TEXT}<p>Tom explains engines.</p>", data) == ("Tom",)


def test_a_list_of_categories_is_no_byline():
    """An element named after the author that holds many links names no one."""
    crowd = ", ".join(f"<a href='/c{i}'>Category {word}</a>" for i, word in enumerate("one two six ten red blue".split()))
    assert authors(f"{HEAD}<div class='author-box'>{crowd}</div>{TEXT}") == ()
