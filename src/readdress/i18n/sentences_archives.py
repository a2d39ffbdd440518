"""The errors of archives and backups in Chinese, looked up by their English sentence; a part of :mod:`readdress.i18n.sentences`."""

from __future__ import annotations

ARCHIVES: tuple[tuple[str, str], ...] = (
    # what an archive is not
    ("{name} is empty: there is no message in it.", "{name} 是空文件，里面没有邮件。"),
    ("Export the mail once more and give that file.", "请重新导出邮件，并提供该文件。"),
    ("{name} is a gzip file, but what is in it is no mbox.", "{name} 是 gzip 文件，但其中的内容不是 mbox。"),
    ("{name} is {what}, which is not understood.", "{name} 是 {what}，无法识别。"),
    (
        "{name} is no archive of mail that is understood: it is no message, and no line that begins with 'From ' separates messages in it.",
        "{name} 不是能识别的邮件归档：它不是单封邮件，也没有以“From ”开头的行分隔邮件。",
    ),
    (
        "Understood are: mbox (plain or gzip; Google Takeout, Thunderbird, Apple Mail), Maildir, folders of .eml, .emlx or .msg files, and zip files of those.",
        "可识别：mbox（普通或 gzip；Google Takeout、Thunderbird、Apple Mail）、Maildir、存放 .eml、.emlx 或 .msg 的文件夹，以及包含这些的 zip 文件。",
    ),
    ("The folder {name} is empty.", "文件夹 {name} 是空的。"),
    ("Give the folder that holds the mail.", "请给出存放邮件的文件夹。"),
    (
        "{name} is no Maildir: neither it nor a folder in it has both cur and new.",
        "{name} 不是 Maildir：它和其中的文件夹都没有 cur 和 new。",
    ),
    (
        "Give the folder that has cur and new in it; for .eml files or mbox files, say so instead.",
        "请给出包含 cur 和 new 的文件夹；如果是 .eml 或 mbox 文件，请改用相应的选项。",
    ),
    ("{name} is a folder, and a file was expected.", "{name} 是文件夹，而这里需要文件。"),
    ("{name} is a file, and a folder was expected.", "{name} 是文件，而这里需要文件夹。"),
    (
        "There is no message in {name}: no line that begins with 'From ' separates messages in it.",
        "{name} 中没有邮件：没有以“From ”开头的行分隔邮件。",
    ),
    (
        "Export the mail as mbox (or .eml files) once more and give that file.",
        "请重新导出为 mbox（或 .eml 文件），并提供该文件。",
    ),
    ("{name} is a zip file protected by a password.", "{name} 是受密码保护的 zip 文件。"),
    (
        "Unpack it with its password, and give the folder or the file that was in it.",
        "请用密码解压，并给出其中的文件夹或文件。",
    ),
    # what goes wrong while one is read
    (
        "{name} is damaged: {why}. What was read before this place is kept.",
        "{name} 已损坏（{why}）。此前读到的内容已保留。",
    ),
    (
        "Make the export or the copy once more and give the new file; it is read on from there where its beginning is the same.",
        "请重新导出或复制，并提供新文件；如果开头相同，会从该处继续读取。",
    ),
    ("There is no {name}.", "没有 {name}。"),
    ("Check the name and the folder it is in.", "请检查名称及其所在文件夹。"),
    ("{name} may not be read.", "{name} 不可读。"),
    (
        "Copy it to a place of your own, or let your user read it, and try again.",
        "请把它复制到您自己的位置，或允许当前用户读取，然后重试。",
    ),
    (
        "{name} cannot be read ({why}). What was read before this place is kept.",
        "{name} 无法读取（{why}）。此前读到的内容已保留。",
    ),
    (
        "Check the disk or the network it lies on, then run the same command again.",
        "请检查它所在的磁盘或网络，然后再次运行同一命令。",
    ),
    # backups
    ("The {side} mailbox is not set up to be read.", "尚未设置可读取的邮箱（{side}）。"),
    ("There is no folder {folder}.", "没有文件夹 {folder}。"),
    ("Make it first, or name another place for the backup.", "请先创建它，或为备份另选位置。"),
    ("The folder {folder} is not empty, and holds no backup.", "文件夹 {folder} 不是空的，里面也没有备份。"),
    (
        "Name a new or an empty folder, or the folder of an earlier backup of the same mailbox.",
        "请指定新的或空的文件夹，或同一邮箱之前的备份文件夹。",
    ),
    ("Another backup is being written to {folder}.", "另一个备份正在写入 {folder}。"),
    ("Wait until it has ended, or name another folder.", "请等它结束，或指定另一个文件夹。"),
    ("The folder {folder} holds a backup of {address}.", "文件夹 {folder} 中是 {address} 的备份。"),
    ("Name another folder for this mailbox.", "请为这个邮箱指定另一个文件夹。"),
    ("The backup in {folder} is kept as {have}, not as {want}.", "{folder} 中的备份格式是 {have}，不是 {want}。"),
    ("Go on with --form {have}, or name another folder.", "请用 --form {have} 继续，或指定另一个文件夹。"),
    (
        "The list of what is saved, {path}, is damaged near octet {place}.",
        "已保存内容的清单 {path} 已损坏（第 {place} 字节附近）。",
    ),
    (
        "Name a new folder for the backup; what was saved here stays as it is.",
        "请为备份指定新文件夹；这里已保存的内容保持不变。",
    ),
    (
        "The disk is full: nothing more can be saved in {folder}. What was saved stays.",
        "磁盘已满：无法再保存到 {folder}。已保存的内容保留。",
    ),
    (
        "Make room and run the same command again; it goes on where it stopped.",
        "请腾出空间后再次运行同一命令，会从停下的地方继续。",
    ),
    (
        "The disk of {folder} has {free} free; what is left to save needs {need}.",
        "{folder} 所在磁盘剩余 {free}，还需要 {need}。",
    ),
    (
        "Make room, or name a folder on another disk. What was saved stays.",
        "请腾出空间，或指定另一磁盘上的文件夹。已保存的内容保留。",
    ),
    ("{why} {count} messages are saved in {folder}.", "{why} 已有 {count} 封邮件保存在 {folder}。"),
    ("{todo} The same command then goes on where it stopped.", "{todo} 之后同一命令会从停下的地方继续。"),
)
