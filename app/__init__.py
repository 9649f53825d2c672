"""Toise: the service."""

from importlib.metadata import version

__version__ = version("toise")
