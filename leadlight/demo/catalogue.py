"""Products, pipelines, tags and activity types of the demo company."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    step: str
    name: str
    probability: int | None
    """Percent; None if the step has no probability."""


@dataclass(frozen=True)
class Pipeline:
    pipeline: str
    name: str
    steps: tuple[Step, ...]

    def position_of(self, step: str) -> int:
        """Return the position of a step; the first is 0."""
        return next(place for place, each in enumerate(self.steps) if each.step == step)


PROJECTS = Pipeline(
    "projets",
    "Projets",
    (
        Step("contact", "Premier contact", 10),
        Step("visite", "Visite technique", 25),
        Step("devis", "Devis envoyé", 45),
        Step("negociation", "Négociation", 65),
        Step("accord", "Accord de principe", 85),
    ),
)
CARE = Pipeline(
    "entretien",
    "Contrats d'entretien",
    (
        Step("entretien-contact", "Prise de contact", 20),
        Step("entretien-releve", "Relevé sur place", 40),
        Step("entretien-proposition", "Proposition", 60),
        Step("entretien-signature", "Signature", None),
    ),
)
PIPELINES = (PROJECTS, CARE)
DEFAULT_PIPELINE = PROJECTS

QUOTE_POSITION = 2
"""Position of the step (the first is 0) from which nearly all leads have an amount."""


@dataclass(frozen=True)
class Product:
    tag: str
    name: str
    pipeline: Pipeline
    share: float
    median_amount: int
    """Euros."""
    win_odds: float
    """Factor on the odds of winning."""
    pace: float
    """Factor on durations."""


PRODUCTS = (
    Product("gamme-cloisons", "Cloisons vitrées", PROJECTS, 0.34, 6_400, 0.95, 1.0),
    Product("gamme-verrieres", "Verrières d'intérieur", PROJECTS, 0.26, 3_900, 2.1, 0.85),
    Product("gamme-facades", "Façades légères", PROJECTS, 0.10, 24_000, 0.6, 1.5),
    Product("gamme-vitrages", "Vitrages isolants", PROJECTS, 0.16, 4_600, 0.5, 1.0),
    Product("gamme-entretien", "Entretien annuel", CARE, 0.14, 1_250, 1.25, 0.8),
)


@dataclass(frozen=True)
class Category:
    category: str
    name: str
    is_required: bool
    tags: tuple[tuple[str, str], ...]
    """Key and name of each tag."""
    reason_for: str = ""


LOSS = "motif-perte"
CANCELLING = "motif-annulation"
SECTOR = "secteur"

CATEGORIES = (
    Category("gamme", "Gamme", True, tuple((p.tag, p.name) for p in PRODUCTS)),
    Category(
        "region",
        "Région",
        False,
        (
            ("region-nord", "Nord"),
            ("region-idf", "Île-de-France"),
            ("region-est", "Grand Est"),
            ("region-ouest", "Ouest"),
            ("region-so", "Sud-Ouest"),
            ("region-se", "Sud-Est"),
        ),
    ),
    Category(
        SECTOR,
        "Secteur",
        False,
        (
            ("secteur-bureaux", "Bureaux"),
            ("secteur-commerce", "Commerce & hôtellerie"),
            ("secteur-sante", "Santé"),
            ("secteur-public", "Collectivités"),
            ("secteur-habitat", "Habitat"),
        ),
    ),
    Category(
        LOSS,
        "Motif de perte",
        False,
        (
            ("perte-prix", "Prix trop élevé"),
            ("perte-concurrent", "Concurrent préféré"),
            ("perte-delai", "Délai de pose"),
            ("perte-silence", "Plus de réponse"),
            ("perte-technique", "Solution technique écartée"),
        ),
        reason_for="lost",
    ),
    Category(
        CANCELLING,
        "Motif d'annulation",
        False,
        (
            ("annulation-budget", "Budget gelé"),
            ("annulation-projet", "Projet abandonné"),
            ("annulation-doublon", "Doublon"),
            ("annulation-hors-cible", "Hors cible"),
        ),
        reason_for="cancelled",
    ),
)


@dataclass(frozen=True)
class Outcome:
    outcome: str
    name: str
    is_reached: bool
    weight: float
    """Weight among the outcomes of the type with the same `is_reached`."""


@dataclass(frozen=True)
class ActivityType:
    activity_type: str
    name: str
    kind: str
    outcomes: tuple[Outcome, ...]


CALL = ActivityType(
    "appel",
    "Appel",
    "call",
    (
        Outcome("appel-joint", "Joint", True, 0.8),
        Outcome("appel-rappeler", "Demande à être rappelé", True, 0.2),
        Outcome("appel-absent", "Pas de réponse", False, 0.5),
        Outcome("appel-repondeur", "Répondeur", False, 0.44),
        Outcome("appel-faux-numero", "Faux numéro", False, 0.06),
    ),
)
MEETING = ActivityType(
    "rendez-vous",
    "Rendez-vous",
    "meeting",
    (
        Outcome("rdv-tenu", "Tenu", True, 1.0),
        Outcome("rdv-reporte", "Reporté", False, 0.7),
        Outcome("rdv-annule", "Annulé", False, 0.3),
    ),
)
EMAIL = ActivityType(
    "e-mail",
    "E-mail",
    "email",
    (
        Outcome("mail-repondu", "Répondu", True, 1.0),
        Outcome("mail-sans-reponse", "Sans réponse", False, 0.93),
        Outcome("mail-rejete", "Adresse rejetée", False, 0.07),
    ),
)
SURVEY = ActivityType(
    "releve",
    "Relevé de cotes",
    "other",
    (
        Outcome("releve-fait", "Effectué", True, 1.0),
        Outcome("releve-impossible", "Accès impossible", False, 1.0),
    ),
)
ACTIVITY_TYPES = (CALL, MEETING, EMAIL, SURVEY)


def tags_of(category: str) -> tuple[str, ...]:
    """Return the keys of the tags of a category."""
    return next(tuple(key for key, _ in c.tags) for c in CATEGORIES if c.category == category)


def pipeline_of(key: str) -> Pipeline:
    return next(pipeline for pipeline in PIPELINES if pipeline.pipeline == key)
