"""One message in a file of its own: .eml as it is, .emlx of Apple Mail, .msg of Outlook; told apart by content."""

from __future__ import annotations

import os
import re
from typing import Literal

from readdress.mailbox.archives import msg
from readdress.mailbox.archives.cfb import SIGNATURE
from readdress.mailbox.archives.lines import header_of, separator
from readdress.mailbox.archives.model import HEADER_CAP
from readdress.mailbox.archives.trouble import damaged

FIRST = 8192
"""Octets that are read of a message at first: nearly always the whole header."""
MSG_CAP = 64 * 1024 * 1024
Shape = Literal["eml", "emlx", "msg", "mbox", ""]

_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")
_TELLING = re.compile(
    rb"^(?:from|to|cc|date|subject|received|message-id|return-path|delivered-to|mime-version|reply-to|sender)[ \t]*:",
    re.MULTILINE | re.IGNORECASE,
)
_EMLX = re.compile(rb"\d{1,12}[ \t]*\r?\n")  # the message's octets, then the message, then a property list


def shape_of(head: bytes) -> Shape:
    """What the first octets of a file (:data:`FIRST` of them, if there are) look like; "" for what is no mail."""
    if head.startswith(SIGNATURE):
        return "msg"
    if head.startswith(b"\xef\xbb\xbf"):
        head = head[3:]
    start = len(head) - len(head.lstrip(b"\r\n"))
    if head.startswith(b"From ", start) and separator(b"\n\n" + head[start:], 1, len(head) - start + 2):
        return "mbox"
    if head.startswith(b">From ", start):  # some mail servers wrote it before the header
        start = head.find(b"\n", start) + 1
    found: Shape = "eml"
    if emlx := _EMLX.match(head, start):
        start, found = emlx.end(), "emlx"
    if not _FIELD.match(head, start):
        return ""
    end = min((n for n in (head.find(b"\n\n", start), head.find(b"\n\r\n", start)) if n >= 0), default=len(head))
    kinds = {m[0].rstrip(b": \t").lower() for m in _TELLING.finditer(head.replace(b"\r", b"\n"), start, end)}
    return found if len(kinds) >= 2 else ""


def header_in(shape: Shape, head: bytes) -> bytes:
    """The header block of a message of that shape (not msg) from its first octets."""
    if head.startswith(b"\xef\xbb\xbf"):
        head = head[3:]
    if shape == "emlx":
        head = head[head.find(b"\n") + 1 :]
    return header_of(head.lstrip(b"\r\n"))


def read_single(path: str) -> tuple[Shape, bytes]:
    """Shape and header block of a file; an mbox's header is left empty. Raises OSError and ArchiveDamaged."""
    # O_NONBLOCK: a pipe put there after the listing would hold us for ever; O_NOFOLLOW: a link leads out of the folder
    fd = os.open(path, _FLAGS)
    try:
        head = os.read(fd, FIRST)
        shape = shape_of(head)
        if shape in ("eml", "emlx"):
            if len(head) == FIRST and b"\n\n" not in head and b"\n\r\n" not in head:
                while len(head) < HEADER_CAP + 64 and (more := os.read(fd, HEADER_CAP + 64 - len(head))):
                    head += more
            return shape, header_in(shape, head)
        if shape == "msg":
            return shape, msg.header_of_msg(msg.FileOctets(fd), path)
        return shape, b""
    finally:
        os.close(fd)


def read_mail(path: str) -> bytes:
    """The header block of a file in a Maildir, whatever it holds: the quick way for ten thousands of them. Raises OSError."""
    fd = os.open(path, _FLAGS)
    try:
        head = os.read(fd, FIRST)
        end = head.find(b"\n\n")
        other = head.find(b"\n\r\n", 0, end if end >= 0 else FIRST)
        if other >= 0:
            end = other
        if end > 0 and not head.startswith((b"From ", b">From ")):
            return head[: end + 1]
        if len(head) == FIRST:
            while len(head) < HEADER_CAP + 64 and (more := os.read(fd, HEADER_CAP + 64 - len(head))):
                head += more
        return header_of(head)
    finally:
        os.close(fd)


def whole_file(path: str, cap: int) -> bytes:
    """The whole message of a file, at most ``cap`` octets; of .msg, a message made of what is in it."""
    fd = os.open(path, _FLAGS)
    try:
        head = os.read(fd, FIRST)
        shape = shape_of(head)
        if shape == "msg":
            return msg.message_of_msg(msg.FileOctets(fd), path, cap)
        room = cap + 64
        while len(head) < room and (more := os.read(fd, room - len(head))):
            head += more
    finally:
        os.close(fd)
    return trimmed(shape, head, cap, path)


def trimmed(shape: Shape, octets: bytes, cap: int, name: str) -> bytes:
    """The message alone of a file of that shape."""
    if octets.startswith(b"\xef\xbb\xbf"):
        octets = octets[3:]
    if shape == "emlx":
        line = octets.find(b"\n")
        try:
            length = int(octets[:line])
        except ValueError:
            raise damaged(os.path.basename(name), "its first line is no length") from None  # noqa: PTH119 - a zip's name, maybe
        octets = octets[line + 1 : line + 1 + length]
    elif octets.startswith((b"From ", b">From ")):
        octets = octets[octets.find(b"\n") + 1 :]
    return octets[:cap]


_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | _SAFE
