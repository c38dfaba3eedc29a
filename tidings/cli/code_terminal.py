"""Show the articles of a coding sheet in the terminal and read their themes from the keyboard."""

from __future__ import annotations

import contextlib
from itertools import filterfalse
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tidings.analysis.coding.sample import CodingError
from tidings.cli.terminal import SafeConsole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.analysis.coding.labels import CodingSheet

_WIDTH = 88  # columns: longer lines are hard to read
_HELP = (
    "Type the main themes, separated by commas, and side themes after a semicolon, as in: health,"
    " tax_policy; migration\n"
    "Use IDs (Tab completes), numbers of policy areas, or parts of names. Commands: none (no"
    " theme), round-up (many items), skip,"
    " back, quit, ? (list the policy areas)."
)


def label_in_terminal(sheet: CodingSheet) -> None:
    """Show the articles without labels one after another, and store the themes that the coder
    types.
    """
    console = SafeConsole(markup=False, highlight=False)
    console.width = min(console.width, _WIDTH)
    complete_themes(sheet.themes)
    console.print(_HELP)
    place = sheet.next_place()
    while place is not None:
        _print_article(console, sheet.article(place), place)
        typed = input("Themes: ").strip()
        if typed == "quit":
            return
        if typed == "back":
            place = max(place - 1, 0)
        elif typed == "?":
            for theme in filterfalse(itemgetter("parent_id"), sheet.themes):
                code = theme["cap_code"] or ""
                console.print(f"{code:>3} {theme['label_en']}: {theme['definition']}")
        else:
            try:
                if typed != "skip":
                    roles = {} if typed in {"none", "round-up"} else read_roles(typed, sheet.themes)
                    sheet.save(place, roles, is_any=typed == "round-up")
                place = sheet.next_place(place)
            except CodingError as error:
                console.print(str(error), style="bold")


def _print_article(console: SafeConsole, article: dict[str, Any], place: int) -> None:
    console.rule(f"{place + 1} of {article['count']} ({article['coded_count']} coded)")
    console.print(f"{article['title'] or 'Without title'}\n", style="bold")
    console.print(
        f"{article['outlet']}, {article['published_on'] or 'no date'},"
        f" {article['language']}\n\n{article['body']}\n"
    )
    if article["roles"] is not None:
        roles = ", ".join(f"{theme} ({role})" for theme, role in article["roles"].items())
        console.print(f"Stored labels: {roles or 'none'}")


def read_roles(typed: str, themes: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the role of each theme in a line such as ``health, tax; migration``.

    Raises:
        CodingError: If a name means no theme or several, or the line is empty.
    """
    roles: dict[str, str] = {}
    main, _, side = typed.partition(";")
    for role, names in (("main", main), ("side", side)):
        for name in filter(None, map(str.strip, names.casefold().split(","))):
            matches = _find_themes(name, themes)
            if len(matches) != 1:
                similar = f"did you mean {', '.join(sorted(matches))}?"
                raise CodingError(f"{name}: {similar if matches else 'unknown theme.'}")
            roles.setdefault(matches.pop(), role)
    if not roles:
        raise CodingError("Type a theme; none if the article has no theme; or skip.")
    return roles


def _find_themes(name: str, themes: Sequence[dict[str, Any]]) -> set[str]:
    """Return the policy areas with this number, else the themes with this name, else those whose
    name contains it.
    """
    ranks: dict[int, set[str]] = {}
    for theme in themes:
        labels = [str(theme[key] or "").casefold() for key in _NAMES]
        is_area = not theme["parent_id"] and name == str(theme["cap_code"])
        is_part = any(name in label for label in labels)
        rank = 0 if is_area else 1 if name in labels else 2 + (not is_part)
        ranks.setdefault(rank, set()).add(theme["theme_id"])
    best = min(ranks, default=3)
    return ranks[best] if best < 3 else set()


_NAMES = ("theme_id", "label_en", "label_zh", "label_de")


def complete_themes(themes: Sequence[dict[str, Any]]) -> None:
    """Complete IDs with Tab, where Python has readline."""
    with contextlib.suppress(ImportError):
        import readline

        def complete(text: str, state: int) -> str | None:
            blank = text[: len(text) - len(text.lstrip())]
            matches = [
                theme["theme_id"]
                for theme in themes
                if theme["theme_id"].startswith(text.strip().casefold())
            ]
            return blank + matches[state] if state < len(matches) else None

        readline.set_completer_delims(",;")
        readline.set_completer(complete)
        readline.parse_and_bind(
            "bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete"
        )
