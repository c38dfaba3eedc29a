"""Find phrases, themes, statements, events and candidate phrases in texts: pure Python, registered
in DuckDB by ``udf``.
"""
