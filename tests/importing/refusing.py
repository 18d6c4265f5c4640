"""Import a folder that must be refused, and return its problems."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadlight.accounts.models import Organization, User
from leadlight.importing import Problem, Problems, import_folder


def problems_of(folder: Path) -> list[Problem]:
    with pytest.raises(Problems) as refusal:
        import_folder(folder)
    assert not Organization.objects.exists()
    assert not User.objects.exists()
    return refusal.value.problems


def only_problem(folder: Path) -> Problem:
    [problem] = problems_of(folder)
    return problem
