"""Kinds of text by their titles."""

from tests.cases import cases
from tidings.annotation.text_kinds import find_text_kind, is_without_policy


@cases(
    "code, title, kind",
    ("zh", "[视频]【青川亚运会】游泳决赛产生八枚金牌", "sports_event"),
    ("zh", "青川亚运会火炬今天在南湾传递", "sports_event"),
    ("zh", "外长会见出席亚运会开幕式的外国贵宾", None),
    ("zh", "体育产业发展规划发布", None),
    ("zh", "机器人运动会产生冠军", None),
    ("zh", "相约运动会 共绘新画卷", "sports_event"),
    ("zh", "前市长林青同志遗体在南湾火化", "obituary"),
    ("zh", "国内联播快讯", "round_up"),
    ("zh", "今日要闻：粮食丰收", "round_up"),
    ("zh", "要闻编辑谈报道", None),
    ("zh", "南湾快评：丰收在望", "comment"),
    ("zh", "[视频]【走进南湾 看新港口】渔民的一天", "comment"),  # a part of a series
    ("zh", "[视频]【南湾第三届港口博览会】展台准备就绪", None),
    ("zh", "首相的讲话引发热烈反响", "comment"),
    ("zh", "多国人士积极评价首相出席峰会", "comment"),
    ("zh", "首相会见各界人士代表", None),
    ("en", "Northland beat Eastmark 3-1 in the final", "sports_event"),
    ("en", "Northland wins football World Cup", "sports_event"),
    ("en", "Parliament votes on Olympic Games bid", None),
    ("en", "Senate defeats bill 51-49", None),
    ("en", "Ann Lee, first mayor of Northport, dies at home at 91", "obituary"),
    ("en", "Two die in fire at Northport", None),
    ("en", "Morning briefing: rates rise", "round_up"),
    ("en", "Briefing on the morning talks", None),
    ("de", "Nordland gewinnt WM-Halbfinal 3:1", "sports_event"),
    ("de", "Bundesrat unterstützt Kandidatur für Olympia: Sieg im Parlament", None),
    ("de", "Altbürgermeisterin Anna Lee verstorben", "obituary"),
    ("de", "Wochenrückblick: Zinsen steigen", "round_up"),
    ("fr", "Rugby : le Nord bat le Sud 28-25", "sports_event"),
    ("fr", "Football : la loi contre le dopage est adoptée après la finale", None),
    ("fr", "Ligue 2 : soir de rachat pour le Nord", "sports_event"),
    ("fr", "L’ancienne maire Anne Lee est décédée", "obituary"),
    ("fr", "Une femme est morte dans un incendie", None),
    ("fr", "Revue de presse", "round_up"),
    ("it", "Calcio, il Nord batte il Sud in finale", "sports_event"),
    ("it", "È morta a 91 anni Anna Lee", "obituary"),
    ("it", "Rassegna stampa", "round_up"),
    ("es", "El Norte gana la final del Mundial de fútbol", "sports_event"),
    ("es", "El Parlamento vota la ley del fútbol tras la final", None),
    ("es", "Muere a los 91 años la exalcaldesa Ana Lee", "obituary"),
    ("es", "Revista de prensa", "round_up"),
    ("xx", "Morning briefing", None),
)
def test_titles_state_kinds(code: str, title: str, kind: str | None) -> None:
    """Results and ceremonies of games, obituaries, round-ups and comments are kinds of text;
    decisions about games, other deaths and titles with one of the words are not.
    """
    assert find_text_kind(title, code) == kind
    assert is_without_policy(title, code) == (kind in {"sports_event", "obituary"})
