"""Storage: the lake and its writer lock, schema migrations, the WARC archive, loading, releases,
and the checks of seeds.
"""
