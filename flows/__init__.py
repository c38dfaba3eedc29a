"""Prefect flows and their stages. Start with ``nightly.py``; no other package imports Prefect."""
