"""Chinese."""

from tidings.annotation.languages.zh.words import BOUNDS, LISTS, RULES
from tidings.base.languages.record import Language, SignBounds

LANGUAGE = Language(
    code="zh",
    bounds=SignBounds(
        light=LISTS["light"],
        places=LISTS["regions"],
        **BOUNDS,
    ),
    particles_of_titles=frozenset("的"),
    posting_words=frozenset("驻赴访对援"),
    ordinary_people=RULES["ordinary_people"],
    places_like_names=("克里米亚", "克里姆林", "巴赫穆特", "阿比让", "奥斯汀市", "华盛顿"),
)
