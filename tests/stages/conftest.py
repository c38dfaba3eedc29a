"""Fixtures: a small lake with built models, as the tests of the models use it."""

from tests.transforms.conftest import empty_lake, lake

__all__ = ["empty_lake", "lake"]
