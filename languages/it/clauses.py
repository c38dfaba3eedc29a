"""The Italian word classes by which the speaker of a verb of speech is found."""

from __future__ import annotations

from tidings.languages.clause_words import ClauseWords
from tidings.languages.words import words

_OF = "di d' del dello della dell' dei degli delle"

CLAUSES = ClauseWords(
    determiners=words(
        "il lo la l' i gli le un uno una un' questo questa questi queste suo sua suoi sue loro nostro alcuni alcune diversi "
        f"diverse molti molte due tre quattro cinque sei sette otto nove dieci ogni nessuno {_OF} al allo alla all' ai agli alle"
    ),
    prepositions=words(
        "di d' del dello della dell' a ad al allo alla all' ai agli alle da dal dallo dalla dall' dai dagli dalle in nel "
        "nello nella nell' nei negli nelle su sul sullo sulla sull' sui sugli sulle con per tra fra contro verso dopo prima "
        "durante presso senza secondo oltre tramite mediante circa riguardo malgrado"
    ),
    linking=words(f"{_OF} a al alla all' allo per presso in"),
    genitives=words(_OF),
    subordinators=words(
        "grazie che se quando come dove cui poiché perché mentre affinché nonostante benché infatti però tuttavia noi voi io"
    ),
    coordinators=words("e ed o oppure ma né nonché"),
    joining=words("e ed nonché"),
    relatives=words("che quale quali"),
    pronouns=words("egli lui lei ella essi esse loro"),
    auxiliaries=words("ha hanno aveva avevano abbia avendo"),
    passives=words("è sono era erano fu stato stata stati state viene vengono venne"),
    by=words("da dal dallo dalla dall' dai dagli dalle"),
    modals=words(
        "può possono deve devono potrebbe potrebbero dovrebbe dovrebbero vuole vogliono avrebbe sarebbe sarà dovrà potrà per"
    ),
    conditions=words("se"),
    negations=words("non mai né nessuno nessun nessuna niente nulla rifiuta rifiutato"),
    adverbs=words(
        "anche inoltre poi infine ancora altresì tuttavia quindi pure ripetutamente oggi ieri nuovamente pertanto dunque "
        "entrambi già sempre spesso più bene così si lo ci gli ne le vi li invece recentemente appena insieme"
    ),
    adverb_endings=("mente",),
    times=words(
        "lunedì martedì mercoledì giovedì venerdì sabato domenica gennaio febbraio marzo aprile maggio giugno luglio agosto "
        "settembre ottobre novembre dicembre oggi ieri domani mattina sera pomeriggio notte settimana mese anno"
    ),
    finite_verbs=words(
        "va vanno fa fanno prende prendono preso mette mettono messo viene vengono venuto resta restano rimane tiene entra "
        "arriva passa porta partecipa partecipato incontrato ricevuto visitato firmato adottato aperto presentato approvato "
        "decide deciso sostiene prevede prevedono mira mirano comprende comprendono costituisce rappresenta riguarda "
        "riguardano"
    ),
    past_participle=r"(?:[aiu]to|[aiu]ta|[aiu]ti|etto|esto|esso|erto|osto|itto|iusto|luso|unto)$",
    participle=r"ndo(?:si)?$",
    contents=words("che :"),
    infinitives=words("di d'"),
    fronted=words("come così"),
    manner=words("con"),
    addressing=words("a al allo alla all' ai agli alle"),
    is_leaning=True,
    inverts=True,
    needs_known_speaker=True,
    reflexives=words("si"),
    has_adjectives_after=True,
    drops_subject=True,
)
