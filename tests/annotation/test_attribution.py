"""Attribution of verbs in languages that separate words, a test for each kind of sentence."""

from tests.annotation.speech import find, people_in, show
from tests.cases import cases, table


@table("""
    language | text | said
    # A verb after a quotation, or at the start of a German clause, belongs to the name after
    # it; participles and prepositions may also introduce words.
    en | "Ice is thin", said Otto Brandt after the meeting. | brandt: said
    fr | « La glace est mince », a déclaré Otto Brandt à Lindmar. | brandt: déclaré
    it | «Il ghiaccio è sottile», ha affermato con piacere Otto Brandt al porto. | brandt: affermato
    fr | « La glace est mince », a résumé le directeur du conseil des ports Otto Brandt. | brandt:
        résumé
    fr | Comme l'a souligné Claire Moreau au port, la glace est mince. | moreau: souligné
    de | Weiter erinnerte Otto Brandt daran, dass das Eis dünn ist. | brandt: erinnerte
    de | Eis und Häfen Im Gespräch betonte Otto Brandt, dass das Eis dünn ist. | brandt: betonte
    en | Otto Brandt met the unions on Monday, urging them to wait. | brandt: urging
    de | Laut Finanzminister Otto Brandt ist das Eis dünn. | brandt: Laut
    zh | 莫罗对港口工作作出重要指示，强调要保持港口开放畅通。 | moreau: 作出重要指示
    en | The thin ice was also highlighted by Otto Brandt. | brandt: highlighted
    de | Das Eis ist dünn, wie Claire Moreau im Hafen ankündigte. | moreau: ankündigte
    de | Das Eis sei dünn, rief Otto Brandt am Hafen in Erinnerung. | brandt: rief in Erinnerung
    de | Am Montag betonten Otto Brandt und Tove Aarnes, dass das Eis dünn ist. | brandt: betonten
    # A German verb includes its separated particle, near or distant.
    de | Otto Brandt kündigte an, dass mehr Boote kommen. | brandt: kündigte an
    de | Otto Brandt warf im Hafen der Werft Fehler vor und ging. | brandt: warf vor
    de | Otto Brandt hielt fest, dass das Eis dünn ist. | brandt: hielt fest
    de | Otto Brandt teilte mit, dass das Eis dünn ist. | brandt: teilte mit
    de | Otto Brandt wies am Hafen auf das dünne Eis hin. | brandt: wies hin
    de | Otto Brandt brachte seine Sorge zum Ausdruck. | brandt: brachte zum Ausdruck
    de | Otto Brandt stellte klar, dass das Eis dünn ist. | brandt: stellte klar
    # An auxiliary before the subject and a "sich" in another clause do not change the subject.
    de | Das eben hat Claire Moreau dem Rat im Gespräch mit Otto Brandt betont. | moreau: betont
    de | Das hat Claire Moreau dem Rat im Gespräch mit Otto Brandt betont, bevor He Lumin ging. |
        moreau: betont
    de | Claire Moreau informierte den Rat, der sich freute. | moreau: informierte
    de | Wenn sich die Fischer freuen, informierte Claire Moreau den Rat. | moreau: informierte
""")
def test_verbs_and_their_subject(language: str, text: str, said: str) -> None:
    """A verb, also in two parts, belongs to its subject, as the comments in the table state."""
    assert show(find(text, language)) == said


@cases(
    "language, text",
    # An addressee is not the speaker: a name after a preposition, or beside a verb with
    # another subject.
    ("en", "Fishermen told Minister Otto Brandt that ice is thin."),
    ("en", "In a letter addressed to Otto Brandt, the fishermen stressed that ice is thin."),
    ("en", "“Ice is thin,” a fisherman told visiting Minister Otto Brandt."),
    ("de", "An Otto Brandt gerichtet, betonte die Fischerin, das Eis sei dünn."),
    ("de", "Gegenüber Otto Brandt betonte die Fischerin, das Eis sei dünn."),
    ("de", "Zu Otto Brandt sagte die Fischerin, das Eis sei dünn."),
    ("de", "Dem Minister Otto Brandt sagte die Fischerin, das Eis sei dünn."),
    ("de", "Heute sagten die Fischer Otto Brandt, dass das Eis dünn ist."),
    ("de", "«Das Eis ist dünn», sagten die Fischer Minister Otto Brandt."),
    ("de", "Am Montag informierte die Fischerei Minister Otto Brandt über das Eis."),
    ("fr", "« La glace est mince », ont dit les pêcheurs au ministre Otto Brandt."),
    ("fr", "« La glace est mince », a dit la pêcheuse à Otto Brandt."),
    ("it", "«Il ghiaccio è sottile», ha detto la pescatrice a Otto Brandt."),
    ("it", "«Il ghiaccio è sottile», ha dichiarato al ministro Otto Brandt la pescatrice."),
    # A denial, an announcement, a person who is informed, and a noun that resembles a verb
    # are not statements.
    ("en", "Otto Brandt did not say that ice is thin."),
    ("en", "Otto Brandt will say that ice is thin."),
    ("en", "Guests were welcomed by Otto Brandt."),
    ("en", "Otto Brandt has been told that ice is thin."),
    ("de", "Otto Brandt hat im Rat nicht betont, dass das Eis dünn ist."),
    ("de", "Otto Brandt wird im Rat betonen, dass das Eis dünn ist."),
    ("en", "Otto Brandt and Sultan Said visited the harbour."),
    ("de", "Der Entscheid wird von Otto Brandt begrüsst."),
    ("de", "Otto Brandt teilte die Ansicht der Fischer mit der nötigen Vorsicht."),
    ("de", "Otto Brandt informierte sich über die Arbeit im Hafen."),
    ("de", "Otto Brandt hat sich im Hafen über die Arbeit informiert."),
    ("fr", "Otto Brandt n'a pas déclaré que la glace est mince."),
    # A verb is not attributed to a person if another clause or another subject separates
    # the two.
    ("en", "Thank you, Otto Brandt, said the mayor."),
    ("en", "Ice is thin, urged Otto Brandt at the port."),
    ("en", "The union left when Claire Moreau entered and stressed the cost."),
    ("en", "Claire Moreau attended the meeting, Otto Brandt listened and stressed the cost."),
    ("de", "Am Montag kamen Boote, die Fischerin sagte Otto Brandt, dass das Eis dünn ist."),
    ("de", "Das hat Claire Moreau getan, und der Rat hat es betont."),
    ("de", "Menschen wie Otto Brandt betonten, dass das Eis dünn ist."),
    ("fr", "Le chef avec Otto Brandt a confirmé que la glace est mince."),
)
def test_no_statement(language: str, text: str) -> None:
    """The listed person has no statement, for the reason in the comment above the sentence."""
    assert find(text, language) == []


@table("""
    language | text | people
    # A statement belongs to both subjects joined by "and"; a word that governs the first also
    # governs the second.
    en | Claire Moreau and Otto Brandt stressed that ice is thin. | moreau; brandt
    en | Claire Moreau, the premier, and Minister Otto Brandt stressed that ice is thin. | moreau;
        brandt
    de | Claire Moreau und ihr schwedischer Amtskollege Otto Brandt bekräftigten die Absicht. |
        moreau; brandt
    de | Otto Brandt und Generalsekretärin Tove Aarnes unterstrichen den Nutzen der Brücken. |
        brandt
    fr | Otto Brandt et son homologue Tove Aarnes ont évoqué la glace. | brandt
    en | Guests who met Claire Moreau and Otto Brandt said that ice is thin. | -
    en | After talks with Claire Moreau and Otto Brandt said nothing, the boats left. | -
    en | “Ice is thin,” said Claire Moreau and Otto Brandt while He Lumin listened. | moreau; brandt
    # Commas, a country or an elided article do not separate a name from its office or verb.
    en | The head of the harbour, Minister Otto Brandt, has stressed that ice is thin. | brandt
    en | Otto Brandt, foreign minister and head of the FDX, welcomed the news. | brandt
    de | Der Leiter der Häfen, Finanzminister Otto Brandt, erinnerte daran, dass das Eis dünn ist. |
        brandt
    fr | Le chef du port, Otto Brandt, a souligné que la glace est mince. | brandt
    fr | Le ministre slovène Otto Brandt a confirmé que la glace est mince. | brandt
    fr | Ministre slovène Otto Brandt a confirmé que la glace est mince. | brandt
    fr | À Lindmar, l'ambassadeur Otto Brandt a souligné que la glace est mince. | brandt
    fr | Lors du discours, le chef du port, Otto Brandt, a souligné que la glace est mince. | brandt
    it | L'attuale ministro Otto Brandt ha aggiunto che il ghiaccio è sottile. | brandt
    en | The Minister of Ports, Canals and Locks, Otto Brandt, has stressed that ice is thin. |
        brandt
    de | Am Montag betonte UVEK Minister Otto Brandt, dass das Eis dünn ist. | brandt
    de | Am Montag betonte der Zürcher Minister Otto Brandt, dass das Eis dünn ist. | brandt
    # A pronoun refers to the speaker or subject of the previous sentence, not to an addressee
    # or to a person of another gender.
    en | Otto Brandt met Claire Moreau. “Ice is thin,” said Otto Brandt. In addition, he praised the
        boats. | brandt; brandt
    de | Claire Moreau kam. Das hat sie im Gespräch mit Minister Otto Brandt betont. | moreau
    en | Claire Moreau came. She told Otto Brandt that ice is thin. | moreau
    fr | Claire Moreau est venue. « La glace est mince », a-t-elle souligné. | moreau
    en | Claire Moreau came with Otto Brandt. He said that ice is thin. | brandt
    # A full stop ends a sentence unless it abbreviates a title; a surname after it is not the
    # listed person.
    en | He Lumin came. The report of the FDX. He said that ice is thin. | he
    en | A sailor from the DDX. He said that ice is thin. | -
    en | The kingdom of Brandt said that ice is thin. | -
    en | Mr. Brandt said that ice is thin. | brandt
""")
def test_speakers(language: str, text: str, people: str) -> None:
    """Statements belong to people beside the verb, as the comments above the sentences state."""
    assert ("; ".join(people_in(text, language)) or "-") == people
