"""Finds the preset of an address or of a configuration, and what follows from it: pace and trusted authserv-ids."""

from __future__ import annotations

from readdress.mailbox.preset import DOVECOT_LIKE, Pace, Preset, Source
from readdress.mailbox.providers import ALL
from readdress.models import MailboxConfig

__all__ = ["PRESETS", "Pace", "Preset", "Source", "authserv_ids_of", "pace_of", "preset_for", "preset_of"]

PRESETS: dict[str, Preset] = {preset.name: preset for preset in ALL}
_BY_DOMAIN = {domain: preset for preset in PRESETS.values() for domain in preset.domains}


def preset_for(domain: str) -> Preset | None:
    """The preset of an address's domain (``qq.com``; a whole address works too), or ``None``."""
    return _BY_DOMAIN.get(domain.rpartition("@")[2].strip().rstrip(".").lower())


def preset_of(config: MailboxConfig) -> Preset | None:
    """The preset that a configuration follows: the one it names, else the one whose servers it uses."""
    if config.preset:
        return PRESETS.get(config.preset)
    host = config.host.lower().rstrip(".")
    return next((p for p in PRESETS.values() if _serves(p, host) and p.security != "starttls"), None)


def pace_of(config: MailboxConfig) -> Pace:
    """How gently this mailbox is to be read; a server that we know nothing of counts as Dovecot-like."""
    preset = preset_of(config)
    return preset.pace if preset else DOVECOT_LIKE


def authserv_ids_of(config: MailboxConfig) -> tuple[str, ...]:
    """Identifiers whose Authentication-Results count: the configured ones, else the preset's if it is its own server.

    A preset's identifier on another host would let any sender vouch for himself.
    """
    if config.authserv_ids:
        return config.authserv_ids
    preset = preset_of(config)
    if preset and _serves(preset, config.host.lower().rstrip(".")):
        return preset.authserv_ids
    return ()


def _serves(preset: Preset, host: str) -> bool:
    return host in {preset.host_for(domain) for domain in preset.domains}
