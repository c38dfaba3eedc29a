"""Storage: records, the lake and its writer lock, schema migrations, the WARC archive, loading and releases."""
