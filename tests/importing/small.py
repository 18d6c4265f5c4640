"""A small company with a few rows in every file, for tests to change."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from django.db import connection
from django.db.models import Model

from leadlight.accounts.models import Organization
from leadlight.importing.company_folder import FILES
from leadlight.sales.models import Action, ContactPoint, Lead, Mention, ProspectingList
from leadlight.sales.models.search_words import WORDS

COMPANY = """\
name = "Étude & Sœurs"
time_zone = "Europe/Paris"
currency = "EUR"
locale = "fr"
first_weekday = 1
fiscal_year_start_month = 4
weekend = [5, 6]
"""
ROWS = {
    "users": """\
user,first_name,last_name,email,role,is_active,created_at,deactivated_at
ana,Ana,Abreu,ana@example.com,admin,true,,
bo,Bo,Berg,bo@example.com,user,false,2026-01-01T09:00:00+01:00,2026-02-01T09:00:00+01:00
""",
    "teams": """\
team,name,is_active,created_at
north,North,true,2026-01-02T09:00:00.000001+01:00
south,South,true,
""",
    "memberships": """\
team,user,is_manager
north,ana,true
south,bo,false
""",
    "pipelines": """\
pipeline,name,is_default,is_archived,created_at
new,New business,true,false,
old,Renewals,false,true,2026-01-03T09:00:00+01:00
""",
    "steps": """\
step,pipeline,name,position,probability,is_closed
contact,new,Contact,1,10,false
offer,new,Offer,2,,true
renew,old,Renew,1,100,false
""",
    "past_probabilities": """\
past_probability,step,probability,replaced_at,replaced_by
p1,contact,5,2026-01-03T09:00:00.000001+01:00,ana
p2,contact,,2026-02-03T09:00:00+01:00,
""",
    "past_positions": """\
past_position,step,position,replaced_at,replaced_by
q1,offer,,2026-01-04T09:00:00+01:00,ana
q2,offer,7,2026-02-04T09:00:00+01:00,
""",
    "past_names": """\
past_name,step,pipeline,name,replaced_at,replaced_by
r1,offer,,Quote,2026-01-04T09:00:00+01:00,ana
r2,,new,Sales,2026-02-04T09:00:00+01:00,
""",
    "holidays": """\
holiday,day,name
labour,2026-05-01,Labour Day
bridge,2026-05-15,Pont de l'Ascension
""",
    "refused_addresses": """\
refused_address,address,reason,noted_at,noted_by
x1,lea@example.org,opted_out,2026-01-05T09:00:00+01:00,ana
x2,old@example.org,bounced,2026-02-05T09:00:00+01:00,
""",
    "categories": """\
category,name,is_required,reason_for,position,is_active,created_at
region,Region,true,both,0,true,2026-01-03T09:00:00+01:00
""",
    "tags": """\
tag,name,category,position,is_active,created_at
fr,France,region,1,true,
be,Belgium,region,0,false,2026-01-04T09:00:00+01:00
vip,VIP,,0,true,
""",
    "activity_types": """\
activity_type,name,kind,position,is_active,created_at
call,Call,call,0,true,
visit,Visit,meeting,1,false,2026-01-05T09:00:00+01:00
""",
    "outcomes": """\
outcome,activity_type,name,is_reached,position,is_active,created_at
spoken,call,Spoken to,true,0,true,
seen,visit,Seen,true,0,false,2026-01-05T09:00:00+01:00
""",
    "fields": """\
field,subject,name,kind,choices,is_key,position,is_archived
building,lead,Building,choice,House;Flat,false,1,false
visit,lead,Visit,day,,false,2,false
site,client,Site,link,,true,1,false
floors,prospect,Floors,number,,false,1,true
""",
    "clients": """\
client,name,description,is_active,created_at,created_by,merged_into,merged_at,merged_by
acme,Acme,"Makes ""everything"",
even this",true,2026-01-02T08:30:00+01:00,bo,,,
""",
    "prospecting_lists": """\
prospecting_list,name,user,created_at,source,cost,tags,is_archived
fair,Fair,ana,2026-01-02T09:00:00+01:00,fair,120.50,be;fr,false
""",
    "costs": """\
cost,name,amount,first_on,last_on,prospecting_list,source,tag,created_at,created_by
c1,Stand,1200.50,2026-01-01,2026-01-03,,,vip,2026-01-02T09:00:00+01:00,ana
c2,Ads,300,2026-01-01,2026-03-31,,fair,,2026-01-02T09:00:00+01:00,
c3,Addresses,80,2026-01-02,2026-01-02,fair,,,2026-01-02T09:00:00+01:00,bo
""",
    "prospect_columns": """\
prospecting_list,header,position,notion,field,is_hidden
fair,Company,1,company,,false
fair,Phone,2,phone,,true
fair,Note,3,,floors,false
""",
    "prospects": """\
prospect,prospecting_list,created_at,user,lead,converted_at,call_back_on,is_declined,\
cell:Company,cell:Phone
x1,fair,2026-01-02T09:00:00+01:00,ana,L1,2026-01-05T10:00:00+01:00,,false,Dupont,
x2,fair,2026-01-02T09:00:00+01:00,,,,2026-04-01,true,Durand,+33 1
""",
    "leads": """\
lead,title,description,pipeline,step,status,user,team,client,amount,probability,created_at,\
created_by,closed_at,estimated_closing_on,reminder_at,tags,source,prospect,is_starred,\
reminder_is_all_day,reminder_minutes,reminder_activity,reminder_note,follows,follows_as
L1,Dupont,,new,offer,won,ana,north,acme,1000,,2026-01-05T10:00:00+01:00,ana,\
2026-02-03T13:00:00.250+01:00,2026-02-28,,be;vip,fair,x1,true,false,,,,,
L2,Other,,old,renew,todo,,,,10.50,60,2026-03-29T03:30:00+02:00,,,,\
2026-04-01T09:00:00.000001+02:00,,,,false,true,45,call,Bring the plans,,
""",
    "lead_events": """\
lead_event,lead,occurred_at,recorded_at,actor,kind,value,old_value,channel,about
e1,L1,2026-01-05T10:00:00+01:00,,ana,created,,,,
e2,L1,2026-01-05T10:00:00+01:00,,ana,pipeline,new,,,
e3,L1,2026-01-05T10:00:00+01:00,,ana,step,contact,,,
e4,L1,2026-01-05T10:00:00+01:00,,ana,status,todo,,,
e5,L1,2026-01-05T10:00:00+01:00,,ana,owner,bo,,,
e6,L1,2026-01-05T10:00:00+01:00,,ana,team,north,,,
e7,L1,2026-01-05T10:00:00+01:00,,ana,amount,900,,,
e8,L1,2026-01-06T10:00:00+01:00,2026-01-07T10:00:00+01:00,ana,owner,ana,,,
e9,L1,2026-01-08T10:00:00+01:00,,,step,offer,,,
e10,L1,2026-01-08T10:00:00+01:00,,,amount,1000,,,
e11,L1,2026-01-08T10:00:00+01:00,,,estimated_closing,2026-02-28,,,
e12,L1,2026-02-03T13:00:00.250+01:00,,ana,status,won,,,
""",
    "activities": """\
activity,occurred_at,recorded_at,user,activity_type,outcome,lead,prospect,content
a1,2026-01-04T10:00:00+01:00,,ana,call,spoken,,x1,=1+1
a2,2026-01-06T10:00:00+01:00,2026-01-06T18:00:00+01:00,,visit,,L1,,
""",
    "goals": """\
goal,user,team,measure,activity_type,period,starts_on,target
g1,ana,,activities,call,month,2026-02-01,40
g2,,north,won_amount,,year,2026-04-01,100000
""",
}


def write_folder(folder: Path, files: dict[str, str], company: str | None = COMPANY) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if company is not None:
        (folder / "company.toml").write_text(company, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


def with_cells(
    file: str, line: int, *, rows_by_file: dict[str, str] = ROWS, **cells: str
) -> dict[str, str]:
    """Return the company with changed cells in the row of a file that begins in that line."""
    reader = csv.reader(io.StringIO(rows_by_file[file]), strict=True)
    rows = list(reader)
    for column, text in cells.items():
        rows[line - 1][rows[0].index(column)] = text
    return rows_by_file | {file: as_csv(rows)}


def with_row(file: str, *cells: str) -> dict[str, str]:
    """Return the company with one more row at the end of a file; missing cells are empty."""
    width = len(next(csv.reader(ROWS[file].splitlines())))
    return ROWS | {file: ROWS[file] + as_csv([[*cells, *[""] * (width - len(cells))]])}


def as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def empty_instance() -> None:
    """Delete the rows of all tables of a folder by plain SQL, without collecting related rows."""
    linked = [ProspectingList.tags.through, Lead.tags.through]
    tables = [model._meta.db_table for model in (*linked, ContactPoint, Mention, *WORDS)]
    tables += [file.values._meta.db_table for file in FILES if file.values]
    for file in reversed(FILES):
        # Actions refer to users; events and activities refer to actions.
        tables += [Action._meta.db_table] if file.name == "users" else []
        tables.append(file.model._meta.db_table)
    with connection.cursor() as cursor:
        for table in [*tables, Organization._meta.db_table]:
            cursor.execute(f"DELETE FROM {table}")


def row_counts() -> dict[str, int]:
    models: list[type[Model]] = [Organization, *(file.model for file in FILES)]
    return {model.__name__: model._default_manager.count() for model in models}
