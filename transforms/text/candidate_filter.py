"""Which sequences are no new formulation: names, places, fragments, what belongs elsewhere, and what a list has already."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import ahocorasick_rs
from babel import Locale, UnknownLocaleError

from tidings.transforms.text.attribution_words import words
from tidings.transforms.text.candidates import make_key
from tidings.transforms.text.speakers import WIDE

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBERED = re.compile(r"\d(?!G)|〇|[一二三四五六七八九十百]+(?:号|届|年$|月$|日$)|第[一二三四五六七八九十百]+次")
# What may bear a person's name or a place's, and what is not about the place.
_BEARING = re.compile(
    "(?:思想|精神|主义|理论|经验|贸易港|自贸港|经济圈|经济带|命运共同体|班列|"
    "示范区|合作区|先行区|试验区|大湾区|协同发展|一体化发展)$"
)
_CHINA = re.compile("中国$|^中国(?=式|特色)")
# Provinces and the large cities, which the CLDR's list of territories has not.
_WIDE_PLACES = words(
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 "
    "云南 陕西 甘肃 青海 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 台湾 杭州 成都 深圳 广州 南京 武汉 哈尔滨 西安 郑州 长沙 "
    "苏州 厦门 青岛 大连 宁波 雄安 浦东 太平洋 大西洋 印度洋 地中海 黑海 波罗的海 第聂伯河 顿巴斯 克里米亚 "
    "亚洲 非洲 欧洲 美洲 拉美 亚太 东盟 欧盟 中亚 中东 加沙 巴以 金砖"
)
_SIGN_OF_A_COUNTRY = "中美俄法德英日韩朝越柬老缅泰印巴哈吉塔土乌蒙南埃阿沙伊以古智秘澳新欧"
_TWO_COUNTRIES = re.compile(rf"^(?:中[{_SIGN_OF_A_COUNTRY}非]|[{_SIGN_OF_A_COUNTRY}非]中)")


class Filter:
    """What one language's candidates must not be."""

    def __init__(
        self,
        language: str,
        *,
        unrelated: Iterable[str],
        names: Iterable[str],
        listed: Iterable[str],
        common: Iterable[str] = (),
    ) -> None:
        self.is_wide = language in WIDE
        self._common = frozenset(make_key(text, is_wide=self.is_wide) for text in common)

        def edge(text: str) -> str:
            return text if self.is_wide else f" {text} "

        keys = [
            {make_key(text.rstrip("*"), is_wide=self.is_wide) for text in texts if text} for texts in (unrelated, names, listed)
        ]
        named = keys[1] | {make_key(place, is_wide=self.is_wide) for place in list_places(language)}
        self._unrelated, self._named = (
            ahocorasick_rs.AhoCorasick([edge(text) for text in sorted(texts) if text]) for texts in (keys[0], named)
        )
        self._listed = [edge(text) for text in sorted(keys[2]) if text]
        self._search = ahocorasick_rs.AhoCorasick(self._listed)
        self._all_listed = "\n".join(self._listed)
        self._edge = edge

    def keeps(self, key: str) -> bool:
        """Return whether a sequence may be a new formulation."""
        text = self._edge(key)
        if not key or key in self._common or text in self._all_listed or self._is_refused(key, text):
            return False
        found = self._search.find_matches_as_indexes(text, overlapping=True)
        return not any(2 * len(self._listed[index].strip()) >= len(key) for index, _, _ in found)

    def _is_refused(self, key: str, text: str) -> bool:
        if self._unrelated.find_matches_as_indexes(text) or (self.is_wide and _NUMBERED.search(key)):
            return True
        if not self.is_wide:
            return bool(self._named.find_matches_as_indexes(text))
        may_bear = _BEARING.search(key) is not None
        if _TWO_COUNTRIES.match(key) and not may_bear:
            return True
        found = self._named.find_matches_as_indexes(_CHINA.sub("", key))
        return any(start > 0 or not may_bear for _, start, _ in found)


@functools.cache
def list_places(language: str) -> frozenset[str]:
    """Return the names of countries and regions in a language, from the Unicode CLDR; empty where it is not known there."""
    try:
        territories = Locale.parse(language).territories.values()
    except (UnknownLocaleError, ValueError):
        return frozenset()
    bare = {re.sub(r"(?:领土|特别行政区)|\s*[（(].*", "", str(name)).strip() for name in territories}
    return frozenset(name for name in bare if len(name) > 1) | (_WIDE_PLACES if language in WIDE else frozenset())
