"""Shared foundations: URLs, decoding, dates, records, owners of domains, settings, messages, and
the words of languages.

Nothing here imports another part of Tidings.
"""
