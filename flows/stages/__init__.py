"""The night's stages as plain functions, in the order in which the data goes: no Prefect, each over one ``Run``."""
