"""Explore: questions about series over time, answered from a release file as a page, as JSON and
CSV, and to assistants.

``question.py`` defines the parameters of a question. ``queries.py`` writes the SQL, and
``answers.py`` and ``articles.py`` run it on an ``OpenRelease`` (``database.py``).
``server.py`` and ``assistant.py`` offer the same answers.
"""
