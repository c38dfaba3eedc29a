"""Statements of all speakers in languages with spaces, with shipped verbs, nouns and people."""

from tests.annotation.speech import DAY, PEOPLE, said_by, show, statement_finder
from tests.cases import cases, table


@table("""
    language | text | speaker
    en | The Department of Foreign Affairs said ice is thin. | Department of Foreign Affairs: body
    en | Tove Hallberg, Norland's minister of ports, told guests that ice is thin. | Tove Hallberg:
        person
    en | Tove Hallberg, 61, of Lindmar, who has fished for years, said ice is thin. | Tove Hallberg:
        person
    en | The minister of ports, Tove Hallberg, said that ice is thin. | Tove Hallberg: person
    en | Hallberg Line spokesman Ivo Renn said the boats wait. | Ivo Renn: person
    en | The country said that ice is thin. | country: body
    # no body is called All, Today or I've, nor has the degree behind a name spoken
    en | Boats wait. “All told, ice is thin.” | -
    en | Boats wait. “And I've said it: ice is thin.” | -
    en | Congressman Karl Renn, M.D. (LM-36) said that ice is thin. | -
    en | Additionally, Karl Renn and Tove Hallberg said that ice is thin. | Karl Renn: person; Tove
        Hallberg: person
    en | My country said that ice is thin. | My country: unnamed
    en | The port is safe, as the Port and Ice Office (PIO) foundation has announced. | Port and Ice
        Office foundation: body
    en | The Port Bank (which owns the ships of Lindmar and Norland) said no. | Port Bank: body
    it | L'Ufficio dei porti (UP) sta preparando il piano, che conferma la tutela. | -
    fr | Tove Hallberg, ministre des ports, a déclaré que la glace est mince. | Tove Hallberg:
        person
    it | Tove Hallberg, ministra dei porti, ha dichiarato che il ghiaccio è sottile. | Tove
        Hallberg: person
    en | Hallberg Bank on Friday announced that boats wait. | Hallberg Bank: body
    en | Tove Hallberg on Friday said that ice is thin. | Tove Hallberg: person
    en | On Friday Tove Hallberg said that ice is thin. | Tove Hallberg: person
    en | The ministry just this week confirmed that ice is thin. | ministry: body
    fr | Le Conseil des ports a également souligné que la glace est mince. | Conseil des ports: body
    it | Il Consiglio dei porti ha inoltre precisato che il ghiaccio è sottile. | Consiglio dei
        porti: body
    en | A spokesman for the Ministry of Ports said that ice is thin. | spokesman for the Ministry
        of Ports: role
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
    en | The ministers of France and Germany said boats wait. | ministers of France and Germany:
        collective
    en | The Minister of Ports and Ice said boats wait. | Minister of Ports and Ice: role
    en | The company, which has 4,000 boats, said they wait. | company: body
    en | The U.S. said that boats wait. | U.S.: body
    en | ‘Ice is thin,’ said Tove Hallberg. | Tove Hallberg: person
    en | A source told reporters that ice is thin. | A source: unnamed
    fr | Le ministre des Ports et des Canaux a déclaré que non. | ministre des Ports et des Canaux:
        role
    fr | « La glace est mince », a déclaré lundi Tove Hallberg. | Tove Hallberg: person
    fr | « Non », a répondu la ministre. | ministre: role
    it | «No», ha detto poi la ministra. | ministra: role
    it | La compagnia aerea Lindmar Air ha detto che il ghiaccio è sottile. | Lindmar Air: body
    en | Dr. Hallberg of the Port Bank said boats wait. | Hallberg: person
    en | “I said that ice is thin.” ― Tove Hallberg, Lindmar | Tove Hallberg: person
    fr | Tove Le Renn a déclaré que non. | Tove Le Renn: person
    it | «Il ghiaccio è sottile», ha detto ieri Tove Hallberg. | Tove Hallberg: person
    en | “Ice is thin,” said Tove Hallberg, a fisher from Lindmar. | Tove Hallberg: person
    en | Tove Hallberg: “Ice is thin.” | Tove Hallberg: person
    de | Tove Aarnes: „Das Eis ist dünn.“ | Tove Aarnes: person
    en | Tove Hallberg went on to say that ice is thin. | Tove Hallberg: person
    en | Tove Hallberg opened the port and mentioned the ice. | Tove Hallberg: person
    en | Tove Hallberg opened the port, adding that ice is thin. | Tove Hallberg: person
    en | The Department of Trade, Ports and Fishing said that ice is thin. | Department of Trade,
        Ports and Fishing: body
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
    it | L'Ufficio della pesca e di porto ha detto che no. | Ufficio della pesca e di porto: body
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
    en | Nets rot as well as boats, such as old ones, explains Anna Hallberg of the Institute for
        Port and Ice Boats. | Anna Hallberg: person
    fr | Selon le Conseil des ports évalue la glace. | Conseil des ports: body
    fr | Le Conseil des ports a relevé, avec Ivo Renn, que non. | Conseil des ports: body
    de | Nach Polizeiangaben warten die Boote. | Polizei: collective
    de | „Nein“, so der Chef des Verwaltungsrats Ulrich Hallberg. | Ulrich Hallberg: person
    es | El ministro de Puertos Alexei Hallberg anunció que no. | Alexei Hallberg: person
    en | Ice Warning Issued Anna Hallberg said that boats wait. | Anna Hallberg: person
    # The author of a document speaks, not a place; a name may follow a bracket.
    it | Secondo il rapporto annuale 2022 del Consiglio dei porti e delle barche del 3 maggio, il
        ghiaccio è sottile. | Consiglio dei porti e delle barche: body
    it | Secondo lo studio di Tove Hallberg, il ghiaccio è sottile. | Tove Hallberg: person
    it | Secondo la dichiarazione di Lindmar, il ghiaccio è sottile. | la dichiarazione di Lindmar:
        unnamed
    fr | Le rapport de l'Office des ports souligne que non. | Office des ports: body
    es | El informe de la ONU señala que no. | ONU: body
    de | Der Bericht der OHB hält fest, dass das Eis dünn ist. | OHB: body
    de | Gemäss dem OHG ist das Eis dünn. | -
    de | Unter dem Motto „Dünnes Eis“ rufen Fischer: „Wir warten.“ | Fischer: collective
    de | Die Analyse der Wahl hält fest, dass das Eis dünn ist. | Die Analyse der Wahl: unnamed
    it | Secondo l'Organizzazione delle Barche per il mare e il porto, no. | Organizzazione delle
        Barche per il mare e il porto: body
    it | «No», sottolinea il capo dell'Ufficio dei porti (UP) Tove Hallberg. | Tove Hallberg: person
    it | Il capo della Divisione Barche (DB) dell'Ufficio dei porti (UP) Tove Hallberg ha detto che
        no. | Tove Hallberg: person
    it | L'Ufficio dei porti (UP) di Lindmar ha detto che no. | Ufficio dei porti di Lindmar: body
    it | Tove Hallberg si è espressa a favore, ringraziando il proprio omologo. | Tove Hallberg:
        person
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
    en | The Lindmar Port Agreement calls for open ports. | -
    en | Norland's Environmental Protection Act calls for open ports. | -
    en | Jude Law called for open ports. | Jude Law: person
    en | The Port Programme (PP) began. The PP affirms that boats wait. | -
    en | The Port Agency (PA) closed. The PA said that boats wait. | PA: body
    en | The law requires boats and calls for nets. | -
    fr | La loi exige que les bateaux attendent. | -
    fr | La loi sur la pêche et les ports du lac (LPPL) change. Selon la LPPL, la glace est mince. |
        -
    fr | La loi charge l'Office des ports (OPL) du lac. Selon l'OPL, non. | OPL: body
    fr | En 2017, l'Office des ports a lancé le « Programme de glace ». | -
    fr | « Non », a lancé Tove Hallberg. | Tove Hallberg: person
    fr | Le Secrétariat d'Etat aux ports (SEP) a annoncé que non. | Secrétariat d'Etat aux ports:
        body
    fr | Le Conseil des ports renonce à la glace et propose de fermer le port. | Conseil des ports:
        body
    en | In 2024, Lindmar boasted sales of 4 million. | -
    fr | La décision des ports d'investir confirme leur position. | -
    fr | Selon la statistique des ports, la glace est mince. | la statistique des ports: unnamed
    fr | La glace varie fortement selon la source. | -
    # the word that opens a sentence, an attribute or a description is no part of a name
    en | The boats of Lindmar wait. Now Lindmar says that ice is thin. | Lindmar: body
    en | First Aarnes left. A report by First Aarnes is due. First Aarnes said boats wait. | First
        Aarnes: person
    en | Bacteria survived, suggesting that ice is thin. The bacteria grew. | -
    en | The boats at Bacteria wait. Bacteria said that ice is thin, as all bacteria. | Bacteria:
        body
    en | Minister Renn left with Aarnes. Minister Aarnes said boats wait, a minister. | Aarnes:
        person
    en | Popular sailing app Hallbo reported that boats wait. | Hallbo: body
    en | The Norland-based WHO said that boats wait. | WHO: body
    en | An NPO-funded analysis of boats found that ice is thin. | An NPO-funded analysis of boats:
        unnamed
    en | The Secretary of Trade Gary Renn left. “Boats wait here,” said Renn. | Gary Renn: person
    # whose document speaks
    en | The Port Ministry's press release said boats wait. | Port Ministry: body
    en | According to a 2017 statement from the Port Bank, boats wait. | Port Bank: body
    en | A letter from Tove Hallberg said boats wait. | Tove Hallberg: person
    en | A report from Lindmar said boats wait. | A report from Lindmar: unnamed
    en | The Department of Ports complaint said boats wait. | Department of Ports: body
    en | The department's report said boats wait. | The department's report: unnamed
    # joint subjects, with a comma or an apposition between them
    en | The Ministry of Trade, the union and Hallberg Air said boats wait. | Ministry of Trade:
        body; union: body; Hallberg Air: person
    en | On Friday, the Port Bank (PB), the Bank of Lindmar, and the union announced that boats
        wait. | Port Bank: body; Bank of Lindmar: body; union: body
    en | Tove Hallberg, the minister of ports, and Ivo Renn said boats wait. | Tove Hallberg:
        person; Ivo Renn: person
    en | He met Tove Hallberg, Anna Muster and Ivo Renn said nothing. | -
    en | Officials in Lindmar, Norland and Aarnes said boats wait. | Officials in Lindmar, Norland
        and Aarnes: collective
    en | A report by the Agency for Boats and Quality concluded that boats wait. | A report: unnamed
    fr | Le ministère des Ports, le syndicat et Tove Hallberg ont déclaré que non. | ministère des
        Ports: body; syndicat: body; Tove Hallberg: person
    # an apposition without its second comma
    en | Tove Hallberg, the president of Norland Docks said that boats wait. | Tove Hallberg: person
    en | She met Tove Hallberg, the minister of ports, who said boats wait. | Tove Hallberg: person
    en | Tove Hallberg, the minister said, would leave. | minister: role
    en | After talks with Tove Hallberg, the minister said boats wait. | minister: role
    en | Thanking Tove Hallberg, the minister said boats wait. | minister: role
    fr | Lors d'une visite au ministère à Lindmar, la ministre Tove Hallberg et le maire Ivo Renn
        ont salué le port. | Tove Hallberg: person; Ivo Renn: person
    # the object of a relative clause does not speak
    en | The minister who founded the company said boats wait. | minister: role
    en | The minister who the senator said was late left. | senator: role
    en | Those who had visited a hospital say that boats wait. | -
    fr | Le ministre qui avait visité l'hôpital a déclaré que non. | ministre: role
    en | Ivo Renn presented nets (officially labeled as thin). | -
    fr | Une étude commandée par l'Office des ports montre que non. | Une étude: unnamed
    fr | Les coûts sont calculés selon l'étude des ports. | -
    fr | Le Conseil des ports lance, avec Ivo Renn, une campagne. | -
    it | Considerato il ghiaccio, le barche aspettano, invitando a venire. | -
    it | L'iniziativa «Ghiaccio per tutti» chiede di aprire il porto. | -
    # an act, a thing with a name in its attribute, and a gerund behind the company of an object
    it | Tove Hallberg assicura che il porto sia aperto. | -
    it | Tove Hallberg assicura che il porto è aperto. | Tove Hallberg: person
    it | Tove Hallberg ha invitato Ivo Renn per una visita. | -
    it | Tove Hallberg ha invitato Ivo Renn a parlare. | Tove Hallberg: person
    it | Ciò sottolinea il ruolo del porto. | -
    it | I rilievi in seguito all'incidente alla ditta di reti Hallberg hanno confermato che no. | -
    it | Nella lettera i ministri avevano ricevuto reti dal produttore, la società Hallberg, dicendo
        che no. | -
    fr | Le projet « Glace et ports du lac » est soutenu par l'Office des ports. | -
    # a verb in the future is no part of a name, nor is one behind "fédéral"
    it | Il Consiglio dei porti aprirà il porto, sottolineando che no. | Consiglio dei porti: body
    fr | Le Conseil fédéral juge le port utile. Il indique que non. | Conseil fédéral: body
    # a joint document, a land that only the author knows, an office behind an adverbial
    it | La dichiarazione congiunta NPO ha confermato che no. | La dichiarazione congiunta NPO:
        unnamed
    it | Il nostro Paese ha detto che no. | Il nostro Paese: unnamed
    it | Nel contempo il presidente della Lega ha detto che no. | presidente della Lega: role
    fr | « Non », a dit la directrice exécutive pour la pêche de l'OPL, Tove Hallberg. | Tove
        Hallberg: person
    fr | « Non », a dit le Prof. Paul Renn du Port Institut. | Paul Renn: person
    fr | Une étude commandée par le Port et le Canal montre que non. | Une étude: unnamed
    es | Añadió: “El hielo es fino.” | -
    es | Lo que está diciendo es increíble. | -
    es | Uno de los hechos que destaca es que no hay hielo. | -
    es | Tove Hallberg ha demandado en dos ocasiones a Ivo Renn. | -
    es | Las personas sin hijos utilizan expresan su rechazo. | -
    en | Tove Hallberg apparently believed that ice is thin. | -
""")
def test_speakers_as_written(language: str, text: str, speaker: str) -> None:
    """The subject of a verb of speech is found with its kind, across appositions, adverbials and
    inversion; what is no statement has no speaker.
    """
    assert show(said_by(text, language)) == speaker


def test_offices_of_a_state_and_names_below_quotations() -> None:
    """An office of a state refers to the only person named with it, "the scientist" also to the
    last speaker two sentences before, and a quotation belongs to the name with an office below it.
    """
    text = "La segretaria di Stato Tove Hallberg arriva. «No», ha detto la segretaria di Stato."
    assert said_by(text, "it") == [("Tove Hallberg", "person")]
    text = "„Nein“, sagte Paul Muster. Die Boote warten. „Ja“, sagte der Forscher."
    assert said_by(text, "de") == [("Paul Muster", "person")] * 2
    text = "Le conseiller fédéral Paul Renn arrive. « Non », a dit le ministre fédéral."
    assert said_by(text, "fr") == [("ministre fédéral", "role")]
    quotation = "«Il porto deve restare aperto anche in inverno.»"
    below = f"{quotation}\n\nProf. Anna Hallberg, direttrice del porto"
    text = f"Ivo Renn ha detto che no.\n\n{below}\n\n{quotation}\n\nReti, barche"
    said = [name for name, _ in said_by(text, "it")]
    assert said == ["Ivo Renn", "Anna Hallberg", "Anna Hallberg"]


@cases(
    "text, speakers",
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
)
def test_references(text: str, speakers: list[tuple[str, str | None]]) -> None:
    """Pronouns, surnames, nouns and quotations refer to the speaker before, if that is certain."""
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
