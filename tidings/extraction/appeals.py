"""Recognise by its words whether a paragraph addresses the reader, is a caption, or leads to
another page.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Requests of a publisher to its readers, anywhere in the text.
_APPEAL = re.compile(
    r"\b(?:already a subscriber|free to read|unlock (?:this|more)|bookmark (?:our|\w+\.com)|"
    r"newsletters?\b.{0,40}(?:sign|subscri|anmelden|abonnieren|bestellen)|(?:anmelden|"
    r"abonnieren)\b.{0,40}newsletter|follow (?:[\w.@’'-]+ ){1,4}on (?:twitter|facebook|instagram|"
    r"google|x)\b|preferred source|download (?:the|our) .{0,30}apps?\b|canal de (?:telegram|"
    r"whatsapp)|all rights reserved|copyrighted property|advertise with|support our journalism|"
    r"offres premium|je découvre les offres|view more offers|get email updates|jetzt (?:abonnieren|"
    r"spenden)|ein klick für den datenschutz|datenschutzeinstellungen|link zum \w+-inhalt|externer"
    r" inhalt|empfohlener (?:redaktioneller|externer) inhalt)\b",
    re.IGNORECASE,
)
# Consent to cookies, and the conditions of a form, in a paragraph of any usual length.
_CONSENT = re.compile(
    r"\b(?:we and our (?:[\d,.]+ )?(?:third[- ]party )?(?:partners|vendors)|wir und unsere"
    r" (?:[\d.]+ )?partner|nous et nos (?:[\d ]+ )?partenaires|nosotros y nuestros (?:[\d.]+"
    r" )?socios|noi e (?:i nostri )?(?:[\d.]+ )?partner|cookies are absolutely essential|protected"
    r" by recaptcha|(?:this|our) (?:web)?site uses cookies|by (?:clicking|signing up|subscribing|"
    r"submitting|entering|continuing)\b.{0,80}\byou (?:agree|confirm|consent|acknowledge))\b",
    re.IGNORECASE,
)
# Words that also occur in longer paragraphs of a text.
_OFFER = re.compile(
    r"\b(?:create (?:an|a free) account|sign in (?:or|to|with)|log in (?:for|to)|regist(?:er|"
    r"ration) (?:is|to|now|for)|cancel (?:at )?any ?time|jederzeit kündbar|sign up (?:here|for|to)|"
    r"subscribe (?:to|now|here|for)|(?:your|tu|su|votre|ton|ihr(?:em|es)?|dein(?:em|es)?|tuo|"
    r"vostro|sua|seu) (?:subscriptions?|suscripción|abonnement|abo|abbonamento|assinatura))\b",
    re.IGNORECASE,
)
# Buttons and teasers that lead to other pages.
_ELSEWHERE = re.compile(
    r"^\W*(?:(?:teilen(?: sie dies)? mit|share this|compártelo|partager|condividi|compartilhe(?:"
    r" isso)?)\W*$|(?:gefällt mir|like this|j[’']aime(?: ça)?|me gusta|mi piace|"
    r"curtir)(?:\W*(?:wird geladen|loading|chargement|cargando|caricamento|carregando))?\W*$|le"
    r" puede interesar|(?:(?:also )?(?:read|watch|see|listen|related|more)(?: (?:also|more|here))?|"
    r"(?:mira|mire|vea|lea|lee|ver|leer)(?: (?:también|además|más))?|(?:leia|veja)(?: (?:também|"
    r"mais))?|(?:lire|voir)(?: aussi)?|leggi(?: anche)?)\s*[:|]\s*\S|(?:читайте|смотрите) (?:также|"
    r"ещё))",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^\W*(?:©.{0,80}|(?:getty images|afp|epa|reuters|dpa|ap|imago|shutterstock|istock|pa|es|"
    r"pixabay|unsplash)(?:\s?[/|©-].{0,40})?|(?:quelle|source|bild(?:quelle|nachweis)?|foto|photo|"
    r"beitragsbild|fotocredit|fotos|photos|cr[ée]dits?(?: photos?)?|créditos?|"
    r"titelbild)\s*:.{0,100})$",
    re.IGNORECASE,
)
# characters
(
    _MAX_OFFER_LENGTH,
    _MAX_CAPTION_LENGTH,
    _MAX_TEASER_LENGTH,
    _MAX_APPEAL_LENGTH,
    _MAX_CONSENT_LENGTH,
) = (
    150,
    150,
    200,
    300,
    600,
)
# A caption ends with the name of the picture's author.
_CREDITED = re.compile(
    r"(?:©|\(c\)|\b(?:foto|photo|image|picture|bild|photograph|credit|crédit|fotografía|fotografia)\s?:)\s?[^.!?]{2,60}$",
    re.IGNORECASE,
)


@lru_cache(maxsize=1_024)
def is_appeal(text: str) -> bool:
    """Return whether a paragraph is a request to the reader, such as for consent; cached because
    both extractors find most.
    """
    is_request = len(text) <= _MAX_APPEAL_LENGTH and _APPEAL.search(text)
    is_consent = len(text) <= _MAX_CONSENT_LENGTH and _CONSENT.search(text)
    return bool(
        is_request or is_consent or (len(text) <= _MAX_OFFER_LENGTH and _OFFER.search(text))
    )


def leads_elsewhere(line: str) -> bool:
    """Return whether a line is a button to share the page, or a teaser of another article."""
    return len(line) <= _MAX_TEASER_LENGTH and bool(_ELSEWHERE.match(line))


def is_caption(text: str) -> bool:
    """Return whether a line is a picture credit, or a caption that ends with one."""
    return bool(_CREDIT.match(text)) or (
        len(text) <= _MAX_CAPTION_LENGTH and bool(_CREDITED.search(text))
    )
