"""Phrases of the bundled word list whose conditions matter."""

import pytest

import tidings


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("粤港澳大湾区市场互联互通更加顺畅有序，市场互联互通。", False),
        ("跨省电力互联互通工程投产，互联互通水平提高。", False),
        ("双方共建“一带一路”，深化互联互通。", True),
    ],
)
def test_connectivity_needs_evidence_of_the_belt_and_road(text: str, is_found: bool) -> None:
    """The Chinese word also occurs in texts about power grids and the Greater Bay Area."""
    themes = tidings.tag(text * 3, "zh", title=text[:12])["themes"]
    found = {place["phrase_id"] for theme in themes for place in theme["mentions"]}
    assert ("belt_and_road-zh-28" in found) == is_found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Der Wolf reisst Schafe. Der Schutz der Herden vor Wölfen kostet mehr. ", "de"),
        ("Les loups attaquent les troupeaux, et la population de loups augmente. ", "fr"),
        ("Packs of wolves attack flocks: a wolf is a protected species. ", "en"),
        ("Il lupo attacca le greggi: un lupo è una specie protetta. ", "it"),
    ],
)
def test_wolves_are_a_species_and_no_park(text: str, language: str) -> None:
    """A text about wolves is about biodiversity, in all languages, and not about national parks."""
    found = {theme["theme_id"] for theme in tidings.tag(text * 3, language)["themes"]}
    assert "biodiversity" in found
    assert "nature_parks" not in found


def test_fires_in_forests_are_no_parks() -> None:
    """Forest fires abroad are disasters, in Italian as in other languages."""
    text = "Gli incendi boschivi in Grecia: i soccorsi spengono l'incendio. " * 3
    found = {theme["theme_id"] for theme in tidings.tag(text, "it")["themes"]}
    assert "civil_protection" in found
    assert "nature_parks" not in found
