"""What in a page is not the article: told by tag, by class and by the words of short lines."""

from __future__ import annotations

import re

# Never text, wherever they stand.
DROPPED_TAGS = frozenset(
    "script style noscript template nav footer form button select option textarea input iframe object embed svg canvas video audio "
    "map dialog figcaption aside menu label head link meta title math fencedframe amp-ad amp-sidebar gcse rt rp".split()
)
# A class or id that holds one of these words names something beside the article.
_WORDS = (
    r"share|sharing|shares|social|socials|sharedaddy|addtoany|facebook|twitter|whatsapp|related|relatedposts|recirc|recirculation|recommend\w*|"
    r"newsletter|subscribe|subscription|signup|sign-up|promo|promotion|sponsored?|advert\w*|ads?|adslot|ad-?container|ad-?wrapper|adsbygoogle|banner|"
    r"cookies?|consent|gdpr|comments?|commentlist|kommentare?|respond|disqus|discussion|breadcrumbs?|crumbs?|pagination|pager|paging|nav|navi|navigation|navbar|menu|"
    r"submenu|sidebar|side-?bar|widgets?|footer|foot|copyright|disclaimer|legal|tags?|tag-?list|taglist|tagcloud|keywords?|taxonomy|caption|captions|"
    r"bildunterschrift|wp-caption-text|credits?|photo-?credit|image-?credit|byline|author-?(?:box|bio|info|card|profile|description)|authors?|bio|"
    r"about-?author|rating|ratings|print|toolbar|tools|popup|modal|overlay|paywall|teaser-?list|teasers|most-?(?:read|popular|viewed)|popular|trending|"
    r"read-?more|readmore|more-?(?:news|articles|stories|on|links)|see-?also|also-?read|weitere|mehr-zum-thema|jp-relatedposts|pullquote|pull-?quote|"
    r"infobox|toc|table-of-contents|player|video-?player|audio-?player|gallery|slideshow|carousel|slider|skip-?link|screen-?reader(?:-text)?|sr-only|"
    r"visually-?hidden|hidden|invisible|login|register|search|searchform|outbrain|taboola|metadata|meta-?data|entry-?meta|post-?meta|article-?meta|"
    r"post-?info|article-?info|headinfo|contact|contacts|masthead|site-?header|noprint|no-print|donate|donation|spenden|feedback|vote|poll|survey|quiz|bookmark|"
    r"affiliate|dateline-date|timestamp|post-?navigation|nav-?links|next-?prev|prev-?next|reference|mw-editsection|noexcerpt|editsection|navbox|catlinks|printfooter"
)
_CLASS = re.compile(rf"(?:^|[\s_:-]|(?<=[a-z])(?=[A-Z]))(?:{_WORDS})(?:$|[\s_:-]|(?<=[a-z])(?=[A-Z]))", re.I)
# Wrappers of the article whose class happens to hold such a word.
_KEPT = re.compile(
    r"(?:^|[\s_-])(?:article-?(?:body|content|text)|entry-?content|post-?(?:content|body|text)|story-?(?:body|content|text)|content-?body|article__?(?:body|content)|"
    r"has-sidebar|no-sidebar|with-sidebar|sidebar-(?:left|right)-?layout|post|hentry|single)(?:$|[\s_-])",
    re.I,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_ROLES = {"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "menu", "toolbar", "tooltip", "alert"}
# Short lines that invite to something rather than tell it.
_LINE = re.compile(
    r"^\W*(?:share(?:\s+(?:this|on|via|article|now))*|tweet|print(?: article)?|e-?mail|drucken|teilen|merken|versenden|advertisement|anzeige|werbung|publicidad|publicité|"
    r"pubblicità|reklam|annonse|広告|广告|(?:read|see|watch|learn|lesen|voir|leer|leggi)\s+(?:more|also|next|mehr|auch|aussi|también|anche)\b.*|(?:mehr|more)\s+(?:zum thema|on this topic|from|aus)\b.*|"
    r"lesen sie (?:auch|hierzu|dazu|mehr|jetzt).*|das könnte (?:sie|dich|ihnen|dir) auch.*|auch interessant.*|related(?:\s+\w+)?|lire aussi.*|à lire (?:aussi|également).*|"
    r"lea también.*|leer también.*|te puede interesar.*|leggi anche.*|les også.*|läs (?:också|även|mer).*|lees ook.*|czytaj (?:także|też|również).*|"
    r"(?:sign up|subscribe|join|follow us|folgen sie uns|abonnieren|melden sie sich)\b.{0,160}|skip to (?:content|main).*|(?:all|alle) (?:rights reserved|rechte vorbehalten).*|"
    r"(?:©|\(c\)|copyright\b).{0,120}|(?:zur|back to) (?:startseite|homepage|top).*|(?:comments?|kommentare?|leave a (?:comment|reply)|schreibe? einen kommentar)(?:\W*\d*\W*)?|"
    r"(?:tags?|schlagw[oö]rter|keywords|stichw[oö]rter|filed under|kategorien?|categories|posted in)\s*:.*|"
    r"(?:loading|wird geladen|please wait)\W*|(?:image|photo|picture|bild|foto|credit|photograph)\s*(?:credit|source|by|von|:|©).{0,120}|"
    r"(?:click|tap) here\b.*|download (?:the|our) (?:free )?app.*|(?:责任)?编辑[:：].{0,20}|[（(]?责任?编[辑輯][:：].*)\W*$",
    re.I,
)


def is_noise(tag: str, names: str, *, role: str | None = None, style: str | None = None, hidden: bool = False) -> bool:
    """Tell whether an element is beside the article; ``names`` are its class and id in one text."""
    if tag in DROPPED_TAGS or hidden or role in _ROLES:
        return True
    if style and _HIDDEN.search(style):
        return True
    return (
        bool(names) and tag not in {"body", "html", "article", "main"} and bool(_CLASS.search(names)) and not _KEPT.search(names)
    )


def is_invitation(line: str) -> bool:
    """Tell whether a short line is a label of the page (share, read also, advertisement) rather than text."""
    return len(line) <= 200 and bool(_LINE.match(line))
