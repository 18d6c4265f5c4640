"""Rules for the files of the project itself."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 400
LONGEST_TESTS = 500
OWN_SCRIPTS = 2_350

# A lock file names packages and hashes; the registry is configured on each machine.
DOWNLOAD_ADDRESS = re.compile(
    r"\"resolved\"|https?://\S+\.(?:tgz|whl|gz|zip)\b|^--?\S*(?:index-url|find-links)", re.MULTILINE
)
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|Users)/\w")
PYTHON_LOCKS = ("requirements.lock", "requirements-setup.lock", "requirements-dev.lock")
LOCKS = (*PYTHON_LOCKS, "package-lock.json")
# Imported by Django (psycopg, argon2-cffi), Ibis (packaging) and Python (tzdata), not by our code.
NEEDED_BY_OTHERS = {"argon2-cffi", "packaging", "psycopg", "tzdata"}


@cache
def tree() -> list[Path]:
    """Return the files of the project: tracked by git, or untracked and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text(path: Path) -> str:
    return path.read_text(errors="replace")


def breaking(law: re.Pattern[str]) -> list[str]:
    return [
        f"{name(path)}: {found.group()}" for path in tree() for found in law.finditer(text(path))
    ]


def lines(path: Path) -> int:
    return text(path).count("\n")


def test_no_lock_file_contains_a_download_url() -> None:
    addresses = {lock: DOWNLOAD_ADDRESS.findall(text(ROOT / lock)) for lock in LOCKS}
    assert [lock for lock, found in addresses.items() if found] == []


def test_no_file_contains_a_path_of_a_particular_machine() -> None:
    assert breaking(MACHINE_PATH) == []


def test_no_file_is_minified_or_generated() -> None:
    minified = [
        name(path)
        for path in tree()
        if path.suffix in {".js", ".mjs", ".css"}
        and (".min." in path.name or max(map(len, text(path).splitlines()), default=0) > 300)
    ]
    built = [name(path) for path in tree() if path.suffix in {".mo", ".pyc", ".so"}]
    assert minified + built == []


def most_lines(path: Path) -> int:
    return LONGEST_TESTS if ROOT / "tests" in path.parents else LONGEST_MODULE


def test_no_module_exceeds_its_line_limit() -> None:
    long = {
        name(path): lines(path)
        for path in tree()
        if path.suffix == ".py"
        and "migrations" not in path.parts
        and lines(path) > most_lines(path)
    }
    assert long == {}


def test_our_scripts_stay_within_their_total_line_limit() -> None:
    scripts = [path for path in tree() if path.suffix in {".js", ".mjs", ".ts"}]
    assert sum(map(lines, scripts)) <= OWN_SCRIPTS


def test_every_locked_package_has_a_hash() -> None:
    for lock in PYTHON_LOCKS:
        packages = re.split(r"\n(?=\S)", text(ROOT / lock).strip())
        assert len(packages) > 5
        assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_the_development_lock_pins_the_same_versions() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", text(ROOT / lock), re.MULTILINE))

    assert pins("requirements.lock") | pins("requirements-setup.lock") <= pins(
        "requirements-dev.lock"
    )


def test_every_runtime_dependency_is_imported_by_the_code() -> None:
    needed = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["dependencies"]
    names = {re.split(r"[\[<>=]", one)[0] for one in needed} - NEEDED_BY_OTHERS
    modules: dict[str, set[str]] = {name: set() for name in names}
    for module, packages in packages_distributions().items():
        for package in packages:
            modules.setdefault(package.lower().replace("_", "-"), set()).add(module)
    code = [text(path) for path in (ROOT / "leadlight").rglob("*.py")]
    words = set(re.findall(r"\w+", "\n".join(code)))
    assert [name for name in names if modules[name].isdisjoint(words)] == []
