"""From messages and logins to accounts (pure)."""

from readdress.discovery.find import find, read_header
from readdress.discovery.models import Detector, Found

__all__ = ["Detector", "Found", "find", "read_header"]
