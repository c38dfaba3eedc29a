"""The lake and its writer lock, the WARC archive, loading, releases, and checks of seeds."""
