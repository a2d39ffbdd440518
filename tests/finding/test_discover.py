"""`discover` on a real server and on files: everything found, nothing counted twice, whatever ends a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from readdress import Migration, Side
from readdress.errors import MailboxError, NeedsTime, ReaddressError, UsageError
from readdress.models import Kind
from readdress.workflow.discovering import Archive
from readdress.workflow.scanning import sums
from tests.corpus.build import gold_accounts
from tests.finding.conftest import HandClock, write_mbox
from tests.programs.dovecot import Dovecot

Opened = Callable[..., Migration]


def counted(m: Migration) -> dict[tuple[str, str], tuple[dict[str, int], int]]:
    """What is written down, in a form that can be compared."""
    return {(t.org, t.to): ({k.value: n for k, n in t.counts.items()}, t.listed) for t in sums(m.state.tallies())}


def found(m: Migration) -> set[tuple[str, str]]:
    return {(a.service, a.login) for a in m.accounts()}


def test_a_mailbox_and_an_archive_of_it_say_the_same(
    opened: Opened, on_dovecot: Callable[..., object], mbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same 251 messages over IMAP (three folders, one named in Chinese) and as an mbox give the same accounts."""
    with opened() as m:
        on_dovecot(m)
        over_imap = m.discover()
        assert over_imap.reads[0].messages == 251 and over_imap.reads[0].folders >= 3 and over_imap.error is None
        first, tallies = found(m), counted(m)
        assert len(first) > 35 and m.check() == []
    (tmp_path / "me.readdress").unlink()
    with opened() as m:
        m.discover(archives=[Archive(mbox)])
        assert found(m) == first and counted(m) == tallies


def test_accounts_are_those_of_the_labels(opened: Opened, mbox: Path) -> None:
    """Through the whole product, not the scales alone: nearly all labelled accounts, next to nothing else."""
    with opened() as m:
        m.discover(archives=[Archive(mbox)])
        services = {a.service for a in m.accounts()}
        wanted = _gold_domains()
        known = {a.service: {e.sender.rpartition("@")[2] for e in a.evidence} for a in m.accounts()}
        hit = {d for d in wanted if d in services or any(_within(s, d) for senders in known.values() for s in senders)}
        assert len(hit) / len(wanted) >= 0.95, wanted - hit


def _gold_domains() -> set[str]:
    from tests.corpus.build import service_domains

    domains = service_domains("dev")
    return {domains[s][0] for s, state in gold_accounts("dev").items() if state == "active" and domains.get(s)}


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain) or domain.endswith("." + host)


def test_a_second_run_reads_nothing_and_a_third_only_what_came(
    opened: Opened, on_dovecot: Callable[..., object], server: Dovecot, mails: list[bytes]
) -> None:
    """Incremental by UIDVALIDITY and UIDNEXT, over IMAP."""
    with opened() as m:
        on_dovecot(m, mails[:60])
        assert m.discover().reads[0].messages == 60
        before = counted(m)
        again = m.discover()
        assert again.reads[0].messages == 0 and again.settled.added == [] and counted(m) == before
        for raw in mails[60:70]:
            server.deliver(on_dovecot.user, raw)  # type: ignore[attr-defined]
        assert m.discover().reads[0].messages == 10
        total = sum(sum(c.values()) for c, _ in counted(m).values())
        assert total == 70


def test_an_archive_that_grew_is_read_from_where_it_ended(opened: Opened, mails: list[bytes], tmp_path: Path) -> None:
    """The same for a file: appended messages only."""
    path = tmp_path / "growing.mbox"
    write_mbox(path, mails[:100])
    with opened() as m:
        assert m.discover(archives=[Archive(path)]).reads[0].messages == 100
        assert m.discover(archives=[Archive(path)]).reads[0].messages == 0
        with path.open("ab") as file:
            other = tmp_path / "more.mbox"
            write_mbox(other, mails[100:130])
            file.write(other.read_bytes())
        assert m.discover(archives=[Archive(path)]).reads[0].messages == 30


def test_a_folder_that_was_rebuilt_is_counted_anew(
    opened: Opened, on_dovecot: Callable[..., object], server: Dovecot, mails: list[bytes]
) -> None:
    """UIDVALIDITY has changed: what was counted in that folder goes and is counted again, what the others hold stays."""
    with opened() as m:
        on_dovecot(m, mails[:90])
        m.discover()
        before = counted(m)
        server.change_uidvalidity(on_dovecot.user, "Junk")  # type: ignore[attr-defined]
        for raw in mails[2:90:3]:
            server.deliver(on_dovecot.user, raw, folder="Junk")  # type: ignore[attr-defined]
        read = m.discover().reads[0]
        assert read.messages == 30 and counted(m) == before


@pytest.mark.parametrize("stop_at", [1, 2, 3, 4, 9, 20])
def test_killed_anywhere_goes_on_without_loss_or_double_counting(
    opened: Opened,
    on_dovecot: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    stop_at: int,
    tmp_path: Path,
    mails: list[bytes],
) -> None:
    """The process dies before its n-th commit; the next run ends with the same sums and the same accounts as one that was never stopped."""
    with opened() as m:
        on_dovecot(m, mails[:48])
        m.discover()
        whole, accounts = counted(m), found(m)
        config = m.state.mailbox(Side.OLD)
    (tmp_path / "me.readdress").unlink()
    with opened() as m:
        m.set_mailbox(Side.OLD, config)
        real, calls = type(m.state).record, []

        def dies(self: object, *drafts: object) -> int:
            calls.append(drafts)
            if len(calls) == stop_at:
                raise KeyboardInterrupt
            return real(self, *drafts)  # type: ignore[arg-type]

        with monkeypatch.context() as dying:
            dying.setattr(type(m.state), "record", dies)
            with pytest.raises(KeyboardInterrupt):
                m.discover()
    with opened() as m:
        m.discover()
        assert counted(m) == whole and found(m) == accounts and m.check() == []


def test_a_mailbox_that_vanishes_in_the_middle_keeps_what_was_read(
    opened: Opened, on_dovecot: Callable[..., object], monkeypatch: pytest.MonkeyPatch, mails: list[bytes]
) -> None:
    """The error is told, what was read until then is written down, accounts are added from it, and the next run goes on."""
    import readdress.mailbox.bulk as bulk

    real = bulk.scan

    def breaks(*args: object, **more: object) -> object:
        for number, batch in enumerate(real(*args, **more)):  # type: ignore[arg-type]
            yield batch
            if number == 0:
                raise MailboxError("The line went dead.", todo="Try again.")

    with opened() as m:
        on_dovecot(m)
        with monkeypatch.context() as broken:
            broken.setattr(bulk, "scan", breaks)
            cut = m.discover()
        assert cut.error is not None and 0 < cut.reads[0].messages < len(mails) and m.accounts()
        rest = m.discover()
        assert rest.error is None and cut.reads[0].messages + rest.reads[0].messages == len(mails)


def test_a_rate_limit_is_a_durable_wait(
    opened: Opened, on_dovecot: Callable[..., object], monkeypatch: pytest.MonkeyPatch, clock: HandClock
) -> None:
    """Not one more login before the pause is over; then it goes on."""
    from datetime import timedelta

    import readdress.mailbox.connect as connect

    with opened() as m:
        on_dovecot(m)
        with monkeypatch.context() as limited:

            def refuses(*_: object, **__: object) -> None:
                raise MailboxError("Too many login attempts, please try again later.", todo="Wait.")

            limited.setattr(connect.Connection, "__init__", refuses)
            with pytest.raises(MailboxError):
                m.discover()
        with pytest.raises(NeedsTime) as wait:
            m.discover()
        assert wait.value.exit_code == 4 and wait.value.until > clock.now()
        clock.time += timedelta(hours=2)
        assert m.discover().reads[0].messages == 251


def test_nothing_of_a_message_is_kept(opened: Opened, mbox: Path, tmp_path: Path) -> None:
    """No subject and no body stands in the state file: folder, UID, date, sender, kind, hash, and a login name where mail states one."""
    from email import message_from_bytes, policy

    from tests.corpus.build import load

    with opened() as m:
        m.discover(archives=[Archive(mbox)])
        kinds = {e.kind for e in m.log()}
        assert Kind.SCANNED in kinds and Kind.OPENED in kinds
    octets = (tmp_path / "me.readdress").read_bytes()
    for sample in load("dev"):
        subject = str(message_from_bytes(sample.octets(), policy=policy.default)["Subject"] or "")
        assert len(subject) < 12 or subject.encode() not in octets, subject
        line = max(sample.text.splitlines(), key=len, default="")
        assert len(line) < 30 or line.encode() not in octets


def test_a_file_that_is_no_mail_is_refused_in_words(opened: Opened, tmp_path: Path) -> None:
    """An mbox without From lines: a clear sentence, nothing written down."""
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes\n" * 100)
    with opened() as m:
        serial = m.header.serial
        with pytest.raises(ReaddressError) as refused:
            m.discover(archives=[Archive(path)])
        assert refused.value.todo and m.header.serial == serial


def test_without_a_mailbox_the_ways_are_named(opened: Opened) -> None:
    with opened() as m, pytest.raises(MailboxError) as none:
        m.discover()
    assert "--mbox" in none.value.todo and "remember" in none.value.todo


def test_an_alias_that_is_no_address_is_refused(opened: Opened, mbox: Path) -> None:
    with opened() as m, pytest.raises(UsageError):
        m.discover(archives=[Archive(mbox)], aliases=["not an address"])


# -- saved logins -----------------------------------------------------------------------------------------------------------

CHROME = """name,url,username,password,note
GitHub,https://github.com/login,mia,hunter2-secret,
Unknown,https://shop.example.org/login,mia.lind@oldmail.example,correct-horse,
Other,https://elsewhere.example.org/,somebody@else.example,not-mine,
Same,https://shop.example.org/account,mia.lind@oldmail.example,correct-horse,
Note,https://third.example.org/,mia77,pw-in-note,uses mia.lind@oldmail.example
"""


def test_saved_logins_become_accounts_and_their_secrets_nothing(opened: Opened, tmp_path: Path) -> None:
    """Rows that name OLD, once for each service; the password is held from now on, and stands nowhere in the state file."""
    path = tmp_path / "Chrome Passwords.csv"
    path.write_text(CHROME)
    with opened() as m:
        done = m.discover(passwords=[path])
        services = {a.service: a for a in m.accounts()}
        assert set(services) == {"example.org"} or {"shop.example.org", "third.example.org"} & set(services), services
        assert "github" not in services, "its row does not name the old address"
        assert done.reads[0].messages == 5
        account = done.added[0]
        assert "password" in m.state.factors(account.id) and account.evidence[0].source == "passwords"
        again = m.discover(passwords=[path])
        assert again.added == [] and m.check() == []
    octets = (tmp_path / "me.readdress").read_bytes()
    for secret in (b"hunter2-secret", b"correct-horse", b"not-mine", b"pw-in-note"):
        assert secret not in octets


def test_mail_and_saved_login_are_one_account(opened: Opened, mbox: Path, tmp_path: Path) -> None:
    """What two sources show of one service is joined."""
    path = tmp_path / "export.csv"
    path.write_text("name,url,username,password\nMicrosoft,https://login.live.com/,mia.lind@oldmail.example,x-secret\n")
    with opened() as m:
        m.discover(archives=[Archive(mbox)])
        m.discover(passwords=[path])
        microsoft = [a for a in m.accounts() if a.service == "microsoft"]
        assert len(microsoft) == 1
        assert {e.source for e in microsoft[0].evidence} == {"mail", "passwords"}
