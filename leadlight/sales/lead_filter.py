"""Filter of leads by dimensions, applied to the operational database.

`leadlight.analytics.query.lead_filter` parses, formats and describes the filter, and applies it to
the replica. Both select the same leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from leadlight.sales.dimensions import DIMENSIONS, choice_fields
from leadlight.sales.field_filter import FieldFilter, narrowed
from leadlight.sales.models import Lead, Tag
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.valid_values import WITHOUT


def narrow(
    leads: QuerySet[Lead],
    chosen: Iterable[tuple[str, Sequence[str]]],
    *,
    all_tags: bool = False,
) -> QuerySet[Lead]:
    """Return the leads that have, in each dimension of `chosen`, one of the chosen keys.

    The key "none" matches leads without a value. With `all_tags`, leads must have all the tags.
    Each lead is returned once; keys that do not exist match no lead. For a custom field that does
    not exist or is archived, no lead has a value.
    """
    for name, keys in chosen:
        if name == "tag" and all_tags:
            leads = _with_all_tags(leads, keys)
        elif name.startswith(CUSTOM_FIELD_PREFIX):
            leads = _with_choices(leads, name.removeprefix(CUSTOM_FIELD_PREFIX), keys)
        else:
            leads = leads.filter(_has_any_key(name, keys))
    return leads


def _has_any_key(name: str, keys: Sequence[str]) -> Q:
    dimension = DIMENSIONS[name]
    named = [key for key in keys if key != WITHOUT]
    if dimension.model is None:
        found = Q(**{f"{dimension.path}__in": named})
        return found | Q(**{dimension.path: ""}) if WITHOUT in keys else found
    if name == "tag":
        return _tagged(named, WITHOUT in keys)
    # Look up the few ids first: a join would be evaluated for every lead.
    ids = list(dimension.model._default_manager.filter(key__in=named).values_list("pk", flat=True))
    found = Q(**{f"{dimension.path}__in": ids})
    return found | Q(**{f"{dimension.path}__isnull": True}) if WITHOUT in keys else found


def _tagged(keys: Sequence[str], or_untagged: bool) -> Q:
    """Return the condition for any of the tags.

    It uses subqueries, because a join would repeat a lead with several of the tags.
    """
    found = Q(pk__in=_links(keys))
    links = Lead.tags.through.objects.all()
    return found | ~Q(pk__in=links.values("lead_id")) if or_untagged else found


def _with_all_tags(leads: QuerySet[Lead], keys: Sequence[str]) -> QuerySet[Lead]:
    for key in keys:
        if key == WITHOUT:
            leads = leads.filter(_tagged((), or_untagged=True))
        else:
            leads = leads.filter(pk__in=_links([key]))
    return leads


def _with_choices(leads: QuerySet[Lead], field_key: str, keys: Sequence[str]) -> QuerySet[Lead]:
    """Return the leads with any of these choices in a custom field."""
    field = choice_fields().filter(key=field_key).first()
    if field is None:
        return leads if WITHOUT in keys else leads.none()
    choices = tuple(key for key in keys if key != WITHOUT)
    return narrowed(leads, [FieldFilter(field, choices, is_none=WITHOUT in keys)])


def _links(keys: Sequence[str]) -> QuerySet[Any, Any]:
    """Return the ids of the leads with any of these tags, for a subquery."""
    ids = list(Tag.objects.filter(key__in=keys).values_list("pk", flat=True))
    return Lead.tags.through.objects.filter(tag_id__in=ids).values("lead_id")
