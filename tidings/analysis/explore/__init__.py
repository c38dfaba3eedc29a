"""Explore: questions about series over time, answered from a release file.

``question.py`` defines the parameters. ``queries.py`` writes the SQL. ``answers.py``,
``articles.py`` and ``changes.py`` run it on an ``OpenRelease`` (``database.py``), and ``server.py``
and ``assistant.py`` offer the answers.
"""
