"""Everything a caller or an operator sees."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("dragoman")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0+source"
