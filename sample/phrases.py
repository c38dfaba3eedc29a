"""The phrases that the sample plants: a theme's wordings in three languages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """A phrase in one language: what stands before it, the phrase as listed, and how often each spelling is used."""

    lead: str  # article and space, if the phrase needs one
    phrase: str  # as in a list of phrases
    text: str  # as written: a hyphen may differ


@dataclass(frozen=True, slots=True)
class Planted:
    """A theme's wordings in the order of bank.LANGUAGES; an empty tuple: the theme has none there."""

    theme_id: str | None  # None: a slogan that no list holds
    forms: tuple[tuple[Form, ...], tuple[Form, ...], tuple[Form, ...]]
    weight: float  # how often it is drawn, beside the others


def _form(text: str, lead: str = "", phrase: str | None = None) -> tuple[Form, ...]:
    return (Form(lead, phrase or text, text),)


HARBOUR = "sample_harbour_compact"
FUND = "sample_compact_fund"
SLOGAN = "quiet_corridors"  # in no list: what a search for new formulations should find
BURSTING = "food_security"
FADING = "rural_revitalization"
WINDOW_START = dt.date(2026, 6, 1)
WINDOW_END = dt.date(2026, 8, 29)
BURST_START = dt.date(2026, 8, 10)
BURST_END = dt.date(2026, 8, 21)
FADE_END = dt.date(2026, 7, 31)  # last day on which the fading theme may be drawn

PLANTED: dict[str, Planted] = {
    "new_industrialization": Planted(
        "new_industrialization",
        (
            (*_form("new industrialization") * 3, *_form("new industrialisation", "", "new industrialization")),
            _form("新型工业化"),
            (),
        ),
        1.2,
    ),
    "high_quality_development": Planted(
        "high_quality_development",
        (
            (*_form("high-quality development") * 4, *_form("high quality development", "", "high-quality development")),
            _form("高质量发展"),
            (),
        ),
        1.2,
    ),
    "digital_economy": Planted(
        "digital_economy",
        (_form("digital economy", "the "), _form("数字经济"), _form("Digitalwirtschaft", "die ")),
        1.6,
    ),
    "supply_chain_resilience": Planted(
        "supply_chain_resilience",
        (
            _form("industrial and supply chains"),
            _form("产业链供应链"),
            _form("resiliente Lieferketten", "", "resiliente Lieferkette"),
        ),
        1.0,
    ),
    "carbon_neutrality": Planted(
        "carbon_neutrality",
        (_form("carbon neutrality"), _form("碳中和"), _form("Klimaneutralität", "die ")),
        1.3,
    ),
    FADING: Planted(FADING, (_form("rural revitalization"), _form("乡村振兴"), ()), 5.0),
    "energy_transition": Planted(
        "energy_transition",
        (_form("energy transition", "the "), _form("能源转型"), _form("Energiewende", "die ")),
        1.5,
    ),
    "social_security": Planted(
        "social_security",
        (_form("social security"), _form("社会保障"), _form("soziale Sicherheit")),
        1.2,
    ),
    "ai_governance": Planted(
        "ai_governance",
        (_form("AI governance"), _form("人工智能治理"), _form("KI-Verordnung", "die ")),
        0.9,
    ),
    "green_development": Planted("green_development", (_form("green development"), _form("绿色发展"), ()), 1.0),
    BURSTING: Planted(BURSTING, (_form("food security"), _form("粮食安全"), _form("Ernährungssicherheit", "die ")), 0.25),
    "skilled_labour": Planted("skilled_labour", ((), (), _form("Fachkräftemangel", "Mittel gegen den ")), 0.8),
    HARBOUR: Planted(
        HARBOUR,
        (
            (*_form("harbour compact", "the ") * 3, *_form("harbour-compact", "the ", "harbour compact")),
            _form("港湾协同"),
            _form("Hafenpakt", "den "),
        ),
        0.0,
    ),
    FUND: Planted(
        FUND,
        (_form("harbour compact fund", "the "), _form("港湾协同基金"), _form("Hafenpakt-Fonds", "den ")),
        0.0,
    ),
    SLOGAN: Planted(
        None,
        (_form("quiet corridors plan", "the "), _form("静音走廊行动"), _form("Stille-Korridore-Plan", "den ")),
        0.0,
    ),
}
