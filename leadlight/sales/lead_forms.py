"""Verbs of public forms and of partners, for admins: add, change, switch on and off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from leadlight.accounts import secret_addresses
from leadlight.accounts.audit import record
from leadlight.accounts.models import User
from leadlight.accounts.models.audit_entries import Kind as AuditKind
from leadlight.accounts.secret_addresses import Kind
from leadlight.sales.models import CustomField, LeadForm, Partner, Step, Tag
from leadlight.sales.models.lead_forms import (
    COMPANY,
    EMAIL,
    LONGEST_FORM_NAME,
    LONGEST_INTRODUCTION,
    NAME,
    OWN_FIELD,
    PHONE,
    STANDARD_FIELDS,
)
from leadlight.sales.models.valid_values import valid_line, valid_text
from leadlight.sales.refusals import Refused

MOST_FIELDS = 40
MOST_SITES = 20
# One of them has to be in a form: a lead needs a title and a way to answer.
IDENTIFYING = (NAME, COMPANY, EMAIL, PHONE)


def own_fields() -> dict[str, CustomField]:
    """Return the company's fields of leads that a form can have, by their name in a form."""
    fields = CustomField.objects.filter(subject=CustomField.Subject.LEAD, is_archived=False)
    return {OWN_FIELD + field.key: field for field in fields}


def save(
    form: LeadForm,
    *,
    by: User,
    name: str,
    title: str,
    introduction: str,
    thanks: str,
    continue_at: str,
    language: str,
    fields: Sequence[Mapping[str, Any]],
    sites: Iterable[str],
    step: Step,
    owner: User | None,
    tags: Iterable[Tag],
) -> None:
    """Set the values of a new or an existing form. Raises `Refused` for invalid ones."""
    name = valid_line(name, LONGEST_FORM_NAME)
    _must_be_free(form, name)
    offered = {*STANDARD_FIELDS, *own_fields()}
    chosen = [{"name": one["name"], "required": bool(one["required"])} for one in fields]
    if not {one["name"] for one in chosen} <= offered or len(chosen) > MOST_FIELDS:
        raise Refused(_("Choose one of the offered fields."))
    if not any(one["name"] in IDENTIFYING for one in chosen):
        raise Refused(_("A form needs a name, a company, an email address or a phone number."))
    if continue_at and not _is_https(continue_at):
        raise Refused(_("The address to continue at must begin with https://."))
    with transaction.atomic():
        old = _in_words(form) if form.pk else ""
        form.name = name
        form.title = valid_line(title, LONGEST_FORM_NAME)
        form.introduction = valid_text(introduction, LONGEST_INTRODUCTION)
        form.thanks = valid_text(thanks, LONGEST_INTRODUCTION)
        form.continue_at, form.language = continue_at, language
        form.fields, form.sites = chosen, [_origin(site) for site in sites]
        if len(form.sites) > MOST_SITES:
            raise Refused(
                _("A form can be shown on at most %(most)d sites.") % {"most": MOST_SITES}
            )
        form.step, form.owner = step, owner
        if form.address is None:
            form.address = secret_addresses.create(Kind.FORM, by=by, subject=name)
        form.save()
        form.tags.set(tags)
        _record("lead_form", form.name, by, old, _in_words(form))


def save_partner(partner: Partner, *, by: User, name: str, form: LeadForm) -> None:
    """Set the values of a new or an existing partner. Raises `Refused` for invalid ones."""
    name = valid_line(name, LONGEST_FORM_NAME)
    _must_be_free(partner, name)
    with transaction.atomic():
        old = _partner_in_words(partner) if partner.pk else ""
        partner.name, partner.form = name, form
        if partner.address is None:
            partner.address = secret_addresses.create(Kind.FORM, by=by, subject=name)
        if partner.page is None:
            partner.page = secret_addresses.create(Kind.PARTNER, by=by, subject=name)
        partner.save()
        _record("partner", partner.name, by, old, _partner_in_words(partner))


def set_active(row: LeadForm | Partner, *, by: User, is_active: bool) -> None:
    """Switch a form or a partner on or off. While it is off, its addresses are not found."""
    with transaction.atomic():
        old = _words_of(row)
        row.is_active = is_active
        row.save(update_fields=["is_active"])
        action = "partner" if isinstance(row, Partner) else "lead_form"
        _record(action, row.name, by, old, _words_of(row))


def found(token: str) -> tuple[LeadForm, Partner | None] | None:
    """Return the form at an address, with the partner whose address it is; None if there is none.

    A form or a partner that is switched off is not found.
    """
    address = secret_addresses.find(Kind.FORM, token)
    if address is None:
        return None
    partner = Partner.objects.select_related("form__step", "form__owner")
    one = partner.filter(address=address, is_active=True, form__is_active=True).first()
    if one is not None:
        return one.form, one
    forms = LeadForm.objects.select_related("step", "owner")
    form = forms.filter(address=address, is_active=True).first()
    return (form, None) if form else None


def partner_at(token: str) -> Partner | None:
    """Return the partner whose page has a token, None if there is none or it is switched off."""
    address = secret_addresses.find(Kind.PARTNER, token)
    return Partner.objects.filter(page=address, is_active=True).first() if address else None


def _must_be_free(row: LeadForm | Partner, name: str) -> None:
    if type(row).objects.filter(name=name).exclude(pk=row.pk).exists():
        raise Refused(_("“%(name)s” exists already.") % {"name": name})


def _is_https(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and text.isprintable()
    except ValueError:
        return False


def _origin(text: str) -> str:
    """Return the origin of a site, such as https://example.com; raise `Refused` for other text."""
    text = text.strip().rstrip("/")
    parts = urlsplit(text) if _is_https(text) else None
    # The origin becomes part of a header: no sign that could end it.
    if parts is None or not parts.netloc.isascii() or set(parts.netloc) & set(";, '\"@*"):
        raise Refused(_("“%(site)s” is no site. Write it as https://example.com.") % {"site": text})
    return f"https://{parts.netloc.lower()}"


def _words_of(row: LeadForm | Partner) -> str:
    return _partner_in_words(row) if isinstance(row, Partner) else _in_words(row)


def _in_words(form: LeadForm) -> str:
    parts = [
        form.name,
        str(form.step),
        str(form.owner or _("Unassigned")),
        ", ".join(one["name"] + ("*" if one["required"] else "") for one in form.fields),
        ", ".join(form.sites),
        form.continue_at,
        "" if form.is_active else _("switched off"),
    ]
    return " · ".join(part for part in parts if part)


def _partner_in_words(partner: Partner) -> str:
    parts = [partner.name, partner.form.name, "" if partner.is_active else _("switched off")]
    return " · ".join(part for part in parts if part)


def _record(action: str, name: str, by: User, old: str, new: str) -> None:
    if new != old:
        record(AuditKind.SETTINGS, action, by=by, subject=name, old=old, new=new)
