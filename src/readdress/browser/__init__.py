"""The controlled browser; the only importer of playwright, which is loaded when a browser is started and not before."""

from __future__ import annotations

from readdress.browser.launch import Settings, factory, launched
from readdress.browser.own import EverydayBrowser
from readdress.browser.upstream import PersonsProxy, Way

__all__ = ["EverydayBrowser", "PersonsProxy", "Settings", "Way", "factory", "launched"]
