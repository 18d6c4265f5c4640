"""The dimensions of leads in the operational database.

The keys are those of `leadlight.analytics.query.dimensions`; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import Team, User
from leadlight.sales.models import (
    ActivityType,
    Client,
    Outcome,
    Pipeline,
    ProspectingList,
    Step,
    Tag,
)


@dataclass(frozen=True)
class Dimension:
    """`path` leads from a lead to it, empty where a lead has none; `model` has its rows.

    Without a model, the lead's field holds the text itself.
    """

    path: str
    model: type[Keyed] | None


DIMENSIONS: dict[str, Dimension] = {
    "user": Dimension("owner", User),
    "team": Dimension("team", Team),
    "pipeline": Dimension("pipeline", Pipeline),
    "tag": Dimension("tags", Tag),
    "source": Dimension("source", None),
    "prospecting_list": Dimension("prospect__prospecting_list", ProspectingList),
    "client": Dimension("client", Client),
    "step": Dimension("step", Step),
    "status": Dimension("status", None),
    "reason": Dimension("", Tag),
    "activity_type": Dimension("", ActivityType),
    "outcome": Dimension("", Outcome),
}
