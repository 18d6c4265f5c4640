"""Lead sources of the demo company: inbound sources and prospecting lists."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    name: str
    share: float
    """Share of the inbound leads."""
    win_odds: float
    """Factor on the odds of winning."""
    from_client: float
    """Share of leads from existing clients."""


WEB_SITE = Source("Site web", 0.42, 0.4, 0.12)

SOURCES = (
    WEB_SITE,
    Source("Appel entrant", 0.15, 1.0, 0.3),
    Source("Recommandation", 0.08, 4.0, 0.25),
    Source("Client existant", 0.17, 2.3, 1.0),
    Source("Architecte partenaire", 0.09, 1.6, 0.6),
    Source("Salon", 0.05, 0.8, 0.2),
    Source("", 0.04, 0.8, 0.2),
)


@dataclass(frozen=True)
class ListPlan:
    """Parameters of a prospecting list; `{year}` in its name is the year of its import."""

    key: str
    name: str
    source: str
    user: str
    """User who imports the list."""
    team: str
    """Team whose members call its prospects, with those who call for all teams."""
    imported: int
    """Days before the last simulated day."""
    rows: int
    cost: int | None
    """Euros."""
    worked: float
    """Share of the prospects with a phone number that are ever called."""
    reach: float
    """Factor on the share of calls that reach the prospect."""
    conversion: float
    """Share of the reached prospects that are converted."""
    win_odds: float
    tags: tuple[str, ...] = ()
    is_archived: bool = False


_FILE, _FAIR, _DIRECTORY, _CLIENTS, REFERRAL, _NETWORK = (
    "Fichier acheté", "Salon", "Annuaire", "Anciens clients", "Parrainage", "Réseau professionnel",
)  # fmt: skip
_C, _T, _N, _E, _H = (
    "chloe.balustre", "thomas.lucarne", "nadia.vitrail", "eric.rotonde", "helene.castel",
)  # fmt: skip

LISTS = (
    ListPlan("annuaire-pme", "Annuaire des PME", _DIRECTORY, _C, "nord", 1079, 2100, 2400,
             0.85, 0.95, 0.38, 0.22),
    ListPlan("anciens-clients-sud", "Anciens clients Sud", _CLIENTS, _N, "sud", 1040, 420, None,
             0.95, 1.1, 0.34, 1.7, ("region-so",)),
    ListPlan("salon-bureaux-1", "Salon des bureaux {year}", _FAIR, _T, "nord", 1000, 640, 5200,
             0.8, 1.0, 0.3, 0.9, ("secteur-bureaux",)),
    ListPlan("hotels-littoral", "Hôtels du littoral", _FILE, _N, "sud", 940, 900, 1300,
             0.7, 0.9, 0.23, 0.7, ("secteur-commerce",), is_archived=True),
    ListPlan("architectes-1", "Parrainage d'architectes", REFERRAL, _E, "grands-comptes", 900,
             260, 600, 0.97, 1.15, 0.41, 3.4),
    ListPlan("mairies-nord", "Mairies du Nord", _DIRECTORY, _T, "nord", 850, 780, None,
             0.6, 0.85, 0.2, 0.6, ("secteur-public", "region-nord")),
    ListPlan("cliniques", "Cliniques et cabinets", _FILE, _C, "sud", 790, 820, 1900,
             0.75, 0.9, 0.27, 0.9, ("secteur-sante",)),
    ListPlan("salon-habitat-1", "Salon de l'habitat {year}", _FAIR, _N, "sud", 730, 880, 6400,
             0.8, 1.0, 0.31, 0.8, ("secteur-habitat",)),
    ListPlan("sieges-idf", "Sièges d'Île-de-France", _FILE, _E, "grands-comptes", 690, 560, 2800,
             0.7, 0.85, 0.25, 0.8, ("region-idf",)),
    ListPlan("reseau-agenceurs", "Réseau d'agenceurs", _NETWORK, _T, "nord", 640, 520, None,
             0.85, 1.05, 0.34, 1.5),
    ListPlan("anciens-clients-nord", "Anciens clients Nord", _CLIENTS, _T, "nord", 590, 460, None,
             0.95, 1.1, 0.33, 1.8, ("region-nord",)),
    ListPlan("commerces-est", "Commerces du Grand Est", _FILE, _C, "nord", 530, 940, 1450,
             0.7, 0.9, 0.25, 0.6, ("secteur-commerce", "region-est")),
    ListPlan("salon-bureaux-2", "Salon des bureaux {year}", _FAIR, _T, "nord", 470, 720, 5600,
             0.8, 1.0, 0.3, 0.9, ("secteur-bureaux",)),
    ListPlan("architectes-2", "Parrainage d'architectes (2)", REFERRAL, _E, "grands-comptes",
             400, 240, 650, 0.97, 1.15, 0.5, 3.2),
    ListPlan("lycees", "Lycées et campus", _DIRECTORY, _H, "grands-comptes", 340, 620, None,
             0.6, 0.85, 0.21, 0.7, ("secteur-public",)),
    ListPlan("residences-ouest", "Résidences de l'Ouest", _FILE, _N, "sud", 280, 980, 1700,
             0.75, 0.95, 0.28, 0.7, ("secteur-habitat", "region-ouest")),
    ListPlan("salon-habitat-2", "Salon de l'habitat {year}", _FAIR, _N, "sud", 190, 860, 6700,
             0.8, 1.0, 0.31, 0.85, ("secteur-habitat",)),
    ListPlan("espaces-partages", "Espaces de travail partagés", _NETWORK, _C, "nord", 110, 720,
             900, 0.85, 1.0, 0.31, 1.1, ("secteur-bureaux",)),
    ListPlan("startups-sud", "Jeunes entreprises du Sud", _DIRECTORY, _N, "sud", 55, 780, None,
             0.8, 1.0, 0.3, 0.8),
    ListPlan("restaurants", "Restaurants et brasseries", _FILE, _C, "sud", 12, 800, 1250,
             0.7, 0.95, 0.26, 0.7, ("secteur-commerce",)),
)  # fmt: skip
