"""The rising phrases of a release as items of the browser sheet, with the decisions of one
reviewer.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

from tidings.analysis.coding.sample import CodingError
from tidings.base.languages import WITHOUT_SPACES, primary_language
from tidings.base.languages.plural import counted
from tidings.cli.phrase_review import query_release, undo
from tidings.cli.terminal import UserError
from tidings.storage.reference import KEYS, read_seed

if TYPE_CHECKING:
    from tidings.cli.phrase_review import Change, Decision

FIRST = 20  # candidates of each language
_CANDIDATES = """
select c, coalesce(p.name, c.first_outlet)
from release.marts.candidate_phrases as c left join release.ref.publishers as p on c.first_outlet =
    p.publisher_id
where c.rank <= ? and (? = '' or c.language = ?) order by c.language, c.rank
"""


class PhraseSheet:
    """The first candidates of a release without a decision. ``server`` describes the methods."""

    kind = "phrases"

    def __init__(self, decision: Decision) -> None:
        """Read the candidates in the language of a decision, or in all languages if it is empty.

        ``decision`` also has the reviewer, the day, the release and the folders.

        Raises:
            UserError: If the reviewer is missing.
        """
        if not decision.reviewer:
            raise UserError("The reviewer is missing: use --reviewer NAME.")
        self.coder = decision.reviewer
        self.themes = read_seed("themes", decision.folders, KEYS["themes"])
        self._decision, language = decision, primary_language(decision.language)
        reviews = read_seed("candidate_reviews", decision.folders, KEYS["candidate_reviews"])
        self._rows = [
            candidate | {"outlet": outlet}
            for candidate, outlet in query_release(
                decision.release, _CANDIDATES, [FIRST, language, language]
            )
            if not any(_closes(review, candidate) for review in reviews)
        ]
        self._made: dict[int, tuple[str, list[Change]]] = {}

    @property
    def count(self) -> int:
        """The number of candidates."""
        return len(self._rows)

    def count_made(self, verdict: str) -> int:
        """Return how many decisions have a verdict."""
        return sum(made == verdict for made, _ in self._made.values())

    def next_place(self, after: int = -1) -> int | None:
        """Return the place of the next candidate without a decision, from the beginning again after
        the last, or None.
        """
        places = itertools.chain(range(after + 1, self.count), range(self.count))
        return next((place for place in places if place not in self._made), None)

    def article(self, place: int) -> dict[str, Any]:
        """Return a candidate for display, with the decision about it or None."""
        row, (verdict, _) = self._rows[place], self._made.get(place, (None, []))
        prior = "" if row["prior_count"] is None else f" ({row['prior_count']} the year before)"
        spread = (
            f"{counted(row['article_count'], 'article')}{prior} from"
            f" {counted(row['outlet_count'], 'outlet')} on {counted(row['day_count'], 'day')}"
        )
        # near-copies may be equal
        examples = dict.fromkeys(" ".join(example.split()) for example in row["examples"])
        return {
            "place": place,
            "count": self.count,
            "coded_count": len(self._made),
            "where": [
                row["language"],
                row["kind"].replace("_", " "),
                spread,
                f"first {row['first_seen_on']} in {row['outlet']}",
            ],
            "title": row["phrase"],
            "body": "\n\n".join(examples),
            "language": row["language"],
            # releases of earlier versions have no suggestions
            "suggested": row.get("suggested_theme_ids") or [],
            "verdict": verdict,
        }

    def store(self, place: int, answer: dict[str, Any]) -> None:
        """Store a decision in place of the reviewer's earlier one about this candidate.

        ``answer`` has the verdict, the theme of an accepted phrase, and the ID and label of a new
        theme below it.

        Raises:
            CodingError: If the decision is invalid. The candidate then has no decision.
        """
        row, verdict = self._rows[place], answer["verdict"]
        if verdict not in {"accepted", "rejected", "postponed"}:
            raise CodingError(f"Unknown verdict: {verdict}.")
        decision = dataclasses.replace(
            self._decision, phrase=row["phrase"], language=row["language"]
        )
        _, changes = self._made.pop(place, ("", []))
        undo(decision.folders, changes)
        try:
            if verdict == "accepted":
                changes = _accept(decision, answer)
            else:
                changes = decision.review(verdict)
        except UserError as error:
            raise CodingError(str(error)) from error
        self._made[place] = verdict, changes


def _accept(decision: Decision, answer: dict[str, Any]) -> list[Change]:
    theme, new_id, label = (
        str(answer.get(name) or "").strip() for name in ("theme", "new_id", "new_label")
    )
    has_spaces = primary_language(decision.language) not in WITHOUT_SPACES
    match_type = "phrase" if has_spaces else "substring"
    if new_id:
        return decision.accept(new_id, match_type, parent=theme, label=label)
    return decision.accept(theme, match_type)


def _closes(review: dict[str, str], candidate: dict[str, Any]) -> bool:
    """Return whether an earlier decision still applies to a candidate: an acceptance always, others
    until a later release lists the phrase again.
    """
    phrase = review["phrase"].lower(), primary_language(review["language"])
    return phrase == (candidate["phrase"].lower(), candidate["language"]) and (
        review["verdict"] == "accepted" or review["reviewed_on"] >= str(candidate["as_of"])
    )
