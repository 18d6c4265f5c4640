from datetime import date
from pathlib import Path

import pytest

from leadlight.demo.generate import write_folder
from tests.demo.reading import Company

WHOLE = (date(2026, 11, 23), 1.0)
SMALL = [
    (date(2024, 2, 29), 0.05),
    (date(2026, 1, 1), 0.05),
    (date(2026, 8, 15), 0.05),
    (date(2028, 12, 31), 0.05),
]


def make(folder: Path, today: date, size: float, seed: int = 1) -> Company:
    write_folder(folder, today=today, seed=seed, size=size)
    return Company(folder, today)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The demo company in the size that `leadlight demo` generates."""
    return make(tmp_path_factory.mktemp("whole"), *WHOLE)


@pytest.fixture(scope="session", params=[None, *SMALL], ids=lambda each: str(each and each[0]))
def company(
    request: pytest.FixtureRequest, whole: Company, tmp_path_factory: pytest.TempPathFactory
) -> Company:
    """The whole company, and small ones whose last day is a leap day, a holiday or a weekend."""
    if request.param is None:
        return whole
    return make(tmp_path_factory.mktemp("small"), *request.param)
