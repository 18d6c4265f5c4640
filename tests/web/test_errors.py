"""Error pages."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from django.urls import path

from leadlight import urls
from leadlight.web.shell.errors import refused
from tests.web.pages import Page


def breaks(request):
    raise RuntimeError("a secret of the house")


def forbids(request):
    raise PermissionDenied("a secret of the house")


def refuses(request):
    return refused(request, "A day <b>has</b> 24 hours.")


urlpatterns = [
    *urls.urlpatterns,
    path("breaks/", breaks),
    path("forbids/", forbids),
    path("refuses/", refuses),
]


@pytest.fixture
def browser(cast, settings):
    settings.ROOT_URLCONF = __name__
    browser = Browser(headers={"accept-language": "fr"}, raise_request_exception=False)
    browser.force_login(cast.olga)
    return browser


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/refuses/", 400, "Demande incorrecte"),
        ("/forbids/", 403, "Vous n’avez pas accès à cette page"),
        ("/nowhere/", 404, "Page introuvable"),
        ("/breaks/", 500, "Une erreur est survenue"),
    ],
)
def test_an_error_has_a_page_in_the_language_of_the_reader(address, status, heading, browser):
    response = browser.get(address)
    page = Page.read(response.content.decode())
    assert (response.status_code, page.headings, page.language) == (status, [heading], "fr")
    assert page.faults == []
    assert "a secret of the house" not in page.text


def test_a_page_for_admins_tells_others_that_they_have_no_access(cast, visit):
    response = visit(cast.olga).get("/working-days/")
    page = Page.read(response.content.decode())
    assert (response.status_code, page.headings) == (403, ["You do not have access to this page"])
    assert "Only admins can change this setting." in page.text
    response = visit(cast.olga).post("/working-days/add/")
    page = Page.read(response.content.decode())
    assert (response.status_code, page.headings) == (403, ["You are not allowed to do this"])


def test_the_message_of_a_refusal_is_escaped(browser):
    assert "A day &lt;b&gt;has&lt;/b&gt; 24 hours." in browser.get("/refuses/").content.decode()


def test_a_refused_htmx_request_replaces_the_whole_page(browser):
    response = browser.get("/refuses/", headers={"hx-request": "true"})
    assert response.status_code == 400
    assert response.headers["HX-Retarget"] == "body"


def test_the_page_of_a_server_error_runs_no_query(browser, django_assert_num_queries):
    response = browser.get("/breaks/")
    with django_assert_num_queries(0):
        from django.views.defaults import server_error

        server_error(response.wsgi_request)


def test_a_form_without_a_csrf_token_is_refused_with_advice(cast):
    browser = Browser(enforce_csrf_checks=True, headers={"accept-language": "fr"})
    response = browser.post("/language/", {"language": "fr"})
    assert response.status_code == 403
    assert Page.read(response.content.decode()).headings == ["Veuillez réessayer"]


def test_an_unknown_host_is_refused(cast):
    response = Browser().get("/accounts/login/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert Page.read(response.content.decode()).headings == ["Invalid request"]
