"""Everything that people look at: report, Explore, API, assistants, exports and the coding sheet,
from a release file.
"""
