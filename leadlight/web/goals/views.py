"""Pages that list goals, and that set, replace, end and delete them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.analytics.query.periods import Bucket, Unit, bucket_of
from leadlight.presentation import formats
from leadlight.sales import goals as rules
from leadlight.sales.models import Goal
from leadlight.web.goals.form import GoalForm, calendar, first_day, like
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.days import today
from leadlight.web.shell.errors import refused

WITH = ("user", "team", "activity_type")


@dataclass(frozen=True)
class GoalLine:
    """A goal in the list. `is_ending`: a target of 0, which ends the goal from its first day."""

    goal: Goal
    holder: str
    counted: str
    target: str
    may_change: bool
    is_coming: bool = False
    is_ending: bool = False


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def goals(request: ReaderRequest) -> HttpResponse:
    """List the goals; for users who may set goals, also show and process the form."""
    may_set = rules.may_set(request.user)
    if request.method == "POST" and not may_set:
        return refused(request, _("Only managers and admins can set goals."), status=403)
    form = _form(request) if may_set else None
    if form and form.is_valid():
        rules.save(form.goal())
        messages.success(request, _("Goal saved."))
        return redirect("goals")
    context = {"lines": _lines(request, may_set=may_set), "form": form, "may_set": may_set}
    return render(request, "goals/list.html", context, status=400 if form and form.errors else 200)


def _form(request: ReaderRequest) -> GoalForm:
    """Return the form: submitted, empty, or for a GET with `replace` filled with that goal."""
    if request.method == "POST":
        return GoalForm(request.user, request.POST)
    key = request.GET.get("replace", "").replace("\0", "\N{REPLACEMENT CHARACTER}")
    initial = {"period": Goal.Period.MONTH, "starts_on": first_day("month", today())}
    if key:
        goal = _changeable(request, key)
        initial = like(goal, max(goal.starts_on, first_day(_unit(goal), today())))
    return GoalForm(request.user, initial=initial)


def _lines(request: ReaderRequest, *, may_set: bool) -> list[GoalLine]:
    """Return the current and future goals: of users, then of teams, then of the company."""
    visible_goals = list(rules.visible(request.user).select_related(*WITH).distinct())
    day = today()
    lines = [_line(goal, may_set=may_set) for goal in rules.in_force(visible_goals, day)]
    lines += [
        _line(goal, may_set=may_set, is_coming=True) for goal in rules.upcoming(visible_goals, day)
    ]
    lines.sort(
        key=lambda line: (
            line.goal.user is None,
            line.goal.team is None,
            line.holder.casefold(),
            line.counted.casefold(),
            line.goal.starts_on,
        )
    )
    return lines


def _line(goal: Goal, *, may_set: bool, is_coming: bool = False) -> GoalLine:
    is_money = goal.measure == Goal.Measure.WON_AMOUNT
    return GoalLine(
        goal,
        str(goal.user or goal.team or _("The whole company")),
        str(goal.activity_type or goal.get_measure_display()),
        formats.money(goal.target) if is_money else formats.number(goal.target),
        may_set,
        is_coming,
        is_ending=not goal.target,
    )


@signed_in
@require_POST
def end(request: ReaderRequest, key: str) -> HttpResponse:
    """End a goal after the current period, or after its first period if that is in the future."""
    goal = _changeable(request, key)
    running = bucket_of(max(today(), goal.starts_on), _unit(goal), calendar())
    following = Bucket(running.unit, running.number + 1, running.calendar)
    rules.end(goal, following.first)
    messages.success(
        request, _("Goal saved: it ends on %(day)s.") % {"day": formats.day(running.last)}
    )
    return redirect("goals")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ReaderRequest, key: str) -> HttpResponse:
    """Delete a goal after a confirmation. The goal that it replaced is then in force again."""
    goal = _changeable(request, key)
    if request.method != "POST":
        return render(request, "goals/delete.html", {"line": _line(goal, may_set=True)})
    goal.delete()
    messages.success(request, _("Goal deleted."))
    return redirect("goals")


def _unit(goal: Goal) -> Unit:
    return cast(Unit, goal.period)


def _changeable(request: ReaderRequest, key: str) -> Goal:
    """Return a goal that the user may change. Raises Http404 for any other."""
    found = rules.editable(request.user).select_related(*WITH).distinct()
    return get_object_or_404(found, key=key)
