"""Reference data as CSV files, located relative to this package."""
