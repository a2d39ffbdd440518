"""Boots Dovecot as the tests' real IMAP server: plain and STARTTLS on one loopback port, implicit TLS on another.

    with Dovecot(users={"old@example.net": "pw"}) as mail:
        mail.deliver("old@example.net", b"Subject: hello\\r\\n\\r\\nbody\\r\\n")
        imapclient.IMAPClient("127.0.0.1", port=mail.port, ssl=False)

It runs as root and as an ordinary user. Mail comes in through LMTP (RFC 2033), as from a real mail server: Dovecot adds
Return-Path, Delivered-To and Received. Every mailbox has Junk, Archive and the two-level folder 其他文件夹/QQ邮件订阅, whose
name goes over the wire in modified UTF-7 (RFC 3501, section 5.1.3).
"""

from __future__ import annotations

import base64
import grp
import imaplib
import os
import pwd
import re
import smtplib
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from . import certs
from .base import LOOPBACK, Program, accepts, find_command

QQ_FOLDER = "其他文件夹/QQ邮件订阅"
FOLDERS = ("Junk", "Archive", "其他文件夹", QQ_FOLDER)
_SPECIAL = {"Junk": r"\Junk", "Archive": r"\Archive"}
_MAILBOX_OWNER = "nobody"  # when root starts it: Dovecot refuses to open mail as user 0

Certificate = Literal["good", "expired", "evil"]


class Dovecot(Program):
    """Dovecot with its own configuration, users and folders.

    users         login (a whole address) -> password; the first is the default of `deliver`
    certificate   what the server shows: "good" (localhost, by our CA), "expired" (the same, ended yesterday), "evil"
                  (self-signed, CN=evil.example)
    special_use   announce SPECIAL-USE attributes (RFC 6154) for Junk and Archive; QQ Mail announces none
    capability    the exact text of CAPABILITY after sign-in, to hide extensions such as IDLE; None is Dovecot's own
    max_connections  how many IMAP connections one user may hold at once; the next one is refused
    extra         further lines of Dovecot configuration

    Once entered: `port` (plain and STARTTLS), `tls_port` (implicit TLS), `lmtp_port`, `ca_file` (PEM to trust), `users`.
    """

    name = "dovecot"
    needs = {  # noqa: RUF012 - a constant table
        "dovecot": "dovecot-core",
        "/usr/lib/dovecot/imap": "dovecot-imapd",
        "/usr/lib/dovecot/lmtp": "dovecot-lmtpd",
    }
    boot_seconds = 30.0

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        certificate: Certificate = "good",
        folders: Iterable[str] = FOLDERS,
        special_use: bool = True,
        capability: str | None = None,
        max_connections: int = 30,
        extra: str = "",
    ) -> None:
        super().__init__()
        self.users = dict(users)
        self.host = LOOPBACK
        self.certificate = certificate
        self.folders = tuple(folders)
        self._special_use = special_use
        self._capability = capability
        self._max_connections = max_connections
        self._extra = extra
        self._password_version = 0
        self.tls_port = 0
        self.lmtp_port = 0
        self.ca_file = ""

    def start(self) -> None:
        """Write the certificates, the password file and the configuration, start Dovecot, wait for its three ports."""
        self.tls_port = self.lease_port()
        self.lmtp_port = self.lease_port()
        authority = certs.make_authority(self.home)
        self.ca_file = str(authority.file)
        pair = self._pair(authority)
        self._write_passwords()
        (self.home / "mail").mkdir()
        if os.getuid() == 0:
            owner = pwd.getpwnam(_MAILBOX_OWNER)
            os.chown(self.home / "mail", owner.pw_uid, owner.pw_gid)
        config = self.home / "dovecot.conf"
        config.write_text(self._config(pair), encoding="utf-8")
        self.spawn([find_command("dovecot"), "-F", "-c", str(config)], log="dovecot")
        ports = (self.port, self.tls_port, self.lmtp_port)
        self.wait_until(lambda: all(accepts(port) for port in ports), "open IMAP, IMAPS and LMTP port")

    # -- what tests do with it
    def deliver(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        """Put one message into a mailbox: INBOX through LMTP like a mail server, another folder by IMAP APPEND.

        `raw` is the whole message; line ends are made CRLF. Raises smtplib.SMTPException or imaplib.IMAP4.error if refused.
        """
        if folder.upper() == "INBOX":
            self.deliver_lmtp([user], raw)
        else:
            self.append(user, raw, folder)

    def deliver_lmtp(self, recipients: Iterable[str], raw: bytes, sender: str = "") -> dict[str, str]:
        """Deliver through LMTP with an envelope, to each recipient on its own; raises smtplib.SMTPRecipientsRefused if all refuse.

        Returns the refused recipients with the reason. One transaction each, because LMTP answers once per recipient
        (RFC 2033, section 4.2) and Python's smtplib reads only the first answer.
        """
        refused: dict[str, tuple[int, bytes]] = {}
        everyone = list(recipients)
        with smtplib.LMTP(LOOPBACK, self.lmtp_port, local_hostname="localhost") as lmtp:
            for address in everyone:
                try:
                    lmtp.sendmail(sender, [address], crlf(raw))
                except smtplib.SMTPRecipientsRefused as error:
                    refused.update(error.recipients)
        if len(refused) == len(everyone):
            raise smtplib.SMTPRecipientsRefused(refused)
        return {address: f"{code} {text.decode(errors='replace')}" for address, (code, text) in refused.items()}

    def append(self, user: str, raw: bytes, folder: str, flags: str = "") -> None:
        """Put one message into `folder` (Unicode name) by IMAP APPEND, without the headers that a mail server adds."""
        with self.login(user) as imap:
            status, text = imap.append(quoted(folder), flags, "", crlf(raw))
            if status != "OK":
                raise imaplib.IMAP4.error(f"APPEND to {folder}: {text!r}")

    def login(self, user: str) -> imaplib.IMAP4:
        """A signed-in plain connection for the set-up and the assertions of a test; the code under test has its own."""
        imap = imaplib.IMAP4(LOOPBACK, self.port, timeout=20)
        # not LOGIN: imaplib would refuse a password that is not ASCII
        proof = f"\0{user}\0{self.users[user]}".encode()
        imap.authenticate("PLAIN", lambda _: proof)
        return imap

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Every message of a folder in UID order, without marking one as read."""
        with self.login(user) as imap:
            status, _ = imap.select(quoted(folder), readonly=True)
            if status != "OK":
                raise imaplib.IMAP4.error(f"no folder {folder}")
            _, data = imap.uid("FETCH", "1:*", "(BODY.PEEK[])")
            return [part[1] for part in data if isinstance(part, tuple)]

    def create_folder(self, user: str, folder: str) -> None:
        """Create a folder by its Unicode name."""
        with self.login(user) as imap:
            status, text = imap.create(quoted(folder))
            if status != "OK":
                raise imaplib.IMAP4.error(f"CREATE {folder}: {text!r}")

    def change_uidvalidity(self, user: str, folder: str) -> None:
        """Delete and create a folder again: it is empty and its UIDVALIDITY (RFC 3501, section 2.3.1.1) is another one."""
        with self.login(user) as imap:
            imap.delete(quoted(folder))
        self.create_folder(user, folder)

    def set_password(self, user: str, password: str) -> None:
        """Change or add a user's password from now on; running sessions stay signed in."""
        self.users[user] = password
        self._write_passwords()

    def drop_user(self, user: str) -> None:
        """Make the mailbox dead: sign-in fails and mail to it is refused, what lay in it stays on disk."""
        del self.users[user]
        self._write_passwords()

    # -- configuration
    def _pair(self, authority: certs.Authority) -> certs.CertificatePair:
        if self.certificate == "evil":
            return certs.self_signed(self.home, "server")
        return certs.issue(authority, self.home, "server", expired=self.certificate == "expired")

    def _write_passwords(self) -> None:
        # base64 keeps blanks, colons and non-ASCII letters of a password out of the file's syntax
        lines = (
            f"{user}:{{PLAIN.b64}}{base64.b64encode(password.encode()).decode()}::::::\n"
            for user, password in self.users.items()
        )
        path = self.home / "passwd"
        fresh = path.with_suffix(".new")
        fresh.write_text("".join(lines), encoding="utf-8")
        # Dovecot reads the file again when its size or its second of change differs: every version gets its own second,
        self._password_version += 1
        stamp = time.time() - 10_000 + self._password_version
        os.utime(fresh, (stamp, stamp))
        fresh.replace(path)
        if self._password_version > 1:
            time.sleep(1.1)  # and it looks at most once a second

    def _config(self, pair: certs.CertificatePair) -> str:
        root = os.getuid() == 0
        account = pwd.getpwnam(_MAILBOX_OWNER) if root else pwd.getpwuid(os.getuid())
        group = grp.getgrgid(account.pw_gid).gr_name
        # an ordinary user can neither switch users nor chroot, so every service runs as that user, unconfined
        rootless = "" if root else _ROOTLESS.format(user=account.pw_name, group=group)
        capability = f"imap_capability = {self._capability}\n" if self._capability else ""
        boxes = "".join(self._mailbox(folder) for folder in self.folders)
        return _CONFIG.format(
            home=self.home,
            uid=account.pw_name,
            gid=group,
            port=self.port,
            tls_port=self.tls_port,
            lmtp_port=self.lmtp_port,
            cert=pair.cert,
            key=pair.key,
            boxes=boxes,
            rootless=rootless,
            connections=self._max_connections,
            extra=capability + self._extra,
        )

    def _mailbox(self, folder: str) -> str:
        special = _SPECIAL.get(folder) if self._special_use else None
        use = f"    special_use = {special}\n" if special else ""
        return f'  mailbox "{folder}" {{\n    auto = subscribe\n{use}  }}\n'


_CONFIG = """\
base_dir = {home}/run
state_dir = {home}/run
log_path = /dev/stderr
protocols = imap lmtp
listen = 127.0.0.1
mail_home = {home}/mail/%u
mail_location = maildir:~/Maildir
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
ssl_dh =
disable_plaintext_auth = no
auth_mechanisms = plain login
# the default holds a wrong password's answer back for 2 seconds, which proves nothing in a test
auth_failure_delay = 0
# and so does the penalty that grows with each failure from one address, 15 seconds at most
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
mail_max_userip_connections = {connections}
hostname = mx.example.net
postmaster_address = postmaster@example.net
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/passwd
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {home}/passwd
  override_fields = uid={uid} gid={gid} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
{boxes}}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
{rootless}{extra}
"""

_ROOTLESS = """\
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def crlf(raw: bytes) -> bytes:
    """The message with every line end as CRLF, as SMTP and IMAP require (RFC 5321, section 2.3.8)."""
    return re.sub(rb"\r\n|\r|\n", b"\r\n", raw)


def quoted(folder: str) -> str:
    """A Unicode folder name as imaplib wants it: modified UTF-7 (RFC 3501, section 5.1.3) in quotes."""
    escaped = modified_utf7(folder).replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def modified_utf7(name: str) -> str:
    """Encode a folder name in modified UTF-7 (RFC 3501, section 5.1.3): 收件箱 becomes &ZTZO9nux-."""

    def encode(run: re.Match[str]) -> str:
        if run[0] == "&":
            return "&-"
        text = base64.b64encode(run[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{text}-"

    return re.sub(r"&|[^\x20-\x7e]+", encode, name)


def mailbox_folder(server: Dovecot, user: str) -> Path:
    """Where a user's Maildir lies on disk, for tests that look at or damage the files themselves."""
    return server.home / "mail" / user / "Maildir"
