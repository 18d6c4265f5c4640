"""URL patterns of the pages."""

from django.urls import path

from leadlight.web.bulk import basket, hand_over, selection_export
from leadlight.web.bulk import jobs as bulk_jobs
from leadlight.web.bulk import views as bulk
from leadlight.web.calendar import views as calendar
from leadlight.web.clients import editing as client_editing
from leadlight.web.clients import files as client_files
from leadlight.web.clients import views as clients
from leadlight.web.data_export import views as data_export
from leadlight.web.duplicates import client_views as client_duplicates
from leadlight.web.duplicates import listing as duplicate_list
from leadlight.web.duplicates import views as duplicates
from leadlight.web.feed import views as feed
from leadlight.web.follow_ups import views as follow_ups
from leadlight.web.goals import views as goals
from leadlight.web.imports import views as imports
from leadlight.web.leads import changes as lead_changes
from leadlight.web.leads import (
    copying,
    files,
    following_lead,
    lead_bin,
    list_changes,
    list_export,
    mentions,
    new_lead,
    rule_buttons,
    saved_views,
    sharing,
    signature,
)
from leadlight.web.leads import views as leads
from leadlight.web.leads.board import page as board
from leadlight.web.leads.board import place as board_place
from leadlight.web.leads.tasks import views as tasks
from leadlight.web.overview import views as overview
from leadlight.web.prospecting import views as prospecting
from leadlight.web.public_forms import views as public_forms
from leadlight.web.reports import attribution_bridge as report_credit
from leadlight.web.reports import changes as report_changes
from leadlight.web.reports import chart_pictures, shortcuts, step_probabilities
from leadlight.web.reports import data_quality as report_quality
from leadlight.web.reports import drilldown as report_lists
from leadlight.web.reports import explain as report_explain
from leadlight.web.reports import files as report_exports
from leadlight.web.reports import page as reports
from leadlight.web.search import views as search
from leadlight.web.settings import urls as settings
from leadlight.web.sheet import changes as sheet_changes
from leadlight.web.sheet import page as sheets
from leadlight.web.sheet import pending as sheet_pending
from leadlight.web.sheet import row as prospects
from leadlight.web.sheet import settings as sheet_settings
from leadlight.web.shell import changes, converters, home, web_app
from leadlight.web.shell import language_switch as language
from leadlight.web.shell import people as people_search
from leadlight.web.single_sign_on import views as single_sign_on
from leadlight.web.today import pace, place
from leadlight.web.today import views as today

converters.register()

urlpatterns = [
    path("", home.home, name="home"),
    path("language/", language.choose, name="language"),
    path("manifest.webmanifest", web_app.manifest, name="manifest"),
    path("service-worker.js", web_app.service_worker, name="service_worker"),
    path("offline/", web_app.offline, name="offline"),
    path("share/", sharing.share, name="share"),
    path("search/", search.search, name="search"),
    path("today/", today.today, name="today"),
    path("today/pace/", pace.pace, name="today_pace"),
    path("leads/", leads.leads, name="leads"),
    path("people/<slug:group>/", people_search.people, name="people_search"),
    path("lead-choices/<slug:dimension>/", leads.lead_choices, name="lead_choices"),
    path("board/counts/", board.counts, name="board_counts"),
    path("board/more/<key:step>/", board.more, name="board_more"),
    path("leads/<key:key>/", leads.lead, name="lead"),
    path("lead-row/<key:key>/", list_changes.lead_row, name="lead_row"),
    path("leads-export/<slug:kind>", list_export.export, name="leads_export"),
    path(
        "selection-export/<slug:kind>",
        selection_export.selection_export,
        name="selection_export",
    ),
    path("lead-views/new/", saved_views.save_view, name="view_save"),
    path("lead-views/<slug:key>/update/", saved_views.update_view, name="view_update"),
    path("mentionable/<key:key>/", mentions.mentionable, name="mentionable"),
    path("new-lead/", new_lead.new_lead, name="new_lead"),
    path("new-lead/duplicates/", new_lead.typed_duplicates, name="typed_duplicates"),
    path("new-lead/signature/", signature.proposals, name="signature"),
    path("new-lead/<slug:link>/<key:key>/", following_lead.following_lead, name="following_lead"),
    path("copy-lead/<key:key>/", copying.copy, name="copy_lead"),
    path("run-rule/<slug:rule>/<key:key>/", rule_buttons.run_rule, name="run_rule"),
    path("split-lead/<key:key>/", copying.split, name="split_lead"),
    path("merge/<key:key>/", duplicates.merge, name="merge"),
    path("not-duplicate/<key:key>/", duplicates.not_duplicate, name="not_duplicate"),
    path("merge-client/<key:key>/", client_duplicates.merge_client, name="merge_client"),
    path(
        "different-clients/<key:key>/",
        client_duplicates.different_clients,
        name="different_clients",
    ),
    path("bin/", lead_bin.lead_bin, name="bin"),
    path("bin/<key:key>/restore/", lead_bin.restore, name="restore"),
    path(
        "change-lead/<slug:what>/<key:key>/",
        lead_changes.change,
        {
            "pages": {
                place.NAME: today.PAGE,
                list_changes.NAME: list_changes.PAGE,
                board_place.NAME: board.PAGE,
            }
        },
        name="change_lead",
    ),
    path("files/<key:key>/thumbnail/", files.thumbnail, name="thumbnail"),
    path("files/<key:key>/", files.download, name="file"),
    path("bulk/<slug:verb>/", bulk.bulk, name="bulk"),
    path("bulk-jobs/<slug:key>/", bulk_jobs.bulk_job, name="bulk_job"),
    path("import/", imports.imports, name="table_imports"),
    path("import/new/", imports.new_import, name="table_import_new"),
    path("import/<slug:key>/", imports.table_import, name="table_import"),
    path("import/<slug:key>/columns/", imports.import_columns, name="table_import_columns"),
    path("import/<slug:key>/start/", imports.start_import, name="table_import_start"),
    path(
        "import/<slug:key>/refused/<slug:kind>", imports.refused_rows, name="table_import_refused"
    ),
    path("unassigned/", basket.basket, name="basket"),
    path("unassigned/<key:key>/take/", basket.take_lead, name="take_lead"),
    path("hand-over/", hand_over.people, name="hand_over_people"),
    path("hand-over/<key:key>/", hand_over.hand_over, name="hand_over"),
    path(
        "change-task/<slug:what>/<key:key>/",
        tasks.change,
        {"pages": {place.NAME: today.TASK_PAGE}},
        name="change_task",
    ),
    path("tasks/<key:key>/", tasks.task, name="task"),
    path("sign-in/", single_sign_on.start, name="provider_sign_in"),
    path("sign-in/callback/", single_sign_on.callback, name="provider_callback"),
    path("undo/<slug:key>/", changes.undo_action, name="undo"),
    path("clients/", clients.clients, name="clients"),
    path("clients-export/<slug:kind>", client_files.export, name="clients_export"),
    path("clients/<key:key>/edit/", client_editing.edit, name="client_edit"),
    path("clients/<key:key>/deactivate/", client_editing.deactivate, name="client_deactivate"),
    path("clients/<key:key>/reactivate/", client_editing.reactivate, name="client_reactivate"),
    path("clients/<key:key>/", clients.client, name="client"),
    path("prospecting/", prospecting.prospecting, name="prospecting"),
    path("new-prospecting-list/", prospecting.new_list, name="prospecting_new"),
    path("sheet-rows/<key:key>/", sheets.rows, name="sheet_rows"),
    path("sheet-news/<key:key>/", sheets.news, name="sheet_news"),
    path("sheet-cells/<key:key>/", sheet_changes.change_cells, name="sheet_cells"),
    path("sheet-undo/<key:key>/", sheet_changes.undo_in_sheet, name="sheet_undo"),
    path("sheet-pending/<key:key>/", sheet_pending.pending, name="sheet_pending"),
    path("sheet-settings/<key:key>/", sheet_settings.sheet_settings, name="sheet_settings"),
    path("change-sheet/<slug:what>/<key:key>/", sheet_changes.change_sheet, name="sheet_change"),
    path(
        "change-prospect/<slug:what>/<key:key>/", prospects.change_prospect, name="change_prospect"
    ),
    path("prospects/<key:key>/", prospects.prospect, name="prospect"),
    path("prospecting/<key:key>/", sheets.sheet, name="sheet"),
    path("follow-ups/", follow_ups.follow_ups, name="follow_ups"),
    path("activity/", feed.feed, name="feed"),
    path("activity/new/", feed.feed_news, name="feed_news"),
    path("activity-choices/<slug:dimension>/", feed.choices, name="feed_choices"),
    path("export/", data_export.data_export, name="data_export"),
    path("export/<slug:kind>", data_export.data_export_file, name="data_export_file"),
    path("reports/", overview.overview, name="overview"),
    path("reports/<slug:key>/", reports.report, name="report"),
    path(
        "reports/<slug:key>/export/<slug:kind>", report_exports.report_export, name="report_export"
    ),
    path(
        "reports/<slug:key>/charts/<slug:name>.svg",
        chart_pictures.chart_picture,
        name="chart_picture",
    ),
    path(
        "reports/<slug:key>/choices/<slug:dimension>/",
        reports.report_choices,
        name="report_choices",
    ),
    path("reports/<slug:key>/changes/", report_changes.report_changes, name="report_changes"),
    path(
        "reports/<slug:key>/changes/export/<slug:kind>",
        report_changes.report_changes_export,
        name="report_changes_export",
    ),
    path("reports/<slug:key>/explain/", report_explain.report_explain, name="report_explain"),
    path("reports/<slug:key>/credit/", report_credit.report_credit, name="report_credit"),
    path(
        "reports/<slug:key>/credit/export/<slug:kind>",
        report_exports.report_credit_export,
        name="report_credit_export",
    ),
    path("reports/<slug:key>/quality/", report_quality.report_quality, name="report_quality"),
    path(
        "reports/forecast/probability/",
        step_probabilities.step_probability,
        name="step_probability",
    ),
    path("goals/", goals.goals, name="goals"),
    path("goals/<key:key>/end/", goals.end, name="goal_end"),
    path("goals/<key:key>/delete/", goals.delete, name="goal_delete"),
    path("my-calendar/", calendar.own_calendar, name="own_calendar"),
    path("form/<secret:token>/", public_forms.form, name="public_form"),
    path("partner/<secret:token>/", public_forms.partner, name="partner_page"),
    path("calendar/<secret:token>.ics", calendar.feed, name="calendar_feed"),
    path("settings/duplicates/", duplicate_list.duplicate_groups, name="duplicate_groups"),
    path(
        "settings/duplicates/clients/",
        duplicate_list.client_duplicate_groups,
        name="client_duplicate_groups",
    ),
    path("shortcuts/", shortcuts.shortcuts, name="shortcuts"),
    path("shortcuts/new/", shortcuts.save, name="shortcut_save"),
    path("shortcuts/<slug:key>/", shortcuts.open_shortcut, name="shortcut"),
    path("shortcuts/<slug:key>/edit/", shortcuts.edit, name="shortcut_edit"),
    path("shortcuts/<slug:key>/delete/", shortcuts.delete, name="shortcut_delete"),
    path("shortcuts/<slug:key>/pin/", shortcuts.pin, name="shortcut_pin"),
    path("shortcuts/<slug:key>/default/", shortcuts.default, name="shortcut_default"),
    path("reports/<slug:key>/leads/", report_lists.report_leads, name="report_leads"),
    path(
        "reports/<slug:key>/leads/export/<slug:kind>",
        report_exports.report_leads_export,
        name="report_leads_export",
    ),
    *settings.urlpatterns,
]
