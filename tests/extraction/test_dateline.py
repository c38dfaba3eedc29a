"""The place, day and agency of a dateline."""

from tests.cases import cases
from tests.extraction.read import article_of, page_of

TEXT = "The council counted the ships in the old harbour and asked who would pay for a canal. " * 4


@cases(
    "line, place",
    ("Lindmar, 3 May 2024", "Lindmar"),
    ("Bad Lindmar am See, 3. Mai 2024", "Bad Lindmar am See"),
    ("Lindmar, Ostland, 3 May 2024", "Lindmar, Ostland"),
    ("Lindmar/Altheim, den 3. Mai 2024", "Lindmar/Altheim"),
    ("Ann Lee, Lindmar, 3 May 2024", "Lindmar"),
    ("Ann Lee, 3 May 2024", None),
    ("Von Otto Stein, 3. Mai 2024", None),
    ("Freitag, 3. Mai 2024", None),
    ("Fr, 3. Mai 2024", None),
    ("viernes, 3 mayo 2024", None),
    ("Veröffentlicht am Fr, 3. Mai 2024", None),
    ("In full, Harbour Radio, 3 May 2024", None),
    ("Politik, 3. Mai 2024", None),
    ("Department of Harbours, 3 May 2024", None),
    ("The council counted seven ships, 3 May 2024", None),
)
def test_place_of_a_date_line_is_a_name(line: str, place: str | None) -> None:
    """A place is a short capitalised name, no person, weekday, label, desk or body."""
    head = f'<h1>Ships</h1><span class="author">Ann Lee</span><p class="meta">{line}</p>'
    assert article_of(page_of(f"<article>{head}<p>{TEXT}</p><p>{TEXT}</p>")).place == place


@cases(
    "beginning, place, agencies",
    ("LINDMAR, May 3 (Reuters) - Ships", "Lindmar", ("Reuters",)),
    ("LINDMAR, May 3, 2024 (LNA) - Ships", "Lindmar", ("LNA",)),
    ("Lindmar (dpa/ost) – Schiffe", "Lindmar", ("dpa",)),
    ("Lindmar, 3 may (EFE).- Los barcos", "Lindmar", ("EFE",)),
    ("LINDMAR, 3 mai (AFP) — Les bateaux", "Lindmar", ("AFP",)),
    ("新华社北京5月3日电（记者李四）", "北京", ("Xinhua",)),
    ("（新华社北京5月3日电）", "北京", ("Xinhua",)),
    ("本报上海5月3日电", "上海", ()),
    ("In a statement (Reuters) - the ministry", None, ("Reuters",)),
    ("Harbour Works (HBW) - shares", None, ()),
    ("Notation (a way of writing) - is", None, ()),
    ("TARVON, June 3 (Harbour News) --", "Tarvon", ("Harbour News",)),
    ("Tarvon, June 3 (Harbour News) --", None, ()),
)
def test_place_of_an_opening_with_an_agency(
    beginning: str, place: str | None, agencies: tuple[str, ...]
) -> None:
    """An abbreviation in parentheses is an agency only after a place in capitals or a day."""
    text = f"<p>By Ann Lee</p><p>{beginning} {TEXT}</p><p>{TEXT}</p>"
    article = article_of(page_of(f"<article><h1>Ships</h1>{text}</article>"))
    assert (article.place, article.agencies) == (place, agencies)
