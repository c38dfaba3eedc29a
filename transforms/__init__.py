"""The dbt project and what its SQL calls: read ``run.py`` for how it is run, ``matching.py`` for how a text is searched."""
