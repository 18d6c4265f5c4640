"""Draw the icons of the installed web app from `icon.svg`: `python tools/icons.py CHROMIUM`.

CHROMIUM is the path of a Chromium or Chrome.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "leadlight/web/static/leadlight"
GROUND = "#f5f6f8"
# File → width in pixels. Phones cut icons to circles and squares: a fifth of the width on each
# side is ground, which they may cut off.
ICONS = {"icon-180.png": 180, "icon-192.png": 192, "icon-512.png": 512}


def main(chromium: str) -> None:
    drawing = (FOLDER / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, width in ICONS.items():
            page = browser.new_page(viewport={"width": width, "height": width})
            margin = width // 5
            style = f"display:block;margin:{margin}px;width:{width - 2 * margin}px"
            image = drawing.replace("<svg ", f'<svg style="{style}" ', 1)
            page.set_content(f'<body style="margin:0;background:{GROUND}">{image}</body>')
            page.screenshot(path=FOLDER / name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
