"""Settings pages of the categories of tags and their tags, for admins."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.sales.models import BulkJob, Category, Tag
from leadlight.sales.refusals import Refused
from leadlight.sales.settings_in_words import note_on, row_in_words, rows_in_words
from leadlight.sales.tag_merging import merge
from leadlight.web.settings.audited import audited, change_row
from leadlight.web.settings.rows import RowForm, page_of_tags, shown_rows
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act

NO_CATEGORY = ("", gettext_lazy("Without a category"))


class CategoryForm(RowForm):
    is_required = forms.BooleanField(
        label=gettext_lazy("Every lead must have one of these tags"),
        required=False,
        help_text=gettext_lazy("A lead cannot be won without one of them."),
    )


class TagForm(RowForm):
    category = forms.ModelChoiceField(
        Category.objects.all(),
        label=gettext_lazy("Category"),
        required=False,
        to_field_name="key",
        empty_label=NO_CATEGORY[1],
        error_messages={"invalid_choice": gettext_lazy("Choose one of the options.")},
        help_text=gettext_lazy("All reports, including past ones, show the tag there."),
    )


class MergeForm(forms.Form):
    """Tag that stays after a merge."""

    to = forms.ModelChoiceField(
        Tag.objects.none(),
        label=gettext_lazy("Merge into"),
        to_field_name="key",
        empty_label="–",
        error_messages={
            "required": gettext_lazy("Choose the tag that stays."),
            "invalid_choice": gettext_lazy("Choose the tag that stays."),
        },
    )

    def __init__(self, tag: Tag, given: Any = None) -> None:
        super().__init__(given, label_suffix="")
        fields: Any = self.fields
        fields["to"].queryset = Tag.objects.filter(is_active=True).exclude(pk=tag.pk)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def categories(request: ReaderRequest) -> HttpResponse:
    """Show the categories with a form for a new one; a POST creates it and shows it."""
    form = CategoryForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        given = form.cleaned_data
        try:
            with audited(request, "category", lambda: rows_in_words(Category.objects.all())):
                made = Category.define(given["name"], is_required=given["is_required"])
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Category added. Add its tags."))
            return redirect("category_edit", made.key)
    number = Count("tags", filter=Q(tags__is_active=True))
    rows = shown_rows("category", Category.objects.annotate(number=number), _with_tags)
    loose = Tag.objects.filter(category=None, is_active=True).count()
    context = {"form": form, "rows": rows, "loose": loose}
    status = 400 if form.is_bound else 200
    return render(request, "settings/categories.html", context, status=status)


def _with_tags(row: Category) -> str:
    number: int = row.number  # type: ignore[attr-defined]
    tags = ngettext("%(count)s tag", "%(count)s tags", number) % {"count": number}
    return " · ".join(filter(None, [tags, note_on(row)]))


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a category with its tags; a POST changes its name and whether it is required."""
    found = get_object_or_404(Category, key=key)
    initial = {"name": found.name, "is_required": found.is_required}
    given = request.POST if request.method == "POST" else None
    form = CategoryForm(given, initial=initial, label_suffix="")
    if form.is_valid():
        sent = form.cleaned_data

        def change() -> None:
            found.rename(sent["name"])
            found.is_required = sent["is_required"]
            found.save(update_fields=["is_required"])

        try:
            change_row(request, "category", found, change, _("Category saved."))
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("category_edit", key)
    return _page(request, found, form=form, status=400 if form.is_bound else 200)


@signed_in
@for_admins
@require_POST
def add(request: ReaderRequest, key: str) -> HttpResponse:
    """Add a tag to a category."""
    found = get_object_or_404(Category, key=key)
    form = RowForm(request.POST, label_suffix="", auto_id="new-%s")
    if form.is_valid():
        try:
            with audited(request, "tag", lambda: _names_of_tags(found), subject=found):
                Tag.define(form.cleaned_data["name"], category=found)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Tag added."))
            return redirect("category_edit", key)
    return _page(request, found, new_form=form, status=400)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD"])
def loose_tags(request: ReaderRequest) -> HttpResponse:
    """Show the tags without a category."""
    rows = shown_rows("tag", Tag.objects.filter(category=None))
    return render(request, "settings/loose_tags.html", {"rows": rows})


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a tag; a POST changes its name and category, or merges it into another tag."""
    found = get_object_or_404(Tag.objects.select_related("category"), key=key)
    is_merge = "merge" in request.POST
    given = request.POST if request.method == "POST" else None
    initial = {"name": found.name, "category": found.category and found.category.key}
    form = TagForm(None if is_merge else given, initial=initial, label_suffix="")
    merge_form = MergeForm(found, given if is_merge else None)
    if merge_form.is_valid():
        try:
            return _merged(request, found, merge_form.cleaned_data["to"])
        except Refused as refusal:
            merge_form.add_error("to", str(refusal))
    elif form.is_valid():
        sent = form.cleaned_data
        before = found.category
        change = partial(found.change, sent["name"], sent["category"])
        try:
            change_row(request, "tag", found, change, _("Tag saved."))
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect(page_of_tags(before))
    shown = Tag.objects.select_related("category").get(pk=found.pk)
    context = {
        "tag": shown,
        "form": form,
        "merge_form": merge_form,
        "number": shown.leads.filter(is_deleted=False).count(),
        "list_address": page_of_tags(shown.category),
    }
    status = 400 if form.is_bound or merge_form.is_bound else 200
    return render(request, "settings/tag.html", context, status=status)


def _merged(request: ReaderRequest, found: Tag, to: Tag) -> HttpResponse:
    """Merge a tag into another one, and show the job that changes its leads or its list."""

    def change() -> str:
        with audited(request, "tag", lambda: _tag_in_words(found), subject=found.name):
            job = merge(found, to)
        return "" if job.total else str(_("Tag deactivated: no lead had it."))

    action = act(request, change)
    if BulkJob.objects.filter(action=action, total__gt=0).exists():
        return redirect("bulk_job", action.key)
    return redirect(page_of_tags(found.category))


def _names_of_tags(category: Category) -> str:
    return "; ".join(map(str, category.tags.all()))


def _tag_in_words(tag: Tag) -> str:
    return row_in_words(Tag.objects.select_related("category").get(pk=tag.pk))


def _page(
    request: ReaderRequest,
    found: Category,
    *,
    form: CategoryForm | None = None,
    new_form: RowForm | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = Category.objects.get(pk=found.pk)
    initial = {"name": shown.name, "is_required": shown.is_required}
    context = {
        "category": shown,
        "rows": shown_rows("tag", shown.tags.all()),
        "form": form or CategoryForm(initial=initial, label_suffix=""),
        "new_form": new_form or RowForm(label_suffix="", auto_id="new-%s"),
    }
    return render(request, "settings/category.html", context, status=status)
