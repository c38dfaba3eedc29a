"""Extract pages with trafilatura, as JSON lines from standard input to standard output: the peer of
``tidings extract``.

An input line has ``id``, ``url`` and ``html_base64``. An output line has ``id``, ``text``,
``title``, ``published_at`` and ``authors``.
"""

import base64
import json
import sys

import trafilatura

for line in sys.stdin:
    page = json.loads(line)
    html, url = base64.b64decode(page["html_base64"]), page.get("url") or None
    text = trafilatura.extract(html, url=url, include_comments=False) or ""
    found = trafilatura.extract_metadata(html, default_url=url)
    facts = found.as_dict() if found else {}
    names = [name.strip() for name in (facts.get("author") or "").split(";") if name.strip()]
    row = {
        "id": page["id"],
        "text": text,
        "title": facts.get("title"),
        "published_at": facts.get("date"),
        "authors": names,
    }
    print(json.dumps(row))
