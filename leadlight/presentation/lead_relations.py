"""Relations of a lead to others, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import Lead, LeadEvent, Relation
from leadlight.sales.models.event_log import Kind


@dataclass(frozen=True)
class ShownRelation:
    """Relation to the lead with `key`; `lead` is its title, "" if the reader may not see it.

    `is_over` is True if an undo removed the relation.
    """

    relation: Relation
    key: str
    lead: str
    is_over: bool = False

    @property
    def title(self) -> str:
        return str(self.relation.label)

    @property
    def is_linked(self) -> bool:
        """Whether the other lead has a page: a merged one is in the bin."""
        return bool(self.lead) and (self.relation != Relation.MERGED_WITH or self.is_over)


def relations_in(events: Iterable[LeadEvent], titles: Mapping[str, str]) -> Iterator[ShownRelation]:
    for event in events:
        if event.kind == Kind.RELATED and (event.value or event.old_value):
            relation = Relation(event.value or event.old_value)
            title = titles.get(event.about, "")
            yield ShownRelation(relation, event.about, title, is_over=not event.value)


def titles_of_related(events: Sequence[LeadEvent], reader: User | None) -> dict[str, str]:
    """Return the titles of the related leads that a reader may see, by key.

    Whoever sees a lead sees the leads in the bin that were merged into it.
    """
    related = [event for event in events if event.kind == Kind.RELATED]
    if not related or reader is None:
        return {}
    merged = [one.about for one in related if one.value == Relation.MERGED_WITH]
    visible = access.visible_leads(reader).values("pk")
    leads = Lead.objects.filter(key__in={one.about for one in related})
    leads = leads.filter(Q(pk__in=visible) | Q(key__in=merged, is_deleted=True))
    return dict(leads.values_list("key", "title"))
