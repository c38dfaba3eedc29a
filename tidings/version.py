"""The version of Tidings, which `tidings/__init__.py`, requests, releases and the wheel state."""

__version__ = "0.2.0"
