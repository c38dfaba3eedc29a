"""Attribution of the shipped Chinese verbs, one test for each kind of sentence."""

from tests.annotation.speech import find, people_in
from tests.cases import cases


@cases(
    "text, said",
    ("总理莫罗会见美国财长勃兰特时表示，港口要保持开放。", [("moreau", "表示")]),
    ("总理莫罗4日与到访的财政部部长勃兰特会谈时重申，港口要保持开放。", [("moreau", "重申")]),
    ("工会主席宣读总理莫罗贺信并致辞，强调港口要保持开放。", []),
    ("世界港口组织总干事莫罗在报告中指出，港口要保持开放。", [("moreau", "指出")]),
    ("莫罗和勃兰特表示，港口要保持开放。", [("moreau", "表示"), ("brandt", "表示")]),
    ("莫罗向港口工人表示衷心感谢。", [("moreau", "表示")]),
    ("莫罗会见渔民代表，向他们表示热烈祝贺。", [("moreau", "表示")]),
    ("莫罗等表示，港口要保持开放。", [("moreau", "表示")]),
    ("莫罗此前表示，港口要保持开放。", [("moreau", "表示")]),
    ("莫罗发表声明说，港口要保持开放。", [("moreau", "说")]),
    ("莫罗亲切地对大家说，港口要保持开放。", [("moreau", "说")]),
    ("莫罗十分关心港口，他强调，港口要保持开放。", [("moreau", "强调")]),
    ("莫罗到访，在港口考察时强调，港口要保持开放。", [("moreau", "强调")]),
    ("莫罗主持会议，强调港口要保持开放，勃兰特表示同意。", [("moreau", "强调")]),
    ("莫罗、勃兰特表示，港口要保持开放。", [("moreau", "表示"), ("brandt", "表示")]),
    ("莫罗要求各地加快港口建设。", [("moreau", "要求")]),
    ("莫罗提出要求。", []),
    ("莫罗说，港口要保持开放。", [("moreau", "说")]),
    ("莫罗说港口要保持开放。", []),
    ("莫罗的朋友表示，港口要保持开放。", []),
    ("莫罗到访，渔民代表表示，港口要保持开放。", []),
    ("渔民表示，莫罗强调，港口要保持开放。", []),
    ("渔民要求帮助，莫罗强调，港口要保持开放。", [("moreau", "强调")]),
    ("来自港口的消息说，莫罗强调，港口要保持开放。", [("moreau", "强调")]),
)
def test_the_verb_belongs_to_the_subject(text: str, said: list[tuple[str, str]]) -> None:
    """A verb belongs to the subject, across adverbials, not to a person met or quoted."""
    assert find(text, "zh") == said


@cases(
    "text",
    # An unlisted speaker's report of a listed person's words is not that person's statement.
    "多国人士表示，莫罗提出建设开放港口的主张得到支持。",
    "会议强调，莫罗多次要求港口保持开放。",
    "他表示，莫罗专门致贺信，肯定港口的开放成绩。",
    # A verb within a quotation is not a statement.
    "“莫罗强调，港口要保持开放。”渔民说。",
    # A noun that is also a verb, and a phrase without content, are not statements.
    "莫罗在信中写明了港口工作的实践要求。",
    "莫罗多次考察港口，提出新的要求，为港口工作指明方向。",
    "港务局提出关于提请审议港口法草案的议案。",
    "港务局局长莫罗宣布第三届港口大会开幕。",
    "莫罗听取港口情况介绍，随后察看码头。",
    "莫罗同来宾们听取了港口历史介绍，并观看演出。",
    "莫罗对港口的工作给予充分肯定。",
    "莫罗对此表示同意。",
    "莫罗总理提出的港口倡议，回应了各地的期待和需要。",
    "莫罗拒绝承认，港口已经关闭多时。",
)
def test_no_statement(text: str) -> None:
    """The listed person has no statement, for the reason in the comment above the sentence."""
    assert find(text, "zh") == []


@cases(
    "text, people",
    ("莫罗到港口考察。他强调，要落实秦博远总书记重要讲话精神，保持港口开放。", ["moreau"]),
    ("莫罗到港口考察。他表示，总书记秦博远专门致贺信，肯定港口的开放成绩。", ["moreau"]),
    ("莫罗在财政部部长勃兰特陪同下到港口考察。他指出，港口要保持开放。", ["moreau"]),
    ("莫罗指出，港口要保持开放。要加快建设。他强调，船只要安全。", ["moreau", "moreau"]),
    ("莫罗指出，港口要保持开放。渔民表示，船只很旧。他说，港口太小。", ["moreau"]),
    ("莫罗与勃兰特会面。他表示，港口要保持开放。", []),
    ("莫罗强调，船要等；勃兰特指出，冰很薄。他表示，港口要开放。", ["moreau", "brandt"]),
    ("莫罗会见财政部部长勃兰特。他表示，港口要保持开放。", []),
    ("莫罗到港口考察。\n\n他强调，港口要保持开放。", []),
)
def test_pronouns(text: str, people: list[str]) -> None:
    """A pronoun refers to the last speaker or the paragraph's only subject. After a meeting of two
    people, it is not resolved.
    """
    assert people_in(text, "zh") == people
