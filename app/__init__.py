"""The application: pages, REST, the live socket and the command line, around the science in `models`."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("hidden-state")
except PackageNotFoundError:  # running from a checkout that was not installed
    __version__ = "0+unknown"
