"""Sentences in English and Chinese, and text from outside made safe to show."""

from readdress.i18n.clean import clean
from readdress.i18n.lang import pick_lang
from readdress.i18n.words import ENDED, SLOTS, VERDICTS, WAITS

__all__ = ["ENDED", "SLOTS", "VERDICTS", "WAITS", "clean", "pick_lang"]
