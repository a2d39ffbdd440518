"""Consent to a recipe's code, remembered by the hash of its files, and what exactly is asked."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readdress.errors import ConfigError, RecipeError
from readdress.models import Text
from readdress.recipe.finding import printable
from readdress.recipe.pack import Pack
from readdress.userdata import data_folder

_MAX_FILE = 1 << 20
_MAX_FILES = 200
_FORMAT = 1


def read_code(folder: Path) -> dict[str, bytes]:
    """``recipe.toml`` and every ``*.py`` below ``folder``, by their path inside it (``flow.py``, ``pages/site.py``).

    What is hashed is what is returned, so a caller that runs these bytes runs what was consented to. Raises
    :class:`RecipeError` for unreadable files and for more than 200 files or 1 MiB in one.
    """
    found: dict[str, bytes] = {}
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f != "__pycache__" and not f.startswith("."))
        for name in sorted(files):
            path = Path(root, name)
            inside = path.relative_to(folder).as_posix()
            if inside != "recipe.toml" and path.suffix != ".py":
                continue
            found[inside] = _read(path)
            if len(found) > _MAX_FILES:
                raise RecipeError(
                    f"{folder} holds more than {_MAX_FILES} Python files.", todo="Is this a recipe's folder?"
                )
    return found


def _read(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise RecipeError("This is no ordinary file.", file=str(path), todo="Take it out of the recipe's folder.")
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
    except OSError as error:
        raise RecipeError(
            f"The file cannot be read ({error.strerror}).", file=str(path), todo="Look at the folder's permissions."
        ) from None
    if len(data) > _MAX_FILE:
        raise RecipeError("The file is larger than 1 MiB.", file=str(path), todo="No recipe needs that; do not use it.")
    return data


def fingerprint_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over names and contents, each with its length before it, so that nothing can move between them."""
    digest = hashlib.sha256(b"readdress recipe 1\0")
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def fingerprint(folder: Path) -> str:
    """The fingerprint of the recipe in ``folder``: see :func:`read_code` for what it covers."""
    return fingerprint_of(read_code(folder))


def consent_text(pack: Pack) -> Text:
    """What the person is asked before a third party's code may run: which files, their hashes, and what that means.

    Raises :class:`RecipeError` when the files have changed since ``pack`` was read.
    """
    files = read_code(pack.folder)
    if fingerprint_of(files) != pack.fingerprint:
        raise RecipeError(
            f"The files of the recipe {pack.id} changed while they were being read.",
            file=str(pack.folder),
            todo="Run the command again, and find out who changed them.",
        )
    rows = [
        f"  {hashlib.sha256(data).hexdigest()[:16]}  {len(data):>7} B  {printable(name)}"
        for name, data in sorted(files.items())
        if name.endswith(".py")
    ]
    listed = "\n".join(rows)
    name_en, name_zh = printable(pack.recipe.name.en, 80), printable(pack.recipe.name.zh, 80)
    folder, origin = printable(str(pack.folder)), printable(pack.origin)
    en = (
        f"The recipe “{name_en}” ({pack.id}, {origin}) brings program code:\n\n"
        f"  folder {folder}\n{listed}\n  all together: {pack.fingerprint}\n\n"
        "flow.py would run inside readdress as ordinary Python code, with all your rights on this computer: it can read "
        "your files, use the network, and see what the signed-in browser shows. readdress does not confine it; `migrate "
        "recipes check` finds carelessness, not malice. Agree only if you trust whoever wrote it, or have read it.\n"
        "Your consent holds for exactly these files. When one of them changes, you are asked again. Without it, "
        "the recipe's text can still be followed by hand."
    )
    zh = (
        f"配方“{name_zh}”（{pack.id}，{origin}）带有程序代码：\n\n"
        f"  文件夹 {folder}\n{listed}\n  合计指纹：{pack.fingerprint}\n\n"
        "flow.py 会在 readdress 内部作为普通 Python 代码运行，拥有您在这台电脑上的全部权限：可以读取您的文件、使用网络，"
        "也能看到已登录的浏览器里的内容。readdress 不会限制它；`migrate recipes check` 只能发现疏忽，发现不了恶意。"
        "只有在您信任作者或读过代码时才同意。\n"
        "同意只对以上这些文件有效；任何一个文件改变后都会重新询问。不同意也可以按配方的文字手动操作。"
    )
    return Text(en, zh)


def default_path() -> Path:
    """Where consents are kept: ``consents.json`` in the user's data folder for readdress."""
    return data_folder() / "consents.json"


class ConsentStore:
    """The consents that the person has given to recipes' code, in one small JSON file (mode 0600, replaced as a whole).

    ``path``: the file, by default :func:`default_path`; ``now`` is for tests. The file holds fingerprints, recipe ids and dates.
    """

    def __init__(self, path: Path | None = None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path or default_path()
        self._now = now

    def trusted(self, fingerprint: str) -> bool:
        """Whether the person has agreed to exactly these files. Raises :class:`ConfigError` for a file that cannot be relied on."""
        return fingerprint in self._load()

    def changed(self, recipe: str, fingerprint: str) -> bool:
        """Whether the person has agreed to other files of the recipe of that id, but not to these."""
        held = self._load()
        return fingerprint not in held and any(c.get("recipe") == recipe for c in held.values())

    def give(self, pack: Pack) -> None:
        """Remember that the person agreed to this pack's files. An earlier consent to the same folder's files ends with it."""
        folder = str(pack.folder.resolve())
        held = {f: c for f, c in self._load().items() if (c.get("recipe"), c.get("folder")) != (pack.id, folder)}
        held[pack.fingerprint] = {
            "recipe": pack.id,
            "origin": pack.origin,
            "folder": folder,
            "given": self._now().isoformat(timespec="seconds"),
        }
        self._save(held)

    def take_back(self, recipe: str) -> int:
        """Forget every consent to the recipe of that id; how many there were."""
        held = self._load()
        kept = {f: c for f, c in held.items() if c.get("recipe") != recipe}
        if len(kept) != len(held):
            self._save(kept)
        return len(held) - len(kept)

    def _load(self) -> dict[str, dict[str, Any]]:
        try:
            info = self.path.stat()
            if os.name == "posix" and (info.st_mode & 0o022 or info.st_uid not in {os.getuid(), 0}):
                raise ConfigError(
                    f"{self.path} can be written by others, so it proves no consent of yours.",
                    todo=f"Look at it, then run: chmod 600 {self.path}",
                )
            data = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._unusable(str(error)) from None
        if not isinstance(data, dict) or data.get("format") != _FORMAT:
            raise self._unusable("it is in another format")
        held = data.get("consents")
        if not isinstance(held, dict) or not all(isinstance(c, dict) for c in held.values()):
            raise self._unusable("it has another shape")
        return held

    def _unusable(self, why: str) -> ConfigError:
        return ConfigError(
            f"The list of consents {self.path} cannot be used: {why}.",
            todo="Delete it; you will be asked again for each recipe with code.",
        )

    def _save(self, held: Mapping[str, Mapping[str, Any]]) -> None:
        text = json.dumps({"format": _FORMAT, "consents": held}, indent=1, ensure_ascii=False, sort_keys=True)
        temporary = ""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".consents-")  # 0600 from its first byte
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.path)
        except OSError as error:
            if temporary:
                Path(temporary).unlink(missing_ok=True)
            raise ConfigError(
                f"Your consent could not be kept in {self.path} ({error.strerror}).",
                todo="Make room or give yourself the right to write there, then agree again.",
            ) from None
