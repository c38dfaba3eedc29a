"""The French names of the months."""

MONTHS = (
    "janvier|janv février|fevrier|févr|fév mars avril|avr mai juin juillet|juil|jui août|aout|aoû|aou septembre|sept "
    "octobre|oct novembre|nov décembre|decembre|déc"
)
