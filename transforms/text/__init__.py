"""Find phrases, statements and candidate phrases in text: pure Python, registered in DuckDB by ``statement_udf``."""
