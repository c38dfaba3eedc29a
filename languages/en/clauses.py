"""The English word classes by which the speaker of a verb of speech is found."""

from __future__ import annotations

from tidings.languages.clause_words import ClauseWords
from tidings.languages.words import words

CLAUSES = ClauseWords(
    determiners=words(
        "the a an this these those his her its their our my your some many several most few all both each every another other "
        "any no one two three four five six seven eight nine ten dozens hundreds"
    ),
    prepositions=words(
        "in on at to for from with by about against between among through during before after since until under over into "
        "onto upon within without across around behind beyond near off despite amid amidst alongside including like unlike "
        "via per regarding concerning following toward towards throughout outside inside besides beneath above below of as "
        "than out up down along"
    ),
    linking=words("of for at from in with on"),
    genitives=words("of"),
    subordinators=words(
        "thanks that if when while because although though whereas whether as so since until unless where what why how whom "
        "whose once then but yet however meanwhile after before than i we you let please what's that's it's there's"
    ),
    coordinators=words("and or nor but"),
    joining=words("and or"),
    relatives=words("who which that"),
    pronouns=words("he she they it"),
    auxiliaries=words("has have had did does do is are was were be been being 's 've 'd am"),
    passives=words("is are was were be been being"),
    by=words("by"),
    modals=words("would could should may might must can cannot will shall to can't won't 'll"),
    continuing=words("went goes going on continued continues began begins appeared appears"),  # style: quoted
    conditions=words("if unless whether"),
    negations=words(
        "nothing no none not never nor didn't doesn't don't hasn't haven't hadn't isn't aren't wasn't weren't declined refused "
        "neither nobody without"  # style: quoted
    ),
    adverbs=words(
        "also then later further furthermore again once repeatedly often today yesterday earlier therefore however still thus "
        "likewise subsequently finally both personally always himself herself themselves itself previously now just already "
        "even once never ever sometimes too first last instead perhaps all soon long since only rightly tonight together"
    ),
    adverb_endings=("ly",),
    times=words(
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september "
        "october november december today yesterday tonight tomorrow morning afternoon evening night week month year mon tue "
        "wed thu fri sat sun jan feb aug sept oct nov dec jan. feb. aug. sept. oct. nov. dec."
    ),
    finite_verbs=words(
        "went goes stood "  # style: quoted
        "came took made gave got saw knew met became began kept left led held ran brought put set sent won lost paid sat "
        "seemed seems turned moved lived worked played used tried needed wanted wants seen done gone makes takes gives comes "
        "gets keeps helps needs continues includes included remains remained followed follows appeared visited attended "
        "opened closed arrived joined signed passed voted received spent bought built grew fell rose"
    ),
    participle=r"ing$",
    certain=words("say tell"),
    receiving=words("welcomed welcomes welcoming"),
    contents=words("that :"),
)
