"""The stages of nightly runs and backfills, as plain functions of a ``Run``. No stage imports
Prefect.
"""
