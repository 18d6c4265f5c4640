"""Clients that were merged into others or are no duplicates, in a company folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadlight.importing import Problems, export_folder, import_folder
from leadlight.sales import client_merging
from leadlight.sales.client_checks import differences
from leadlight.sales.client_duplicates import client_groups
from leadlight.sales.models import Client, Lead
from tests.importing.refusing import problems_of
from tests.importing.small import ROWS, contents, write_folder

pytestmark = pytest.mark.django_db
HEADER = ROWS["clients"].split("\n", 1)[0]
MERGED = ROWS["clients"] + "acme-2,Acme Ltd,,true,,,acme,2026-03-01T09:00:00+01:00,ana\n"


def with_clients(clients: str) -> dict[str, str]:
    return ROWS | {"clients": clients}


def test_a_merge_survives_an_export_and_an_import(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "f", with_clients(MERGED)))
    merged = Client.objects.get(key="acme-2")
    assert client_merging.kept_client_of(merged) == Client.objects.get(key="acme")
    assert merged.merged_by is not None
    assert not hasattr(merged, "search_words")
    export_folder(tmp_path / "one")
    assert contents(tmp_path / "one")["clients.csv"].decode() == MERGED
    assert not import_folder(tmp_path / "one").has_changes


def test_a_folder_without_these_columns_keeps_the_merge(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "f", with_clients(MERGED)))
    import_folder(write_folder(tmp_path / "old", {"clients": "client,name\nacme-2,Acme Limited\n"}))
    merged = Client.objects.get(key="acme-2")
    assert (merged.name, merged.merged_into) == ("Acme Limited", Client.objects.get(key="acme"))


@pytest.mark.parametrize(
    ("clients", "file", "column"),
    [
        (MERGED.replace(",acme,2026-03-01T09:00:00+01:00", ",acme,"), "clients.csv", "merged_at"),
        (MERGED.replace(",acme,2026", ",,2026"), "clients.csv", "merged_at"),
        (MERGED.replace(",acme,2026", ",acme-2,2026"), "clients.csv", "merged_into"),
        (MERGED.replace(",acme,2026", ",nobody,2026"), "clients.csv", "merged_into"),
        (
            MERGED.replace(",bo,,,", ",bo,acme-2,2026-03-01T09:00:00+01:00,"),
            "clients.csv",
            "merged_into",
        ),
        (
            MERGED.replace(",bo,,,", ",bo,acme-3,2026-03-01T09:00:00+01:00,")
            + "acme-3,Acme,,true,,,,,\n",
            "leads.csv",
            "client",
        ),
    ],
)
def test_bad_merges_are_refused(clients: str, file: str, column: str, tmp_path: Path) -> None:
    found = problems_of(write_folder(tmp_path / "bad", with_clients(clients)))
    assert (file, column) in {(problem.file, problem.column) for problem in found}
    assert not Client.objects.exists()


def test_a_client_with_leads_in_the_database_is_not_merged_by_its_row_alone(
    tmp_path: Path,
) -> None:
    import_folder(write_folder(tmp_path / "f", with_clients(ROWS["clients"])))
    rows = f"{HEADER}\nacme,Acme,,true,,,other,2026-03-01T09:00:00+01:00,\nother,Other,,true,,,,,\n"
    with pytest.raises(Problems) as refusal:
        import_folder(write_folder(tmp_path / "bad", {"clients": rows}))
    found = refusal.value.problems
    assert [(problem.line, problem.column) for problem in found] == [(2, "merged_into")]


def test_the_check_finds_leads_of_merged_clients_and_circles(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "f", with_clients(MERGED)))
    assert list(differences()) == []
    kept, merged = Client.objects.get(key="acme"), Client.objects.get(key="acme-2")
    Lead.objects.filter(key="L2").update(client=merged)
    assert list(differences()) == [f"Client {merged.pk} (Acme Ltd): it was merged, but has leads."]
    Lead.objects.filter(client=merged).update(client=None)
    Lead.objects.filter(client=kept).update(client=None)
    Client.objects.filter(pk=kept.pk).update(merged_into=merged)
    assert len(list(differences())) == 2


DIFFERENT = """\
client,other,created_at,created_by
acme-2,acme,2026-03-01T09:00:00+01:00,ana
"""


def test_clients_that_are_no_duplicates_survive_an_export_and_an_import(tmp_path: Path) -> None:
    two = ROWS["clients"] + "acme-2,Acme Ltd,,true,,,,,\n"
    files = with_clients(two) | {"client_differences": DIFFERENT}
    import_folder(write_folder(tmp_path / "f", files))
    assert client_groups().groups == ()
    export_folder(tmp_path / "one")
    assert contents(tmp_path / "one")["client_differences.csv"].decode() == DIFFERENT
    assert not import_folder(tmp_path / "one").has_changes


def test_clients_without_such_a_pair_are_a_group(tmp_path: Path) -> None:
    two = ROWS["clients"] + "acme-2,Acme Ltd,,true,,,,,\n"
    import_folder(write_folder(tmp_path / "f", with_clients(two)))
    [group] = client_groups().groups
    assert [client.key for client in group.clients] == ["acme", "acme-2"]
