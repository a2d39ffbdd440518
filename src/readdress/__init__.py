"""Move a person's life off an email address."""

from readdress._version import __version__

__all__ = ["__version__"]
