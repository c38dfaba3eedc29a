"""Places of Chinese speakers: one statement per sentence and place, speaker inside."""

import random

from tests.annotation.speech import DAY, PEOPLE, shipped_verbs, statement_finder
from tests.cases import cases

VERBS = [verb.form for verb in shipped_verbs() if verb.language == "zh"]
PARTS = (
    "他 她 专家 与会专家 一位官员 和专家 莫罗 总理莫罗 勃兰特 港务局局长周海澜 周海澜 "
    "挪威大使奥拉·汉森 汉森 港务局 双方 "
    '据港务局 会议 通知 报告作者 北方通讯社 ， ， ， 。 。 ； ; ： “ ” " " 、 和 的 同 - 在会上 '
    "接受采访时 对此 4日 （化名）"
    " 《意见》 港口要开放 船只很旧"
).split()


@cases(
    "text, name",
    ("他称渔民透露，港口关闭了。", "他"),
    ("他称与会渔民表示，港口要开放。", "他"),
    ("一位官员称和渔民透露，港口关闭了。", "一位官员"),
    (";港务局表示，港口要开放。", "港务局"),
)
def test_a_name_contains_neither_a_verb_nor_a_mark(text: str, name: str) -> None:
    """A name ends before the verb, begins behind a mark, and is not read within the words."""
    (row,) = statement_finder(PEOPLE).find(text, "zh", DAY)
    assert (row.speaker_name, text[row.speaker_start : row.speaker_end]) == (name, name)


def test_places_are_unique() -> None:
    """No two statements share start and speaker's place; a speaker with a verb is inside."""
    chance = random.Random(1)
    for _ in range(3_000):
        parts = [
            chance.choice(VERBS if chance.random() < 0.3 else PARTS)
            for _ in range(chance.randint(4, 20))
        ]
        rows = statement_finder(PEOPLE).find("".join(parts), "zh", DAY)
        assert len({(row.start, row.speaker_start) for row in rows}) == len(rows), parts
        assert all(
            row.start <= row.speaker_start < row.speaker_end <= row.end for row in rows if row.verb
        ), parts
