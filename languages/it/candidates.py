"""The Italian function words that bound a candidate phrase, and the endings of policy verbs."""

from __future__ import annotations

from tidings.languages.bounds import WordBounds
from tidings.languages.words import words

BOUNDS = WordBounds(
    stops=words(
        "il lo la i gli le l un uno una di del dello della dei degli delle d a al allo alla ai agli alle da dal "
        "dallo dalla dai dagli dalle in nel nello nella nei negli nelle con su sul sullo sulla sui sugli sulle per "
        "tra fra e ed o ma che chi cui non è sono era erano essere ha hanno aveva avere sarà saranno può possono "
        "deve devono si ci vi ne se come anche più meno molto questo questa questi queste quello quella suo sua "
        "suoi sue loro nostro anno anni mese mesi giorno giorni milioni franchi nuovo nuova nuovi nuove due tre "
        "prevede prevedono mira permette permettono entra "
        "contro riguardante relativo relativa relativi relative"
    ),
    light=words(
        "nazionale nazionali internazionale internazionali bilaterale bilaterali federale federali svizzero svizzera "
        "svizzeri importante possibile comune estera pilota maggior maggiore"
    ),
    inner=words(
        "di del della dei delle d e per la il l in sul sulla dello degli al alla "
        "contro riguardante relativo relativa relativi relative"
    ),
    bodies=words("ufficio dipartimento segreteria istituto agenzia direzione organizzazione fondazione"),
    is_head_first=True,
    endings=("are", "ere", "ire", "a", "ano", "ato", "ata", "ando", "e", "ono", "uto"),
    stem_cut=("are", "ere", "ire"),
)
