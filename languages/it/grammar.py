"""The Italian words and patterns that assign a statement to its speaker."""

from __future__ import annotations

from tidings.languages.spaced_grammar import PHRASE_END, SpacedGrammar, words

GRAMMAR = SpacedGrammar(
    determiners=words("attuale nuovo nuova il lo la i gli le l un una del della dello dei delle degli di e per al all dell d"),
    prepositions=words(
        "con dal dalla da per contro su sul sulla tra fra verso secondo dopo prima durante presso senza dai "
        "dallo dall in nel nella a"
    ),
    openers=words("che e ma mentre quando come dove se poi anche infine oggi inoltre"),
    linking=words("e d"),
    times=words(
        "lunedì martedì mercoledì giovedì venerdì sabato domenica gennaio febbraio marzo aprile maggio giugno luglio agosto "
        "settembre ottobre novembre dicembre"
    ),
    adverbs=r"anche|inoltre|poi|infine|ancora|altresì|tuttavia|quindi|in particolare|pure|ripetutamente|oggi|ieri|"
    r"\w+mente|si|"
    r"dal canto suo|nuovamente|a più riprese|pertanto|dunque|entrambi|voluto",
    phrases=rf"(?:durante|nel|nella|a|al|alla|in|davanti|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|"
    rf"il)(?:\s+{PHRASE_END})?",
    auxiliaries="ha|hanno|aveva|avevano|è|sono|si è",
    carrying_words="e|ed|nonché|ma",
    breaking_words=r"che|quando|mentre|dove|cui|se|perché|affinché|non|senza|nonostante",
    participle=r"ndo$",
    past_participle=r"(?:ato|ito|uto|etto|esto|esso|ata|iesto|erto)$",
    articles="il|lo|la|l'",
    fronted=r"\b[Cc]ome (?:ha|hanno)\s*$",
    is_leaning=True,
    addressing="a|ad|al|alla|all'",
    joins="e|ed|nonché",
    negates="non|mai|né",
    pronoun=r"\b(?:[Ee]gli|[Ll]ui|[Ll]ei)\b",
    opening_pronoun=r"((?:[Ee]gli|[Ll]ui|[Ll]ei)\b)",
    office_articles="il|lo|la|l'",
    relative_pronouns="che",
    preposition_of_manner="con",
    leading_auxiliary="ha|hanno",
)
