"""Pins: tests of surprising library behaviour, so that an upgrade that changes it is noticed.

Each pin has an entry in docs/surprises.md. When a pin fails, check whether the workaround described
there is still needed.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pytest
import sqlglot
from ibis import _
from ibis.backends.sql import compilers
from ibis.common.exceptions import IbisInputError, IntegrityError
from sqlglot import exp

from leadlight.analytics.engine.duckdb import Engine

THINGS = ibis.table(
    {
        "number": "int64",
        "weight": "float64",
        "day": "date",
        "instant": "timestamp(6)",
        "money": "decimal(14, 2)",
        "word": "string",
    },
    name="things",
)
LAST = datetime(2024, 1, 1, 23, 59, 59, 999999)  # noqa: DTZ001 - as the star keeps instants


@pytest.fixture(scope="module")
def things() -> Iterator[Engine]:
    """An engine with a table of two rows: one full, one null in all columns but `money`."""
    engine = Engine(threads=1)
    engine.connection.execute(
        "CREATE TABLE things AS SELECT * FROM (VALUES"
        " (1::BIGINT, 1.5::DOUBLE, DATE '2024-01-01', TIMESTAMP '2024-01-01 23:59:59.999999',"
        "  0.01::DECIMAL(14, 2), 'x'), (NULL, NULL, NULL, NULL, 0.02, NULL))"
        " AS t(number, weight, day, instant, money, word)"
    )
    yield engine
    engine.close()


def run_on(things: Engine, expression: Any) -> list[tuple[Any, ...]]:
    return things.run(str(ibis.to_sql(expression, dialect="duckdb")))


def one(things: Engine, expression: Any) -> Any:
    """Return the single value of an aggregate."""
    ((value,),) = run_on(things, expression)
    return value


# Filters


def test_a_filter_without_conditions_raises() -> None:
    with pytest.raises(IbisInputError):
        THINGS.filter()


def test_isin_of_an_empty_list_keeps_no_row_and_notin_keeps_all(things: Engine) -> None:
    assert one(things, THINGS.filter(_.number.isin([])).count()) == 0
    assert one(things, THINGS.filter(_.number.notin([])).count()) == 2


def test_a_filter_by_inequality_drops_nulls(things: Engine) -> None:
    assert one(things, THINGS.filter(_.word != "y").count()) == 1


def test_a_filter_by_equality_with_none_keeps_nulls(things: Engine) -> None:
    assert one(things, THINGS.filter(_.number == None).count()) == 1  # noqa: E711


def test_notin_of_a_column_with_a_null_keeps_no_row(things: Engine) -> None:
    others = THINGS.view()
    assert one(things, THINGS.filter((_.money * 100).notin(others.number)).count()) == 0


def test_a_filtered_table_accepts_columns_of_the_unfiltered_one_but_not_its_count() -> None:
    filtered = THINGS.filter(THINGS.number > 5)
    filtered.aggregate(total=THINGS.number.sum())
    with pytest.raises(IntegrityError):
        filtered.aggregate(rows=THINGS.count())


# Sums


def test_the_sum_of_no_rows_is_null_and_their_count_is_0(things: Engine) -> None:
    sums = THINGS.filter(_.number > 5).aggregate(sum=_.money.sum(), rows=_.count())
    assert run_on(things, sums) == [(None, 0)]
    assert one(things, THINGS.money.sum(where=THINGS.number > 5)) is None


def test_quantiles_of_no_rows_are_null_and_not_a_list_of_nulls(things: Engine) -> None:
    assert one(things, THINGS.weight.quantile([0.25, 0.5], where=THINGS.number > 5)) is None


def test_the_median_of_amounts_is_cut_to_whole_cents(things: Engine) -> None:
    assert one(things, THINGS.money.median()) == Decimal("0.01")


def test_the_mean_of_money_is_a_float_though_declared_a_decimal(things: Engine) -> None:
    assert THINGS.money.mean().type().is_decimal()
    assert one(things, THINGS.money.mean()) == 0.015
    assert isinstance(one(things, THINGS.money.mean()), float)


def test_the_sum_of_money_is_exact(things: Engine) -> None:
    assert one(things, THINGS.money.sum()) == Decimal("0.03")


# Numbers


def test_division_by_0_gives_infinity_or_nan_and_floored_division_raises(things: Engine) -> None:
    assert run_on(things, THINGS.select(n=_.number / 0))[0] == (math.inf,)
    assert math.isnan(run_on(things, THINGS.select(n=_.number * 0 / 0))[0][0])
    with pytest.raises(duckdb.ConversionException):
        run_on(things, THINGS.select(n=_.number // 0))


def test_floored_division_rounds_negative_numbers_down(things: Engine) -> None:
    assert run_on(things, THINGS.select(n=(_.number - 2) // 7))[0] == (-1,)


def test_greatest_and_least_ignore_nulls(things: Engine) -> None:
    numbers = THINGS.select(most=ibis.greatest(_.number, 5), least=ibis.least(_.number, 0))
    assert run_on(things, numbers) == [(5, 0), (5, 0)]


def test_clip_keeps_nulls(things: Engine) -> None:
    assert run_on(things, THINGS.select(n=_.weight.clip(lower=0))) == [(1.5,), (None,)]


# Days and instants


def test_truncating_a_date_to_its_month_returns_a_timestamp(things: Engine) -> None:
    month = THINGS.day.truncate("month")
    assert month.type().is_date()
    assert type(run_on(things, THINGS.select(n=month))[0][0]) is datetime


def test_the_difference_of_instants_in_days_counts_midnights(things: Engine) -> None:
    later = ibis.timestamp("2024-01-02 00:00:00")
    days = run_on(things, THINGS.select(n=later.delta(THINGS.instant, unit="day")))[0][0]
    assert days == 1  # for a difference of one microsecond
    assert run_on(things, THINGS.select(n=later - THINGS.instant))[0][0] == timedelta(
        microseconds=1
    )


def test_the_days_between_dates_are_their_difference(things: Engine) -> None:
    days = THINGS.day.delta(ibis.date(date(2023, 12, 30)), unit="day")
    assert run_on(things, THINGS.select(n=days))[0] == (2,)


def test_a_timestamp_literal_keeps_its_microseconds(things: Engine) -> None:
    for literal in (
        ibis.timestamp("2024-01-01 23:59:59.999999"),
        ibis.literal(LAST),
        ibis.literal("2024-01-01 23:59:59.999999").cast("timestamp(6)"),
    ):
        assert one(things, THINGS.filter(_.instant == literal).count()) == 1


def test_time_zone_casts_vanish_in_compilation() -> None:
    local = THINGS.instant.cast("timestamp('UTC')").cast("timestamp('Europe/Paris')").date()
    text = ibis.to_sql(THINGS.select(day=local), dialect="duckdb")
    assert "Paris" not in text


def test_time_zones_need_no_downloaded_extension(things: Engine) -> None:
    instant = "timezone('{}', timezone('UTC', TIMESTAMP '{}'))"
    for zone, utc, local in (
        ("Europe/Paris", "2024-03-31 00:59:59.999999", "2024-03-31 01:59:59.999999"),
        ("Europe/Paris", "2024-03-31 01:00:00", "2024-03-31 03:00:00"),
        ("Asia/Kolkata", "2023-12-31 18:30:00", "2024-01-01 00:00:00"),
        ("Pacific/Apia", "2011-12-30 09:59:59", "2011-12-29 23:59:59"),
        ("Pacific/Apia", "2011-12-30 10:00:00", "2011-12-31 00:00:00"),
    ):
        actual = things.run(f"SELECT {instant.format(zone, utc)}::VARCHAR")[0][0]
        assert actual == local


def test_an_instant_with_a_zone_cannot_be_fetched_without_pytz() -> None:
    program = (
        "import sys; sys.modules['pytz'] = None\n"
        "from leadlight.analytics.engine.duckdb import Engine\n"
        "Engine().run('SELECT now()')"
    )
    assert "pytz" in run_python(program).stderr


# Imports and downloads


def run_python(program: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_report_runs_without_numpy_pandas_and_pyarrow() -> None:
    program = """
import sys
for name in ("numpy", "scipy", "pandas", "pyarrow", "polars", "pytz"):
    sys.modules[name] = None
from tests.analytics.asking import ReportClient
from tests.analytics.star import empty_star
from tests.analytics.worked import worked_company
asked = ReportClient(empty_star(), worked_company())
print(asked.report("company").totals["created_leads"], asked.drilldown("team", "won_leads").count)
"""
    done = run_python(program)
    assert (done.stderr, done.stdout) == ("", "5 2\n")


def test_ibis_imports_packaging_without_requiring_it() -> None:
    needed = [name for name in requires("ibis-framework") or [] if "extra ==" not in name]
    assert not any(name.startswith("packaging") for name in needed)
    program = (
        "import sys; sys.modules['packaging'] = None\n"
        "import ibis; ibis.to_sql(ibis.table({'a': 'int64'}, name='t').count(), dialect='duckdb')"
    )
    assert "packaging" in run_python(program).stderr


def test_attaching_another_database_downloads_nothing(things: Engine, tmp_path: Path) -> None:
    (tmp_path / "other.sqlite3").touch()
    with pytest.raises(Exception, match=r"[Ee]xtension"):
        things.run(f"ATTACH '{tmp_path / 'other.sqlite3'}' AS other (TYPE sqlite)")


def test_many_threads_can_query_one_engine(things: Engine) -> None:
    def ask_often(number: int) -> set[int]:
        return {things.run(f"SELECT {number} + count(*) FROM range(1000)")[0][0] for _ in range(20)}

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask_often, range(8))) == [{1000 + number} for number in range(8)]


# Names


def plan_of(things: Engine, sql: str) -> str:
    return str(things.run(f"EXPLAIN {sql}")[0][1])


def test_duckdb_executes_an_outer_join_whose_columns_are_unused(things: Engine) -> None:
    writer = things.writer()
    writer.run("CREATE TEMP TABLE words (word VARCHAR PRIMARY KEY, length BIGINT)")
    joined = "SELECT number, length FROM things LEFT JOIN words USING (word)"
    [[_key, plan]] = writer.run(f"EXPLAIN SELECT sum(number) FROM ({joined})")
    writer.close()
    assert "Hash Join" in plan


def test_a_filter_after_a_join_is_evaluated_on_each_pair(things: Engine) -> None:
    joined = "FROM things AS one JOIN things AS other USING (word)"
    plan = plan_of(
        things, f"SELECT count(*) {joined} WHERE coalesce(one.day, other.day) IS NOT NULL"
    )
    conditions = plan.split("Hash Join")[1].split("Table Scan")[0]
    assert "COALESCE" in conditions


def test_a_comparison_is_estimated_to_keep_a_fifth_of_the_rows(things: Engine) -> None:
    writer = things.writer()
    writer.run("CREATE TEMP TABLE numbers AS SELECT range AS number FROM range(1000)")
    [[_key, plan]] = writer.run("EXPLAIN SELECT number FROM numbers WHERE number <= 990")
    writer.close()
    assert "~200 rows" in plan


def test_only_a_join_by_one_column_skips_rows_without_a_match(things: Engine) -> None:
    writer = things.writer()
    for name, step in (("many", 1), ("few", 7)):
        writer.run(
            f"CREATE TEMP TABLE {name} AS "
            f"SELECT {step} * range AS one, {step} * range AS other FROM range({70_000 // step})"
        )
    plans = [
        writer.run(f"EXPLAIN ANALYZE SELECT count(*) FROM many JOIN few USING ({by})")[0][1]
        for by in ("one", "one, other")
    ]
    writer.close()
    assert ["PRF(one)" in plan for plan in plans] == [True, False]


def test_a_syntax_tree_of_ibis_lacks_the_columns_of_windows() -> None:
    first = THINGS.number.min().over(group_by="word")
    query = THINGS.select(first=first)
    tree = compilers.duckdb.compiler.to_sqlglot(query)
    assert "word" not in {column.name for column in tree.find_all(exp.Column)}
    anew = sqlglot.parse_one(ibis.to_sql(query, dialect="duckdb"), read="duckdb")
    assert "word" in {column.name for column in anew.find_all(exp.Column)}


@pytest.mark.parametrize("name", ["count", "schema", "view", "filter"])
def test_a_column_named_like_a_method_is_not_an_attribute_of_its_table(name: str) -> None:
    table = ibis.table({name: "int64"}, name="t")
    assert callable(getattr(table, name))
    assert table[name].type().is_integer()


def test_at_is_a_reserved_word(things: Engine) -> None:
    with pytest.raises(duckdb.ParserException):
        things.run("CREATE TABLE instants (at TIMESTAMP)")


def test_quantiles_cannot_be_compiled_for_spark_unless_it_is_installed() -> None:
    ibis.to_sql(THINGS.count(), dialect="pyspark")
    with pytest.raises(AttributeError):
        ibis.to_sql(THINGS.weight.quantile([0.25, 0.5]), dialect="pyspark")


def test_every_documented_surprise_has_a_pin_and_every_pin_is_documented() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "surprises.md"
    named = re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8"))
    pins = {name for name in globals() if name.startswith("test_")}
    assert len(named) == len(set(named))
    assert set(named) == pins - {
        "test_every_documented_surprise_has_a_pin_and_every_pin_is_documented"
    }
