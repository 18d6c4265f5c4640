"""The worked company of the report definitions (docs): five leads, written as a company folder.

Every figure stated in the definitions can be counted by hand from these five leads. Events without
a time happened at 09:00 UTC, and every event was recorded when it happened.
"""

from __future__ import annotations

from pathlib import Path

COMPANY = """\
name = "Worked company"
time_zone = "Europe/Paris"
currency = "EUR"
locale = "en"
first_weekday = 1
fiscal_year_start_month = 1
"""
FILES = {
    "users": """\
user,first_name,last_name,email,role,is_active
ana,Ana,Abreu,ana@example.com,user,true
bo,Bo,Berg,bo@example.com,user,true
""",
    "teams": """\
team,name
north,North
south,South
""",
    "memberships": """\
team,user,is_manager
north,ana,false
south,bo,false
""",
    "pipelines": """\
pipeline,name,is_default
p,Sales,true
""",
    "steps": """\
step,pipeline,name,position,probability
contact,p,Contact,1,
offer,p,Offer,2,
deal,p,Deal,3,
""",
    "leads": """\
lead,title,pipeline,step,status,user,team,amount,created_at,created_by,closed_at
L1,Lead 1,p,deal,won,ana,north,1000,2026-01-05T09:00:00Z,ana,2026-02-03T12:00:00Z
L2,Lead 2,p,deal,won,ana,north,500,2026-01-06T10:00:00Z,ana,2026-01-31T23:30:00Z
L3,Lead 3,p,contact,lost,bo,south,200,2026-01-07T08:00:00Z,ana,2026-02-10T09:00:00Z
L4,Lead 4,p,contact,cancelled,bo,south,800,2026-02-02T08:00:00Z,bo,2026-02-20T09:00:00Z
L5,Lead 5,p,contact,todo,bo,south,300,2026-01-31T23:10:00Z,bo,
""",
}
# Lead: its creator, team, creation and amount; then its events with their instants.
STORIES: dict[str, tuple[str, str, str, str, list[tuple[str, str, str]]]] = {
    "L1": (
        *("ana", "north", "2026-01-05T09:00:00Z", "1000"),
        [
            ("2026-01-10T09:00:00Z", "step", "offer"),
            ("2026-01-20T09:00:00Z", "step", "deal"),
            ("2026-02-03T12:00:00Z", "status", "won"),
        ],
    ),
    "L2": (
        *("ana", "north", "2026-01-06T10:00:00Z", "500"),
        [
            ("2026-01-16T09:00:00Z", "step", "deal"),
            ("2026-01-31T23:30:00Z", "status", "won"),
        ],
    ),
    "L3": (
        *("ana", "north", "2026-01-07T08:00:00Z", "200"),
        [
            ("2026-01-09T09:00:00Z", "owner", "bo"),
            ("2026-01-09T09:00:00Z", "team", "south"),
            ("2026-02-10T09:00:00Z", "status", "lost"),
        ],
    ),
    "L4": (
        *("bo", "south", "2026-02-02T08:00:00Z", "800"),
        [
            ("2026-02-05T09:00:00Z", "step", "offer"),
            ("2026-02-07T09:00:00Z", "step", "contact"),
            ("2026-02-20T09:00:00Z", "status", "cancelled"),
        ],
    ),
    "L5": (
        *("bo", "south", "2026-01-31T23:10:00Z", "300"),
        [
            ("2026-02-11T09:00:00Z", "status", "won"),
            ("2026-03-02T09:00:00Z", "status", "todo"),
        ],
    ),
}


def write_worked_company(folder: Path) -> Path:
    """Write the company's folder, creating it if needed, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "company.toml").write_text(COMPANY, encoding="utf-8")
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "lead_events.csv").write_text(lead_events(), encoding="utf-8")
    return folder


def lead_events() -> str:
    lines = ["lead_event,lead,occurred_at,recorded_at,actor,kind,value"]
    for lead, (creator, team, created_at, amount, later) in STORIES.items():
        opening = {
            "created": "",
            "pipeline": "p",
            "step": "contact",
            "status": "todo",
            "owner": creator,
            "team": team,
            "amount": amount,
        }
        facts = [(created_at, kind, value) for kind, value in opening.items()] + later
        for at, kind, value in facts:
            lines.append(f"E{len(lines)},{lead},{at},,{creator},{kind},{value}")
    return "\n".join(lines) + "\n"
