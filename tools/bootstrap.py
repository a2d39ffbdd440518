#!/usr/bin/env python3
"""Sets a fresh machine up and runs one of the project's commands: practice, test, soak, bench. Standard library only.

    python3 tools/bootstrap.py practice [options of `migrate practice`]
    python3 tools/bootstrap.py test [options of pytest]

Python packages go into a venv (.venv beside pyproject.toml, or $READDRESS_VENV). A browser and, for the tests, the servers come
through apt where this is root on Debian; an ordinary user gets the browser that Playwright downloads.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("READDRESS_VENV", ROOT / ".venv"))
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")


def main(argv: list[str]) -> int:
    """Run the named command."""
    commands = {
        "practice": practice,
        "test": test,
        "soak": soak,
        "bench": bench,
        "setup": lambda rest: (packages("dev"), browser(), 0)[-1],
    }
    if not argv or argv[0] not in commands:
        print(__doc__)
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036 - this file also runs before anything was checked
        print(f"readdress needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 1
    try:
        return int(commands[argv[0]](argv[1:]))
    except subprocess.CalledProcessError as error:
        print(f"\nThis step failed (exit code {error.returncode}): {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1


# -- commands -----------------------------------------------------------------------------------------------------------
def practice(rest: list[str]) -> int:
    """The main job: the rehearsal."""
    packages("practice")
    browser()
    return run(BIN / "migrate", "practice", *rest, check=False)


def test(rest: list[str]) -> int:
    """The quality gate, then all tests."""
    packages("dev")
    browser()
    run(PYTHON, "tests/programs/install.py")
    run(BIN / "ruff", "check", ".")
    run(BIN / "ruff", "format", "--check", ".")
    run(BIN / "mypy")
    run(BIN / "lint-imports")
    return run(PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile", *rest, check=False)


def soak(rest: list[str]) -> int:
    """The same tests for hours: more examples, more crashes."""
    packages("dev")
    browser()
    run(PYTHON, "tests/programs/install.py")
    os.environ |= {"HYPOTHESIS_PROFILE": "soak", "READDRESS_SOAK": "1"}
    return run(PYTHON, "-m", "pytest", "--timeout=7200", *rest, check=False)


def bench(rest: list[str]) -> int:
    """Every benchmark; each prints its ratios."""
    packages("dev")
    browser()
    run(PYTHON, "tests/programs/install.py")
    for path in sorted((ROOT / "benchmarks").glob("[a-z]*.py")):
        print(f"\n# {path.name}", flush=True)
        run(PYTHON, path, *rest)
    return 0


# -- parts --------------------------------------------------------------------------------------------------------------
def packages(extra: str) -> None:
    """The venv with readdress (editable) and one of its extras; done again only when pyproject.toml has changed."""
    if not PYTHON.exists():
        make_venv()
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / f"readdress-{extra}.stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing readdress[{extra}] into {VENV} …", flush=True)
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", f"{ROOT}[{extra}]")
    stamp.write_text(wanted)


def make_venv() -> None:
    """A venv; on Debian its module is a package of its own."""
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if is_root_on_debian():
        apt("python3-venv")
        run(sys.executable, "-m", "venv", VENV)
        return
    sys.exit(
        f"Python cannot make a venv here:\n{made.stdout}{made.stderr}\n→ Install it, e.g.: sudo apt-get install python3-venv"
    )


def browser() -> None:
    """A browser that the tests and the rehearsal can control."""
    if has_browser():
        return
    if is_root_on_debian():
        apt("chromium-headless-shell") if apt_knows("chromium-headless-shell") else apt("chromium")
    else:
        run(PYTHON, "-m", "playwright", "install", "chromium")
    if not has_browser():
        sys.exit(
            "No browser could be installed. → Install Chrome, Edge or Chromium, or set READDRESS_BROWSER to its path."
        )


def has_browser() -> bool:
    """Whether readdress finds one."""
    code = "from readdress.browser.find import find; find(headless=True)"
    return subprocess.run([str(PYTHON), "-c", code], capture_output=True, check=False).returncode == 0


def is_root_on_debian() -> bool:
    """Whether packages can be installed for the whole machine."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_knows(name: str) -> bool:
    """Whether Debian has that package."""
    apt_update()
    return subprocess.run(["apt-cache", "show", name], capture_output=True, check=False).returncode == 0


def apt_update() -> None:
    """Fetch the lists of packages once."""
    if not getattr(apt_update, "done", False):
        run("apt-get", "update", "-qq")
        apt_update.done = True  # type: ignore[attr-defined]


def apt(*names: str) -> None:
    """Install Debian packages."""
    apt_update()
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *names)


def run(*command: str | Path, check: bool = True) -> int:
    """Run a command from the project's root; its output is shown."""
    return subprocess.run([str(c) for c in command], cwd=ROOT, check=check).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
