"""Validation of the rows of all files against each other and against the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from leadlight.accounts.models import Holiday, User
from leadlight.importing.cells import References, format_value
from leadlight.importing.custom_fields import check_fields
from leadlight.importing.key_map import KeyMap, batches
from leadlight.importing.merged_clients import check_merged_clients
from leadlight.importing.problems import WRONG, Ledger
from leadlight.importing.prospect_columns import check_columns
from leadlight.importing.prospect_links import check_links
from leadlight.importing.reading import Table
from leadlight.importing.rules import Rule, rules
from leadlight.sales.models import Goal, Outcome, Pipeline, RefusedAddress, Step
from leadlight.sales.refused_addresses import is_stored_form

Tables = Mapping[str, Table]
GOAL_IDENTITY = ("user__key", "team__key", "measure", "activity_type__key", "period", "starts_on")


def check(tables: Tables, key_map: KeyMap, fiscal_month: int | None, ledger: Ledger) -> None:
    """Report the problems of all rows to the ledger; cells with unknown keys become `WRONG`.

    `fiscal_month` is the first month of the fiscal year, None if it is unknown.
    """
    for table in tables.values():
        _check_references(table, tables, key_map, ledger)
    parents = {
        "steps": _parents(tables["steps"], "pipeline", Step.objects.values_list, ledger),
        "outcomes": _parents(
            tables["outcomes"], "activity_type", Outcome.objects.values_list, ledger
        ),
        "follow_ups": {
            row.follow_up: row.lead for row in tables["follow_ups"].rows if row.lead is not WRONG
        },
    }
    check_columns(tables, ledger)
    check_links(tables, ledger)
    check_fields(tables, ledger)
    check_merged_clients(tables, ledger)
    for rule in rules(parents, fiscal_month):
        _apply(rule, tables[rule.file], ledger)
    _check_emails(tables["users"], ledger)
    _check_default_pipeline(tables["pipelines"], ledger)
    _check_holidays(tables["holidays"], ledger)
    _check_refused_addresses(tables["refused_addresses"], ledger)
    _check_goals(tables["goals"], ledger)


def _check_references(table: Table, tables: Tables, key_map: KeyMap, ledger: Ledger) -> None:
    """Report unknown keys and set their cells to `WRONG`, which later checks skip."""
    for column in table.file.references:
        target = column.cell.file  # type: ignore[attr-defined]
        for index, row in enumerate(table.rows):
            value = getattr(row, column.name)
            if not value or value is WRONG:
                continue
            keys = value if isinstance(column.cell, References) else (value,)
            unknown_keys = [key for key in keys if key_map.of(target, key) is None]
            if unknown_keys:
                table.rows[index] = row._replace(**{column.name: WRONG})
            for key in unknown_keys if tables[target].is_whole else ():
                ledger.problem(table.name, row.line, column.name, key, unknown(target))


def unknown(target: str) -> str:
    return _("This key is neither in %(file)s nor in the database.") % {"file": f"{target}.csv"}


def _parents(
    table: Table, parent: str, values_list: Callable[..., Any], ledger: Ledger
) -> dict[str, str]:
    """Return key → parent key of every row; report rows that would move to another parent.

    The parent of a row in the database cannot change.
    """
    stored: dict[str, str] = dict(values_list("key", f"{parent}__key"))
    in_file = {
        table.file.key_of(row): row for row in table.rows if getattr(row, parent) is not WRONG
    }
    for key, row in in_file.items():
        if stored.get(key, getattr(row, parent)) != getattr(row, parent):
            sentence = _("In the database, this row belongs to “%(parent)s”. It cannot be moved.")
            named = {"parent": stored[key]}
            ledger.problem(table.name, row.line, parent, getattr(row, parent), sentence % named)
    return stored | {key: getattr(row, parent) for key, row in in_file.items()}


def _apply(rule: Rule, table: Table, ledger: Ledger) -> None:
    values_of = attrgetter(*rule.columns)
    say = ledger.warning if rule.is_warning else ledger.problem
    for row in table.rows:
        values = values_of(row)
        if WRONG in values:
            continue
        finding = rule.judge(*values)
        if finding:
            column, sentence = finding
            say(table.name, row.line, column, shown(getattr(row, column)), sentence)


def shown(value: Any) -> str:
    """Format a value for a problem report; instants in UTC."""
    return format_value(value, ZoneInfo("UTC"))


def _check_emails(table: Table, ledger: Ledger) -> None:
    rows = [row for row in table.rows if row.email is not WRONG]
    line_of: dict[str, int] = {}
    for row in rows:
        line = line_of.setdefault(row.email.lower(), row.line)
        if line != row.line:
            sentence = _("Line %(line)d already has this email address.") % {"line": line}
            ledger.problem(table.name, row.line, "email", row.email, sentence)
    others = _others_with_email([row.email.lower() for row in rows], {row.user for row in rows})
    for row in rows:
        if row.email.lower() in others:
            sentence = _("In the database, the user “%(user)s” already has this email address.")
            named = {"user": others[row.email.lower()]}
            ledger.problem(table.name, row.line, "email", row.email, sentence % named)


def _others_with_email(emails: list[str], keys: set[str]) -> dict[str, str]:
    """Return lower-case email → key of the users in the database that the file does not list."""
    others: dict[str, str] = {}
    for batch in batches(emails):
        users = User.objects.annotate(lower=Lower("email")).filter(lower__in=batch)
        others.update(users.values_list("lower", "key"))
    return {email: key for email, key in others.items() if key not in keys}


def _check_default_pipeline(table: Table, ledger: Ledger) -> None:
    elsewhere = Pipeline.objects.filter(is_default=True).values_list("key", flat=True)
    in_file = {row.pipeline for row in table.rows}
    default = next((key for key in elsewhere if key not in in_file), None)
    for row in table.rows:
        if row.is_default is not True:
            continue
        if default is not None:
            sentence = _("“%(pipeline)s” is already the default pipeline.") % {"pipeline": default}
            ledger.problem(table.name, row.line, "is_default", "true", sentence)
        default = row.pipeline


def _check_holidays(table: Table, ledger: Ledger) -> None:
    in_file = {row.holiday for row in table.rows}
    stored = dict(Holiday.objects.exclude(key__in=in_file).values_list("day", "name"))
    line_of: dict[date, int] = {}
    for row in table.rows:
        if row.day is WRONG:
            continue
        if row.day in stored:
            sentence = _("“%(name)s” is already on this date.") % {"name": stored[row.day]}
            ledger.problem(table.name, row.line, "day", shown(row.day), sentence)
        line = line_of.setdefault(row.day, row.line)
        if line != row.line:
            sentence = _("Line %(line)d already has this date.") % {"line": line}
            ledger.problem(table.name, row.line, "day", shown(row.day), sentence)


def _check_refused_addresses(table: Table, ledger: Ledger) -> None:
    in_file = {row.refused_address for row in table.rows}
    stored = set(RefusedAddress.objects.exclude(key__in=in_file).values_list("address", flat=True))
    for row in table.rows:
        if row.address is WRONG:
            continue
        sentence = ""
        if not is_stored_form(row.address):
            sentence = _("This is not an email address in lower case.")
        elif row.address in stored:
            sentence = _("This address is refused already.")
        if sentence:
            ledger.problem(table.name, row.line, "address", row.address, sentence)
        stored.add(row.address)


def _check_goals(table: Table, ledger: Ledger) -> None:
    """Report goals with the same user, team, measure, activity type, period and start day.

    A missing user, team or activity type is `None` in the database and empty in a file.
    """
    in_file = {row.goal for row in table.rows}
    stored = {
        tuple(value or "" for value in identity): key
        for key, *identity in Goal.objects.values_list("key", *GOAL_IDENTITY)
        if key not in in_file
    }
    line_of: dict[tuple[Any, ...], int] = {}
    goal_key = attrgetter("user", "team", "measure", "activity_type", "period", "starts_on")
    for row in table.rows:
        identity = goal_key(row)
        if WRONG in identity:
            continue
        if identity in stored:
            sentence = _("The goal “%(goal)s” already has this kind and start date.") % {
                "goal": stored[identity]
            }
            ledger.problem(table.name, row.line, "starts_on", shown(row.starts_on), sentence)
        line = line_of.setdefault(identity, row.line)
        if line != row.line:
            sentence = _("Line %(line)d already has a goal of this kind and start date.") % {
                "line": line
            }
            ledger.problem(table.name, row.line, "starts_on", shown(row.starts_on), sentence)
