"""Fetching: HTTP requests, feeds and other sources. Functions take and return values: no Prefect,
no DuckDB, no clock.
"""
