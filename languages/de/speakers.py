"""The German words that decide the kind of speaker of a noun phrase."""

from __future__ import annotations

from tidings.languages.speaker_words import FEMALE, MALE, SpeakerWords
from tidings.languages.words import words


def _genitives(nouns: frozenset[str]) -> frozenset[str]:
    """Return the genitives of masculine and neuter nouns; other forms do no harm."""
    return frozenset(f"{noun}{ending}" for noun in nouns for ending in ("s", "es") if not noun.endswith(("e", "in", "ung")))


_ROLES = words(
    "abgeordnete abgeordneter agent aktivist amtsinhaber amtskollege amtsträger analyst anführer angeklagte angeklagter "
    "ankläger anwalt anwältin architekt archäologe arzt astronaut astronom attaché aufseher augenzeuge augenzeugin autor "
    "autorin außenminister bassist beamter beamtin beauftragte beauftragter befehlshaber berater betreiber bewohner biologe "
    "bischof botschafter bruder bundeskanzler bundesrätin bürgermeister chef chefin chemiker dekan delegierte "
    "delegierter designer direktor direktorin dirigent doktor dolmetscher ehefrau ehemann entdecker entwickler erfinder "
    "ermittler erzbischof experte expertin fahnder fahrer fan farmer finanzchef firmenchef forscher forscherin fraktionschef "
    "fraktionsvorsitzende fraktionsvorsitzender frau freund freundin funktionär führer fürst gastgeber gegner general "
    "generalsekretär geologe geschäftsführer geschäftsführerin gewerkschafter gouverneur großmeister gründer gründerin "
    "gutachter hausherr heimleiter herausgeber herr herrn hersteller herzog historiker häftling ingenieur inhaber initiator "
    "innenminister inspekteur inspektor intendant journalist journalistin jurist justizminister jäger kaiser kandidat "
    "kandidatin kanzler kanzlerin kanzlerkandidat kapitän kardinal kläger klägerin koalitionspartner kollege kollegin "
    "kommandant kommandeur kommissar kommissarin konkurrent konsul koordinator kosovo-beauftragter kritiker kurator könig "
    "königin künstler landeschef landesvater landrat lehrer lehrerin leiter leiterin leutnant libero major makler manager "
    "managerin marktforscher meister meteorologe minister ministerin ministerpräsident ministerpräsidentin mitarbeiter "
    "mitarbeiterin mitbegründer mitglied moderator monarch mutter mönch mörder nachbar nachfolger oberbürgermeister "
    "oberhaupt oberst offizier oppositionsführer oppositionspolitiker organisator papst parlamentarier "
    "parlamentspräsident parteichef parteichefin parteivorsitzende parteivorsitzender pfarrer physiker pilot politiker "
    "politikerin polizeichef polizeipräsident polizist portier premier premierminister premierministerin pressesprecher "
    "priester prinz prinzessin privatmann professor professorin projektleiter prokurist prominenter prälat präsident "
    "präsidentin präsidentschaftskandidat psychologe rabbiner rapper ratsmitglied ratspräsident ratsvorsitzender "
    "rebellenführer rechtsanwalt rechtsanwältin redakteur redner regierungschef regierungschefin regierungssprecher "
    "regisseur rektor reporter repräsentant republikaner richter richterin rivale sachbearbeiter sachverständiger "
    "schauspieler schauspielerin scheich schiedsrichter schriftsteller schriftstellerin schwester schüler sekretär "
    "sekretärin senator senatorin sicherheitschef sieger sohn soldat sozialdemokrat spieler sprecher sprecherin staatsanwalt "
    "staatsanwältin staatschef staatsmann staatsoberhaupt staatspräsident staatssekretär staatssekretärin "
    "stellvertreter student studentin stürmer sultan sänger sängerin teamchef technologe teilnehmer tochter torhüter torwart "
    "tourist trainer täter unterhändler unternehmenssprecher unternehmer untersuchungsleiter urheber vater verantwortlicher "
    "verdächtiger verfasser verletzter vermittler verteidiger vertreter vertreterin vize-präsident vizekanzler vizepräsident "
    "vorsitzende vorsitzender vorstand vorstandschef vorsteher wahlleiter werksleiter widersacher wirt wirtschaftsweiser "
    "wissenschaftler wissenschaftlerin zar zeuge zeugin zuschauer ärztin ökonom"
)
_PLACES = words(
    "berlin brüssel china deutschland eu frankreich großbritannien indien iran israel italien japan london moskau "
    "nordkorea pakistan paris peking polen russland schweiz spanien syrien taiwan teheran türkei ukraine usa "
    "washington ägypten österreich"
)
_BODIES = words(
    "afd agentur airline akademie allianz amt anstalt arbeitsgruppe armee ausschuss bahn bank behörde bericht "
    "betreiber betreiberin betrieb bistum blatt botschaft bund bundesagentur bundesamt bundesanwaltschaft bundesbank "
    "bundesgericht bundesgerichtshof bundeskriminalamt bundesrat bundesregierung bundestag bundesverfassungsgericht "
    "bundeswehr börse bündnis büro cdu cia club csu dachverband departement deutschlandfunk dienst direktion dokument "
    "duma eidgenossenschaft fabrik fachhochschule fakultät fbi fdp fernsehanstalt fernsehsender feuerwehr fifa firma "
    "fluggesellschaft flughafen forschungsinstitut fpö fraktion front fußballverband föderation gemeinde gericht "
    "gerichtshof gesellschaft gewerkschaft gremium gruppe grünen gutachten hamas handelskammer haus hersteller "
    "hisbollah hochschule industrie initiative innung institut institution justiz kabinett kammer kantonspolizei "
    "kanzlei kanzleramt kirche klinik koalition komitee kommission kongress konsortium konzern kreml küstenwache "
    "landesregierung landtag leitung liga linke linkspartei luftwaffe magazin magistrat marine militär militärführung "
    "miliz ministerium mission muttergesellschaft nachrichtenagentur nachrichtendienst nachrichtenmagazin nationalrat "
    "nato netzwerk npd oberlandesgericht opec opposition oppositionspartei orchester organisation parlament partei pds "
    "pentagon plattform polizei polizeiführung positionspapier presse pressestelle provinzregierung präsidialamt "
    "präsidium rat rathaus redaktion reederei regierung regime rundfunk rundschau schule sekretariat senat sender sp "
    "spd spö staat staatsanwaltschaft staatsrat staatssekretariat stadt stadtverwaltung station statistik stiftung "
    "studie ständerat supreme svp synode tageszeitung team tochtergesellschaft tribunal truppe uefa umfrage un unesco "
    "unicef union universität uno unternehmen untersuchung vatikan verband verein vereinigung verlag versicherer "
    "verteidigung verwaltung verwaltungsgericht volkspartei wahlkommission wahlleitung weltbank werk widerstand "
    "wirtschaftsverband wochenzeitung zeitschrift zeitung zentralbank zentrale zentralrat zentrum zoll övp"
)
_COLLECTIVES = words(
    "seite seiten "
    "abgeordneten agenturberichten aktionäre aktivisten amerikaner analysten angehörige angehörigen anhänger anleger "
    "anwohner anwälte arbeiter arbeitgeber arbeitnehmer astronomen augenzeugen autoren bank-analysten bauern beamte beamten "
    "befürworter behörden beobachter besatzung besucher betroffene betroffenen bevölkerung bewohner briten bürger "
    "bürgerrechtler delegation delegierte delegierten demokraten demonstranten deutschen diplomaten einwohner eltern "
    "entwickler ermittler europäer experten expertinnen fachleute familie familien fans finanzexperten fischer forschenden "
    "forscher frauen freunde führung gegner geheimdienste gemeinschaft geschworenen gewerkschaften gewerkschafter gipfel "
    "grüne helfer "
    "hersteller hinterbliebenen historiker händler insider investoren iraner israelis journalisten juristen juroren jury "
    "kirchen koalitionspartner kollegen konferenz konservativen kreise kritiker kunden künstler landwirte lehrer leute "
    "liberalen länder marktbeobachter medien medienberichten mediziner menschen menschenrechtler menschenrechtsgruppen "
    "menschenrechtsorganisationen meteorologen minister mitarbeiter mitglieder nachbarn naturschützer opferverbände "
    "organisatoren ortsansässige palästinenser parlamentarier parteien passagiere piloten politiker polizisten presse "
    "presseberichten rebellen regierungskreise republikaner richter runde russen schweizer schüler serben sicherheitskräfte "
    "sitzung soldaten sozialdemokraten spieler sprecher staaten staatsanwälte studenten studierenden taliban teilnehmenden "
    "teilnehmer tierschützer treffen türken umweltschützer umweltverbände unionspolitiker unternehmer untersuchungsbeamte "
    "veranstalter verantwortlichen verbraucher verbraucherschützer verbände verfasser versammlung vertreter volk "
    "wirtschaftsexperten wirtschaftsverbände wissenschafter wissenschafterinnen wissenschaftler wähler zeitungen "
    "zeitungsberichten zeugen zuschauer ältesten ärzte öffentlichkeit ökonomen"
)
_ROLE_ENDINGS = words(
    "abgeordnete abgeordneter agent aktivist aktivistin analyst anwalt anwältin arzt assistent ator atorin beamter "
    "beamtin beauftragte beauftragter berater beraterin besitzer bevollmächtigte bevollmächtigter bischof botschafter "
    "botschafterin chef chefin dekan direktor direktorin dozent erin experte expertin fachfrau fachmann fahrer "
    "forscher führer führerin general geschäftsführer geschäftsmann gouverneur gründer gründerin historiker inhaber "
    "inspekteur ist istin kandidat kandidatin kanzler kanzlerin kapitän kauffrau kaufmann kollege kollegin kommandant "
    "kommandeur kommissar kommissarin koordinator koordinatorin korrespondent korrespondenten landsmann lehrer leiter "
    "leiterin leutnant loge login manager managerin meister meisterin minister ministerin mitarbeiter mitarbeiterin "
    "mitglied obmann offizier pilot politiker politikerin preisträger produzent professor präsident präsidenten "
    "präsidentin redakteur redakteurin rektor rezensent rezensenten richter richterin rätin sachverständiger sekretär "
    "sekretärin senator spieler sprecher sprecherin staatsmann student trainer träger vertreter vertreterin vize "
    "vorsitzende vorsitzenden vorsitzender wissenschaftler wissenschaftlerin ärztin ökonom"
)
_BODY_ENDINGS = words(
    "agentur allianz amt anstalt armee ausschuss bahn bank behörde bericht blatt bund bündnis büro club departement "
    "derat derrat dienst direktion dokument firma fraktion föderation gericht gerichtshof gesellschaft gewerkschaft "
    "gruppe gutachten hochschule industrie initiative institut kammer kirche klinik koalition komitee kommission "
    "konferenz konzern kreise leitung liga magazin ministerium mission mitteilung nachrichten nalrat organisation "
    "parlament partei polizei post presse präsidium ralrat redaktion regierung schaft senat sender srat stelle "
    "stiftung studie tadtrat team umfrage union universität unternehmen verband verein vereinigung versicherung "
    "verwaltung wehr werk werke zeitung zentrale zentrum ämter"
)
_COLLECTIVE_ENDINGS = words(
    "abgeordneten agenturen aktivisten aktivistinnen analysten angaben angehörige angehörigen anhänger anwälte bauern beamte "
    "beamten behörden beobachter berichten betreiber bewohner bürger chefs demokraten ermittler experten firmen forscher "
    "forscherinnen gegner gewerkschaften gruppen helfer hersteller historiker händler innen isten juristen kollegen "
    "kreise kreisen "
    "kritiker kräfte leute logen medien mediziner minister ministerien mitglieder organisationen parteien politiker "
    "politikern quellen rechtler richter schützer sprecher teilnehmer truppen unternehmen verbände verbänden vertreter "
    "wissenschaftler zeitungen zeugen ämter ökonomen"
)
_NOT_SPEAKERS = words(
    "abend ablehnung absatz absicht aktie aktien album alles anfang angabe angaben angebot angriff ankündigung anlass anlaß "
    "anschlag ansicht antrag antwort april argument artikel attentat auffassung aufforderung auftrag auge august aussage "
    "aussagen auto bedenken bedingung beginn begründung behauptung beispiel beitrag bemerkung benzin beschluss besuch blick "
    "brand brief buch bus das debatte definition details dezember dienstag dies dieses diskussion dollar donnerstag einigung "
    "einschätzung einzelheiten ende entscheidung entwicklung erdbeben erfolg ergebnis ergebnisse erklärung es etwas euro "
    "explosion fahrplan fall februar feuer film flugzeug flut folge folgen forderung forderungen frage fragen franken "
    "freitag frühjahr fälle gefahr geld gesetz gesetzes gesicht gespräch gespräche gewinn grad grund gründe hand herbst "
    "hinweis hinweise hitze hoffnung hund hurrikan idee information informationen internet interview jahr jahre jahren "
    "jahres jahrhundert jahrzehnt januar jubel juli juni katastrophe katze kilometer kopf kosten krieg kritik kurs kurse "
    "lage leben lied liter lösung mai man maschine maßnahme maßnahmen meinung meldung menge meter milliarde milliarden "
    "million millionen minute minuten mittag mitte mittel mittwoch moment monat monate monaten montag morgen märz nachmittag "
    "nachricht nachrichten nacht name namen nichts niederlage november näheres oktober ostern paragraf paragraph plan pläne "
    "preis preise problem probleme programm projekt protest proteste prozent punkt quadratmeter rede reform regel regen "
    "roman rücktritt sache samstag schaden schiff schritt seite sekunden september serie sieg situation sommer song "
    "sonnabend sonntag spiel sprache stellungnahme streit strom stunde stunden sturm stück tag tage tagen tat tatsache teil "
    "tendenz test text thema these tier tiere titel tod tonnen treffer uhr umsatz unfall unglück unterschied unwetter "
    "ursache urteil verantwortung verbot verfahren verfassung verhalten verhandlungen verlust vermutung versuch vertrag "
    "vertrages verzicht vogel vorfall vorgehen vorhaben vormittag vorschlag vorschläge vorschrift vorwurf vorwürfe wahl "
    "wahlen was wasser webseite website weg wege weihnachten welt wert wetter wetterdienste wikipedia winter wirbelsturm "
    "wirkung woche wochen wochenende wort worte worten zahl zahlen zeit zeitplan zeitpunkt ziel zitat zug zukunft zustand "
    "zustimmung zweifel äußerung äußerungen öl überzeugung"
)

SPEAKERS = SpeakerWords(
    article_genders={"die": FEMALE, "eine": FEMALE, "der": MALE, "ein": MALE},
    roles=_ROLES | _genitives(_ROLES),
    bodies=_PLACES | _BODIES | _genitives(_BODIES),
    collectives=_COLLECTIVES | {f"{word}n" for word in _COLLECTIVES if word.endswith(("e", "er"))},
    unnamed=words(
        "alle andere beide bekannte bekannter betroffene betroffener diese dieser eine einer einige erstere ersterer frau "
        "jemand jene jener junge kind kinder letztere letzterer manche mann mehrere mädchen männer niemand passant person "
        "personen quelle quellen unbekannte unbekannter viele"
    ),
    not_speakers=_NOT_SPEAKERS,
    endings=dict.fromkeys(_COLLECTIVE_ENDINGS, "collective")
    | dict.fromkeys(_BODY_ENDINGS | _genitives(_BODY_ENDINGS), "body")
    | dict.fromkeys(_ROLE_ENDINGS | _genitives(_ROLE_ENDINGS), "role"),
    titles=words(
        "bischof botschafter botschafterin bundeskanzler bundeskanzlerin bundespräsident bundespräsidentin bundesrat "
        "bundesrätin bürgermeister bürgermeisterin chef chefin direktor direktorin doktor dr erzbischof ex-minister "
        "ex-präsident frau general gouverneur herr herrn kanzler kanzlerin kardinal könig königin leiter leiterin major "
        "minister ministerin ministerpräsident ministerpräsidentin oberbürgermeister oberbürgermeisterin oberst papst "
        "premier premierminister premierministerin prof professor präsident präsidentin regierungschef regierungschefin "
        "senator senatorin gemeinderat gemeinderätin grossrat grossrätin kantonsrat kantonsrätin landrat landrätin "
        "nationalrat nationalrätin regierungsrat regierungsrätin staatsrat staatsrätin stadtrat stadträtin ständerat "
        "ständerätin sprecher sprecherin staatschef staatssekretär staatssekretärin trainer us-außenminister "
        "us-außenministerin us-präsident vizepräsident vizepräsidentin"
    ),
    female=words(
        "frau sie königin prinzessin mutter tochter schwester ehefrau witwe kauffrau ärztin anwältin bundesrätin dame ihr ihrer"
    ),
    male=words(
        "herr herrn er könig prinz vater sohn bruder ehemann papst bischof kardinal scheich sultan mönch ihm seiner seinen"
    ),
    female_endings=("in", "rätin", "frau"),
    pronouns=words("er sie ihm ihr ihnen seiner seinen ihrer ihren"),
    determiners=words(
        "alle beide das dem den der des die diese diesem diesen dieser dieses ein eine einem einen einer eines einige ihr "
        "ihre ihrem ihren ihrer ihres jene jener jenes kein keine manche mehrere sein seine seinem seinen seiner seines "
        "unser unsere viele zahlreiche"
    ),
    attributes=words("gemeinderat grossrat kantonsrat landrat regierungsrat staatsrat stadtrat"),  # also before a place
    plurals=words("alle beide die drei einige fünf manche mehrere viele vier zahlreiche zehn zwei zwölf"),
    linking=words("wie von vom für der des aus im in bei beim am zu zur zum gegen"),
    name_particles=words("von van de der den da dos di del della la le el al bin ibn ben zu zur vom ten ter af und"),
)
