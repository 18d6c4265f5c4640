"""Submissions of public forms: limits, values, and the lead that each makes or is added to.

A submission with the email address or phone number of an open lead becomes a comment on that lead
instead of a second lead. One of a partner always makes a lead of its own, because the partner sees
what becomes of it, and must not learn about leads that others found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from leadlight.accounts.organization import organization
from leadlight.sales.contact_lines import EMAIL, PHONE, contacts_in
from leadlight.sales.duplicates import MOST_SHARED
from leadlight.sales.lead_forms import own_fields
from leadlight.sales.models import (
    ContactPoint,
    CustomField,
    FormEntry,
    FormRefusal,
    Lead,
    LeadForm,
    Partner,
    Pipeline,
    Step,
)
from leadlight.sales.models import lead_forms as names
from leadlight.sales.models.event_log import OPEN, Channel, through
from leadlight.sales.models.field_texts import FieldKind, canonical
from leadlight.sales.models.lead_forms import LONGEST_SUBJECT, OWN_FIELD, STANDARD_FIELDS
from leadlight.sales.models.lead_row import LONGEST_TITLE
from leadlight.sales.models.valid_values import valid_text
from leadlight.sales.refusals import Refused

HOUR = timedelta(hours=1)
MOST_OF_A_SENDER = 10  # entries of one IP address in an hour
MOST_OF_A_FORM = 300  # entries of one form in an hour
MOST_COUNTED = 1_000  # refusals of a day and reason: a flood must not become a flood of writes
LONGEST_LINE, LONGEST_MESSAGE = 200, 5_000
MOST_LINKS = 5

Reason = FormRefusal.Reason


@dataclass
class Submission:
    """Values of a submission, by the names of the fields of the form, and what is wrong with them.

    `values` are as they were typed, `valid` as they are stored.
    """

    values: dict[str, str]
    valid: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def check(form: LeadForm, given: Mapping[str, str]) -> Submission:
    """Return the values of a form with the sentences about those that are wrong."""
    definitions = own_fields()
    shown = [one for one in form.fields if one["name"] in {*STANDARD_FIELDS, *definitions}]
    submission = Submission({one["name"]: given.get(one["name"], "") for one in shown})
    for one in shown:
        name, text = one["name"], submission.values[one["name"]]
        try:
            if name.startswith(OWN_FIELD):
                value = canonical(definitions[name], text)
            else:
                value = _standard(name, text)
        except Refused as refusal:
            submission.errors[name] = str(refusal)
            continue
        if one["required"] and not value:
            submission.errors[name] = _("Fill in this field.")
        submission.valid[name] = value
    if not submission.errors and not _subject(submission.valid):
        first = next(one["name"] for one in shown if one["name"] in STANDARD_FIELDS)
        submission.errors[first] = _("Tell us who you are: a name or a way to answer you.")
    return submission


def is_limited(form: LeadForm, sender: str) -> bool:
    """Return whether a sender, or all senders of a form, have sent too much within an hour."""
    recent = FormEntry.objects.filter(received_at__gt=timezone.now() - HOUR)
    if recent.filter(sender=sender)[:MOST_OF_A_SENDER].count() >= MOST_OF_A_SENDER:
        return True
    return recent.filter(form=form)[:MOST_OF_A_FORM].count() >= MOST_OF_A_FORM


def sender_of(address: str) -> str:
    """Return the digest of an IP address, from which the address cannot be found without a key."""
    return salted_hmac("sender of a form", address, secret=settings.SECRET_KEY).hexdigest()


def receive(
    form: LeadForm, partner: Partner | None, valid: Mapping[str, str], *, nonce: str, sender: str
) -> None:
    """Store a valid submission, once for each nonce, and make a lead of it or a comment.

    Its texts are in the company's language: a source has one name for all visitors.
    """
    if FormEntry.objects.filter(nonce=nonce).exists():
        return
    try:
        language = translation.override(organization().locale)
        with transaction.atomic(), through(Channel.FORM), language:
            known = None if partner else _known_lead(valid)
            lead = known or _new_lead(form, partner, valid)
            if known:
                text = f"{_source(form, partner)}\n{_description(form, valid)}"
                known.comment(text, by=None)
            FormEntry.objects.create(
                form=form,
                partner=partner,
                lead=lead,
                subject=_subject(valid)[:LONGEST_SUBJECT],
                is_new=known is None,
                nonce=nonce,
                sender=sender,
                received_at=timezone.now(),
            )
    except IntegrityError:
        # The same page was sent twice at once: the other request has stored it.
        if not FormEntry.objects.filter(nonce=nonce).exists():
            raise


def count_refusal(form: LeadForm, reason: str) -> None:
    """Count a refused submission, up to `MOST_COUNTED` in a day."""
    day = timezone.localdate(timezone=organization().zone)
    rows = FormRefusal.objects.filter(form=form, day=day, reason=reason)
    count = rows.values_list("count", flat=True).first()
    if count is None:
        FormRefusal.objects.get_or_create(form=form, day=day, reason=reason)
    if (count or 0) < MOST_COUNTED:
        rows.update(count=F("count") + 1)


def _standard(name: str, text: str) -> str:
    valid = valid_text(text.replace("\r\n", "\n"), _longest(name))
    if name == names.MESSAGE:
        if valid.casefold().count("http") > MOST_LINKS:
            raise Refused(_("A message can have at most %(most)d links.") % {"most": MOST_LINKS})
        return valid
    valid = " ".join(valid.split())
    if valid and name in (names.EMAIL, names.PHONE):
        return canonical(CustomField(kind=FieldKind(name)), valid)
    return valid


def _longest(name: str) -> int:
    return LONGEST_MESSAGE if name == names.MESSAGE else LONGEST_LINE


def _subject(valid: Mapping[str, str]) -> str:
    """Return the company or the name that was typed, else the way to answer; "" without any."""
    order = (names.COMPANY, names.NAME, names.EMAIL, names.PHONE)
    return next((valid[name] for name in order if valid.get(name)), "")


def _description(form: LeadForm, valid: Mapping[str, str]) -> str:
    """Return the standard values as labelled lines, in which contacts are recognised."""
    labels = {
        names.NAME: _("Name"),
        names.COMPANY: _("Company"),
        names.EMAIL: _("Email"),
        names.PHONE: _("Phone"),
    }
    lines = [f"{label}: {valid[name]}" for name, label in labels.items() if valid.get(name)]
    message = valid.get(names.MESSAGE, "")
    own = [
        f"{definition.name}: {valid[name]}"
        for name, definition in own_fields().items()
        if valid.get(name)
    ]
    return "\n".join(lines) + "".join(f"\n\n{part}" for part in ("\n".join(own), message) if part)


def _source(form: LeadForm, partner: Partner | None) -> str:
    if partner:
        return _("Partner: %(name)s") % {"name": partner.name}
    return _("Form: %(name)s") % {"name": form.name}


def _new_lead(form: LeadForm, partner: Partner | None, valid: Mapping[str, str]) -> Lead:
    definitions = own_fields()
    standard = {name: text for name, text in valid.items() if name not in definitions}
    owner = form.owner if form.owner and form.owner.is_active else None
    lead = Lead.create(
        title=_subject(valid)[:LONGEST_TITLE],
        by=None,
        step=_step_of(form),
        owner=owner,
        source=_source(form, partner),
        description=_description(form, standard),
    )
    tags = [tag for tag in form.tags.all() if tag.is_active]
    if tags:
        lead.tag(*tags, by=None)
    for name, text in valid.items():
        if name in definitions and text:
            lead.set_field(definitions[name], text, by=None)
    return lead


def _step_of(form: LeadForm) -> Step:
    """Return the step of a form or, if it was closed meanwhile, the first one of its pipeline."""
    if Step.offered().filter(pk=form.step_id).exists():
        return form.step
    pipeline = form.step.pipeline
    return (Pipeline.default() if pipeline.is_archived else pipeline).first_step


def _known_lead(valid: Mapping[str, str]) -> Lead | None:
    """Return the newest open lead with the email address, else with the phone number.

    A value that more than `MOST_SHARED` open leads have, such as the number of a switchboard, is
    no sign.
    """
    text = "\n".join(valid[name] for name in (names.EMAIL, names.PHONE) if valid.get(name))
    points = contacts_in(text, organization().phone_country)
    for kind in (EMAIL, PHONE):
        for point in points:
            if point.kind == kind:
                same = ContactPoint.objects.filter(kind=kind, value=point.value)
                leads = same.filter(lead__is_deleted=False, lead__status__in=OPEN)
                pks = leads.order_by("-lead_id").values_list("lead_id", flat=True).distinct()
                found = list(pks[: MOST_SHARED + 1])
                if found and len(found) <= MOST_SHARED:
                    return Lead.objects.get(pk=found[0])
    return None
