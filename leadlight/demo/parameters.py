"""Parameters of the demo company: employees, sales behaviour and seasons.

Shares and chances are between 0 and 1; durations are in days unless the name gives another unit.
"""

from dataclasses import dataclass

COMPANY_NAME = "Verrières Grandlarge (société de démonstration)"
TIME_ZONE = "Europe/Paris"
CURRENCY = "EUR"
LOCALE = "fr"
FIRST_WEEKDAY = 1
FISCAL_YEAR_START_MONTH = 1

# Sizes over the whole three years, at size 1
INBOUND_LEADS = 3900
PROSPECTS = 15_000
CLIENTS_AT_START = 130
CLIENTS_AT_MOST = 400

# Growth and seasons
GROWTH_PER_YEAR = 0.2
"""Yearly growth of the number of inbound leads."""

MONTH_FACTORS = (1.1, 1.0, 1.1, 1.0, 0.9, 1.05, 0.85, 0.4, 1.25, 1.15, 1.05, 0.7)
"""Factors on inbound leads of January to December; 1 is an average month."""

WEEKEND_FACTOR = 0.12
"""Factor on inbound leads of days without work, when only the web site receives leads."""

QUARTER_PUSH_CHANCE = 0.45
"""Chance that a deal due to close just after the end of a quarter closes within it instead."""

QUARTER_PUSH_REACH = 14
"""Longest time after the end of a quarter for which this chance applies."""

# Lifecycle of leads
WIN_CHANCE = 0.22
LOST_SHARE = 0.76
"""Share of lost leads among those not won; the others are cancelled."""

DAYS_TO_WIN = (33.0, 0.75)
DAYS_TO_LOSE = (36.0, 0.80)
DAYS_TO_CANCEL = (32.0, 0.85)
"""Median, and standard deviation of the logarithm."""

FORGOTTEN_CHANCE = 0.004
DELETED_CHANCE = 0.006
SKIP_CHANCE = 0.11
RETURN_CHANCE = 0.08
STANDBY_CHANCE = 0.10
AMOUNT_EDIT_CHANCE = 0.26
OWN_PROBABILITY_CHANCE = 0.06
HANDOVER_CHANCE = 0.06
PIPELINE_CHANGE_CHANCE = 0.015
REOPENED_WON_CHANCE = 0.012
REOPENED_LOST_CHANCE = 0.03
WON_AGAIN_CHANCE = 0.38
NO_AMOUNT_AT_CREATION_CHANCE = 0.22
NO_EXPECTED_DAY_CHANCE = 0.10
RECORDED_LATE_CHANCE = 0.002
UNASSIGNED_AT_FIRST_CHANCE = 0.5
"""Chance among the leads from the web site."""

NEVER_ASSIGNED_CHANCE = 0.10
"""Chance among the leads unassigned at first."""


@dataclass(frozen=True)
class Temperament:
    """Sales behaviour of a person; for factors, 1 is average."""

    lead_share: float = 1.0
    """Weight in the assignment of the team's leads."""
    win_odds: float = 1.0
    """Factor on the odds of winning."""
    deal_size: float = 1.0
    """Factor on amounts."""
    pace: float = 1.0
    """Factor on durations; above 1 is slower."""
    touch_days: float = 8.5
    """Mean days between two activities on one open lead."""
    call_share: float = 0.55
    """Share of calls among the activities."""
    reach: float = 0.43
    """Share of calls that reach somebody."""
    optimism: float = 1.0
    """Factor on the estimated duration; below 1, expected close dates are too early."""
    tidiness: float = 0.8
    """Share of overdue expected close dates that are postponed."""
    prospecting: float = 1.0
    """Weight in the assignment of prospects for calls."""
    hands_over: float = 0.0
    """Share of the leads converted from prospects that are assigned to a team mate at once."""


@dataclass(frozen=True)
class Person:
    user: str
    first_name: str
    last_name: str
    email: str
    role: str
    team: str
    temperament: Temperament = Temperament()
    hired: int | None = None
    """Days before the last simulated day; None if hired before the first one."""
    left: int | None = None
    """Days before the last simulated day; None if still employed."""
    calls_goal: int = 0
    """Calls per month; 0 for no goal."""
    amount_goal: int = 0
    """Euros won per month, in the first year; 0 for no goal."""


@dataclass(frozen=True)
class Team:
    team: str
    name: str
    inbound_share: float
    regions: tuple[str, ...]
    won_amount_goal: int
    """Euros per quarter, in the first year."""


TEAMS = (
    Team("nord", "Équipe Nord", 0.46, ("region-nord", "region-idf", "region-est"), 340_000),
    Team("sud", "Équipe Sud", 0.38, ("region-ouest", "region-so", "region-se"), 160_000),
    Team("grands-comptes", "Grands comptes", 0.16, ("region-idf", "region-se"), 450_000),
)

_MANAGER = Temperament(lead_share=0.22, win_odds=1.5, tidiness=0.95, prospecting=0.05)

PEOPLE = (
    Person(
        "helene.castel", "Hélène", "Castel-Verrine", "admin@example.com", "admin", "",
        _MANAGER,
    ),
    Person(
        "thomas.lucarne", "Thomas", "Lucarne", "manager@example.com", "manager", "nord",
        _MANAGER, calls_goal=15,
    ),
    Person(
        "nadia.vitrail", "Nadia", "Vitrail", "nadia.vitrail@example.com", "manager", "sud",
        _MANAGER, calls_goal=15,
    ),
    Person(
        "eric.rotonde", "Éric", "Rotonde", "eric.rotonde@example.com", "manager",
        "grands-comptes", _MANAGER, calls_goal=10,
    ),
    Person(  # a good average seller
        "ana.claustra", "Ana", "Claustra", "seller@example.com", "user", "nord",
        Temperament(lead_share=1.2, win_odds=1.3, pace=0.95, reach=0.46),
        calls_goal=65, amount_goal=35_000,
    ),
    Person(  # the best seller
        "karim.persienne", "Karim", "Persienne", "karim.persienne@example.com", "user", "nord",
        Temperament(
            lead_share=1.1, win_odds=2.1, deal_size=1.2, pace=0.85, reach=0.49, tidiness=0.95,
        ),
        calls_goal=60, amount_goal=45_000,
    ),
    Person(  # a struggling seller: overdue dates, slow, too optimistic
        "julien.soupirail", "Julien", "Soupirail", "julien.soupirail@example.com", "user", "nord",
        Temperament(
            lead_share=0.85, win_odds=0.34, deal_size=0.85, pace=1.45, touch_days=15, reach=0.35,
            optimism=0.6, tidiness=0.4, prospecting=0.6,
        ),
        calls_goal=60, amount_goal=18_000,
    ),
    Person(  # converts prospects by phone and hands the leads over
        "chloe.balustre", "Chloé", "Balustre", "chloe.balustre@example.com", "user", "nord",
        Temperament(
            lead_share=0.12, win_odds=0.9, call_share=0.85, reach=0.48, prospecting=4.5,
            hands_over=0.85,
        ),
        calls_goal=310,
    ),
    Person(  # a new seller
        "ines.croisee", "Inès", "Croisée", "ines.croisee@example.com", "user", "nord",
        Temperament(lead_share=1.1, win_odds=0.7, pace=1.1, call_share=0.7, prospecting=1.6),
        hired=82, calls_goal=40, amount_goal=12_000,
    ),
    Person(  # many small and quick deals
        "sophie.mirador", "Sophie", "Mirador", "sophie.mirador@example.com", "user", "sud",
        Temperament(
            lead_share=2.0, win_odds=1.35, deal_size=0.38, pace=0.7, touch_days=7,
            call_share=0.68, reach=0.47,
        ),
        calls_goal=120, amount_goal=26_000,
    ),
    Person(
        "lea.oriel", "Léa", "Oriel", "lea.oriel@example.com", "user", "sud",
        Temperament(win_odds=0.9, pace=1.1, call_share=0.45, prospecting=0.8),
        hired=610, calls_goal=70, amount_goal=25_000,
    ),
    Person(  # a former seller
        "marc.corniche", "Marc", "Corniche", "marc.corniche@example.com", "user", "sud",
        Temperament(win_odds=0.7, pace=1.2, touch_days=11, reach=0.39, tidiness=0.6),
        left=405, calls_goal=45,
    ),
    Person(  # few large deals, more meetings than calls
        "paul.belvedere", "Paul", "Belvédère", "paul.belvedere@example.com", "user",
        "grands-comptes",
        Temperament(
            lead_share=0.42, win_odds=1.3, deal_size=3.6, pace=1.7, touch_days=11,
            call_share=0.35, reach=0.5, optimism=0.8, prospecting=0.2,
        ),
        calls_goal=10, amount_goal=125_000,
    ),
    Person(
        "bruno.linteau", "Bruno", "Linteau", "bruno.linteau@example.com", "user",
        "grands-comptes",
        Temperament(lead_share=1.0, win_odds=0.85, deal_size=1.5, pace=1.15, optimism=0.75),
        calls_goal=40, amount_goal=70_000,
    ),
)  # fmt: skip
