"""URL patterns of the pages."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from leadlight.accounts.tokens import TOKEN
from leadlight.web.bulk import basket, hand_over, selection_export
from leadlight.web.bulk import jobs as bulk_jobs
from leadlight.web.bulk import views as bulk
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
    signature,
)
from leadlight.web.leads import views as leads
from leadlight.web.leads.board import page as board
from leadlight.web.leads.board import place as board_place
from leadlight.web.leads.tasks import views as tasks
from leadlight.web.overview import views as overview
from leadlight.web.prospecting import views as prospecting
from leadlight.web.reports import attribution_bridge as report_credit
from leadlight.web.reports import changes as report_changes
from leadlight.web.reports import chart_pictures, shortcuts, step_probabilities
from leadlight.web.reports import data_quality as report_quality
from leadlight.web.reports import drilldown as report_lists
from leadlight.web.reports import explain as report_explain
from leadlight.web.reports import files as report_exports
from leadlight.web.reports import page as reports
from leadlight.web.search import views as search
from leadlight.web.settings import (
    activity_types,
    audit_log,
    background_jobs,
    categories,
    costs,
    fields,
    first_steps,
    follow_up_templates,
    identity_provider,
    loss_reasons,
    organization,
    own_mails,
    own_settings,
    people,
    person,
    pipelines,
    privacy,
    rows,
    rules,
    sign_in,
    steps,
    teams,
    webhooks,
    working_days,
)
from leadlight.web.settings import home as settings
from leadlight.web.sheet import changes as sheet_changes
from leadlight.web.sheet import page as sheets
from leadlight.web.sheet import pending as sheet_pending
from leadlight.web.sheet import row as prospects
from leadlight.web.sheet import settings as sheet_settings
from leadlight.web.shell import changes, home
from leadlight.web.shell import language_switch as language
from leadlight.web.shell import people as people_search
from leadlight.web.single_sign_on import views as single_sign_on
from leadlight.web.today import pace, place
from leadlight.web.today import views as today


class AnyKey(StringConverter):
    """Path converter for external keys: any text without NUL, slashes and line breaks included."""

    regex = r"[^\0]+"


class SecretToken(StringConverter):
    """Path converter for the token of a secret address."""

    regex = TOKEN.pattern


register_converter(AnyKey, "key")
register_converter(SecretToken, "secret")

urlpatterns = [
    path("", home.home, name="home"),
    path("language/", language.choose, name="language"),
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
    path("my-settings/", own_settings.own_settings, name="own_settings"),
    path(
        "my-settings/follow-up-question/",
        own_settings.follow_up_question,
        name="follow_up_question",
    ),
    path(
        "my-settings/sign-out-everywhere/",
        own_settings.sign_out_everywhere,
        name="sign_out_everywhere",
    ),
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
    path("working-days/", working_days.working_days, name="working_days"),
    path("working-days/add/", working_days.add, name="holiday_add"),
    path("working-days/french/", working_days.add_french, name="holidays_french"),
    path("working-days/<key:key>/remove/", working_days.remove, name="holiday_remove"),
    path("settings/", settings.settings_home, name="settings_home"),
    path("settings/first-steps/", first_steps.first_steps, name="first_steps"),
    path("settings/first-steps/propose/", first_steps.propose, name="first_steps_propose"),
    path("settings/organization/", organization.organization, name="organization"),
    path("settings/privacy/", privacy.privacy, name="privacy"),
    path("settings/sign-in/", sign_in.sign_in, name="sign_in_settings"),
    path(
        "settings/sign-in/provider/",
        identity_provider.identity_provider,
        name="identity_provider",
    ),
    path("settings/people/", people.people_list, name="people"),
    path("settings/people/invite/", people.invite, name="people_invite"),
    path("settings/people/<key:key>/edit/", person.person, name="person"),
    path("settings/people/<key:key>/invite/", person.invite, name="person_invite"),
    path("settings/people/<key:key>/deactivate/", person.deactivate, name="person_deactivate"),
    path("settings/people/<key:key>/reactivate/", person.reactivate, name="person_reactivate"),
    path(
        "settings/people/<key:key>/reset-second-factor/",
        person.reset_second_factor,
        name="person_reset_second_factor",
    ),
    path("settings/people/<key:key>/unlink/", person.unlink, name="person_unlink"),
    path("settings/teams/", teams.team_list, name="teams"),
    path("settings/teams/<key:key>/edit/", teams.team, name="team"),
    path("settings/teams/<key:key>/place/", teams.set_place, name="team_place"),
    path("settings/teams/<key:key>/deactivate/", teams.deactivate, name="team_deactivate"),
    path("settings/teams/<key:key>/reactivate/", teams.reactivate, name="team_reactivate"),
    path("settings/rules/", rules.rules, name="rules"),
    path("settings/rules/new/", rules.new, name="rule_new"),
    path("settings/rules/<key:key>/edit/", rules.edit, name="rule"),
    path("settings/rules/<key:key>/switch/", rules.switch, name="rule_switch"),
    path("settings/rules/<key:key>/trial/", rules.trial, name="rule_trial"),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/<key:key>/edit/", webhooks.edit, name="webhook"),
    path("settings/webhooks/<key:key>/test/", webhooks.test, name="webhook_test"),
    path("settings/webhooks/<key:key>/switch/", webhooks.switch, name="webhook_switch"),
    path("settings/webhooks/<key:key>/secret/", webhooks.renew_secret, name="webhook_secret"),
    path("settings/deliveries/<key:key>/repeat/", webhooks.repeat, name="delivery_repeat"),
    path("my-mails/", own_mails.own_mails, name="own_mails"),
    path("my-mails/morning/", own_mails.morning, name="morning_mail"),
    path("my-mails/notifications/", own_mails.notification_choice, name="notification_choice"),
    path("my-mails/<slug:key>/", own_mails.shortcut_mail, name="shortcut_mail"),
    path("stop-mail/<str:token>/", own_mails.stop_mail, name="stop_mail"),
    path("settings/jobs/", background_jobs.background_jobs, name="background_jobs"),
    path("settings/jobs/<int:pk>/run/", background_jobs.run_again, name="background_job_run"),
    path("settings/audit/", audit_log.audit_log, name="audit_log"),
    path("settings/audit/export/<slug:kind>", audit_log.export, name="audit_export"),
    path("settings/loss-reasons/", loss_reasons.loss_reasons, name="loss_reasons"),
    path("settings/duplicates/", duplicate_list.duplicate_groups, name="duplicate_groups"),
    path(
        "settings/duplicates/clients/",
        duplicate_list.client_duplicate_groups,
        name="client_duplicate_groups",
    ),
    path("settings/follow-ups/", follow_up_templates.templates, name="follow_up_templates"),
    path(
        "settings/follow-ups/<key:key>/add/",
        follow_up_templates.add_step,
        name="follow_up_step_add",
    ),
    path(
        "settings/follow-ups/<key:key>/move/",
        follow_up_templates.move,
        name="follow_up_template_move",
    ),
    path(
        "settings/follow-ups/<key:key>/archive/",
        follow_up_templates.archive,
        name="follow_up_template_archive",
    ),
    path(
        "settings/follow-ups/<key:key>/restore/",
        follow_up_templates.restore,
        name="follow_up_template_restore",
    ),
    path(
        "settings/follow-ups/<key:key>/edit/",
        follow_up_templates.template,
        name="follow_up_template",
    ),
    path(
        "settings/follow-up-tasks/<key:key>/edit/", follow_up_templates.step, name="follow_up_step"
    ),
    path(
        "settings/follow-up-tasks/<key:key>/move/",
        follow_up_templates.move_step,
        name="follow_up_step_move",
    ),
    path(
        "settings/follow-up-tasks/<key:key>/remove/",
        follow_up_templates.remove_step,
        name="follow_up_step_remove",
    ),
    path("settings/pipelines/", pipelines.pipelines, name="pipelines"),
    path("settings/pipelines/<key:key>/edit/", pipelines.pipeline, name="pipeline_edit"),
    path("settings/pipelines/<key:key>/default/", pipelines.default, name="pipeline_default"),
    path("settings/pipelines/<key:key>/archive/", pipelines.archive, name="pipeline_archive"),
    path("settings/pipelines/<key:key>/restore/", pipelines.restore, name="pipeline_restore"),
    path("settings/pipelines/<key:key>/add/", pipelines.add_step, name="step_add"),
    path("settings/steps/<key:key>/edit/", steps.step, name="step_edit"),
    path("settings/steps/<key:key>/move/", steps.move, name="step_move"),
    path("settings/steps/<key:key>/close/", steps.close, name="step_close"),
    path("settings/steps/<key:key>/reopen/", steps.reopen, name="step_reopen"),
    path("settings/steps/<key:key>/remove/", steps.remove, name="step_remove"),
    path("settings/activity-types/", activity_types.types, name="activity_types"),
    path("settings/activity-types/<key:key>/edit/", activity_types.edit, name="activity_type_edit"),
    path("settings/activity-types/<key:key>/add/", activity_types.add, name="outcome_add"),
    path("settings/outcomes/<key:key>/edit/", activity_types.outcome, name="outcome_edit"),
    path("settings/categories/", categories.categories, name="categories"),
    path("settings/categories/<key:key>/edit/", categories.edit, name="category_edit"),
    path("settings/categories/<key:key>/add/", categories.add, name="tag_add"),
    path("settings/costs/", costs.costs, name="costs"),
    path("settings/costs/<key:key>/edit/", costs.edit, name="cost_edit"),
    path("settings/costs/<key:key>/delete/", costs.delete, name="cost_delete"),
    path("settings/tags/", categories.loose_tags, name="loose_tags"),
    path("settings/tags/<key:key>/edit/", categories.tag, name="tag_edit"),
    path("settings/rows/<slug:kind>/<key:key>/move/", rows.move, name="row_move"),
    path("settings/rows/<slug:kind>/<key:key>/deactivate/", rows.deactivate, name="row_deactivate"),
    path("settings/rows/<slug:kind>/<key:key>/reactivate/", rows.reactivate, name="row_reactivate"),
    path("settings/fields/", fields.fields, name="fields"),
    path("settings/fields/<key:key>/edit/", fields.edit, name="field_edit"),
    path("settings/fields/<key:key>/move/", fields.move, name="field_move"),
    path("settings/fields/<key:key>/archive/", fields.archive, name="field_archive"),
    path("settings/fields/<key:key>/restore/", fields.restore, name="field_restore"),
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
]
