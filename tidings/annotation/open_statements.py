"""Find the statements of everyone who speaks in a text, in languages with spaces.

The rules of the language find the noun phrase of each verb's speaker (``subject_verb.py``,
``verb_second.py``), ``speaker_phrases.py`` finds its kind, ``speakers.py`` identifies people, and
``antecedents.py`` finds the person of a pronoun or of an office without a name.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import ahocorasick_rs

from tidings.annotation.antecedents import LAST_SUBJECT, Antecedents, Mention
from tidings.annotation.known_names import KnownNames
from tidings.annotation.languages.statements import Clause, Naming, Statement, Verb
from tidings.annotation.plain_text import make_plain
from tidings.annotation.posts import Posts, Speaker
from tidings.annotation.sentences import (
    MAX_NAMED,
    MAX_SENTENCE_LENGTH,
    Span,
    divide_sentence,
    split_paragraphs,
    split_sentences,
)
from tidings.annotation.speaker_nouns import given_name_gender
from tidings.annotation.speaker_phrases import Person, SpeakerPhrases
from tidings.annotation.speakers import Gazetteer, namings_between
from tidings.annotation.subject_verb import SubjectVerb
from tidings.annotation.tokens import QUOTES, Token
from tidings.annotation.verb_second import VerbSecond
from tidings.base.languages.record import Language
from tidings.base.languages.word_lists import MALE
from tidings.base.languages.words import given_names

_MARKS = (*QUOTES, "``")
_HEADING = r"[^.,:;!?()«»„“”\"]{8,90}? "
_ENDS = tuple(".!?…:;")
_COLONS = frozenset(f": {mark}" for mark in QUOTES)
_SIGNED = re.compile(
    r"[\"“„«][^\n]{20,1200}[\"”“»]\s*[―—–-]{1,2}\s*"
    r"(?P<name>(?:[A-ZÀ-Þ][\w.'-]*\s){1,3}[A-ZÀ-Þ][\w'-]+)(?:[,(][^.\n]{1,60})?\W{0,3}$",
    re.MULTILINE,
)
# a name below a quotation: Anna Muster, cheffe de l'Office
_BELOW = re.compile(
    r"[\"“„«][^\n\"”“»]{20,1200}[\"”“»][^\S\n]*\n\s*"
    r"(?P<name>(?:[A-ZÀ-Þ][\w.'-]* ){1,4}[A-ZÀ-Þ][\w'-]+),[^.\n]{1,120}$",
    re.MULTILINE,
)
# attributes that do not distinguish one holder of an office from others: consigliere federale
_RANK = re.compile(
    r" (?:di Stato|d'État|de Estado|federale|fédérale?|della Confederazione|de la Confédération)$"
)
MAX_TITLES = 6  # most words before the name of a subject
MIN_QUOTED = 4  # least words of a quotation behind a sentence that is no statement
MAX_BEFORE = 200  # most characters before the name of a subject


class OpenReader:
    """Read texts of one language.

    ``rules`` find the noun phrase of each verb's speaker. A sentence with a clause contains one of
    their ``starts``, no name contains one of their ``words``, and a clause begins behind their
    ``clause_openers``.
    """

    def __init__(
        self, speakers: Iterable[Speaker], verbs: Sequence[Verb], language: Language, posts: Posts
    ) -> None:
        assert language.speakers is not None, language.code  # noqa: S101
        self.gazetteer = Gazetteer(speakers, language.code, posts)

        self.words = words = language.speakers
        self.has_gender = bool(words.article_genders)
        self.rules: VerbSecond | SubjectVerb
        if language.verb_second is not None:
            self.rules = VerbSecond(verbs, language.verb_second, words)
        else:
            assert language.clauses is not None, language.code  # noqa: S101
            self.rules = SubjectVerb(verbs, language.clauses, words)
        self.phrases = SpeakerPhrases(words, language, self.rules.words)
        openings = "|".join(language.clauses.openings if language.clauses else ()).title()
        self.heading = re.compile(rf"{_HEADING}(?=(?:{openings})\b)" if openings else r"(?!)")
        self._starts = ahocorasick_rs.AhoCorasick(sorted(self.rules.starts | _COLONS))

    def read(self, body: str, on: dt.date | None) -> list[Statement]:
        """Return the statements in a body text, in order, at most one per sentence and speaker."""
        text = make_plain(body)
        places = self._find_verbs(text)
        return _Article(self, text, on, places).read() if places else []

    def find(self, tokens: Sequence[Token]) -> list[Clause]:
        """Return the clauses of a sentence, first that of a name before a quotation: X: "…"."""
        texts = [token.text for token in tokens[:9]]
        colon = texts.index(":", 1) if ":" in texts[1:-1] else 0
        is_name = all(text[0].isupper() for text in texts[:colon])
        end = tokens[colon - 1].end
        is_named = colon and is_name and texts[colon + 1] in QUOTES
        return [Clause(None, end, 0, end)] * bool(is_named) + self.rules.find(tokens)

    def _find_verbs(self, text: str) -> list[int]:
        """Return the places of verbs and sources as words, and of colons before quotations."""
        lower = text.lower()
        if len(lower) != len(text):  # a letter such as İ has a longer lower case
            lower = "".join(character.lower()[:1] for character in text)
        return sorted(
            {
                start
                for _, start, end in self._starts.find_matches_as_indexes(lower, overlapping=True)
                if lower[start] == ":"
                or not (lower[start - 1 : start].isalnum() or lower[end : end + 1].isalnum())
            }
        )


class _Article:
    """One text with the names in it and the speakers so far."""

    def __init__(
        self, reader: OpenReader, text: str, on: dt.date | None, places: list[int]
    ) -> None:
        self._reader, self._text, self._on, self._places = reader, text, on, places
        self._namings = reader.gazetteer.find(text, on)
        self._names = KnownNames(text, self._namings, reader.phrases)
        self._antecedents = Antecedents(
            self._named_in, self._gender_of, reader.phrases.may_be_surname, reader.has_gender
        )
        self._company: Person | None = None  # the last company that spoke
        self._result: list[Statement] = []

    def read(self) -> list[Statement]:
        for paragraph in split_paragraphs(self._text):
            is_quoted = self._text.startswith(_MARKS, paragraph.start)
            if not (is_quoted or self._has_verb(paragraph)):
                self._antecedents.remember([], self._text[paragraph.start : paragraph.end])
                continue
            if self._read_signed(paragraph):
                continue
            spans = [*split_sentences(self._text, paragraph, is_spaced=True), Span(0, 0)]
            for (start, end), following in pairwise(spans):
                heading = self._reader.heading.match(self._text, start, end)
                span = Span(heading.end() if heading else start, end)
                is_list = len(namings_between(self._namings, span.start, span.end)) > MAX_NAMED
                if span.end - span.start <= MAX_SENTENCE_LENGTH and not is_list:
                    self._read_sentence(span, following)
        return self._result

    def _read_signed(self, paragraph: Span) -> bool:
        """Read a quotation that a name signs: “Boats are safe.” ― Anna Muster, Lindmar."""
        signed = _SIGNED.match(self._text, *paragraph)
        if signed is None:
            below = _BELOW.match(self._text, paragraph.start)
            is_name = below and any(map(given_names().get, below["name"].lower().split()))
            signed = below if is_name else None
        words = self._reader.rules.tokenize(signed["name"]) if signed else []
        phrase = self._reader.phrases.read(words, self._names) if words else None
        if signed is None or phrase is None:
            return False
        start, end = signed.span("name")
        person = self._identify(phrase._replace(start=start, end=end))
        self._state(paragraph, person, None)
        self._antecedents.remember([person], signed[0])
        return True

    def _has_verb(self, span: Span) -> bool:
        return bisect_left(self._places, span.start) < bisect_left(self._places, span.end)

    def _is_reported(self, sentence: str) -> bool:
        """Return whether the main clause of a sentence is in the subjunctive of reported words: the
        first clause, or one that the verb opens ("Da das Eis brach, sei …").
        """
        first, *others = (sentence[:1].lower() + sentence[1:]).split(", ")
        # not: sei es an Land oder auf See
        words = first.split() + [
            clause.partition(" ")[0] for clause in others if not clause.startswith("sei es")
        ]
        is_conclusion = words[:1] == ["demnach"]  # what a source says, not: ist demnach
        return is_conclusion or not self._reader.rules.reported.isdisjoint(words)

    def _read_sentence(self, span: Span, following: Span) -> None:
        sentence = self._text[span.start : span.end]
        spoken = self._speakers(span, following) if self._has_verb(span) else []
        quoted = None if spoken else self._quoted(sentence)
        if quoted is not None:
            if not quoted.end:  # named in a sentence without a statement
                quoted = quoted._replace(start=span.start, end=span.start + 1)
            self._state(span, quoted, None)
            self._antecedents.remember([quoted], sentence)
            return
        places = [(clause.start, clause.verb_start) for _, clause in spoken]
        parts = divide_sentence(sentence, places, "; ")
        for (person, clause), part in zip(spoken, parts, strict=True):
            self._state(Span(span.start + part.start, span.start + part.end), person, clause.verb)
        self._antecedents.remember([person for person, _ in spoken], sentence)

    def _quoted(self, sentence: str) -> Person | None:
        """Return the speaker of a sentence that is only a quotation: the last speaker or, behind a
        sentence without a statement, the most salient person. Reported words may follow two
        sentences behind the last speaker's.
        """
        is_open = QUOTES.isdisjoint(sentence[1:]) and "''" not in sentence
        is_closed = sentence.endswith((*_ENDS, *_MARKS) if is_open else _MARKS)
        if not (sentence.startswith(_MARKS) and is_closed):
            is_reported = self._is_reported(sentence)
            return self._antecedents.quoted(2, is_group=False) if is_reported else None
        quoted = self._antecedents.quoted(is_group=False)
        if quoted or len(sentence.split(maxsplit=MIN_QUOTED)) < MIN_QUOTED:
            return quoted
        return self._antecedents.most_salient(None, least=LAST_SUBJECT)

    def _tokens(self, span: Span, following: Span) -> list[Token]:
        """Return the words of a sentence. Before reported words it ends with a colon, and with a
        quotation if these have no speaker of their own.
        """
        tokenize = self._reader.rules.tokenize
        tokens, behind = tokenize(self._text[slice(*span)]), self._text[slice(*following)]
        if tokens[-1].text != "." or not self._is_reported(behind):
            return tokens
        is_other = self._has_verb(following) and self._reader.find(tokenize(behind))
        signs = ":" if is_other else ":„“"
        return [*tokens[:-1], *(tokens[-1]._replace(text=sign, lower=sign) for sign in signs)]

    def _speakers(self, span: Span, following: Span) -> list[tuple[Person, Clause]]:
        """Return the speakers of a sentence with their first clauses."""
        tokens = self._tokens(span, following)
        speakers: dict[str | tuple[str, str], tuple[Person, Clause]] = {}
        for clause in self._reader.find(tokens):
            before = [speaker for speaker, _ in speakers.values()]
            person = self._speaker(span, tokens, clause, before)
            if person and all(person.start != speaker.start for speaker in before):
                key = person.person_id or (person.name, person.kind)
                speakers.setdefault(key, (person, clause))
        return list(speakers.values())

    def _named_in(self, text: str) -> list[Mention]:
        phrases, names = self._reader.phrases, self._names
        mentions = []
        for name, place in names.find(text):
            words = self._words_before(text[:place])
            title, role = "".join(words[-1:]).lower(), phrases.role_in(words)
            person_id = names.person_ids.get(name)
            gender = phrases.gender_of_title(title) or phrases.gender_of_title(role)
            person = Person(name, "person", 0, 0, gender, role, person_id=person_id)
            is_subject = len(words) <= MAX_TITLES and phrases.may_precede(words)
            # Sondhi Limthongkul warnte
            is_opening = phrases.is_german and not words and name.istitle()
            is_sure = person_id or phrases.is_title(title) or is_opening or given_name_gender(name)
            mentions.append(Mention(person, is_subject, bool(is_sure)))
        return [*self._subject_in(text, mentions), *mentions]

    def _subject_in(self, text: str, mentions: Iterable[Mention]) -> Iterator[Mention]:
        """Yield the office, body or group that opens a sentence as its subject; only a group if a
        person of the ``mentions`` is a subject too.
        """
        others = {"person", "pronoun"}
        if any(mention.is_subject for mention in mentions):
            others |= {"role", "body", "unnamed"}
        phrase = self._opening(text)
        if phrase and phrase.kind not in others and phrase.is_known:
            gender = phrase.gender or (MALE if phrase.kind == "role" else None)
            person = Person(phrase.name, phrase.kind, 0, 0, gender)
            yield Mention(person, is_subject=True, is_sure=phrase.kind != "unnamed")

    def _opening(self, text: str) -> Person | None:
        """Return the phrase that opens a sentence; in English only a listed noun or country."""
        rules, phrases = self._reader.rules, self._reader.phrases
        words = rules.opening(rules.tokenize(text[:MAX_BEFORE]))
        phrase = phrases.read(words, self._names) if words else None
        if phrase is None or self._reader.has_gender:
            return phrase
        is_group = phrase.kind in {"body", "collective"}
        return phrase if is_group and not phrases.may_be_company(phrase.name) else None

    def _words_before(self, text: str) -> list[str]:
        """Return the words of the last clause of a text."""
        words = text[-MAX_BEFORE:].rpartition(", ")[2].split()
        openers = self._reader.rules.clause_openers
        starts = (at + 1 for at, word in enumerate(words) if word.lower() in openers)
        return words[max(starts, default=0) :]

    def _gender_of(self, person: Person) -> str | None:
        """Return the gender of a listed person, or the usual one of a given name."""
        listed = person.person_id and self._reader.gazetteer.gender(person.person_id)
        return listed or given_name_gender(person.name)

    def _speaker(
        self, span: Span, tokens: Sequence[Token], clause: Clause, others: Sequence[Person]
    ) -> Person | None:
        """Return the speaker of a clause; ``others`` are those before in the sentence."""
        if clause.start == clause.end:  # without a subject: the last speaker
            last, verb = self._antecedents.quoted(), str(clause.verb).split()[0]
            place, end = span.start + clause.start, span.start + clause.verb_start + len(verb)
            return last and last._replace(start=place, end=end)
        phrase = self._read_phrase(span, tokens, clause)
        is_doubtful = clause.is_weak or clause.needs_known
        if phrase is None or (is_doubtful and not phrase.is_known):
            return None
        if phrase.kind != "pronoun":
            return self._identify(phrase)
        return self._antecedent(span, clause, phrase, others)

    def _antecedent(
        self, span: Span, clause: Clause, phrase: Person, others: Sequence[Person]
    ) -> Person | None:
        """Return the speaker to whom a pronoun refers."""
        if clause.is_plural:  # sie forderten
            phrase = phrase._replace(gender=None)
        is_weak = clause.is_weak and QUOTES.isdisjoint(self._text[span.start : span.end])
        around = self._text[span.start : phrase.start], self._text[phrase.end : span.end]
        is_quoting = not QUOTES.isdisjoint(around[0])
        if is_quoting and self._text[phrase.start] == "-":  # dit-elle
            phrase = phrase._replace(kind="person")
        return self._antecedents.pronoun(phrase, others, *around, is_weak=is_weak)

    def _read_phrase(self, span: Span, tokens: Sequence[Token], clause: Clause) -> Person | None:
        words = [one for one in tokens if clause.start <= one.start and one.end <= clause.end]
        phrase = self._reader.phrases.read(words, self._names)
        if phrase is None:
            return None
        is_surname = phrase.kind == "body" and self._reader.gazetteer.is_surname(phrase.name)
        kind = "person" if is_surname else phrase.kind
        start, end = span.start + phrase.start, span.start + phrase.end
        return phrase._replace(kind=kind, start=start, end=end)

    def _identify(self, phrase: Person) -> Person:
        """Return the speaker whom a phrase names: listed, named before in the text, or another."""
        name, person_id, gazetteer = phrase.name, self._listed(phrase), self._reader.gazetteer
        if phrase.kind == "person":
            name = self._names.complete(name)
            person_id = person_id or self._names.person_ids.get(name)
        elif phrase.kind == "role":
            person_id = person_id or gazetteer.holder_of(name, self._on)
        person = phrase._replace(name=name, person_id=person_id)
        if not person_id:
            return self._named_before(person)
        name = gazetteer.name(person_id) if phrase.kind == "role" else name
        return person._replace(name=name, kind="person")

    def _named_before(self, person: Person) -> Person:
        """Return the person or body that the text has named before, or this one."""
        if person.kind == "person":
            return person._replace(gender=self._antecedents.gender(person))
        known = None
        if person.kind == "role":
            before = self._text[max(0, person.start - 5) : person.start].lower().split()
            office = person._replace(name=_RANK.sub("", person.name))
            is_bare = " " not in office.name and not self._reader.words.definite.isdisjoint(
                before[-1:]
            )
            known = self._antecedents.holder(office, is_bare=is_bare)
        elif person.kind == "body" and self._reader.phrases.may_be_short(person.name):
            known = self._body_named_before(person)
        elif person.kind == "unnamed":  # the report
            article, _, noun = person.name.lower().partition(" ")
            known = self._antecedents.body(noun) if article in self._reader.words.definite else None
        return known._replace(start=person.start, end=person.end) if known else person

    def _body_named_before(self, person: Person) -> Person | None:
        noun = person.name
        if known := self._antecedents.body(noun):
            return known
        if noun.lower() in self._reader.words.companies:
            return self._company
        is_part = (
            not (self._reader.phrases.is_german or self._reader.words.is_head_first)
            and noun.istitle()
            and self._reader.phrases.kind_of(noun.lower()) == "body"
        )
        return person._replace(name=self._names.complete_body(noun)) if is_part else None

    def _listed(self, phrase: Person) -> str | None:
        """Return the listed person at the end of a phrase."""
        if phrase.kind not in {"person", "role", "body"}:
            return None
        start, end = phrase.start, phrase.end
        inside: list[Naming] = namings_between(self._namings, max(0, start - 1), end)
        last = next((naming for naming in reversed(inside) if naming.end >= end), None)
        if last is None:
            return None
        if phrase.kind == "person":
            is_full = self._names.full.get(phrase.name) == phrase.name
            if (is_full and phrase.name not in self._names.titled) or last.start > start:
                return None
        elif self._is_governed(start, last.start):
            return None
        return last.person_id

    def _is_governed(self, start: int, name: int) -> bool:
        """Return whether a preposition precedes a name: the spokeswoman for Minister Muster."""
        words = self._text[start:name].lower().split()
        while words and self._reader.phrases.is_title(words[-1]):
            words.pop()
        return bool(words) and words[-1] in self._reader.words.linking

    def _state(self, span: Span, person: Person, verb: str | None) -> None:
        office = self._reader.gazetteer.offices(person.person_id, self._on)
        gender = None if person.kind in {"body", "collective"} else person.gender
        if person.kind == "body" and self._reader.phrases.may_be_company(person.name):
            self._company = person
        who = (person.name, person.kind, gender, person.person_id, office, verb)
        self._result.append(Statement(*who, span.start, span.end, person.start, person.end))
