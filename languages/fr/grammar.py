"""The French words and patterns that assign a statement to its speaker."""

from __future__ import annotations

from tidings.languages.spaced_grammar import PHRASE_END, SpacedGrammar, words

GRAMMAR = SpacedGrammar(
    determiners=words("actuel actuelle nouveau nouvelle ancien ancienne le la les l un une du de des d et au aux à en chef"),
    prepositions=words(
        "avec par pour contre sur sous dans chez entre vers selon après avant pendant lors depuis sans envers outre avec"
    ),
    openers=words("que qu et mais alors lorsque quand comme où si puis car ainsi enfin aujourd'hui dont tandis"),
    linking=words("et en d"),
    times=words(
        "lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet "
        "août septembre octobre "
        "novembre décembre"
    ),
    adverbs=r"également|aussi|notamment|ensuite|enfin|encore|toutefois|par ailleurs|en outre|ainsi|particulièrement|"
    r"clairement|récemment|fermement|en particulier|pour sa part|de son côté|hier|aujourd'hui|\w+ment|s'|y|en|l'|lui|leur|se|"
    r"à plusieurs reprises|à nouveau|de nouveau|tous deux|mis|tenu à|ensemble",
    phrases=rf"(?:lors|à|au|aux|dans|en|devant|pendant|le|ce|cette|avec|sur|vendredi|lundi|mardi|mercredi|jeudi|"
    rf"samedi|dimanche)"
    rf"(?:\s+{PHRASE_END})?",
    auxiliaries="a|ont|avait|avaient|est|sont|s'est|l'a|y a|en a",
    carrying_words="et|ainsi que|mais|puis",
    breaking_words=r"que|qu'\w*|qui|dont|où|lorsque|quand|tandis|pendant que|parce|si|afin|pas|jamais|sans",
    participle=r"ant$",
    past_participle=r"(?:é|ée|és|dit|mis|fait|émis|réjoui)$",
    articles="le|la|l'",
    fronted=r"\b(?:[Cc]omme|[Aa]insi que) l(?:'a|'ont|e)\s*$",
    is_leaning=True,
    addressing="à|au",
    joins="et|ainsi que",
    negates="pas|jamais|ni",
    pronoun=r"\b(?:[Ii]l|[Ee]lle)\b",
    opening_pronoun=r"((?:[Ii]l|[Ee]lle)\b)",
    office_articles="le|la|l'",
    relative_pronouns="qui",
    preposition_of_manner="avec",
    inverted_auxiliary=r"\b(a|ont|avait)-(?:t-)?$",
    leading_auxiliary="a|ont",
)
