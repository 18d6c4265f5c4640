"""Activities that a reader may see and that pass the filters, and the users they are credited to.

An activity *belongs* to the lead on which it was done; an activity on a prospect alone belongs to
the lead that the prospect became.
"""

from __future__ import annotations

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, DateValue, Table

from leadlight.analytics.facts.prospects import first_teams, is_of_colleague, visible_prospects
from leadlight.analytics.query.attribution import ALWAYS, credited
from leadlight.analytics.query.dimensions import CREDITED
from leadlight.analytics.query.lead_filter import has_key
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.star.schema import TABLES, is_recorded

# Filters that also pass activities on prospects without a lead, if the prospect's list matches.
OF_LISTS = frozenset({"source", "prospecting_list"})


def recorded_activities(query: ReportQuery) -> Table:
    """Return every activity recorded by the instant of the query, regardless of the scope."""
    activities = TABLES["activities"]
    return activities.filter(is_recorded(activities.recorded_at, query.instant))


def is_idle_since(leads: Table, day: DateValue, query: ReportQuery) -> BooleanValue:
    """Return whether a lead was created by this day and has had no activity since.

    Both activities on the lead and on the prospect that became it count, regardless of the scope.
    """
    activities = recorded_activities(query)
    later = activities.filter(activities.occurred_on > day)
    is_worked_on = leads.lead_id.isin(later.lead_id) | leads.prospect_id.isin(later.prospect_id)
    return (leads.created_on <= day) & ~is_worked_on.fill_null(False)


def activities_done(query: ReportQuery, first: DateValue, last: DateValue) -> Table:
    """Return the activities of these days, credited, within the scope and the filters."""
    activities = recorded_activities(query)
    done = activities.filter(activities.occurred_on.between(first, last))
    return credited_activities(query, visible_activities(query, done))


def done_on_wins(query: ReportQuery, first: DateValue, last: DateValue) -> Table:
    """Return the activities on leads won in these days that were done no later than the closing.

    Each counts on the day of the closing and is credited to the same user and team as the closing.
    The query starts from the won leads, which are few: finding the lead of every activity costs
    twice as much. An activity recorded after the instant of the query gets a null instant instead
    of being filtered out: with a filter, DuckDB would expect few activities, and would build the
    hash table of the join from the activities instead of the leads.
    """
    won = won_leads(query, first, last).select(
        "day",
        "closed_at",
        "user_id",
        "team_id",
        its_lead_id="lead_id",
        its_prospect_id="prospect_id",
    )
    activities, on = TABLES["activities"], query.filters.switch("activities_on")
    if on != "both":
        done_on = activities.lead_id if on == "leads" else activities.prospect_id
        activities = activities.filter(done_on.notnull())
    prospects = visible_prospects(query).select("prospect_id")
    alone = activities.filter(
        activities.lead_id.isnull(), activities.prospect_id.isin(prospects.prospect_id)
    )
    theirs = ibis.union(
        _until_closing(activities, "lead_id", won, "its_lead_id", query),
        _until_closing(alone, "prospect_id", won, "its_prospect_id", query),
    )
    return theirs.left_join(prospects, theirs.on_prospect_id == prospects.prospect_id)


def _until_closing(
    activities: Table, done_on: str, won: Table, lead: str, query: ReportQuery
) -> Table:
    is_recorded_then = is_recorded(activities.recorded_at, query.instant)
    done = activities.select(
        "activity_id",
        "activity_type_id",
        "outcome_id",
        "lead_id",
        on_prospect_id="prospect_id",
        on_id=done_on,
        known_at=is_recorded_then.ifelse(activities.occurred_at, ibis.null()),
    )
    return done.inner_join(won, [done.on_id == won[lead], done.known_at <= won.closed_at])


def won_leads(query: ReportQuery, first: DateValue, last: DateValue) -> Table:
    """Return the leads won in these days, credited at closing."""
    leads, filters = query.leads, query.filters
    won = leads.filter(leads.status == "won", leads.closed_on.between(first, last))
    user, team = credited(won, "closing", filters.switch("credit"))
    return filters.narrow_credited(
        won.select(
            "lead_id",
            "prospect_id",
            "status",
            "amount",
            "closed_at",
            day="closed_on",
            user_id=user,
            team_id=team,
        )
    )


def visible_activities(query: ReportQuery, activities: Table) -> Table:
    """Return the activities that are in the scope and pass the filters, before they are credited.

    Readers see activities on the leads and prospects that they may see, and those done by users
    whose figures they may see. `lead_id` and `prospect_id` are null if the reader may not see
    these; `its_lead_id` is the lead to which the activity belongs, `done_by_id` the user who did
    it.
    """
    placed = _placed(query, activities)
    if not query.scope.sees_all:
        by_colleague = is_of_colleague(placed.done_by_id, query.scope)
        placed = placed.filter(_.its_lead_id.notnull() | _.prospect_id.notnull() | by_colleague)
    on = query.filters.switch("activities_on")
    if on != "both":
        placed = placed.filter(_.is_on_lead if on == "leads" else _.is_on_prospect)
    return _narrowed(placed, query)


def _placed(query: ReportQuery, activities: Table) -> Table:
    """Return each activity with the lead and the prospect on which it was done, if visible."""
    rows = visible_prospects(query)
    prospects = rows.select(
        "source",
        "prospecting_list_id",
        "became_id",
        prospect_user_id="user_id",
        seen_prospect_id="prospect_id",
    )
    leads = query.visible.select(
        "owner_id",
        "team_id",
        "creator_id",
        "team_at_creation_id",
        its_lead_id="lead_id",
    )
    done = activities.select(
        "activity_id",
        "occurred_at",
        "activity_type_id",
        "outcome_id",
        day="occurred_on",
        done_by_id="user_id",
        on_lead_id="lead_id",
        on_prospect_id="prospect_id",
    )
    done = done.left_join(prospects, done.on_prospect_id == prospects.seen_prospect_id)
    done = done.mutate(belongs_to_id=done.on_lead_id.fill_null(done.became_id))
    done = done.left_join(leads, done.belongs_to_id == leads.its_lead_id)
    seen = query.visible.select(seen_lead_id="lead_id")
    done = done.left_join(seen, done.on_lead_id == seen.seen_lead_id)
    return done.mutate(
        is_on_lead=done.on_lead_id.notnull(),
        is_on_prospect=done.on_prospect_id.notnull(),
    ).rename(prospect_id="seen_prospect_id", lead_id="seen_lead_id")


def _narrowed(placed: Table, query: ReportQuery) -> Table:
    """Return the activities of the leads, lists and sources that pass the filters.

    An activity that belongs to no lead has no pipeline, tag or client, so a filter by one of these
    excludes it.
    """
    chosen = {name: keys for name, keys in query.filters.chosen if name not in CREDITED}
    if not chosen:
        return placed
    passes: BooleanValue = placed.its_lead_id.isin(query.leads.lead_id).fill_null(False)
    if chosen.keys() <= OF_LISTS:
        on_row = placed.its_lead_id.isnull() & placed.prospect_id.notnull()
        for dimension, keys in chosen.items():
            on_row = on_row & has_key(placed, dimension, keys).fill_null(False)
        passes = passes | on_row
    return placed.filter(passes)


def credited_activities(query: ReportQuery, activities: Table) -> Table:
    """Return the activities with the credited `user_id` and `team_id`, filtered by user and team.

    With credit at the event, the user is the one who did the activity. The team is the lead's team
    if this user is a member of it, otherwise the first of the user's teams.

    With credit to the owner or the creator, user and team are those of the lead. If the activity
    belongs to no lead that the reader may see, the user is that of the prospect, if the reader may
    see the prospect. An activity on neither a lead nor a prospect is credited to the user who did
    it, any other to nobody.
    """
    credit = query.filters.switch("credit")
    rows = _with_teams(activities) if credit == "event" else _with_owners(activities, credit)
    return query.filters.narrow_credited(rows)


def _with_teams(activities: Table) -> Table:
    members = TABLES["memberships"].select(its_team_id="team_id", member_id="user_id")
    firsts = first_teams()
    rows = activities.rename(lead_team_id="team_id")
    rows = rows.left_join(
        members, (rows.lead_team_id == members.its_team_id) & (rows.done_by_id == members.member_id)
    ).drop("member_id")
    rows = rows.left_join(firsts, rows.done_by_id == firsts.member_id)
    return rows.mutate(
        user_id=rows.done_by_id, team_id=rows.its_team_id.fill_null(rows.first_team_id)
    )


def _with_owners(activities: Table, credit: str) -> Table:
    user, team = ALWAYS[credit]
    is_on_neither = ~(activities.is_on_lead | activities.is_on_prospect)
    whose_id = ibis.cases(
        (activities.prospect_id.notnull(), activities.prospect_user_id),
        (is_on_neither, activities.done_by_id),
    )
    rows = activities.mutate(other_id=whose_id)
    firsts = first_teams()
    rows = rows.left_join(firsts, rows.other_id == firsts.member_id)
    has_lead = rows.its_lead_id.notnull()
    return rows.mutate(
        user_id=has_lead.ifelse(rows[user], rows.other_id),
        team_id=has_lead.ifelse(rows[team], rows.first_team_id),
    )
