"""The German function words that bound a candidate phrase, and the endings of policy verbs."""

from __future__ import annotations

from tidings.languages.bounds import WordBounds
from tidings.languages.words import words

BOUNDS = WordBounds(
    stops=words(
        "der die das den dem des ein eine einen einem einer eines und oder aber auch als an am auf aus bei beim "
        "bis da damit dann dass dazu denn dies diese diesem diesen dieser dieses durch er es sie für gegen hat "
        "haben hatte hier ihr ihre ihrem ihren ihrer im in ins ist sind war waren wird werden wurde wurden kann "
        "können konnte soll sollen sollte muss müssen mit nach nicht noch nur ob ohne per pro sehr sein seine "
        "seinem seinen seiner seit sich so sowie über um unter vom von vor was welche welcher wenn wer wie wir wo "
        "zu zum zur zwischen zudem insbesondere rund gemäss laut wegen während bereits heute jahr jahre jahren "
        "januar februar märz april mai juni juli august september oktober november dezember prozent millionen "
        "franken artikel absatz mehr weniger alle allen aller jede jeder weitere weiteren weiterer neue neuen "
        "neuer neues neu"
    ),
    light=words(
        "wichtige wichtigen gemeinsame gemeinsamen entsprechende entsprechenden verschiedene verschiedenen gezielte "
        "gezielten ergriffene ergriffenen internationale internationalen nationale nationalen bilaterale bilateralen "
        "schweizerische schweizerischen schweizer strategische strategischen"
    ),
    bodies=words(
        "bundesamt bundesamts bundesamtes staatssekretariat departement departements institut instituts direktion agentur "
        "organisation stiftung"
    ),
    has_compounds=True,
    endings=("en", "t", "te", "ten", "et", "ete", "n", "rn"),
    stem_cut=("en", "rn", "n"),
)
