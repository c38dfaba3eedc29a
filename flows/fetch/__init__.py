"""What a night does, as plain functions: no Prefect, no DuckDB, no clock of their own."""
