"""The French function words that bound a candidate phrase, and the endings of policy verbs."""

from __future__ import annotations

from tidings.languages.bounds import WordBounds
from tidings.languages.words import words

BOUNDS = WordBounds(
    stops=words(
        "le la les l un une des de du d à au aux en et ou mais donc ni car que qu qui quoi dont où ce cet cette "
        "ces se s sa son ses leur leurs notre nos votre vos il elle ils elles on nous vous je tu par pour avec "
        "sans sous sur dans entre vers chez depuis pendant avant après lors est sont était être a ont avait avoir "
        "sera seront peut peuvent doit doivent ne pas plus moins très aussi ainsi comme si y n c j m t lui même "
        "tous toutes tout toute autre autres année années mois jour jours millions francs afin notamment "
        "concernant selon nouveau nouvelle nouveaux nouvelles deux trois prévoit prévoient vise "
        "visent permet permettent entre mis mise œuvre "
        "contre visant relatif relative relatifs relatives"
    ),
    light=words(
        "national nationale nationaux international internationale internationaux bilatéral bilatérale bilatérales fédéral "
        "fédérale fédéraux suisse suisses important importante possible commun commune étrangère pilote"
    ),
    inner=words("de d du des la le les l et pour à en sur au aux contre visant relatif relative relatifs relatives"),
    bodies=words("office département secrétariat institut agence direction organisation fondation"),
    is_head_first=True,
    endings=("er", "e", "ent", "é", "ée", "és", "ées", "era", "ait", "ir", "it"),
    stem_cut=("er", "ir"),
)
