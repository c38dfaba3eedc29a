"""The Italian names of the months."""

MONTHS = (
    "gennaio|gen febbraio|feb marzo|mar aprile|apr maggio|mag giugno|giu luglio|lug agosto|ago settembre|set ottobre|ott "
    "novembre|nov dicembre|dic"
)
