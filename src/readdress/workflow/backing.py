"""The verb ``backup``: saves the old (or the new) mailbox whole, as long as it can still be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from readdress.errors import ConfigError, MailboxError
from readdress.models import Side, Text

if TYPE_CHECKING:
    from readdress.mailbox.backup import BackupReport, Progress
    from readdress.workflow.migration import Migration


def run_backup(
    m: Migration,
    target: Path,
    *,
    form: Literal["eml", "mbox"] = "eml",
    side: Side | str = Side.OLD,
    progress: Progress | None = None,
) -> BackupReport:
    """Save a mailbox into ``target``, or complete what an earlier run saved there; nothing in the mailbox is changed.

    Raises :class:`~readdress.errors.MailboxError` when it is not set up or cannot be reached, and what
    :func:`readdress.mailbox.backup.backup` raises.
    """
    side = Side(side)
    config = m.state.mailbox(side)
    if config is None or config.kind != "imap":
        raise MailboxError(
            f"The {side.value} mailbox is not set up to be read.", todo=f"migrate mailbox add {side.value}"
        )
    target = Path(target).expanduser()
    if not target.exists() and not target.parent.is_dir():
        raise ConfigError(
            f"There is no folder {target.parent}.", todo="Make it first, or name another place for the backup."
        )
    if target.exists() and not target.is_dir():
        raise ConfigError(f"{target} is a file, and a backup is a folder.", todo="Name a new folder.")
    from readdress.mailbox.backup import backup

    return backup(config, m.session.credential(side, config), target, form=form, progress=progress)


def backup_document(report: BackupReport) -> dict[str, Any]:
    """A backup as a JSON document: sizes in octets, UIDs as the server numbers them."""
    return {
        "readdress": "backup_report",
        "format": 1,
        "target": str(report.target),
        "form": report.form,
        "complete": report.complete,
        "messages": report.messages,
        "octets": report.octets,
        "fresh": report.fresh,
        "folders": [
            {
                "name": f.name,
                "path": f.path,
                "messages": f.messages,
                "octets": f.octets,
                "on_server": f.on_server,
                "missing": list(f.missing),
                "missing_count": f.missing_count,
                "refused": f.refused,
                "gone": f.gone,
                "other_sizes": [{"uid": u, "saved": have, "server_says": said} for u, have, said in f.other_sizes],
                "other_sizes_count": f.other_sizes_count,
                "numbered_anew": f.anew,
                "trouble": f.trouble,
            }
            for f in report.folders
        ],
    }


def backup_lines(report: BackupReport) -> list[Text]:
    """What a person should know of a backup: what is saved, and every difference from the server."""
    size = f"{report.octets / 1e6:.1f} MB"
    count, fresh, folders = report.messages, report.fresh, sum(1 for f in report.folders if not f.trouble)
    lines = [
        Text(
            f"Saved in {report.target}: {count} messages of {folders} folders, {size} ({fresh} of them now).",
            f"已保存到 {report.target}：{folders} 个文件夹，共 {count} 封邮件，{size}（本次 {fresh} 封）。",
        )
    ]
    for f in report.folders:
        if f.trouble:
            lines.append(Text(f"! {f.name}: not saved: {f.trouble}", f"！{f.name}：未保存：{f.trouble}"))
        if f.missing_count:
            uids = ", ".join(map(str, f.missing[:10]))
            lines.append(
                Text(
                    f"! {f.name}: {f.missing_count} of {f.on_server} messages could not be saved (UID {uids} …).",
                    f"！{f.name}：{f.on_server} 封邮件中有 {f.missing_count} 封未能保存（UID {uids} …）。",
                )
            )
        if f.other_sizes_count:
            lines.append(
                Text(
                    f"{f.name}: the server gives another size than what it sent for {f.other_sizes_count} messages. Some servers only "
                    "estimate sizes; what it sent is saved whole.",
                    f"{f.name}：有 {f.other_sizes_count} 封邮件，服务器报的大小与实际发送的不同。有些服务器只是估算；收到的内容已完整保存。",
                )
            )
        if f.gone:
            lines.append(
                Text(
                    f"{f.name}: {f.gone} saved messages are no longer on the server; they stay saved.",
                    f"{f.name}：有 {f.gone} 封已保存的邮件在服务器上已不存在；备份中仍然保留。",
                )
            )
        if f.anew:
            lines.append(
                Text(
                    f"{f.name}: the server has numbered it anew since the last backup, so it was saved again, in {f.path}.",
                    f"{f.name}：上次备份后服务器重新编号，因此已重新保存到 {f.path}。",
                )
            )
    if report.complete:
        lines.append(
            Text(
                "Checked against the server: every message is there, in number and in size.",
                "已与服务器核对：邮件数量和大小齐全。",
            )
            if not any(f.other_sizes_count for f in report.folders)
            else Text("Checked against the server: every message is there.", "已与服务器核对：邮件数量齐全。")
        )
    return lines
