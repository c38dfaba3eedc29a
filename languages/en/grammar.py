"""The English words and patterns that assign a statement to its speaker."""

from __future__ import annotations

from tidings.languages.spaced_grammar import PHRASE_END, SpacedGrammar, words

GRAMMAR = SpacedGrammar(
    determiners=words("the a an of for and then- current new former acting"),
    prepositions=words(
        "with to by from for of between against about on at in into under over after before during than like via without "
        "including toward towards among alongside behind since as per"
    ),
    openers=words(
        "that and but while when as if because where whether though although since until so then also "
        "however meanwhile or nor "
        "which said says today yesterday later earlier"
    ),
    linking=words("and"),
    times=words(
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
        "august september "
        "october november december"
    ),
    adverbs=r"also|then|later|further|furthermore|again|once|repeatedly|recently|explicitly|clearly|particularly|strongly|"
    r"specifically|today|yesterday|earlier|therefore|however|still|thus|likewise|subsequently|finally|firmly|previously|both|"
    r"and|again|personally|publicly|notably|\w+ly|himself|herself|on his part|in turn|for (?:his|her) part|always",
    phrases=rf"(?:on|in|at|during|after|before|following|via|through)\s+{PHRASE_END}",
    auxiliaries="has|have|had|did",
    carrying_words="and|but|as well as|and then",
    breaking_words=r"who|which|that|(?<!well )as(?! well)|when|while|after which|because|where|although|"
    r"though|whose|if|not|never|declined|"
    r"refused|"
    r"without",
    participle=r"ing$",
    past_participle="",
    by="by",
    pronoun=r"\b(?:[Hh]e|[Ss]he)\b",
    opening_pronoun=r"(?:[A-Z]\w+ly,? )?((?:[Hh]e|[Ss]he)\b)",
    office_articles="the",
    office_complement="of",
    passive_auxiliaries="was|were|been|is|are",
    welcoming="welcom",
    destination=r"[^,.;]*? to [A-Z]",
)
