"""The German names of the months."""

MONTHS = (
    "januar|jänner|jan|jän februar|feber|feb märz|maerz|mär|mrz april|apr mai juni|jun juli|jul august|aug september|sep "
    "oktober|okt november|nov dezember|dez"
)
