"""The keyring: only a protecting backend is used, what was written is read back, and nothing of a secret is shown."""

from __future__ import annotations

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend

from readdress.errors import VaultError
from readdress.vault import KeyringVault

SECRET = "s3cret-of-the-test"


def backend(module: str, *, drop: bool = False, raising: Exception | None = None) -> KeyringBackend:
    """A backend in memory that claims to live in ``module``; it may drop what it is given, or raise."""

    class Memory(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def __init__(self) -> None:
            self.kept: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            if raising:
                raise raising
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            if raising:
                raise raising
            if not drop:
                self.kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.kept[service, username]

    Memory.__module__ = module
    made = Memory()
    KeyringBackend._classes.discard(Memory)  # not a candidate for anybody else
    return made


GOOD = "keyring.backends.SecretService"


def test_a_secret_is_kept_per_migration() -> None:
    """Set, get, forget; two migrations on one computer never see each other's."""
    store = backend(GOOD)
    one, two = KeyringVault("lineage-1", backend=store), KeyringVault("lineage-2", backend=store)
    one.set("mailbox.old", SECRET)
    assert one.get("mailbox.old") == SECRET
    assert two.get("mailbox.old") is None
    assert list(store.kept) == [("readdress", "lineage-1/mailbox.old")]  # type: ignore[attr-defined]
    two.forget("mailbox.old")
    one.forget("mailbox.old")
    one.forget("mailbox.old")
    assert one.get("mailbox.old") is None


@pytest.mark.parametrize(
    "unsafe",
    [
        keyring.backends.null.Keyring(),
        keyring.backends.fail.Keyring(),
        backend("keyrings.alt.file"),
        backend("some.unknown.plugin"),
    ],
    ids=["null", "fail", "plaintext file", "unknown"],
)
def test_backends_that_do_not_protect_are_refused(unsafe: KeyringBackend) -> None:
    """Dropping, failing, writing in clear, unknown: refused for reading and writing, with what to install or use instead."""
    vault = KeyringVault("l", backend=unsafe)
    for act in (lambda: vault.set("a", SECRET), lambda: vault.get("a"), lambda: vault.forget("a")):
        with pytest.raises(VaultError, match="does not protect") as caught:
            act()
        assert "--secret ask" in caught.value.todo
        assert "env:NAME" in caught.value.todo
        assert "command:CMD" in caught.value.todo
    assert getattr(unsafe, "kept", {}) == {}


def test_a_chain_is_used_by_its_protecting_link_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chainer hands on to a plaintext file when a better keyring declines: never the chain itself, only its safe link."""
    plain, good = backend("keyrings.alt.file"), backend(GOOD)
    chain = keyring.backends.chainer.ChainerBackend()
    monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", [plain, good])
    KeyringVault("l", backend=chain).set("a", SECRET)
    assert plain.kept == {}  # type: ignore[attr-defined]
    assert len(good.kept) == 1  # type: ignore[attr-defined]
    monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", [plain])
    with pytest.raises(VaultError):
        KeyringVault("l", backend=chain).set("a", SECRET)
    monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", [])
    with pytest.raises(VaultError):
        KeyringVault("l", backend=chain).get("a")


def test_the_systems_choice_is_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a given backend keyring chooses, and its choice is looked at the same way."""
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend("keyrings.alt.file"))
    with pytest.raises(VaultError):
        KeyringVault("l").set("a", SECRET)
    store = backend(GOOD)
    monkeypatch.setattr(keyring, "get_keyring", lambda: store)
    KeyringVault("l").set("a", SECRET)
    assert KeyringVault("l").get("a") == SECRET


def test_a_backend_that_the_person_vouches_for() -> None:
    """A further keyring can be named; only that one is let in."""
    store = backend("keyring_pass")
    name = f"keyring_pass.{type(store).__qualname__}"
    KeyringVault("l", backend=store, trusted=[name]).set("a", SECRET)
    with pytest.raises(VaultError):
        KeyringVault("l", backend=store, trusted=["keyring_pass.Other"]).get("a")


def test_what_was_not_kept_is_noticed() -> None:
    """A backend that accepts and drops is found out by reading back."""
    with pytest.raises(VaultError, match="did not keep"):
        KeyringVault("l", backend=backend(GOOD, drop=True)).set("a", SECRET)


def test_nothing_of_a_secret_is_shown() -> None:
    """A backend's exception may repeat what it was given: its words go nowhere, nor is it chained."""
    vault = KeyringVault("l", backend=backend(GOOD, raising=RuntimeError(f"cannot store {SECRET}")))
    for act in (lambda: vault.set("a", SECRET), lambda: vault.get("a"), lambda: vault.forget("a")):
        with pytest.raises(VaultError) as caught:
            act()
        assert SECRET not in str(caught.value) + caught.value.todo + repr(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
    good = KeyringVault("l", backend=backend(GOOD))
    good.set("a", SECRET)
    assert SECRET not in repr(good)
