"""Puts a recipe for software that runs on many hosts onto one site: ``{site}`` and ``{base}`` get their values."""

from __future__ import annotations

import ipaddress
from typing import Any

import ada_url

from readdress.errors import ConfigError
from readdress.recipe.schema import Recipe


def clean_site(text: str) -> str:
    """The base URL of a site, without trailing slash, query or fragment.

    Raises :class:`~readdress.errors.ConfigError`; plain http is accepted for loopback hosts only.
    """
    todo = "Give the address of the site's front page, like https://forum.example.org."
    if "://" not in text:
        text = "https://" + text
    try:
        url = ada_url.URL(text.strip())
    except ValueError:
        raise ConfigError(f"{text!r} is no web address.", todo=todo) from None
    if url.username or url.password:
        raise ConfigError("The site's address must not hold a user name or password.", todo=todo)
    if url.protocol == "http:" and not is_loopback(url.hostname):
        raise ConfigError(f"{text!r} would be reached without encryption; only this machine itself may be.", todo=todo)
    if url.protocol not in {"https:", "http:"} or not url.hostname:
        raise ConfigError(f"{text!r} is no web address that can be opened.", todo=todo)
    return f"{url.protocol}//{url.host}{url.pathname.rstrip('/')}"


def settle_site(recipe: Recipe, text: str) -> str:
    """The site that ``text`` means for this recipe: one of its presets, or a web address, with ``root`` behind a bare host."""
    rule = recipe.site
    if rule is None or not text:
        return clean_site(text) if text else ""
    site = clean_site(rule.presets.get(text, text))
    return site + rule.root if not ada_url.URL(site).pathname.strip("/") else site


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this machine: ``localhost`` or a loopback address literal."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def place(recipe: Recipe, site: str) -> Recipe:
    """The recipe with ``{site}`` (base URL; in hosts: host and port) and ``{base}`` (the URL's path) filled in.

    A recipe without a ``site`` table is returned as it is. Raises :class:`~readdress.errors.ConfigError` when a site is needed.
    """
    if recipe.site is None:
        if site:
            raise ConfigError(
                f"{recipe.name.en} is one service with one address; it takes no --site.", todo="Leave --site out."
            )
        return recipe
    if not recipe.site.required:
        return recipe  # it is written out already (the generic recipe)
    if not site:
        raise ConfigError(
            f"{recipe.name.en} runs on many hosts: which one is meant?",
            todo=f"Name it: migrate --service {recipe.id} --site https://…",
        )
    url = ada_url.URL(site)
    data = recipe.model_dump(mode="json", by_alias=True, exclude_none=True)
    data["hosts"] = _fill(data.get("hosts", []), url.host, url.pathname.rstrip("/"))
    data["assets"] = _fill(data.get("assets", []), url.host, url.pathname.rstrip("/"))
    for key in ("home", "route"):
        if key in data:
            data[key] = _fill(data[key], site, url.pathname.rstrip("/"))
    for mail in data.get("mail", []):
        # The trust gate knows the site itself: a mail's ``{site}`` stays, and its paths count from the site's own folder.
        if mail.get("link"):
            mail["link"]["path"] = mail["link"]["path"].replace("{base}", "")
        mail["never"] = [path.replace("{base}", "") for path in mail.get("never", [])]
    return Recipe.model_validate(data)


def _fill(value: Any, site: str, base: str) -> Any:
    if isinstance(value, str):
        return value.replace("{site}", site).replace("{base}", base)
    if isinstance(value, list):
        return [_fill(v, site, base) for v in value]
    if isinstance(value, dict):
        return {k: _fill(v, site, base) for k, v in value.items()}
    return value
