"""The addresses of the pages."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from leadlight.web.views import home, language, leads, report_exports, report_lists, reports


class AnyKey(StringConverter):
    """An external key is any text, slashes and ends of line included; no text has a NUL."""

    regex = r"[^\0]+"


register_converter(AnyKey, "key")

urlpatterns = [
    path("", home.home, name="home"),
    path("language/", language.choose, name="language"),
    path("leads/", leads.leads, name="leads"),
    path("leads/<key:key>/", leads.lead, name="lead"),
    path("reports/<slug:key>/", reports.report, name="report"),
    path(
        "reports/<slug:key>/export/<slug:kind>", report_exports.report_export, name="report_export"
    ),
    path(
        "reports/<slug:key>/choices/<slug:dimension>/",
        reports.report_choices,
        name="report_choices",
    ),
    path("reports/<slug:key>/leads/", report_lists.report_leads, name="report_leads"),
    path(
        "reports/<slug:key>/leads/export/<slug:kind>",
        report_exports.report_leads_export,
        name="report_leads_export",
    ),
]
