"""Links for the email addresses, phone numbers and websites in cells."""

from __future__ import annotations

from leadlight.accounts.organization import organization
from leadlight.sales.contact_lines import EMAIL, HOST, LINK, PHONE
from leadlight.tables.values import is_email, phone_number


def address_of(kind: str, text: str) -> str:
    """Return the link that writes to, calls or opens a text; "" if it is not of this kind."""
    written = text.strip()
    if kind == EMAIL:
        return f"mailto:{written}" if is_email(written) else ""
    if kind == PHONE:
        settings = organization()
        number = phone_number(written, settings.phone_country)
        return settings.dialler.replace("%s", number) if number else ""
    if LINK.fullmatch(written):
        return written if "://" in written else f"https://{written}"
    return f"https://{written}" if HOST.fullmatch(written) else ""
