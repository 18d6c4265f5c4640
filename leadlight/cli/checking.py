"""Consistency check of the replica and the lead histories, on the command line."""

from __future__ import annotations

from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts import identity_checks
from leadlight.cli.console import Stop, out, progress
from leadlight.replication import checks
from leadlight.sales import logos, refused_addresses
from leadlight.sales.attachments import faults
from leadlight.sales.bulk_cleanup import differences as bulk_differences
from leadlight.sales.client_checks import differences as client_differences
from leadlight.sales.costs import differences as cost_differences
from leadlight.sales.prospecting.checks import differences as prospect_differences
from leadlight.sales.search.checks import differences as search_differences
from leadlight.sales.task_checks import differences as task_differences


def check() -> None:
    """Compare the replica and the search index with the database, row by row, replay every lead's
    history, and verify tasks, prospects, clients, bulk jobs, costs, sign-in identities, the
    contents of attached files and the logo.

    Prints every difference, and exits with code 1 if there is one. Identities of closed accounts
    are printed too, but are not counted as differences.
    """
    count = 0
    with progress() as step:
        for difference in chain(
            checks.check(progress=step),
            search_differences(step),
            task_differences(),
            prospect_differences(),
            client_differences(),
            bulk_differences(),
            cost_differences(),
            identity_checks.differences(),
            faults(step),
            logos.faults(),
            refused_addresses.differences(),
        ):
            out.print(str(difference), markup=False)
            count += 1
    for remark in identity_checks.remarks():
        out.print(remark, markup=False)
    if count:
        raise Stop(
            ngettext("%(count)d difference.", "%(count)d differences.", count) % {"count": count},
            code=1,
        )
    out.print(_("No differences."))
