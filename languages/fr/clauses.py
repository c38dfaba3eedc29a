"""The French word classes by which the speaker of a verb of speech is found."""

from __future__ import annotations

from tidings.languages.clause_words import ClauseWords
from tidings.languages.words import words

CLAUSES = ClauseWords(
    determiners=words(
        "le la les l' un une ce cet cette ces son sa ses leur leurs notre nos mon ma mes plusieurs certains certaines "
        "quelques chaque aucun aucune des deux trois quatre cinq six sept huit neuf dix du au aux"
    ),
    prepositions=words(
        "de d' du à au aux en dans sur sous par pour contre avec sans chez vers entre avant pendant depuis lors devant "
        "derrière malgré selon envers parmi hors outre dès durant via concernant"
    ),
    linking=words("de d' du des à au aux en pour chez"),
    genitives=words("de d' du des"),
    subordinators=words(
        "autrement grâce que qu' si s'il lorsque lorsqu' quand comme où dont car mais puisque puisqu' alors tandis donc parce "
        "ainsi or cependant pourtant après nous vous je j' on voici voilà c' ce-dernier"
    ),
    coordinators=words("et ou ni mais puis"),
    joining=words("et"),
    relatives=words("qui lequel laquelle lesquels lesquelles"),
    pronouns=words("il elle ils elles celui-ci celle-ci ceux-ci celles-ci -il -elle -ils -elles -t-il -t-elle -t-on"),
    auxiliaries=words("a ont avait avaient ayant aura eu"),
    passives=words("été est sont était étaient fut"),
    by=words("par"),
    modals=words(
        "peut peuvent doit doivent pourrait pourraient devrait devraient veut veulent voulait aurait auraient serait sera "
        "seront pouvoir devoir faut pour afin"
    ),
    conditions=words("si s'il"),
    negations=words("ne n' pas jamais ni aucun rien refuse refusé refusent refusait sans"),
    adverbs=words(
        "également aussi notamment ensuite enfin encore toutefois particulièrement récemment hier aujourd'hui alors déjà "
        "toujours souvent bien tout toute tous toutes même d'ailleurs plutôt ainsi puis se s' y en l' lui leur me m' te t' le "
        "la les donc certes pourtant cependant outre vivement ensemble régulièrement volontiers dernièrement"
    ),
    adverb_endings=("ment",),
    times=words(
        "lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre "
        "octobre novembre décembre hier aujourd'hui demain matin soir après-midi nuit semaine mois année"
    ),
    finite_verbs=words(
        "va vont fait font faisait prend prennent pris met mettent vient viennent venu devient reste restent tient tenu entre "
        "arrive passe porte portent permet permettent participe participé rencontré reçu visité signé adopté ouvert présenté "
        "approuvé décide décidé soutient prévoit prévoient vise visent comprend comprennent constitue représente concerne "
        "concernent"
    ),
    past_participle=r"(?:é|ée|és|ées|mis|réjoui|conclu|reconnu|averti|répondu|soutenu|prévenu|admis)$",
    participle=r"ant$",
    contents=words("que qu' :"),
    infinitives=words("de d'"),
    fronted=words("comme ainsi que"),
    manner=words("avec"),
    addressing=words("à au aux"),
    is_leaning=True,
    inverts=True,
    needs_known_speaker=True,
    reflexives=words("se s'"),
    has_adjectives_after=True,
)
