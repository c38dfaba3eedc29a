"""The German word classes by which the speaker of a verb of speech is found."""

from __future__ import annotations

from tidings.languages.verb_second_grammar import VerbSecondGrammar
from tidings.languages.words import words

VERB_SECOND = VerbSecondGrammar(
    determiners=words(
        "acht alle andere beide das der die diese dieser dieses drei dutzende ein eine einige etliche fünf hunderte ihr "
        "ihre jede jeder jene jener jenes kein keine manche mehrere neun sechs sein seine sieben solche tausende unser "
        "unsere viele vier weitere welche welcher wenige zahlreiche zehn zwei zwölf"
    ),
    plurals=words(
        "acht alle beide drei dutzende einige etliche fünf hunderte manche mehrere neun sechs sieben tausende viele vier "
        "wenige zahlreiche zehn zwei zwölf"
    ),
    oblique=words(
        "allen aller beiden dem den deren des dessen diesem diesen dreier einem einen einer eines einigen ihrem ihren ihrer "
        "ihres jedem jeden jenem jenen keinem keinen keiner mehreren seinem seinen seiner seines unserem unseren unserer "
        "vielen zweier"
    ),
    genitives=words("des der eines einer seines seiner ihres ihrer dieses dieser deren dessen zweier dreier mehrerer"),
    ambiguous="der",
    standing=words(
        "alle andere beide diese dieser eine einer einige ersterer jemand jene jener letztere letzterer manche mehrere "
        "niemand viele"
    ),
    pronouns=words("er sie"),
    no_nouns=words(
        "aber abschließend allerdings als also andererseits anders angeblich anschließend auch ausdrücklich ausserdem "
        "außerdem bereits besonders besorgt bevor bisher bislang da dabei dafür dagegen daher damals damit danach dann "
        "darauf daraufhin darin darum darüber dass davon dazu daß demnach denn dennoch deshalb deutlich doch dort du "
        "ebenfalls ebenso einerseits einst erst es ferner gegenüber gestern gleichzeitig heute hier hingegen ich ihm ihn "
        "ihnen immer immerhin insbesondere insgesamt inzwischen jedoch jetzt kurz laut letzte man mir mittlerweile morgen "
        "nach nachdem nachdrücklich nicht noch nun nur nächste ob obwohl oder offenbar offensichtlich offiziell "
        "schliesslich schließlich seit selbst sich so sogar somit sonst sowie später trotzdem und uns unterdessen "
        "vergangene vermutlich vielmehr vorab vorher wann warum was weil weiter weiterhin wenn wer wie wir wo während "
        "wörtlich zeitgleich zudem zugleich zunächst zuvor zwar ähnlich überraschend übrigens"
    ),
    adjectives=words(
        "anderem anderen deutsche ehemalige eigenen eigener erste ersten führende hochrangige inoffiziellen internationale "
        "jüngsten letzten mehrerer neueste neuesten offiziellen unbestätigten vorläufigen weiteren"
    ),
    prepositions=words(
        "ab als am an angesichts anlässlich anstelle auf aufgrund aus außerhalb bei beim bezüglich binnen bis durch "
        "entgegen entlang für gegen gegenüber gemäss gemäß hinsichtlich hinter im in infolge innerhalb ins laut mit "
        "mithilfe nach neben nebst ohne per pro samt seit seitens statt trotz um unter via vom von vonseiten vor vorm wegen "
        "wie während zu zum zur zwischen über"
    ),
    attaching=words("von vom für"),
    joins=words("und sowie oder"),
    conjunctions=words("und sowie oder aber denn doch sondern"),
    contrasts=words("aber jedoch zugleich gleichzeitig"),
    conditions=words("wenn falls ob damit bevor sobald solange sofern"),
    openers=words("dass daß ob wie was wer warum weshalb wonach"),
    pointing=words("das dies dieses davon darauf dafür dagegen dazu"),
    relative_subjects=words("der die das welcher welche welches"),
    possessives=words("sein seine seinem seinen seiner seines ihr ihre ihrem ihren ihrer ihres"),
    definite=words("dem der den"),
    datives=words("ihm ihr ihnen"),
    certain=words("er"),
    nobody=words("man ich wir"),
    being=words("ist sind war waren sei"),
    impersonal=words("heißt heisst hieß hiess verlautet verlautete"),
    places=words("in im aus von vom bei beim seitens"),
    subordinators=words(
        "als bevor da damit dass daß falls indem nachdem ob obgleich obwohl seitdem sobald sofern solange warum was weil "
        "wem wen wenn wie wo wobei wofür womit wonach worauf woraufhin worin wozu während zumal"
    ),
    relatives=words("der die das welcher welche welches dem den denen deren dessen"),
    auxiliaries=words("hat haben hatte hatten habe"),
    passives=words("wird werden wurde wurden worden ist sind war waren sei"),
    agents=words("von vom durch seitens vonseiten"),
    modals=words(
        "darf durfte dürfe dürfen dürfte hätte hätten kann konnte konnten könne können könnte könnten lassen ließ lässt mag "
        "muss musste mussten möchte möchten müsse müssen müsste soll solle sollen sollte sollten werden will wird wolle "
        "wollen wollte wollten würde würden"
    ),
    subjunctives=words(
        "bleibe brauche dürfe dürfte gebe gehe habe hätte hätten komme könne könnte könnten lasse liege müsse müsste "
        "müssten sei seien solle sollten stehe werde wisse wolle wäre wären würde würden"
    ),
    negations=words("nicht nie niemals kein keine keinen keinem keiner keines keinerlei nichts weder kaum niemand niemandem"),
    focus=words("auch selbst sogar nur besonders allein gerade einzig bereits schon lediglich"),
    between=words(
        "aber abschließend allerdings auch bereits dagegen dann daraufhin dazu ebenfalls gestern heute hingegen indes "
        "jedoch nun persönlich selber selbst später weiter wiederum wörtlich zudem zuvor"
    ),
    report_nouns=words(
        "analyse angabe angaben ankündigung ansicht ansichten artikel auffassung auskunft aussage aussagen behauptung "
        "bekunden beobachtung beobachtungen berechnungen bericht berichten berichts beschreibung beurteilung bewertung "
        "brief dafürhalten darstellung darstellungen dokument einlassung einschätzung einschätzungen erkenntnissen "
        "erklärung erklärungen ermittlungen expertise informationen interpretation lesart meinung meldung meldungen "
        "mitteilung mitteilungen papier pressebericht presseerklärung pressemitteilung prognose prognosen quelle quellen "
        "recherchen schilderung schilderungen schreiben schätzung schätzungen sicht sichtweise statistik stellungnahme "
        "studie umfrage untersuchung untersuchungen verlautbarung verlautbarungen vermutung vermutungen vorstellung "
        "vorstellungen worten zeitungsbericht zählung äußerung äußerungen überzeugung"
    ),
    documents=words(
        "analyse artikel bericht berichten berichts brief dokument erklärung meldung meldungen mitteilung papier "
        "pressebericht presseerklärung pressemitteilung prognose quelle quellen schreiben statistik stellungnahme studie "
        "umfrage untersuchung untersuchungen zeitungsbericht"
    ),
    occasions=words(
        "analyse ankündigung artikel behauptung brief einlassung erklärung erklärungen ermittlungen meldung meldungen "
        "mitteilung pressemitteilung schreiben stellungnahme untersuchung untersuchungen verlautbarung vermutung "
        "vorstellung zählung äußerung äußerungen"
    ),
    adverb_endings=("weise", "dings", "end", "maßen", "lich", "dessen", "mals", "wärts", "seits"),
    report_endings=tuple(
        sorted(
            words(
                "angaben berichten bericht meldungen meldung informationen quellen mitteilung aussagen aussage studie "
                "umfrage statistik analyse untersuchung untersuchungen prognose"
            )
        )
    ),
    own=words("eigenen eigener eigenem"),
    abstract_endings=(
        "ung",
        "heit",
        "keit",
        "ion",
        "tät",
        "ismus",
        "nis",
        "ungen",
        "heiten",
        "keiten",
        "tum",
        "enz",
        "anz",
        "ität",
    ),
    feminine_endings=tuple(
        sorted(
            words(
                "agentur airline anz armee bank behörde entin enz erin firma frau gruppe grünen heit illustrierten ion "
                "istin justiz kammer keit kirche klinik liga linken orin partei polizei presse rundschau rätin schaft stadt "
                "stelle tät ung welt zeit zentrale"
            )
        )
    ),
    particle_prefixes=tuple(
        sorted(
            words(
                "an auf aus ab ein fest her heraus hervor hin hinzu mit nach vor zu zurück dar klar bekannt bei wieder nahe "
                "voraus"
            )
        )
    ),
    bound_prefixes=("be", "ver", "er", "ent", "emp", "zer", "wider", "unter", "über", "miss"),
)
