"""The last words of Chinese noun phrases that speak, with their kinds, and titles before and after
names.
"""

from __future__ import annotations

from tidings.base.languages.words import read_tables, words

LISTS = {name: words(text) for name, text in read_tables("zh/words.toml").items()}
"""The word lists of ``words.toml`` by name."""
TITLES = LISTS["titles"]
"""Titles and occupations that precede a name; at the end of a phrase without a name they make it a
role.
"""

ADDRESSES = LISTS["addresses"]
"""Titles that also follow a name: 莫罗总理."""
HONORIFICS = LISTS["honorifics"]
"""Titles that also follow a name that the text has not introduced: 李女士."""
FOREIGN_TITLES = LISTS["foreign_titles"]
"""Titles after which a name may contain any characters."""
PLURAL = tuple(LISTS["plural"])
"""Occupations that denote several people unless the text names one or says 一位."""

DOCUMENTS = LISTS["documents"]
"""Documents, which count as bodies unless the text names the author."""
HEADS: dict[str, str] = {
    **dict.fromkeys(LISTS["bodies"] | DOCUMENTS, "body"),
    **dict.fromkeys(LISTS["collectives"], "collective"),
    **dict.fromkeys(TITLES | LISTS["roles"], "role"),
    **dict.fromkeys(LISTS["unnamed"], "unnamed"),
}
"""Kinds of speakers by their last word."""
NO_HEADS = LISTS["no_heads"]
"""Words that end like a speaker but are none."""
DATA = LISTS["data"]
"""Nouns before 显示."""

ORGANISATIONS = LISTS["organisations"]
"""Organisations whose name does not end in a word for a body."""
PLACES = LISTS["places"]
"""Countries, also by one character before an office (俄外长), and provinces."""
SIDES = frozenset("".join(LISTS["sides"]))
"""Characters before 方 that make a party: 中方, 警方."""
