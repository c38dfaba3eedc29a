"""Gloss texts in English, offline: themes and formulations from the word list, and people."""

import datetime as dt
from collections.abc import Iterable, Iterator
from inspect import get_annotations
from typing import NamedTuple, TypeVar

from tidings.analysis.answers import has_table, read_rows
from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase
from tidings.annotation.plain_text import make_plain
from tidings.annotation.posts import CountryForms, PostForms, Posts, Speaker
from tidings.annotation.speakers import Gazetteer
from tidings.base.languages import CODES, primary_language
from tidings.storage.lake import Connection

ENGLISH = "en"
_Row = TypeVar("_Row")


class Gloss(NamedTuple):
    """The English for a part of a text: 0-based character offsets, end exclusive. ``kind`` is
    ``formulation`` (a translation), ``theme`` (to which the words belong) or ``speaker`` (name and
    office).
    """

    start: int
    end: int
    english: str
    kind: str


class Glossary:
    """The word list and the people of a release. A list or column that it lacks is empty."""

    def __init__(self, con: Connection) -> None:
        """Read the lists from a connection with the schema ``ref`` in its current database."""
        themes = con.execute(
            "select theme_id, label_en, if(kind = 'formulation', lower(concat_ws(' ', label_zh,"
            " label_de)), '') from ref.themes where label_en is not null"
        ).fetchall()
        self._themes = {theme: (label, names) for theme, label, names in themes}
        phrases = _read(con, "theme_phrases", Phrase)
        # A general word, such as "prime minister" for foreign policy, does not mean its theme.
        self._matcher = Matcher(phrase for phrase in phrases if phrase.salience is None)
        self._speakers = _read(con, "speakers", Speaker)
        posts, countries = _read(con, "posts", PostForms), _read(con, "countries", CountryForms)
        self._posts = Posts(self._speakers, posts, countries)
        self._gazetteers: dict[str, Gazetteer] = {}
        self._english: dict[str, list[Speaker]] = {}
        for row in self._speakers:
            if primary_language(row.language) == ENGLISH:
                self._english.setdefault(row.person_id, []).append(row)

    def gloss(self, text: str, language: str | None, on: dt.date | None = None) -> list[Gloss]:
        """Return the English for themes, formulations and people in a text, without overlaps.

        ``language`` is a BCP 47 tag; English and unknown texts have no glosses. ``on`` is the day
        of publication, on which phrases and offices must be valid; any day if None.
        """
        if not language or primary_language(language) == ENGLISH:
            return []
        found = [*self._phrases(text, language, on)]
        if primary_language(language) in CODES:
            found += self._people(text, language, on)
        glosses: list[Gloss] = []
        for gloss in sorted(found):
            if not glosses or gloss.start >= (last := glosses[-1]).end:
                glosses.append(gloss)
            # the same words belong to two themes
            elif gloss[:2] == last[:2] and gloss.kind == last.kind == "theme":
                glosses[-1] = last._replace(english=f"{last.english}; {gloss.english}")
        return glosses

    def translate(
        self, text: str, language: str | None, on: dt.date | None = None
    ) -> list[tuple[str, str, str]]:
        """Return the glosses of a text as (words, English, kind), each only once."""
        return list(
            dict.fromkeys(
                (text[start:end], english, kind)
                for start, end, english, kind in self.gloss(text, language, on)
            )
        )

    def offices(self, person_id: str, on: dt.date | None) -> str:
        """Return the English offices that a listed person holds on a day, or an empty text."""
        held = (row.office for row in self._english.get(person_id, ()) if row.holds(on))
        return "; ".join(dict.fromkeys(filter(None, held)))

    def _phrases(self, text: str, language: str, on: dt.date | None) -> Iterator[Gloss]:
        for hit in self._matcher.match(text, language, on):
            if hit.theme_id in self._themes:
                label, names = self._themes[hit.theme_id]
                # Other phrases of a formulation, as a railway of an initiative, are not its name.
                is_name = text[hit.start : hit.end].strip("“”").lower() in names
                kind = "formulation" if is_name else "theme"
                yield Gloss(hit.start, hit.end, label, kind)

    def _people(self, text: str, language: str, on: dt.date | None) -> Iterator[Gloss]:
        code = primary_language(language)
        if code not in self._gazetteers:
            self._gazetteers[code] = Gazetteer(self._speakers, code, self._posts)
        for naming in self._gazetteers[code].find(make_plain(text), on):
            rows = self._english.get(naming.person_id or "", [])
            # a name in the same letters needs no gloss
            if rows and text[naming.start : naming.end] not in rows[0].name:
                held = [row for row in rows if row.office and row.holds(on)]
                office = min(held, key=lambda row: row.post is None).office if held else None
                name = ", ".join(filter(None, (rows[0].name, office)))
                yield Gloss(naming.start, naming.end, name, "speaker")


def read_translations(con: Connection, article_ids: Iterable[object]) -> dict[str, str]:
    """Return the URL of the stored English version that publishers declare, by article ID."""
    ids = ", ".join(f"'{article}'" for article in article_ids)
    query = f"""
select a.article_id::varchar, min(e.url)
from core.articles as a inner join core.articles as e using (publisher_id, translation_key)
where a.article_id in ({ids or "null"}) and e.language like 'en%' and a.language not like 'en%'
group by all
"""
    return dict(con.execute(query).fetchall())


def _read(con: Connection, table: str, record: type[_Row]) -> list[_Row]:
    name, known = f"ref.{table}", get_annotations(record)
    rows = read_rows(con, f"from {name} order by all") if has_table(con, name) else []
    return [record(**{name: row[name] for name in row.keys() & known.keys()}) for row in rows]
