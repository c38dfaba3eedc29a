"""Extract and fold a first text, so that forked processes have the language model and tables."""

import datetime as dt

from tidings.annotation.folding import fold
from tidings.extraction import Page, clean

TEXT = "<p>The board of the harbour said that the old dam needs repairs before the winter.</p>" * 5
BODY = f"<html><head><title>Repairs of the dam</title></head><body>{TEXT}</body></html>"
URL = "http://example.org/1"
clean(Page(URL, URL, BODY.encode(), "text/html", dt.datetime(2026, 6, 1, tzinfo=dt.UTC)))
fold("é中")
