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
