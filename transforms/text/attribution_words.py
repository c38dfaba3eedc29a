"""The small words that the rules of ``attribution.py`` read: a grammar a language, closed classes only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Grammar:
    """What may stand around a name and a verb of speech; patterns are over plain text, see ``speakers.make_plain``."""

    determiners: frozenset[str]  # with articles and prepositions inside an office: minister of …
    prepositions: frozenset[str]  # a name behind one of them is no subject
    openers: frozenset[str]  # a name may be subject behind one of them
    linking: frozenset[str]  # may join titles
    times: frozenset[str]  # weekdays and months
    adverbs: str  # alternatives that may stand between subject and verb
    phrases: str  # a pattern of when and where between them
    auxiliaries: str
    carrying_words: str  # joins a second verb to the same subject
    breaking_words: str  # opens a clause with a subject of its own
    participle: str  # a verb that hangs on the subject behind a comma
    past_participle: str  # a form that needs an auxiliary; empty: none does
    fronted: str = r"(?!)"  # what may come before an inverted verb
    by: str = r"(?!)"  # opens who said it, behind a passive
    addressing: str = ""  # opens who is told, before a title or a name
    plural_ending: str = ""  # of a verb whose subject is more than one
    articles: str = "the"
    joins: str = "and"  # joins two subjects
    negates: str = "not|never|nor|declined|refused"  # between a subject and its verb: nothing was said
    opens: str = ""  # an auxiliary whose participle closes the clause
    is_verb_second: bool = False
    is_leaning: bool = False  # articles lean on their word: l'ambassadeur

    @cached_property
    def gap(self) -> re.Pattern[str]:
        """What may stand between a subject and its verb."""
        return re.compile(rf"(?:(?:{self.auxiliaries}|{self.adverbs}|{self.phrases})(?:,?\s+|$|(?<=')))+", re.IGNORECASE)

    @cached_property
    def auxiliary(self) -> re.Pattern[str]:
        """An auxiliary anywhere."""
        return re.compile(rf"(?<![\w'])(?:{self.auxiliaries})(?!\w)", re.IGNORECASE)

    @cached_property
    def auxiliaries_end(self) -> re.Pattern[str]:
        """Auxiliaries and adverbs at the end of what stands before a verb."""
        return re.compile(rf"(?:(?<![\w'])(?:{self.auxiliaries}|{self.adverbs})\s*)+$", re.IGNORECASE)

    @cached_property
    def carrying(self) -> re.Pattern[str]:
        """What joins a further verb to the same subject, at the end of a gap."""
        return re.compile(rf"(?<!\w)(?:{self.carrying_words})\s+(?:(?:{self.auxiliaries}|{self.adverbs})\s+)*$", re.IGNORECASE)

    @cached_property
    def breaking(self) -> re.Pattern[str]:
        """A word that opens another clause."""
        return re.compile(rf"(?<!\w)(?:{self.breaking_words})(?!\w)|[;:“”\"«»]", re.IGNORECASE)

    @cached_property
    def fronting(self) -> re.Pattern[str]:
        """What may come before an inverted verb, from the head of the clause."""
        return re.compile(self.fronted)

    @cached_property
    def passive(self) -> re.Pattern[str]:
        """What follows a passive and names who said it: highlighted by Mr X."""
        return re.compile(rf"\s+(?:{self.by})\s+")

    @cached_property
    def being(self) -> re.Pattern[str]:
        """What makes a passive, at the end of what stands before the participle."""
        return re.compile(r"\b(?:was|were|been|is|are)(?:\s+(?:also|\w+ly))*\s*$")

    @cached_property
    def addressed(self) -> re.Pattern[str]:
        """Who is told, right before a name, with a title or without: au ministre …."""
        title = r"(?:M\.?|Mme|[Pp]remière?|\w*(?:minist|pr[ée]sid|conseill|consigl|secr|segret|chef|direct|dirett)\w*)"
        kind = r"(?:f[ée]d[ée]ra\w+|d'[ÉE]tat|di Stato|g[ée]n[ée]ra\w+)"
        return re.compile(rf"(?<![\w'])(?:{self.addressing})\s*(?:{title}\s+(?:{kind}\s+)?)*$" if self.addressing else r"(?!)")

    @cached_property
    def plural(self) -> re.Pattern[str] | None:
        """The ending of a verb whose subject is more than one; None: the language's forms do not tell."""
        return re.compile(rf"(?:{self.plural_ending})$") if self.plural_ending else None

    @cached_property
    def introducing(self) -> re.Pattern[str]:
        """Whoever stands between the verb behind a quotation and a name: dichiarato la presidente del consiglio …."""
        return re.compile(
            rf"\s+(?:{self.articles})\s*(?:(?!(?:{self.breaking_words})\b)[\w'’.-]+\s+){{1,9}},?\s*(?:[A-Z][a-z]+\.?\s+)?",
            re.IGNORECASE,
        )

    @cached_property
    def joining(self) -> re.Pattern[str]:
        """What stands between two subjects that are joined, an apposition to the first included."""
        return re.compile(rf"(?:,[^,.;:]{{1,140}},|,|\s*\([^()]*\))?\s*(?:{self.joins})\s+", re.IGNORECASE)

    @cached_property
    def companion(self) -> re.Pattern[str]:
        """Who stands before the second of two names that are joined: and his counterpart, minister of X, …."""
        return re.compile(
            rf"(?:(?!(?:{self.breaking_words}|{self.auxiliaries}|was|were|by)\b)[\w'’-]+,?\s+){{1,7}}", re.IGNORECASE
        )

    @cached_property
    def accompanied(self) -> re.Pattern[str]:
        """Somebody not listed who is joined to a subject at the head of a gap: Fasel und EAD-Generalsekretär Sannino."""
        name = r"[A-ZÀ-Ý][\w'’-]+(?:\s+(?:[a-z]{2,3}\s+)?[A-ZÀ-Ý][\w'’-]+)*"
        return re.compile(
            rf"^\s*(?:{self.joins})\s+(?:(?!(?:{self.breaking_words}|{self.auxiliaries})\b)[\w'’-]+\s+){{0,6}}?{name}\s+(?=[a-zà-ÿ]|$)"
        )

    @cached_property
    def negating(self) -> re.Pattern[str]:
        """A word that says that nothing was said."""
        return re.compile(rf"\b(?:{self.negates})\b", re.IGNORECASE)

    @cached_property
    def opening(self) -> re.Pattern[str] | None:
        """The auxiliary at the head of a gap whose participle closes the clause."""
        return re.compile(rf"\s*(?:{self.opens})\b", re.IGNORECASE) if self.opens else None

    def needs_auxiliary(self, verb: str) -> bool:
        """Whether a form is a participle that says nothing without an auxiliary."""
        return (
            bool(self.past_participle) and re.search(self.past_participle, verb.split(maxsplit=1)[0], re.IGNORECASE) is not None
        )

    def is_participle(self, verb: str) -> bool:
        """Whether a form hangs on the subject behind a comma."""
        return re.search(self.participle, verb.split(maxsplit=1)[0], re.IGNORECASE) is not None


_PHRASE_END = r"[^,.;:“”\"«»()]{1,70}?"

GRAMMARS = {
    "en": Grammar(
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
        phrases=rf"(?:on|in|at|during|after|before|following|via|through)\s+{_PHRASE_END}",
        auxiliaries="has|have|had|did",
        carrying_words="and|but|as well as|and then",
        breaking_words=r"who|which|that|(?<!well )as(?! well)|when|while|after which|because|where|although|"
        r"though|whose|if|not|never|declined|"
        r"refused|"
        r"without",
        participle=r"ing$",
        past_participle="",
        by="by",
    ),
    "de": Grammar(
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
        phrases=rf"(?:am|an|in|im|bei|beim|vor|nach|zum|zur|anlässlich|während|gegenüber|auf)\s+{_PHRASE_END}",
        auxiliaries="hat|haben|hatte|hatten|habe",
        carrying_words="und|sowie|aber|und zugleich",
        breaking_words=r"dass|weil|welche[rsmn]?|wobei|während|als|wenn|nachdem|bevor|damit|ob|obwohl|wo|indem|nicht|kein\w*|"
        r"ohne|"
        r"deren|dessen|um",
        participle=r"(?!)",
        past_participle=r"^(?:ge\w+t|an\w+t|\w*ge\w+(?:en|t|ben)|verwiesen)$",
        # An adverbial at the head; a noun phrase there would be the subject.
        # Behind a small letter it opens a sentence whose heading was joined to it.
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
    ),
    "fr": Grammar(
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
        rf"(?:\s+{_PHRASE_END})?",
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
    ),
    "it": Grammar(
        determiners=words(
            "attuale nuovo nuova il lo la i gli le l un una del della dello dei delle degli di e per al all dell d"
        ),
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
        rf"il)(?:\s+{_PHRASE_END})?",
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
    ),
}
