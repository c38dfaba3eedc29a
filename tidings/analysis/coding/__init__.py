"""The coding sheet: draw a sample of articles, store the labels of coders, and measure their
agreement.
"""
