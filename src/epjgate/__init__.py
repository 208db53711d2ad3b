"""epjgate: a release gate for electronic patient records."""

__version__ = "0.1.0"
