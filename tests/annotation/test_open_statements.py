"""Statements of everyone who speaks, in languages with spaces, with the shipped verbs, nouns and
people.
"""

import pytest

from tests.annotation.speech import DAY, PEOPLE, rows, said_by, show, statement_finder


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    rows(
        """
        en | The Department of Foreign Affairs said ice is thin. | Department of Foreign Affairs:
            body
        en | Tove Hallberg, Norland's minister of ports, told guests that ice is thin. | Tove
            Hallberg: person
        en | Tove Hallberg, 61, of Lindmar, who has fished for years, said ice is thin. | Tove
            Hallberg: person
        en | The minister of ports, Tove Hallberg, said that ice is thin. | Tove Hallberg: person
        en | Hallberg Line spokesman Ivo Renn said the boats wait. | Ivo Renn: person
        en | My country said that ice is thin. | country: body
        fr | Tove Hallberg, ministre des ports, a déclaré que la glace est mince. | Tove
            Hallberg: person
        it | Tove Hallberg, ministra dei porti, ha dichiarato che il ghiaccio è sottile. | Tove
            Hallberg: person
        en | Hallberg Bank on Friday announced that boats wait. | Hallberg Bank: body
        en | Tove Hallberg on Friday said that ice is thin. | Tove Hallberg: person
        en | On Friday Tove Hallberg said that ice is thin. | Tove Hallberg: person
        en | The ministry just this week confirmed that ice is thin. | ministry: body
        fr | Le Conseil des ports a également souligné que la glace est mince. | Conseil des
            ports: body
        it | Il Consiglio dei porti ha inoltre precisato che il ghiaccio è sottile. | Consiglio
            dei porti: body
        en | A spokesman for the Ministry of Ports said that ice is thin. | spokesman for the
            Ministry of Ports: role
        en | Officials in Lindmar warned that ice is thin. | Officials in Lindmar: collective
        en | The court said that boats wait. | court: body
        en | South Korea said that boats wait. | South Korea: body
        en | One man said that ice is thin. | One man: unnamed
        en | “Ice is thin,” he said. | he: unnamed
        en | Boats wait, according to a report of the Port Agency. | a report of the Port Agency:
            unnamed
        en | According to officials, ice is thin. | officials: collective
        fr | Selon le ministère des Ports, la glace est mince. | ministère des Ports: body
        fr | Les experts estiment que la glace est mince. | experts: collective
        it | Secondo il ministero, il ghiaccio è sottile. | ministero: body
        it | La presidente ha detto che il ghiaccio è sottile. | presidente: role
        en | Police Chief Ivo Renn said that ice is thin. | Ivo Renn: person
        en | The ministers of France and Germany said boats wait. | ministers of France and
            Germany: collective
        en | The Minister of Ports and Ice said boats wait. | Minister of Ports and Ice: role
        en | The company, which has 4,000 boats, said they wait. | company: body
        en | The U.S. said that boats wait. | U.S.: body
        en | ‘Ice is thin,’ said Tove Hallberg. | Tove Hallberg: person
        en | A source told reporters that ice is thin. | A source: unnamed
        fr | Le ministre des Ports et des Canaux a déclaré que non. | ministre des Ports et des
            Canaux: role
        fr | « La glace est mince », a déclaré lundi Tove Hallberg. | Tove Hallberg: person
        fr | « Non », a répondu la ministre. | ministre: role
        it | «No», ha detto poi la ministra. | ministra: role
        it | La compagnia aerea Lindmar Air ha detto che il ghiaccio è sottile. | Lindmar Air:
            body
        en | Dr. Hallberg of the Port Bank said boats wait. | Hallberg: person
        en | “I said that ice is thin.” ― Tove Hallberg, Lindmar | Tove Hallberg: person
        fr | Tove Le Renn a déclaré que non. | Tove Le Renn: person
        it | «Il ghiaccio è sottile», ha detto ieri Tove Hallberg. | Tove Hallberg: person
        en | “Ice is thin,” said Tove Hallberg, a fisher from Lindmar. | Tove Hallberg: person
        en | Tove Hallberg: “Ice is thin.” | Tove Hallberg: person
        en | Tove Hallberg went on to say that ice is thin. | Tove Hallberg: person
        en | Tove Hallberg opened the port and mentioned the ice. | Tove Hallberg: person
        en | Tove Hallberg opened the port, adding that ice is thin. | Tove Hallberg: person
        en | The Department of Trade, Ports and Fishing said that ice is thin. | Department of
            Trade, Ports and Fishing: body
        en | The Ministry of Trade, the union and Ivo Renn said that ice is thin. | Ivo Renn: person
        en | Port Board secretary Bill Renn has said that ice is thin. | Bill Renn: person
        en | “Boats wait,” says ANX senior vice president Sanae Mirimoto. | Sanae Mirimoto: person
        en | He cites a Lindmar University law professor who says “Boats wait here.” | He: unnamed;
            Lindmar University law professor: role
        en | Emerging research has found that boats wait. | Emerging research: unnamed
        en | Speaking in a hall which recommends ice, Tove Hallberg said no. | Tove Hallberg: person
        en | Boats wait, as Norland states. | Norland: body
        de | Die Firmen forderten, dass der Hafen öffnet. | Firmen: collective
        de | Zwei Gruppen kritisierten, dass der Hafen zu ist. | Zwei Gruppen: collective
        de | Laut Berichten ist das Eis dünn. | Berichte: unnamed
        en | In Lindmar, the minister and the mayor said boats wait. | minister: role; mayor: role
        en | The minister, who said that ice is thin, left. | minister: role
        it | L'Ufficio della pesca e di porto ha detto che no. | Ufficio della pesca e di porto:
            body
        es | La japonesa Hamanaka ha anunciado que no. | Hamanaka: body
        es | «No», informó este ministerio en su balance. | ministerio: body
        en | The army in a statement said that ice is thin. | army: body
        en | “Ice is thin," Tove Hallberg said of "old" boats. | Tove Hallberg: person
        de | Im Hafen spricht die Polizei von zwei Opfern. | Polizei: body
        fr | Tove Hallberg a pour sa part souligné que non. | Tove Hallberg: person
        fr | Tove Hallberg a, quant à elle, déclaré que non. | Tove Hallberg: person
        it | Tove Hallberg ha dal canto suo sottolineato che no. | Tove Hallberg: person
        fr | De l'avis du ministère, la glace est mince. | ministère: body
        en | Ice is thin, reports Tove Hallberg. | Tove Hallberg: person
        en | According to the WHO, ice is thin. | WHO: body
        en | Per the WHO, ice is thin. | WHO: body
        en | Ice is thin, according to figures from the port. | figures from the port: unnamed
        en | Critics are alleging that ice is thin. | Critics: collective
        en | Tove Hallberg issued a tweet saying ice is thin. | Tove Hallberg: person
        en | Tove Hallberg began by saying that ice is thin. | Tove Hallberg: person
        en | Boats left, with officials warning that ice is thin. | officials: collective
        en | The report found that ice is thin. | The report: unnamed
        fr | « La glace est mince », a conclu Tove Hallberg. | Tove Hallberg: person
        fr | « La glace est mince », dit-elle. | elle: unnamed
        it | «Il ghiaccio è sottile», ha concluso Tove Hallberg. | Tove Hallberg: person
        en | With officials warning that ice is thin, boats wait. | officials: collective
        en | Ice is thin, according to figures released by the Port Agency. | Port Agency: body
        en | Nets rot as well as boats, such as old ones, explains Anna Hallberg of the Institute
            for Port and Ice Boats. | Anna Hallberg: person
        fr | Selon le Conseil des ports évalue la glace. | Conseil des ports: body
        fr | Le Conseil des ports a relevé, avec Ivo Renn, que non. | Conseil des ports: body
        de | Nach Polizeiangaben warten die Boote. | Polizei: collective
        de | „Nein“, so der Chef des Verwaltungsrats Ulrich Hallberg. | Ulrich Hallberg: person
        es | El ministro de Puertos Alexei Hallberg anunció que no. | Alexei Hallberg: person
        en | Ice Warning Issued Anna Hallberg said that boats wait. | Anna Hallberg: person
        # The author of a document speaks, not a place; a name may follow a bracket.
        it | Secondo il rapporto annuale 2022 del Consiglio dei porti e delle barche del 3 maggio,
            il ghiaccio è sottile. | Consiglio dei porti e delle barche: body
        it | Secondo lo studio di Tove Hallberg, il ghiaccio è sottile. | Tove Hallberg: person
        it | Secondo la dichiarazione di Lindmar, il ghiaccio è sottile. | la dichiarazione di
            Lindmar: unnamed
        fr | Le rapport de l'Office des ports souligne que non. | Office des ports: body
        es | El informe de la ONU señala que no. | ONU: body
        de | Der Bericht der OHB hält fest, dass das Eis dünn ist. | OHB: body
        de | Gemäss dem OHG ist das Eis dünn. | -
        de | Unter dem Motto „Dünnes Eis“ rufen Fischer: „Wir warten.“ | Fischer: collective
        de | Die Analyse der Wahl hält fest, dass das Eis dünn ist. | Die Analyse der Wahl: unnamed
        it | Secondo l'Organizzazione delle Barche per il mare e il porto, no. |
            Organizzazione delle Barche per il mare e il porto: body
        it | «No», sottolinea il capo dell'Ufficio dei porti (UP) Tove Hallberg. | Tove Hallberg:
            person
        it | Il capo della Divisione Barche (DB) dell'Ufficio dei porti (UP) Tove Hallberg ha detto
            che no. | Tove Hallberg: person
        it | L'Ufficio dei porti (UP) di Lindmar ha detto che no. | Ufficio dei porti: body
        it | Tove Hallberg si è espressa a favore, ringraziando il proprio omologo. | Tove
            Hallberg: person
        it | Il Consiglio federale riafferma che no. | Consiglio federale: body
        it | Le barche hanno secondo il Consiglio federale danni gravi. | Consiglio federale: body
        fr | Selon le Conseil fédéral évalue la glace. | Conseil fédéral: body
        it | «No», dice il Consiglio nazionale svizzero. | Consiglio nazionale svizzero: body
        it | Secondo il piano, il porto resta aperto. | -
        # Denials, plans, nouns that look like verbs, receptions, passives, reflexive verbs, laws
        # and the bases of figures are not statements; pronouns of things and verbs do not speak.
        en | Tove Hallberg never said that ice is thin. | -
        en | Tove Hallberg said nothing. | -
        en | Tove Hallberg would say that ice is thin. | -
        en | Guests from island states arrived. | -
        en | Norland and 18 NATO states, which fish, wait. | -
        en | Norland backs the reform announced at the port. | -
        en | The court of appeals sent the case back. | -
        en | The law requires permits, according to section 2 of the act. | -
        fr | Tove Hallberg n'a pas déclaré que la glace est mince. | -
        fr | Ce recul s'explique par la glace. | -
        fr | Les bateaux attendent, selon la loi sur les ports. | -
        it | Il Consiglio dei porti è stato informato lunedì. | -
        it | Le barche aspettano per il secondo giorno. | -
        it | Si dice che il ghiaccio è sottile. | -
        en | No minister said that ice is thin. | -
        en | None of the ministers said that ice is thin. | -
        en | If Tove Hallberg said so, boats would wait. | -
        en | Boats cost more per the year. | -
        en | Boats left, with nets drying. | -
        fr | La demande en bateaux est énorme. | -
        fr | Le port a, à la demande des ministres, fermé. | -
        fr | Cela indique que la glace est mince. | -
        fr | La glace varie fortement selon la source. | -
        fr | Les coûts sont calculés selon l'étude des ports. | -
        fr | Le Conseil des ports lance, avec Ivo Renn, une campagne. | -
        it | Considerato il ghiaccio, le barche aspettano, invitando a venire. | -
        it | L'iniziativa «Ghiaccio per tutti» chiede di aprire il porto. | -
        es | Añadió: “El hielo es fino.” | -
        es | Lo que está diciendo es increíble. | -
        es | Uno de los hechos que destaca es que no hay hielo. | -
        es | Tove Hallberg ha demandado en dos ocasiones a Ivo Renn. | -
        es | Las personas sin hijos utilizan expresan su rechazo. | -
        en | Tove Hallberg apparently believed that ice is thin. | -
        """
    ),
)
def test_speakers_as_written(language: str, text: str, speaker: str) -> None:
    """The subject of a verb of speech is found with its kind, across appositions, adverbials and
    inversion; what is no statement has no speaker.
    """
    assert show(said_by(text, language)) == speaker


def test_offices_of_a_state_and_names_below_quotations() -> None:
    """An office of a state refers to the only person named with it, and a quotation belongs to the
    name with an office in the line below.
    """
    text = "La segretaria di Stato Tove Hallberg arriva. «No», ha detto la segretaria di Stato."
    assert said_by(text, "it") == [("Tove Hallberg", "person")]
    text = "Le conseiller fédéral Paul Renn arrive. « Non », a dit le ministre fédéral."
    assert said_by(text, "fr") == [("ministre fédéral", "role")]
    quotation = "«Il porto deve restare aperto anche in inverno.»"
    below = f"{quotation}\n\nProf. Anna Hallberg, direttrice del porto"
    text = f"Ivo Renn ha detto che no.\n\n{below}\n\n{quotation}\n\nReti, barche"
    said = [name for name, _ in said_by(text, "it")]
    assert said == ["Ivo Renn", "Anna Hallberg", "Anna Hallberg"]


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        (
            "Tove Hallberg said that ice is thin. “Boats wait.”",
            [("Tove Hallberg", None), ("Tove Hallberg", None)],
        ),
        (
            "Ms Tove Hallberg said that ice is thin. She added that boats wait.",
            [("Tove Hallberg", "female")] * 2,
        ),
        (
            "Ms Tove Hallberg said that ice is thin. He added that boats wait.",
            [("Tove Hallberg", "female"), ("He", "male")],
        ),
        (
            "Tove Hallberg said that ice is thin.\n\nHallberg added that boats wait.",
            [("Tove Hallberg", None)] * 2,
        ),
        (
            "Tove Hallberg told Ivo Renn that boats wait. She left, she said.",
            [("Tove Hallberg", None), ("Tove Hallberg", "female")],
        ),
        ("Tove Hallberg met the mayor. He said that boats wait.", [("He", "male")]),
        ("Tove Hallberg met Arne Hallberg. Hallberg said that ice is thin.", [("Hallberg", None)]),
        (
            "The Ministry of Ports said ice is thin. The ministry added that boats wait.",
            [("Ministry of Ports", None)] * 2,
        ),
        (
            "The Ministry of Ports said ice is thin. The company added that boats wait.",
            [("Ministry of Ports", None), ("company", None)],
        ),
        ("Officials said that ice is thin. They added that boats wait.", [("Officials", None)] * 2),
        (
            "Tove Hallberg and Ivo Renn said that ice is thin.",
            [("Tove Hallberg", None), ("Ivo Renn", None)],
        ),
        (  # a quotation that is cut off
            "“Ice is thin,” said Tove Hallberg. “Boats",
            [("Tove Hallberg", None)],
        ),
        (
            "Anna Brandt Muster said that ice is thin. Brandt Muster added that boats wait.",
            [("Anna Brandt Muster", None)] * 2,
        ),
        (  # a quotation of two paragraphs, the first without a closing mark
            "“Ice is thin,” said Tove Hallberg. “Boats wait. They rust.\n\n“Nobody comes.”",
            [("Tove Hallberg", None)] * 3,
        ),
        (
            "“Ice is thin,” said Tove Hallberg. Otto Brandt was blunt. “Boats will wait here.”",
            [("Tove Hallberg", None), ("Otto Brandt", None)],
        ),
        (
            "Tove Hallberg said that ice is thin. Boats wait. Nets dry. “Nobody will come here.”",
            [("Tove Hallberg", None)],
        ),
        (
            "Port director Ivo Renn said that ice is thin. The director added that boats wait.",
            [("Ivo Renn", None)] * 2,
        ),
    ],
)
def test_references(text: str, speakers: list[tuple[str, str | None]]) -> None:
    """Pronouns, surnames, nouns and quotations without a speaker refer to the speaker before, if
    that is certain.
    """
    found = statement_finder(PEOPLE).find(text, "en", None)
    assert [(row.speaker_name, row.speaker_gender) for row in found] == speakers


def test_places_of_speakers_and_starts_of_statements() -> None:
    """The offsets of a speaker are those of the name, noun or pronoun, also if another sentence
    names the speaker of a quotation. A statement begins behind a heading on its line; an Italian
    verb without a subject continues the last speaker.
    """
    text = (
        "Boats wait. “Ice is thin,” said Ms Tove Hallberg. She left, and officials warned of ice."
    )
    found = statement_finder(PEOPLE).find(text, "en", None)
    shown = [text[row.speaker_start : row.speaker_end] for row in found]
    assert shown == ["Tove Hallberg", "officials"]
    expected = ["“Ice is thin,” said Ms Tove Hallberg.", "She left, and officials warned of ice."]
    assert [text[row.start : row.end] for row in found] == expected
    text = "Les ports de la Suisse Lors de sa visite, Tove Hallberg a déclaré que non."
    found = statement_finder(PEOPLE).find(text, "fr", None)
    assert [text[row.start :][:4] for row in found] == ["Lors"]
    text = "«Il ghiaccio è sottile», ha detto Tove Hallberg. Ha aggiunto che le barche aspettano."
    assert said_by(text, "it") == [("Tove Hallberg", "person")] * 2
    text = (
        "Claire Moreau visited the yards. “Ice is thin and the boats of the whole coast must"
        " wait.” Otto Brandt said that boats wait."
    )
    quoted, _ = statement_finder(PEOPLE).find(text, "en", DAY)
    assert quoted.person_id == "moreau"
    assert quoted.start <= quoted.speaker_start < quoted.speaker_end <= quoted.end
