"""Reading feeds: from bytes to entries."""
