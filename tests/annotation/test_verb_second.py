"""Find the speakers of German verbs of speech and source phrases."""

from functools import cache

from tests.annotation.speech import PEOPLE, shipped_verbs, show
from tests.cases import cases, table
from tidings.annotation.languages import language
from tidings.annotation.plain_text import make_plain
from tidings.annotation.statements import StatementFinder
from tidings.annotation.verb_second import VerbSecond


@cache
def finder() -> VerbSecond:
    """Return the rules over the shipped German verbs."""
    german = language("de")
    assert german.verb_second
    assert german.speakers
    return VerbSecond(
        [verb for verb in shipped_verbs() if verb.language == "de"],
        german.verb_second,
        german.speakers,
    )


def speakers(text: str) -> str:
    """Return the verbs of a sentence with their speakers as written."""
    sentence = make_plain(text)
    clauses = finder().find(finder().tokenize(sentence))
    return show((clause.verb, sentence[clause.start : clause.end]) for clause in clauses)


@table("""
    text | said
    # The noun phrase that precedes the finite verb is the speaker, with its titles,
    # attributes and brackets.
    Ministerin Tove Aarnes sagte, das Eis sei dünn. | sagte: Ministerin Tove Aarnes
    Aarnes (LPX) sagte: „Das Eis ist dünn.“ | sagte: Aarnes
    Auch der Hafenrat von Lindmar sagte, das Eis sei dünn. | sagte: der Hafenrat von Lindmar
    Von der Aar betonte, das Eis sei dünn. | betonte: Von der Aar
    Aarnes beschuldigte General Brandt, das Eis zu brechen. | beschuldigte: Aarnes
    Einige der älteren Fischer meinen, dass das Eis dünn ist. | meinen: Einige der älteren Fischer
    Die LPX erklärte, sie werde das Eis prüfen. | erklärte: Die LPX
    Die Möwo erklärte, Tove Aarnes sei auf dem Eis. | erklärte: Die Möwo
    Die Ministerin und Parteichefin Aarnes sagte, das Eis sei dünn. | sagte: Die Ministerin und
        Parteichefin Aarnes
    # A quotation behind a colon is that of the subject, whatever the verb.
    Die Ministerin schüttelte den Kopf: „Das Eis ist dünn.“ | -: Die Ministerin
    Hier wurde Tove Aarnes deutlich: „Das Eis ist dünn.“ | -: Tove Aarnes
    Aarnes wörtlich: „Das Eis ist dünn.“ | -: Aarnes
    Im Hafen warb Aarnes für Geduld mit den Worten: „Das Eis ist dünn.“ | -: Aarnes
    Die Leiterin des Amtes, Tove Aarnes, sieht ein Risiko: „Das Eis ist dünn.“ | -: Tove Aarnes
    Die Aarnes, die im Amt sitzt, sieht ein Risiko: „Das Eis ist dünn.“ | -: Die Aarnes
    # Appeals and announcements also count with an object alone.
    Aarnes rief die Fischer zur Ruhe auf. | rief auf: Aarnes
    Der Rat gab am Montag den Termin bekannt. | gab bekannt: Der Rat
    Der Rat sagte neue Boote zu und bittet um Ruhe. | sagte zu: Der Rat; bittet um: Der Rat
    Mit Ruhe rechnet der Rat am Montag. | rechnet mit: der Rat
    Am Montag zogen die Fischer zum Hafen und skandierten Parolen. | skandierten Parolen: die
        Fischer
    Bündnis 90/Die Grünen fordern neue Boote. | fordern: Bündnis 90/Die Grünen
    # A few quoted words do not end a clause.
    Der Rat hat den Brief als „falsch“ zurückgewiesen. | als zurückgewiesen: Der Rat
    Von „dünnem Eis“ sprach Tove Aarnes. | sprach von: Tove Aarnes
    # After an infinitive, a second verb has the subject of the sentence.
    Der Rat sah die Pflicht, Eis und Mole zu prüfen und mahnte, das Eis sei dünn. | mahnte: Der Rat
    # After a quotation, an adverbial or an object, the first noun phrase that can be a
    # subject is the speaker.
    „Das Eis ist dünn“, sagte er. | sagte: er
    Das Eis sei dünn, sagte von der Aar am Montag. | sagte: von der Aar
    Im Hafen, am Montag, sagte Aarnes, das Eis sei dünn. | sagte: Aarnes
    „Das Eis ist dünn“, rief von der Mole die Ministerin. | rief: die Ministerin
    Am Montag sagte der Zeitung gestern die Ministerin, das Eis sei dünn. | sagte: die Ministerin
    Den Plan des Rates kritisierte Aarnes als „zu dünnes Eis, das niemanden trägt“. | kritisierte
        als: Aarnes
    Das bestätigte der Vorsitzende des Rats im Hafen, Otto Brandt heute. | bestätigte: Otto Brandt
    Die Fahrt wurde von der Ministerin als Erfolg gewertet. | als gewertet: der Ministerin
    Der Rat schätzt den Schaden, der wächst, auf zwei Millionen. | schätzt auf: Der Rat
    Von den Häfen erklärten nur die Schleusen, nicht öffnen zu wollen. | erklärten: die Schleusen
    Der Schweizer Minister Brandt rechnet mit dünnem Eis. | rechnet mit: Der Schweizer Minister
        Brandt
    Die Anhänger Aarnes' warnte er, das Eis sei dünn. | warnte: er
    Das Eis, das gestern brach, sei dünn, meldet die Behörde. | meldet: die Behörde
    # Auxiliaries, separated particles and passives belong to one verb; joined subjects each
    # speak.
    Der Rat hat zwar eingeräumt, dass das Eis dünn ist. | eingeräumt: Der Rat
    Die Ministerin hat sich im Hafen für dickes Eis ausgesprochen, es sei sicher. | sich
        ausgesprochen: Die Ministerin
    Am Abend gab er bekannt, das Eis sei dünn. | gab bekannt: er
    Davon geht Tove Aarnes, die zuständige Ministerin, aus. | geht davon aus: Tove Aarnes
    Der Rat hatte die Ansicht vertreten, das Eis sei dünn. | Ansicht vertreten: Der Rat
    Vom Hafenrat wurde kritisiert, dass das Eis dünn ist. | kritisiert: Hafenrat
    Die Räte von Lindmar und die Fischer kündigten an, zu klagen. | kündigten an: Die Räte von
        Lindmar; kündigten an: die Fischer
    Der Rat zeigte sich besorgt, dass das Eis schmilzt. | zeigte sich: Der Rat
    Aarnes äusserte sich kritisch: Das Eis sei dünn. | äusserte sich: Aarnes
    Die Minister waren sich einig, dass das Eis hält. | waren sich einig: Die Minister
    Von dünnem Eis sprach die Ministerin. | sprach von: die Ministerin
    Der Rat gab zu bedenken, dass das Eis dünn ist. | gab zu bedenken: Der Rat
    # A verb behind an apposition, at the end of a subordinate clause or after "und" has the
    # subject of its clause.
    Tove Aarnes, die Leiterin des Amtes in Lindmar, wies darauf hin, dass das Eis dünn ist. | wies
        darauf hin: Tove Aarnes
    Tove Aarnes, Leiterin des Amtes sagte, das Eis sei dünn. | sagte: Tove Aarnes
    Wie die Leiterin des Amtes, Tove Aarnes, in Lindmar mitteilte, brach das Eis. | mitteilte: Tove
        Aarnes
    Wie die Polizei am Morgen mitteilte, brach das Eis. | mitteilte: die Polizei
    Wie die Polizei um 10:05 Uhr mitteilte, brach das Eis. | mitteilte: die Polizei
    Wie die Fischer klarstellten, brach das Eis. | klarstellten: die Fischer
    Der Rat verneigte sich und sagte, das Eis sei dünn. | sagte: Der Rat
    Sie traf Otto Brandt, der sagte, das Eis sei dünn. | sagte: Otto Brandt
    Aarnes traf in Lindmar ein und sagte, das Eis sei dünn. | sagte: Aarnes
    # Prepositions, "so", "heißt es" and a colon introduce a source.
    Laut Hafenbehörde ist das Eis dünn. | Laut: Hafenbehörde
    Laut Fachleuten „Eisnebel“ genannt, zieht er auf. | Laut: Fachleuten
    Nach Angaben der Polizei brach das Eis. | Nach: der Polizei
    Nach LPX-Angaben brach das Eis. | Nach: LPX-Angaben
    Nach Angaben örtlicher Fischer brach es, nach Angaben des Hafenamts 13 Mal. | Nach: Fischer;
        nach: des Hafenamts
    Wie aus Hafenkreisen verlautete, brach das Eis. | verlautete: Hafenkreisen
    Nach Ansicht der Sprecherin des Rates, Tove Aarnes, ist das Eis dünn. | Nach: Tove Aarnes
    Nach Brandts Angaben ist das Eis dünn. | Nach: Brandts
    Das Eis hält nach der Vorhersage des Hafenamts bis Mai. | nach: des Hafenamts
    Nach der Ankündigung des Rates soll es halten. | Nach: des Rates
    Der Rat will nach eigenen Angaben das Eis prüfen. | nach: Der Rat
    Das Eis brach der Ministerin zufolge um 10:05 Uhr. | zufolge: der Ministerin
    Seiner Ansicht nach ist das Eis dünn. | nach: Seiner
    „Das Eis ist dünn“, so Aarnes im Hafenblatt. | so: Aarnes
    In einer Mitteilung des Hafenamts heißt es, das Eis sei dünn. | heißt: des Hafenamts
    In einem Brief des Rates, der alt ist, heißt es, das Eis sei dünn. | heißt: des Rates
    Sie las einen Brief des Rates, in dem es heißt, das Eis sei dünn. | heißt: des Rates
    Aus einem Brief des Rates geht hervor, dass das Eis dünn ist. | Aus: des Rates
    In einem Brief des Rates wird gefordert, dass das Eis hält. | gefordert: des Rates
    Im Bericht wird gefordert, dass das Eis hält. | gefordert: Bericht
    Bald, so schätzen die Fischer, bricht das Eis. | schätzen: die Fischer
    Das Eis sei dünn, hieß es auf der Webseite des Hafenamts. | hieß: des Hafenamts
    Der Rat hat eigenen Angaben zufolge gewartet. | zufolge: Der Rat
    Aus Sicht des Hafenamts ist das Eis dünn. | Aus: des Hafenamts
    Das Eis sei dünn, so die Einschätzung des Hafenamts. | so: des Hafenamts
    Das Eis sei dünn, so das Ergebnis einer Studie. | -
    # The genitive behind a study may be its subject, an object or time is no part of a name,
    # and a list may divide the subject from its verb.
    Gemäss der Statistik der Boote des Hafenamts bricht es. | Gemäss: des Hafenamts
    Laut dem Jahresbericht 2022/23 des Hafenamts bricht es. | Laut: dem Jahresbericht 2022/23 des
        Hafenamts
    So laut Jahresbericht 2022 | laut: Jahresbericht
    Nach Auskunft der OHB der ganze Hafen. | Nach: der OHB
    Nach Auskunft der Fischer der Stadt bricht es. | Nach: der Fischer der Stadt
    Nach Angaben der Polizei vom Montag brach das Eis. | Nach: der Polizei
    Nach Angaben der Polizei vom Hafen brach das Eis. | Nach: der Polizei vom Hafen
    Laut Polizei zu Straftaten aufgerufen haben Fischer. | Laut: Polizei
    Tove zu Aarnes sagte, das Eis sei dünn. | sagte: Tove zu Aarnes
    Fischer haben laut „Möwe“ Schüsse gehört. | laut: „Möwe“
    Dem Rat warf Anna Muster Verzögerung vor. | warf vor: Anna Muster
    Das Eis sei dünn, sagte Bundesrätin Anna Hartung. | sagte: Bundesrätin Anna Hartung
    Zudem fordern die Vereine Fischer auf, zu warten. | fordern auf: die Vereine
    Vertreter aus Handel, Sport und Politik sagten, das Eis sei dünn. | sagten: Vertreter
    Die Gruppen Anker, Boot und Netz sagten, das Eis sei dünn. | sagten: Die Gruppen
    # Readers of both sexes are one group, and a list or two parts of a compound are one body.
    Die Leserinnen und Leser sagten, das Eis sei dünn. | sagten: Die Leserinnen und Leser
    Das Amt für Boote, Fisch und Eis hat das Ergebnis bekanntgegeben. | bekanntgegeben: Das Amt für
        Boote, Fisch und Eis
    Dies geht aus dem Bericht des Boots- und Eisamts hervor. | aus: des Boots- und Eisamts
    Auch wenn das Eis hält, stellt der Bericht Bedarf fest, vor allem im Hafen. | stellt fest: der
        Bericht
    Nach Angaben der OHB von Ende Mai hält das Eis. | Nach: der OHB
    # A verb in the plural has no subject in the singular.
    Boote, die warten, teilen dies der alten Eiskasse mit, wie jedes Jahr. | teilen mit: Boote
    # Adverbs are no names, and defects, experience and the like do not speak.
    Aktuell fordern Bund und Rat, zu warten. | fordern: Bund; fordern: Rat
    Monatelang haben die Leute bestritten, dass es bricht. | bestritten: die Leute
    Die Zusammenhänge bestätigen, dass das Eis dünn ist. | -
""")
def test_speakers(text: str, said: str) -> None:
    """The verb or source has the speaker that the comment above the row describes."""
    assert speakers(text) == said


@cases(
    "text",
    "Aarnes nannte weder Ort noch Zeit.",
    "Zum Eis äußerte sie sich nicht.",
    "Niemand sagte, das Eis sei dünn.",
    "Keines der Ämter erklärte, das Eis sei dünn.",
    "Weder der Rat noch Aarnes bestätigte, dass das Eis dünn ist.",
    "Aarnes sagte kein Wort, als das Eis brach.",
    "Aarnes sagte nichts dazu, ob das Eis dünn sei.",
    "Der Sturm forderte zwölf Opfer.",
    "Man nennt das Eis dünn.",
    "Sie nennt sich Eisprinzessin.",
    "Aarnes wollte sagen, das Eis sei dünn.",
    "Wenn Aarnes sagt, das Eis sei dünn, bleibt sie im Hafen.",
    "Es heißt, das Eis sei dünn.",
    "Sie sagte die Reise ab, weil das Eis dünn war.",
    "Der Rat bestätigte Brandt im Amt.",
    "Da das Eis dünn war, bat sie die Fischer um Hilfe.",
    "Sagt Aarnes, dass das Eis dünn ist?",
    "Nach Angaben und Karten suchen sie das Eis.",
    "Das Amt nahm Proben aus der Statistik der Fischer.",
    "Die Minister zeigen Karten, auf denen sich das Eis bewegt.",
    "Der Rat begrüßte das neue Eis.",
    "Der Rat kündigte neues Eis an, um den Hafen zu schließen.",
    "Wie jedes Jahr erinnerten Fischer an das Eis.",
    "Das Eis brach, nachdem Fischer öffentlich davon berichtet hatten.",
    "Gemäss dem neuen Artikel 6 ist das Eis dünn.",
    "Fische gemäss heutigem Art. 2 sind klein.",
    "Das Amt prüft das vom Rat bis Mai erwartete Boot und die bis Juni erwarteten Netze.",
    "Neue Boote sind vom Rat zu erwarten: Die Netze sind alt.",
    "Diese als „Hilfen“ bezeichnete Zahlung des Rats endet.",
    "Bedenken Sie, dass das Eis dünn ist.",
    "Aus Sicht des Seeschutzes ist das Eis dünn.",
    "Das Gesetz verlangt von den Fischpflichtigen, zu warten.",
    "Die Erkenntnisse bestätigen im Kern die Eislinien, um wieder zu warten.",
    "Die Boote fuhren nach einer Eisuntersuchung los.",
    "Die Boote werden vom Rat versichert: Sie sind neu.",
    "Es gilt: So bleiben beispielsweise kleine Boote.",
    "Bei versicherten Fischern gilt: Das Eis ist dünn.",
    "Der Rat hat den Bericht zu den erwarteten Netzen des Hafens im Bau gelesen: Sie sind neu.",
    "Das Amt hat die Pflicht, die vereinbarten Boote bis Mai zu prüfen.",
)
def test_no_statements(text: str) -> None:
    """Negations, conditions, reflexive and other verbs, things, sentences without reported words
    and the reader who is addressed yield no speaker.
    """
    assert speakers(text) == "-"


@cases("marks", "„“", "„”", '„"', "»«", "«»", "›‹", "‹›", "“”", '""', "‚‘", "‚’")
def test_quotation_marks(marks: str) -> None:
    """A quotation of several sentences belongs to its speaker with any German or Swiss marks."""
    text = f"{marks[0]}Das Eis ist dünn. Wir bleiben im Hafen{marks[1]}, sagte Tove Aarnes."
    (statement,) = StatementFinder(PEOPLE, shipped_verbs()).find(text, "de", None)
    assert (statement.speaker_name, statement.verb) == ("Tove Aarnes", "sagte")
    assert speakers(text) == "sagte: Tove Aarnes"


@table("""
    text | who
    Peter Muster vom Hafenamt sagte, das Eis sei dünn. | Peter Muster: person
    Laut Zwischenbericht ist das Eis dünn. | Zwischenbericht: unnamed
    Laut Berichten ist das Eis dünn. | Berichte: unnamed
    Der Leiter des Amtes für Boote, Fisch und Eis, Peter Muster, mahnt, zu warten. | Peter Muster:
        person
    Italiens Ministerpräsident Piero Muster sagte, das Eis sei dünn. | Piero Muster: person
    Der Nationalrat Peter Muster sagte, das Eis sei dünn. | Peter Muster: person
    Das Eis sei dünn, sagte Stadtrat Peter Muster. | Peter Muster: person
    Der Stadtrat Lindmar sagte, das Eis sei dünn. | Stadtrat Lindmar: body
    Der Ständerat sagte, das Eis sei dünn. | Ständerat: body
    Der Aarauer Ständerat Peter Muster sagte, das Eis sei dünn. | Peter Muster: person
    XP-Nationalrat Peter Muster sagte, das Eis sei dünn. | Peter Muster: person
    Tove von der Aar sagte, das Eis sei dünn. | Tove von der Aar: person
    Von der Aar sagte, das Eis sei dünn. | Von der Aar: person
    Das Eis sei dünn, sagte von der Aar. | von der Aar: person
    Tove von der Aar kam. Das Eis sei dünn, sagte von der Aar. | Tove von der Aar: person
    Nach Angaben der Schweiz ist das Eis dünn. | Schweiz: body
    Der Minister Italiens sagte, das Eis sei dünn. | Minister Italiens: role
    Die Minister von Italien und Polen sagten, das Eis sei dünn. | Minister von Italien und Polen:
        collective
    Zwei Sprecher sagten, das Eis sei dünn. | Zwei Sprecher: collective
    Die Beauftragte sagte, das Eis sei dünn. | Beauftragte: role
    Die Nachrichtenagentur Muster meldete, das Eis sei dünn. | Muster: body
    Das Magazin „Die Möwe“ meldete, das Eis sei dünn. | Die Möwe: body
    Nach Angaben des alten Hafenamts ist das Eis dünn. | alte Hafenamt: body
    Laut Händlern ist das Eis dünn. | Händler: collective
    Laut des Präsidenten ist das Eis dünn. | Präsident: role
    Ein Sprecher des alten Hafenamts sagte, das Eis sei dünn. | Sprecher des alten Hafenamts: role
    LPX-Mitgründer Anna Brandt sagte, das Eis sei dünn. | Anna Brandt: person
    Die Sprecherin von Otto Brandt sagte, das Eis sei dünn. | Sprecherin von Otto Brandt: role
    Die Meteorologen sagten, das Eis sei dünn. | Meteorologen: collective
    Gemäss einer neuen Eisanalyse ist das Eis dünn. | eine neue Eisanalyse: unnamed
    Nach Angaben des Statistischen Amtes ist das Eis dünn. | Statistische Amt: body
    Nach Angaben der Neuen Lindmarer Zeitung ist das Eis dünn. | Neue Lindmarer Zeitung: body
    Nach Angaben der Vereinten Banken ist das Eis dünn. | Vereinten Banken: collective
    Laut des Verbandes Deutscher Fischer ist das Eis dünn. | Verband Deutscher Fischer: collective
    Laut Angaben des ZBFs ist das Eis dünn. | ZBF: body
    Nach Angaben des Roten Kreuzes ist das Eis dünn. | Rote Kreuz: body
    Laut der diesjährigen Umfrage 2023 ist das Eis dünn. | diesjährige Umfrage: unnamed
    Laut den Eisexperten ist das Eis dünn. | Eisexperten: collective
    Die Leserinnen und Leser sagten, das Eis sei dünn. | Leserinnen und Leser: collective
    Die IG Hafen sagte, das Eis sei dünn. | IG Hafen: body
    Die Initiatoren der Woche sagten, das Eis sei dünn. | Die Initiatoren der Woche: unnamed
    Die Leiterin eines Amtes sagte, das Eis sei dünn. | Leiterin eines Amtes: role
    Das Forum der Fischer sagte, das Eis sei dünn. | Forum der Fischer: body
    Die Kommission für Boote (KFB) tagte. Gemäss KFB ist das Eis dünn. | KFB: body
    Unser Land fordert, dass der Hafen öffnet. | Unser Land: unnamed
    Sonniger Ausblick an der Mole Lindmar. Das Eis sei dünn, wie sie betont. | sie: unnamed
    Am 1. Mai hat Bundesrätin Anna Weiss-Muster Polen besucht. Die Bundesrätin sagte, das Eis sei
        dünn. | Anna Weiss-Muster: person
""")
def test_kinds_of_speakers(text: str, who: str) -> None:
    """A German name excludes titles, attributes and quotation marks; its nouns and article give its
    kind. A land that only the author knows has no name.
    """
    (statement,) = StatementFinder(PEOPLE, shipped_verbs()).find(text, "de", None)
    assert f"{statement.speaker_name}: {statement.speaker_kind}" == who


@cases(
    "text",
    "Der Rat erliess die Hafenverordnung (HVO). Die HVO hält fest, dass das Eis dünn ist.",
    "Boote brauchen ein Papier gemäss Lex Möwe.",
    "Gemäss heutigem Wissensstand Möwe Hafen ist das Eis dünn.",
)
def test_laws(text: str) -> None:
    """A law does not speak, nor does its short name or what people know."""
    assert not StatementFinder(PEOPLE, shipped_verbs()).find(text, "de", None)
