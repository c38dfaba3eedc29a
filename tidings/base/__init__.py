"""Shared foundations. Nothing here imports another part of Tidings."""
