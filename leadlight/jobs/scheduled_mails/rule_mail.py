"""Mail that a rule sends about a lead, to people and to other addresses."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from leadlight.accounts.mails import headers
from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.accounts.origin import absolute
from leadlight.automation.models import RuleRun
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.refused_addresses import refused


def send_rule_mail(arguments: dict[str, Any]) -> None:
    """Send the mail of a run to one person, if they may see the lead, or to one address.

    A refused address gets none.
    """
    runs = RuleRun.objects.select_related("rule", "lead__owner", "lead__step")
    one = runs.filter(pk=arguments["run"]).first()
    if one is None:
        return
    address, language = arguments.get("address", ""), ""
    if address and refused(address):
        return
    if not address:
        person = User.objects.filter(key=arguments["user"], is_active=True).first()
        if person is None or not access.visible_leads(person).filter(pk=one.lead_id).exists():
            return
        address, language = person.email, person.language
    with translation.override(language or organization().locale):
        _message(one, address).send()


def _message(run: RuleRun, address: str) -> EmailMessage:
    lead = run.lead
    lines = [
        (_("Status"), lead.get_status_display()),
        (_("Step"), str(lead.step)),
        (_("Owner"), str(lead.owner or "")),
        (_("Amount"), "" if lead.amount is None else formats.money(lead.amount)),
    ]
    text = "\n".join(f"{title} – {value}" for title, value in lines if value)
    body = f"{lead.title}\n{absolute(reverse('lead', args=[lead.key]))}\n\n{text}\n\n-- \n"
    body += _("Sent by the rule “%(rule)s” of %(company)s.") % {
        "rule": run.rule.name,
        "company": organization().name,
    }
    subject = " ".join(f"{run.rule.name} · {lead.title}".split())
    about = f"rule {run.pk} {address}"
    return EmailMessage(subject, body + "\n", to=[address], headers=headers(about))
