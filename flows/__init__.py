"""The flows: `nightly.py` reads as the night's table of contents. Prefect lives here and nowhere else."""
