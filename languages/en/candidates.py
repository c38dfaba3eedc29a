"""The English function words that bound a candidate phrase, and the endings of policy verbs."""

from __future__ import annotations

from tidings.languages.bounds import WordBounds
from tidings.languages.words import words

BOUNDS = WordBounds(
    stops=words(
        "the a an this that these those its their his her our my your and or but nor so if as at by for from in "
        "into of on onto to with without within during about against between among under over after before since "
        "until than then when while where which who whom whose what how why is are was were be been being has have "
        "had do does did will would can could may might must shall should not no it they he she we you i there "
        "here also both either all any each every some such more most much many few less least other another same "
        "own new further several various including via per up out off down through across toward towards around s "
        "t one two three four five six seven eight nine ten first second third only just very too even still yet "
        "already now today yesterday said says say year years month months week day days time people percent per "
        "well according etc whether because though although however therefore like"
    ),
    inner=words("and of for"),
    bodies=words("office agency department secretariat ministry institute organization organisation foundation"),
    light=words(
        "high key main major important future current common joint possible necessary next last previous great good better "
        "latest large bilateral national international federal swiss"
    ),
    endings=("", "s", "d", "ed", "ing", "es"),
    stem_cut=("e",),
)
