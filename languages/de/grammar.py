"""The German words and patterns that assign a statement to its speaker."""

from __future__ import annotations

from tidings.languages.spaced_grammar import PHRASE_END, SpacedGrammar, words

GRAMMAR = SpacedGrammar(
    determiners=words("der die das ein eine und für"),
    prepositions=words(
        "mit von vom zu zum zur bei beim für gegen an am auf in im durch über unter nach vor aus seit ohne um zwischen neben "
        "dem den des einem einen eines einer und? seinem ihrem seiner ihrer anlässlich laut gemäss gemäß "
        "deren dessen als wie "
        "durch seitens zuhanden gegenüber"
    ),
    openers=frozenset(),
    linking=words("und für der des vom von im zu"),
    times=frozenset(),
    adverbs=r"auch|zudem|ferner|weiter|weiterhin|dabei|dann|heute|gestern|ebenfalls|gleichzeitig|zugleich|jedoch|aber|"
    r"ausserdem|außerdem|schliesslich|abschliessend|wiederum|erneut|insbesondere|ausdrücklich|mehrfach|deshalb|daher|"
    r"seinerseits|ihrerseits|nochmals|unter anderem|daraufhin|sich|denn",
    phrases=rf"(?:am|an|in|im|bei|beim|vor|nach|zum|zur|anlässlich|während|gegenüber|auf)\s+{PHRASE_END}",
    auxiliaries="hat|haben|hatte|hatten|habe",
    carrying_words="und|sowie|aber|und zugleich",
    breaking_words=r"dass|weil|welche[rsmn]?|wobei|während|als|wenn|nachdem|bevor|damit|ob|obwohl|wo|indem|nicht|kein\w*|"
    r"ohne|"
    r"deren|dessen|um",
    participle=r"(?!)",
    past_participle=r"^(?:ge\w+t|an\w+t|\w*ge\w+(?:en|t|ben)|verwiesen)$",
    # An adverbial at the start of the sentence; a noun phrase there would be the subject.
    # After a lower-case letter it starts a sentence that follows its heading without a full stop.
    fronted=r"(?:^\s*|[a-zäöüß]\s+)(?:An?|Am|Im|In|Bei|Beim|Nach|Zu[mr]?|Vor|Mit|Aus|Auf|Während|Anlässlich|Gegenüber|Dabei|Heute|"
    r"Gestern|Zudem|"
    r"Ferner|Weiter|Auch|Gleichzeitig|Dort|Hier|Ausserdem|Außerdem|Abschliessend|Schliesslich|So|Darüber|"
    r"Daneben|Insbesondere|"
    r"Zugleich|Deshalb|Entsprechend|Einleitend|Anschliessend|Danach|Seitens|Neben|Unter|Zuvor|Dazu|Gemeinsam)\b",
    opens="hat|haben|hatte|hatten|habe",
    articles="der|die|das",
    joins="und|sowie",
    plural_ending=r"\w{2}[^e]en",
    negates=r"nicht|nie|kein\w*|weder",
    is_verb_second=True,
    pronoun=r"\b(?:[Ee]r|[Ss]ie)\b",
    opening_pronoun=r"(?:[\w-]+ ){0,2}((?:[Ee]r|[Ss]ie)\b)(?! sich)",
    office_articles="der|die",
    relative_pronouns="der|die",
    preposition_of_manner="mit",
    informing="informiert",
    reflexive_pronoun="sich",
    quote_adverb="so",
    particles="an|auf|aus|ein|fest|heraus|hervor|hin|mit|nach|vor|zu|zurück",
    clause_final_particles=words("an auf aus ein hin mit nach vor zu"),
    particle_followers="und|sowie|wie",
    closes="und",
    has_capital_nouns=True,
)
