"""Access rules: the rows that a user may see, change or filter by, and the scope of reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from leadlight.accounts.models import Membership, Organization, Team, User
from leadlight.accounts.organization import organization
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.accounts.request_cache import once
from leadlight.sales.dimensions import DIMENSIONS
from leadlight.sales.models import Client, Lead, Mention, Prospect, ProspectingList
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX, OPEN

# Number of a user's leads above which it is faster to check each client in turn than to collect the
# clients of the leads; measured with a million leads in the database.
MANY_LEADS = 30_000


@dataclass(frozen=True)
class LeadScope:
    """Scope of the leads that a user sees: all leads, or their own and those of some teams.

    `user_id` is the id of the user, `team_ids` the ids of the teams. If `is_of_members`, the user
    is a member of these teams, otherwise they manage them.
    """

    sees_all: bool
    user_id: int
    team_ids: frozenset[int]
    is_of_members: bool = False


def sees_all_leads(user: User) -> bool:
    """Return whether a user sees all leads, as admins do and, with shared privacy, everyone."""
    return user.is_admin or organization().privacy == Organization.Privacy.SHARED


def lead_scope(user: User) -> LeadScope:
    is_of_members = _team_privacy() == Organization.TeamPrivacy.MEMBERS
    return LeadScope(
        sees_all=sees_all_leads(user),
        user_id=user.pk,
        team_ids=_ids(seen_teams if is_of_members else led_teams, user),
        is_of_members=is_of_members,
    )


def seen_teams(user: User) -> QuerySet[Team]:
    """Return the teams whose leads and members a user sees, unless they see all leads anyway."""
    if _team_privacy() == Organization.TeamPrivacy.MEMBERS:
        return Team.objects.filter(memberships__user=user)
    return led_teams(user)


def led_teams(user: User) -> QuerySet[Team]:
    """Return the teams whose leads a user may change, since they manage the team."""
    if _team_privacy() == Organization.TeamPrivacy.ADMINS:
        return Team.objects.none()
    return user.managed_teams


def _team_privacy() -> str:
    """Return the privacy inside a team; MANAGERS if everyone sees all leads anyway."""
    company = organization()
    if company.privacy == Organization.Privacy.SHARED:
        return Organization.TeamPrivacy.MANAGERS
    return company.team_privacy


def may_assign(user: User) -> bool:
    """Return whether a user may give leads to others, and take the owner of a lead away."""
    return _holds(user, organization().may_assign)


def may_export(user: User) -> bool:
    """Return whether a user may download lists and reports as files."""
    return _holds(user, organization().may_export)


def _holds(user: User, holders: str) -> bool:
    if user.is_admin or holders == Organization.Holders.EVERYBODY:
        return True
    return holders == Organization.Holders.MANAGERS and user.role == User.Role.MANAGER


def visible_leads(user: User) -> QuerySet[Lead]:
    """Return the leads that a user may see, except leads in the bin."""
    leads = Lead.objects.filter(is_deleted=False)
    scope = lead_scope(user)
    if scope.sees_all:
        return leads
    return leads.filter(Q(owner_id=scope.user_id) | Q(team_id__in=scope.team_ids))


def readers_of(lead: Lead) -> QuerySet[User]:
    """Return the active users who may see a lead, if it is not in the bin."""
    users = User.objects.filter(is_active=True)
    if organization().privacy == Organization.Privacy.SHARED:
        return users
    of_team = Q(memberships__team=lead.team_id)
    if lead.team_id is None or _team_privacy() == Organization.TeamPrivacy.ADMINS:
        of_team = Q(pk__in=[])
    elif _team_privacy() == Organization.TeamPrivacy.MANAGERS:
        of_team &= ~Q(role=User.Role.USER) & Q(memberships__is_manager=True)
    return users.filter(Q(role=User.Role.ADMIN) | Q(pk=lead.owner_id) | of_team).distinct()


def restorable_leads(user: User) -> QuerySet[Lead]:
    """Return the leads in the bin that a user may restore: those that they could edit before."""
    leads = Lead.objects.filter(is_deleted=True)
    if user.is_admin:
        return leads
    return leads.filter(Q(owner_id=user.pk) | Q(team_id__in=_ids(led_teams, user)))


def editable_leads(user: User) -> QuerySet[Lead]:
    """Return the leads that a user may change, except leads in the bin.

    Admins may change all leads. Other users may change their own leads, those of the teams that
    they manage, and those without an owner that they may see.
    """
    leads = visible_leads(user)
    if user.is_admin:
        return leads
    return leads.filter(
        Q(owner_id=user.pk) | Q(owner_id=None) | Q(team_id__in=_ids(led_teams, user))
    )


def _ids(teams: Callable[[User], QuerySet[Team]], user: User) -> frozenset[int]:
    return once((teams, user.pk), lambda: frozenset(teams(user).values_list("pk", flat=True)))


def unread_mentions(user: User) -> QuerySet[Mention]:
    """Return the unread mentions of a user in comments on leads that they may see.

    Unlike `visible_leads`, this runs no additional query, because every page counts these mentions.
    """
    mentions = Mention.objects.filter(user=user, is_read=False, comment__lead__is_deleted=False)
    if user.is_admin or organization().privacy == Organization.Privacy.SHARED:
        return mentions
    is_of_team = Q(comment__lead__team__in=seen_teams(user))
    return mentions.filter(Q(comment__lead__owner=user) | is_of_team)


def may_edit(user: User, lead: Lead) -> bool:
    """Return whether a user may change a lead."""
    return editable_leads(user).filter(pk=lead.pk).exists()


def basket_leads(user: User) -> QuerySet[Lead]:
    """Return the open leads that a user may take when they have no owner, including owned leads.

    Users who see all leads may take all of them, other users those of their teams: inside a team, a
    lead becomes private only when it has an owner. Reports use `visible_leads`.
    """
    leads = Lead.objects.filter(is_deleted=False, status__in=OPEN)
    if user.is_admin or organization().privacy == Organization.Privacy.SHARED:
        return leads
    return leads.filter(team__in=user.memberships.values("team"))


def unassigned_leads(user: User) -> QuerySet[Lead]:
    """Return the open leads without an owner that a user may take."""
    return basket_leads(user).filter(owner=None)


def distributable_users(user: User) -> QuerySet[User]:
    """Return the active `replaceable_users`, among whom a user may distribute leads."""
    return replaceable_users(user).filter(is_active=True)


def may_distribute(user: User) -> bool:
    """Return whether a user may distribute leads among others, and hand their leads over."""
    return may_assign(user) and (user.is_admin or led_teams(user).exists())


def may_import(user: User) -> bool:
    """Return whether a user may import tables, as admins and managers of a team may."""
    return user.is_admin or user.managed_teams.exists()


def replaceable_users(user: User) -> QuerySet[User]:
    """Return the users whose leads a user may hand over: all for admins, else their teams'."""
    if user.is_admin:
        return User.objects.all()
    members = Membership.objects.filter(team__in=led_teams(user).values("pk"))
    return User.objects.filter(pk__in=members.values("user"))


def assignable_users(user: User) -> QuerySet[User]:
    """Return the users to whom a user may assign leads: the active ones whose names they see."""
    return visible_users(user).filter(is_active=True)


def possible_owners(user: User) -> QuerySet[User]:
    """Return the users whom a user may make the owner of a new lead."""
    users = assignable_users(user)
    return users if may_assign(user) else users.filter(pk=user.pk)


def assignable_teams(user: User) -> QuerySet[Team]:
    """Return the teams to which a user may assign leads: active teams of assignable users."""
    members = assignable_users(user).values("pk")
    return Team.objects.filter(memberships__user__in=members, is_active=True).distinct()


def visible_users(user: User) -> QuerySet[User]:
    """Return the users whose names and figures a user may see."""
    scope = lead_scope(user)
    if scope.sees_all:
        return User.objects.all()
    members = Membership.objects.filter(team__in=scope.team_ids).values("user")
    return User.objects.filter(Q(pk=scope.user_id) | Q(pk__in=members))


def filterable_teams(user: User) -> QuerySet[Team]:
    """Return the teams that a user may filter by: all for admins, else `seen_teams`."""
    return Team.objects.all() if user.is_admin else seen_teams(user)


def visible_clients(user: User) -> QuerySet[Client]:
    """Return the clients of the leads that a user may see; all clients if they see all leads.

    Users also see the clients without any lead that they created. Clients that were merged into
    another one are not visible.
    """
    if lead_scope(user).sees_all:
        return Client.unmerged()
    return _clients_of(visible_leads(user), user)


def listed_clients(user: User) -> QuerySet[Client]:
    """Return `visible_clients` for a query that reads only the first rows in an order.

    For a user with many leads, each client is checked in turn, instead of collecting the clients of
    all the leads. Runs a query to count the leads.
    """
    if not lead_scope(user).sees_all:
        leads = visible_leads(user).order_by()
        if leads[: MANY_LEADS + 1].count() > MANY_LEADS:
            of_leads = Exists(leads.filter(client=OuterRef("pk")))
            return Client.unmerged().filter(of_leads | _created_without_leads(user))
    return visible_clients(user)


def editable_clients(user: User) -> QuerySet[Client]:
    """Return the clients that a user may change: all clients for admins.

    Other users may change the clients of leads that they may change, and the clients without any
    lead that they created.
    """
    if user.is_admin:
        return Client.unmerged()
    return _clients_of(editable_leads(user), user)


def may_see_client(user: User, client: Client) -> bool:
    """Return whether a client is one of `visible_clients`, faster than a query of these."""
    if client.merged_into_id is not None:
        return False
    return lead_scope(user).sees_all or _is_client_of(visible_leads(user), user, client)


def may_edit_client(user: User, client: Client) -> bool:
    """Return whether a client is one of `editable_clients`, faster than a query of these."""
    if client.merged_into_id is not None:
        return False
    return user.is_admin or _is_client_of(editable_leads(user), user, client)


def may_deactivate_clients(user: User) -> bool:
    return user.is_admin


def _clients_of(leads: QuerySet[Lead], user: User) -> QuerySet[Client]:
    """Return the clients of these leads, and those without any lead that the user created."""
    ids = Client.objects.filter(_created_without_leads(user)).order_by().values("pk")
    of_leads = leads.order_by().values("client_id")
    return Client.unmerged().filter(pk__in=of_leads.union(ids, all=True))


def _created_without_leads(user: User) -> Q:
    related = Lead.objects.filter(client=OuterRef("pk"), is_deleted=False)
    return Q(~Exists(related), created_by=user)


def _is_client_of(leads: QuerySet[Lead], user: User, client: Client) -> bool:
    if leads.filter(client=client).exists():
        return True
    related = Lead.objects.filter(client=client, is_deleted=False)
    return client.created_by_id == user.pk and not related.exists()


def visible_prospecting_lists(user: User) -> QuerySet[ProspectingList]:
    """Return the prospecting lists that a user may see; reports on prospecting show the same lists.

    If the user does not see all leads, these are the lists of visible users, and the lists with a
    prospect that belongs to a visible user or was converted into a visible lead.
    """
    if lead_scope(user).sees_all:
        return ProspectingList.objects.all()
    colleagues = visible_users(user).values("pk")
    own = Q(user__in=colleagues)
    rows = Prospect.objects.filter(own | Q(pk__in=visible_leads(user).values("prospect_id")))
    return ProspectingList.objects.filter(own | Q(pk__in=rows.values("prospecting_list_id")))


def visible_prospects(user: User) -> QuerySet[Prospect]:
    """Return the prospects that a user may see.

    If the user does not see all leads, these are the prospects of visible users and those in the
    lists of visible users.
    """
    if lead_scope(user).sees_all:
        return Prospect.objects.all()
    colleagues = visible_users(user).values("pk")
    of_visible = Q(user__in=colleagues) | Q(prospecting_list__user__in=colleagues)
    return Prospect.objects.filter(of_visible)


def editable_prospecting_lists(user: User) -> QuerySet[ProspectingList]:
    """Return the prospecting lists whose columns, rows and settings a user may change.

    Admins may change all lists. Other users may change their own, those of the members of the teams
    that they manage, and those without an owner that they may see.
    """
    lists = visible_prospecting_lists(user)
    if user.is_admin:
        return lists
    return lists.filter(Q(user=user) | Q(user=None) | Q(user__in=_managed_members(user)))


def importable_prospecting_lists(user: User) -> QuerySet[ProspectingList]:
    """Return the prospecting lists into which a user may import rows."""
    return editable_prospecting_lists(user).filter(is_archived=False)


def editable_prospects(user: User) -> QuerySet[Prospect]:
    """Return the rows that a user may change, call and convert: all rows of editable lists.

    In other lists these are their own rows, and those of the members of the teams they manage.
    """
    rows = visible_prospects(user)
    if user.is_admin:
        return rows
    own = Q(user=user) | Q(user__in=_managed_members(user))
    lists = editable_prospecting_lists(user).order_by().values("pk")
    return rows.filter(own | Q(prospecting_list__in=lists))


def _managed_members(user: User) -> QuerySet[Any]:
    return Membership.objects.filter(team__in=user.managed_teams.values("pk")).values("user")


def choices(reader: Reader, dimension: str) -> QuerySet[Any]:
    """Return the rows of a dimension that a reader may choose in a filter.

    In the dimensions of `VISIBLE`, users may choose only rows that they may see. In all others,
    such as pipelines and tags, they may choose every row. `SYSTEM` may choose every row of every
    dimension. Raises LookupError for a dimension without a model.
    """
    model = DIMENSIONS[dimension].model
    if model is None:
        raise LookupError(f"{dimension} has no rows.")
    if reader is not SYSTEM and dimension in VISIBLE:
        return VISIBLE[dimension](reader)
    return model._default_manager.all()


def unknown_keys(reader: Reader, dimension: str, keys: Iterable[str]) -> list[str]:
    """Return the keys that do not exist or that the reader may not see.

    The two cases are not distinguished, so that an error does not reveal hidden rows. Keys of a
    dimension without a model, or of a custom field, are not checked here; `reporting.choice_fields`
    finds the unknown choices of custom fields.
    """
    given = list(keys)
    has_rows = not dimension.startswith(CUSTOM_FIELD_PREFIX) and DIMENSIONS[dimension].model
    if not given or not has_rows:
        return []
    known = set(choices(reader, dimension).filter(key__in=given).values_list("key", flat=True))
    return [key for key in given if key not in known]


VISIBLE: dict[str, Callable[[User], QuerySet[Any]]] = {
    "user": visible_users,
    "team": filterable_teams,
    "prospecting_list": visible_prospecting_lists,
    "client": visible_clients,
}
