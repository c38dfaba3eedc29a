"""Build and audit the models in ``transforms/`` inside the lake, without dbt: ``run`` is the entry
point.
"""
