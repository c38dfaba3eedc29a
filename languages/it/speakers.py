"""The Italian nouns, titles and pronouns by kind and gender of a speaker."""

from __future__ import annotations

from tidings.languages.speaker_words import FEMALE, MALE, SpeakerWords
from tidings.languages.words import words

_OF = "di d' del dello della dell' dei degli delle"

SPEAKERS = SpeakerWords(
    article_genders={"la": FEMALE, "una": FEMALE, "il": MALE, "lo": MALE, "un": MALE},
    roles=words(
        "presidente presidentessa vicepresidente ministro ministra premier cancelliere cancelliera segretario segretaria "
        "senatore senatrice deputato deputata consigliere consigliera governatore governatrice sindaco sindaca prefetto "
        "ambasciatore ambasciatrice portavoce direttore direttrice capo responsabile dirigente leader commissario commissaria "
        "comandante generale colonnello ammiraglio giudice procuratore procuratrice avvocato avvocata professore "
        "professoressa ricercatore ricercatrice economista analista esperto esperta specialista storico storica politologo "
        "sociologo autore autrice scrittore scrittrice giornalista candidato candidata delegato delegata inviato inviata "
        "diplomatico negoziatore re regina principe principessa papa vescovo cardinale medico ingegnere agricoltore "
        "imprenditore imprenditrice sindacalista attivista abitante testimone vittima studente studentessa padre madre marito "
        "moglie figlio figlia fratello sorella amico collega allenatore giocatore incaricato incaricata membro rappresentante "
        "coordinatore coordinatrice relatore relatrice fondatore fondatrice omologo omologa viceministro sottosegretario "
        "assessore assessora"
    ),
    bodies=words(
        "governo ministero dipartimento agenzia amministrazione autorità ufficio commissione comitato consiglio corte "
        "tribunale parlamento congresso senato assemblea camera gabinetto partito impresa società gruppo banca organizzazione "
        "associazione federazione unione istituto università scuola fondazione centro rete giornale quotidiano settimanale "
        "rivista sito canale radio polizia esercito ambasciata missione delegazione segretariato segreteria stato paese "
        "nazione città cantone comune regione rapporto studio inchiesta indagine sondaggio comunicato dichiarazione documento "
        "lettera articolo risoluzione sentenza decisione legge messaggio nota testo confederazione cassa direzione servizio "
        "museo ospedale sindacato movimento alleanza coalizione chiesa ong presidenza cremlino pentagono quirinale farnesina "
        "osservatorio ispettorato organo consorzio azienda fondo"
    ),
    collectives=words(
        "autorità esperti analisti critici oppositori sostenitori elettori responsabili media osservatori giornalisti "
        "economisti scienziati ricercatori dirigenti abitanti testimoni manifestanti attivisti partecipanti membri famiglie "
        "genitori studenti lavoratori poliziotti persone donne uomini riunione conferenza vertice pubblico personale "
        "opposizione maggioranza minoranza ribelli imprese società investitori storici avvocati consiglieri alleati paesi "
        "stati gruppi partiti parti ministri presidenti senatori deputati governatori cittadini ambienti cantoni comuni "
        "delegati rappresentanti agricoltori medici sindacati associazioni organizzazioni russi americani europei italiani "
        "svizzeri cinesi tedeschi francesi"
    ),
    unnamed=words("uomo donna persona qualcuno alcuni fonte fonti individuo uno una"),
    not_speakers=words(
        "cosa cose idea fatto ragione questione problema punto caso giorno settimana mese anno mondo guerra situazione "
        "immagine foto video cifra quota tasso prezzo mercato tempo modo"
    ),
    norms=words(
        "legge ordinanza articolo articoli regola regole principio principi norma norme criterio criteri disposizione "
        "disposizioni cantone cantoni comune comuni regione codice regolamento direttiva direttive convenzione accordo "
        "costituzione"
    ),
    endings={"ologo": "role", "ologa": "role", "ologi": "collective"},
    titles=words(
        "sig sig. signor signora dott dott. dottor dottoressa dr dr. on on. onorevole prof prof. presidente ministro ministra "
        "premier cancelliere segretario segretaria generale consigliere consigliera federale senatore senatrice deputato "
        "deputata governatore sindaco sindaca ambasciatore ambasciatrice direttore direttrice re regina principe papa "
        "cardinale giudice procuratore professore professoressa colonnello ammiraglio stato nazionale"
    ),
    female=words(
        "lei ella esse signora dottoressa presidentessa ministra cancelliera segretaria senatrice deputata consigliera "
        "governatrice sindaca ambasciatrice direttrice commissaria procuratrice avvocata professoressa ricercatrice esperta "
        "storica autrice scrittrice candidata delegata inviata regina principessa imprenditrice studentessa madre moglie "
        "figlia sorella incaricata coordinatrice relatrice fondatrice omologa assessora donna"
    ),
    male=words(
        "lui egli signor sig sig. dottor ministro cancelliere segretario senatore deputato consigliere governatore sindaco "
        "ambasciatore direttore commissario procuratore avvocato professore ricercatore esperto storico autore scrittore "
        "candidato delegato inviato re principe papa padre marito figlio fratello uomo"
    ),
    pronouns=words("egli lui lei ella essi esse loro"),
    determiners=words(
        f"il lo la l' i gli le un uno una un' questo questa questi queste suo sua alcuni alcune molti {_OF} al alla"
    ),
    linking=words(f"{_OF} a al alla all' allo per presso in nel nella su sul sulla"),
    name_particles=words("de di da del della von van der d' la le el al bin"),
    is_head_first=True,
)
