"""Reference data as CSV, found from the package wherever it is installed."""
