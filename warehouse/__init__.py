"""The storage contract: records, the lake and its lock, migrations, the archive, loading and releasing."""
