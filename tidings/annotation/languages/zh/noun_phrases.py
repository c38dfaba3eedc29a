"""Names of people in Chinese texts, noun phrases that speak (国家统计局, 有关负责人, 会议,
工会主席莫罗), and the subject of a verb of speech: the noun phrase before it, its adverbs and
adverbials.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from itertools import islice

from tidings.annotation.languages.statements import Naming
from tidings.annotation.languages.zh.words import HEADS, LISTS, RULES, TITLES

MAX_TITLE_LENGTH, MAX_NAME_LENGTH = 6, 24
MAX_OCCURRENCES, MAX_SEARCHES = 20, 200
"""Occurrences of a name that are read, and names that are searched, per text: the search reads the
whole text.
"""
_POINTS = frozenset("·・•")
_SURNAMES = frozenset("".join(LISTS["surnames"]))
_HAN = re.compile(r"[\u4e00-\u9fff]{2,8}")
MAX_PHRASE_LENGTH, MAX_HEAD_LENGTH = 45, 6
MAX_CLAUSE_LENGTH = 30
"""Longest phrase that keeps the words before 的."""
_JOINT = re.compile("、|以及|[和与及]")
_BREAK = re.compile(r"[，。；：！？…\n]|援引")
_ATTRIBUTES = ("作为", "来自", "由", "以", "与")
_CLOSING = "”》’」』"
_PAIRS = (("（", "）"), ("《", "》"))
# signs, an agency in brackets, and "there are" before a number
_EDGE = re.compile(
    r"\A(?:[\[【][^\]】]{1,12}[\]】])?(?:[^\w《]|_)*(?:[仅还]?有(?=[近约超逾不多\d]))?"
)
_BRACKET = re.compile(r"(?<=[\s\S]{2})(?:（[^（]*）|《[^《]*》)\Z")
_PRONOUNS = {"他": "male", "她": "female"}
PLACES = LISTS["places"]
"""Countries, also by one character before an office (俄外长), and provinces."""
_BODIES = LISTS["organisations"] | PLACES | {f"{place}方" for place in PLACES}
_KINDS: dict[str, str | None] = {**HEADS, **dict.fromkeys(LISTS["no_heads"])}
MAX_GAP = 60
MAX_ADVERB_LENGTH, MAX_TIME, MAX_DATA = 6, 16, 6
SHOWING = "显示"
"""The verb whose subject is data or a document: 国家统计局的数据显示."""

_TOGETHER = "和与同"
# Occupations that denote several people unless the text names one or says 一位.
_PLURAL = tuple(LISTS["plural"])


def is_chinese_name(text: str) -> bool:
    """Return whether a text is a surname with a given name of one or two characters."""
    is_compound = text[:2] in LISTS["compound_surnames"]
    return (
        (is_compound or text[:1] in _SURNAMES)
        and 2 <= len(text) - is_compound <= 3
        and text not in HEADS
        and not RULES["no_name"].search(text, 1)
    )


def is_foreign_name(text: str) -> bool:
    """Return whether a text is a transliterated name: 勃兰特, 奥托·勃兰特."""
    return bool(RULES["foreign"].fullmatch(text)) or is_parted_name(text)


def is_parted_name(text: str) -> bool:
    """Return whether a text is a transliterated name with points between its parts: 奥托·勃兰特."""
    return bool(RULES["name_parts"].fullmatch(text)) and not re.search("[的等们这就在对向]", text)


def can_be_name(text: str) -> bool:
    """Return whether a text behind a foreign office can be a name: 石桥湛山."""
    return bool(_HAN.fullmatch(text)) and not RULES["no_name"].search(text)


class People:
    """The names of a text. ``listed`` are the names of listed people in the text."""

    def __init__(self, text: str = "", listed: Iterable[str] = ()) -> None:
        self.text = text
        self.listed = frozenset(listed)
        self._known = dict.fromkeys(self.listed, True)
        # last parts of names, and the only name in the text that ends with it, or ""
        self._full: dict[str, str] = {}
        self._searches = 0

    def remember(self, name: str) -> str:
        """Store a name, and its last part without the given names. Return the only full name before
        a last name, or an empty string: 奥拉·汉森 for 汉森.
        """
        last = re.split("[·・•-]", name)[-1]
        if last != name and last not in self._full and self._searches < MAX_SEARCHES:
            self._searches += 1
            given = set(re.findall(rf"\w\w[·・•-](?={re.escape(last)})", self.text))
            self._full[last] = name if len(given) == 1 else ""
        self._known |= dict.fromkeys((name, last), True)
        return self._full.get(name, "")

    def knows(self, name: str) -> bool:
        """Return whether a name follows a title or ends a longer name in the text."""
        if name not in self._known:
            self._known[name] = self._is_introduced(name)
        return self._known[name]

    def _is_introduced(self, name: str) -> bool:
        """Return whether a title or given names precede a name."""
        self._searches += 1
        if self._searches > MAX_SEARCHES:
            return False
        is_usual = is_chinese_name(name) or is_foreign_name(name)
        titles = TITLES if is_usual else LISTS["foreign_titles"]
        for place in islice(re.finditer(re.escape(name), self.text), MAX_OCCURRENCES):
            start, end = place.span()
            is_part = self.text[max(start - 1, 0) : start] in _POINTS
            if is_part and (full := _name_before(self.text, end)):
                self.remember(full)
            if is_part or title_before(self.text, start) in titles:
                return True
        return False


def _name_before(text: str, end: int) -> str:
    """Return the name with points that ends at a place behind a title, or an empty string."""
    starts = range(end - 4, max(end - MAX_NAME_LENGTH, 0), -1)
    return next(
        (
            text[start:end]
            for start in starts
            if title_before(text, start) and is_parted_name(text[start:end])
        ),
        "",
    )


def title_before(text: str, end: int, start: int = 0) -> str:
    """Return the title that ends at a place, or an empty string."""
    return longest_end(text, start, end, TITLES, MAX_TITLE_LENGTH)


def longest_end(
    text: str, start: int, end: int, words: Container[str], most: int, *, least: int = 2
) -> str:
    """Return the longest of these words that ends a range of a text, or an empty string."""
    for length in range(min(most, end - start), least - 1, -1):
        if text[end - length : end] in words:
            return text[end - length : end]
    return ""


def _find_kind(phrase: str) -> str | None:
    """Return the kind of a phrase without a name."""
    kind = _kind_of_head(phrase)
    if (kind == "body" and RULES["many"].match(phrase)) or (
        kind == "role" and (RULES["many"].search(phrase) or phrase.endswith(_PLURAL))
    ):
        kind = "collective"
    return "unnamed" if kind and RULES["one"].search(phrase) else kind


def _kind_of_head(phrase: str) -> str | None:
    """Return the kind of a phrase by its last word; a document does not state who speaks."""
    bare = _BRACKET.sub("", phrase).rstrip(_CLOSING)
    if bare in _BODIES or RULES["body_end"].search(bare):
        return "body"
    head = longest_end(bare, 0, len(bare), _KINDS, MAX_HEAD_LENGTH, least=1)
    return _KINDS.get(head, "unnamed" if phrase[-1] == "》" else None)


def _is_gap(gap: str) -> bool:
    """Return whether a text before a verb is adverbial or predicate: 在会上, 接受记者采访时."""
    if len(gap) > MAX_GAP:
        return False
    return bool(
        RULES["at_gap_end"].search(gap)
        or (gap[0] not in _TOGETHER and RULES["gap_verb"].match(gap))
    )


class Subjects:
    """Find the noun phrases of a sentence, and the subjects of its verbs."""

    def __init__(self, text: str, people: People) -> None:
        self.text, self.people = text, people

    def find_nouns(self, start: int, end: int) -> list[Naming]:
        """Return the speakers that a range names: one noun phrase, or joined ones."""
        if not 0 < end - start <= MAX_PHRASE_LENGTH:
            return []
        # 红十字会与红新月会国际联合会
        is_one = "等" in self.text[start:end] or RULES["federation"].search(self.text[start:end])
        parts = [] if is_one else self._split_joined(start, end)
        if {noun.kind for noun in parts} in ({"person"}, {"body"}, {"role"}):
            place = self._place_at(start)
            return [self._name(noun, place if noun.start > start else "") for noun in parts]
        noun = self._classify(start, end)
        return [self._name(noun)] if noun else []

    def _split_joined(self, start: int, end: int) -> list[Naming]:
        """Return the joined noun phrases, if all are; 文化和旅游部 is one."""
        nouns: list[Naming] = []
        place = start
        for joint in (*_JOINT.finditer(self.text, start, end), None):
            if (noun := self._classify(place, joint.start() if joint else end)) is not None:
                nouns.append(noun)
                place = joint.end() if joint else end
        return nouns if place == end and len(nouns) > 1 else []

    def _name(self, noun: Naming, place: str = "") -> Naming:
        """Return a person with the only full name of the text that ends with the name, and an organ
        with the country of the body to which it is joined: 美国国务院和国防部.
        """
        name = self.text[noun.start : noun.end]
        if noun.kind != "person":
            return noun._replace(name=place + name) if place and name in LISTS["organs"] else noun
        return noun._replace(name=self.people.remember(name))

    def _classify(self, start: int, end: int) -> Naming | None:
        """Return the kind and the name of a noun phrase, or None."""
        phrase = _EDGE.sub("", self.text[start:end])
        start = end - len(phrase)
        phrase = phrase.rstrip(" ，" if "“" in phrase else " ，”")
        end = start + len(phrase)
        if phrase in _PRONOUNS:
            return Naming(start, end, None, "", "unnamed", _PRONOUNS[phrase])
        tail = phrase.rfind("的") + 1
        if RULES["no_subject"].match(phrase):
            is_attribute = tail and phrase.startswith(_ATTRIBUTES)
            return self._classify(start + tail, end) if is_attribute else None
        if not self._is_noun(phrase, tail):
            return self._classify(start, end - 1) if phrase[-1:] == "等" else None
        if len(phrase) > MAX_CLAUSE_LENGTH and 0 < tail < len(phrase) - 1:
            start += tail
        return self._read_noun(start, end)

    def _read_noun(self, start: int, end: int) -> Naming | None:
        phrase = self.text[start:end]
        gender = next((sex for sex in ("female", "male") if RULES[sex].search(phrase)), None)
        if (found := self._find_person(start, end)) is not None:
            return Naming(*found, None, "", "person", gender)
        kind = _find_kind(phrase)
        if kind in {"body", None}:
            kind, start = self._without_description(kind, start, end)
            is_quoted = self.text[start] == "“" and self.text[end - 1] == "”"
            start, end = start + is_quoted, end - is_quoted
        issuer = self._issuer(start, end) if kind == "unnamed" else None
        return issuer or (Naming(start, end, None, "", kind, gender) if kind else None)

    def _without_description(
        self, kind: str | None, start: int, end: int
    ) -> tuple[str | None, int]:
        """Return the kind and start of a body without a description: 评级机构|穆迪."""
        cut = RULES["description"].match(self.text, start, end)
        name = self.text[cut.end() if cut else start : end]
        if cut is None or name in HEADS:
            return kind, start
        return "body" if is_foreign_name(name) else kind, cut.end()

    def _issuer(self, start: int, end: int) -> Naming | None:
        """Return whose document a phrase names: 《晨报》的|文章, 港务局下发的|通知, 港务局|声明."""
        last = longest_end(self.text, start, end, LISTS["documents"], MAX_HEAD_LENGTH)
        tail = self.text.rfind("的", start, end)
        start, end = self._skip_left(start, end), end - len(last)
        if not last or start >= end or self.text[start:end] in PLACES:
            return None
        if tail < 0:
            found = [self._classify(start, end)]
            return found[0] if found[0] and found[0].kind == "body" else None
        cuts = [*RULES["published"].finditer(self.text, start + 2, tail + 1)]
        return next(iter(self._first_named(start, cuts)), None)

    def _is_noun(self, phrase: str, tail: int) -> bool:
        """Return whether a phrase, from its last 的 on, contains no word of a clause."""
        if phrase in HEADS:
            return True
        if (
            len(phrase) < 2
            or phrase[0] in "我你"
            or phrase[-1] in "的等时后"
            or _BREAK.search(phrase)
            or any(phrase.count(opening) > phrase.count(closing) for opening, closing in _PAIRS)
        ):
            return False
        return not RULES["clause"].search(phrase, tail)

    def _find_person(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the place of a person's name beside a title, or known from the text."""
        head = longest_end(self.text, start, end, HEADS, MAX_HEAD_LENGTH)
        if head in LISTS["addresses"]:
            end -= len(head)
            found = self._find_before_title(start, end, head)
            tail = self.text.rfind("的", start, end) + 1  # 喜欢港口的|莫罗先生
            is_whole = found or not tail or RULES["many"].match(self.text, tail)
            return found if is_whole else self._find_before_title(tail, end, head)
        if head or self.text[end - 2 : end] in LISTS["no_heads"]:
            return None
        phrase = self.text[start:end]
        if (place := self._find_after_title(start, end)) is not None:
            return place, end
        return (start, end) if is_parted_name(phrase) or self._is_name(phrase) else None

    def _is_name(self, phrase: str) -> bool:
        """Return whether a phrase is a name: introduced by the text, or long and transliterated."""
        is_long = 3 <= len(phrase) <= MAX_CLAUSE_LENGTH and is_foreign_name(phrase)
        can_be = is_long or is_chinese_name(phrase) or can_be_name(phrase)
        return can_be and phrase not in PLACES and (self.people.knows(phrase) or is_long)

    def _find_after_title(self, start: int, end: int) -> int | None:
        is_abroad = self.text[start] != "中" and self._place_at(start)
        for place in range(end - 2, max(start, end - MAX_NAME_LENGTH) + 1, -1):
            if not title_before(self.text, place - (self.text[place - 1] == " "), start):
                continue
            name = self.text[place:end]
            if is_chinese_name(name) or is_foreign_name(name) or (is_abroad and can_be_name(name)):
                return place
        return None

    def _place_at(self, start: int) -> str:
        """Return the longest place that begins at a place of the text, or an empty string."""
        names = (self.text[start : start + length] for length in (5, 4, 3, 2, 1))
        return next(filter(PLACES.__contains__, names), "")

    def _find_before_title(self, start: int, end: int, title: str) -> tuple[int, int] | None:
        """Return the place of a name before a title: 莫罗 in 莫罗总理; 李女士 with the title."""
        name = self.text[start:end]
        is_honorific = title in LISTS["honorifics"]
        if (place := self._find_after_title(start, end)) is not None:
            return place, end
        if is_honorific:
            is_surname = len(name) == 1 or title_before(self.text, end - 1, start)  # 市民|曹先生
            if is_surname and is_chinese_name(f"{name[-1:]}明"):
                return end - 1, end + len(title)
            return (start, end) if is_chinese_name(name) else self._find_person(start, end)
        return (start, end) if is_parted_name(name) or self.people.knows(name) else None

    def find_subjects(self, start: int, end: int, verb: str = "") -> list[Naming]:
        """Return the subjects between the beginning of a clause and a verb."""
        start = self._skip_left(start, end)
        according = RULES["according"].match(self.text, start, end)
        start = according.end() if according else start
        end = self.strip_adverbs(start, end)
        if start >= end or (according and verb not in LISTS["source_verbs"]):
            return []
        if verb == SHOWING or self.text.endswith(("报告", "数据", "公报"), start, end):
            return self._find_issuer(start, end)
        cited = RULES["cited"].search(self.text, start, end)
        named = self.find_nouns(*cited.span("who")) if cited else self.find_nouns(start, end)
        return named or self._find_before(
            start, end, lambda split: _is_gap(self.text[split.start() : end])
        )

    def find_opening(self, start: int, end: int) -> list[Naming]:
        """Return the subject before the predicate of a clause: 国家统计局举行发布会."""
        start = self._skip_left(start, end)
        return self._find_before(start, end, lambda split: split[0] not in _TOGETHER)

    def _find_before(
        self, start: int, end: int, fits: Callable[[re.Match[str]], bool]
    ) -> list[Naming]:
        splits = RULES["predicate_start"].finditer(
            self.text, start + 1, min(end, start + MAX_PHRASE_LENGTH)
        )
        return self._first_named(start, filter(fits, splits))

    def _first_named(self, start: int, cuts: Iterable[re.Match[str]]) -> list[Naming]:
        """Return the speakers named up to the first cut that allows it."""
        ends = (self.strip_adverbs(start, cut.start()) for cut in cuts)
        return next(filter(None, (self.find_nouns(start, end) for end in ends)), [])

    def _find_issuer(self, start: int, end: int) -> list[Naming]:
        """Return the issuer of data or a report, or the report itself: 国家统计局发布的数据."""
        last = longest_end(self.text, start, end, LISTS["data"], MAX_DATA)
        if not last and self.text[end - 1] != "》":
            return []
        if found := self._find_named_issuer(start, end, end - len(last)):
            return [naming for naming in found if naming.kind != "unnamed"]
        noun = longest_end(self.text, start, end - len(last), LISTS["documents"], MAX_HEAD_LENGTH)
        is_document = noun or not last or last in LISTS["documents"]
        return [Naming(start, end, None, "", "unnamed")] if is_document else []

    def _find_named_issuer(self, start: int, end: int, noun: int) -> list[Naming]:
        """Return the issuer before a word of publishing, or a body before the noun."""
        cuts = reversed([*RULES["published"].finditer(self.text, start + 2, end)])
        if found := self._first_named(start, cuts):
            return found
        places = range(noun, start + 1, -1)
        whole = (at for at in places if not self.text.startswith("市场", at - 1))  # 商务部|市场
        bodies = (self.find_nouns(start, place) for place in whole)
        return next((found for found in bodies if found and found[0].kind == "body"), [])

    def strip_adverbs(self, start: int, end: int) -> int:
        """Return the end of a range without final adverbs and times."""
        while end > start:
            length = len(
                longest_end(self.text, start, end, LISTS["adverbs"], MAX_ADVERB_LENGTH, least=1)
            )
            if not length and self.text[end - 1] in "日午晚晨间夜早上）月年":
                time = RULES["closing_time"].search(self.text, max(start, end - MAX_TIME), end)
                length = len(time[0]) if time else 0
            if not length:
                break
            end -= length
        return end

    def _skip_left(self, start: int, end: int) -> int:
        """Return the start of a range without first times and conjunctions."""
        left = RULES["opening_times"].match(self.text, start, end)
        return left.end() if left else start
