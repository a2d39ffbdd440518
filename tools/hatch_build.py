"""Puts ``recipes/`` into standard wheels. Not into editable ones: there it would go stale beside the checkout's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RecipesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds every file below ``recipes/`` as ``readdress/_recipes/…``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Hatchling calls this before it builds; ``version`` is ``standard`` or ``editable``."""
        if version != "standard":
            return
        root = Path(self.root)
        for path in sorted((root / "recipes").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                inside = path.relative_to(root / "recipes").as_posix()
                build_data["force_include"][str(path)] = f"readdress/_recipes/{inside}"
