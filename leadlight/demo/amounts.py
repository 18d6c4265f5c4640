"""Random amounts of deals in euros, formatted for the company folder; cents only if not zero."""

from decimal import Decimal
from random import Random

_SPREAD = 0.62
_EXACT_SHARE = 0.12
"""Share of amounts exact to the cent; the others are round."""


def draw(rng: Random, median_euros: float) -> str:
    return _formatted(rng, median_euros * rng.lognormvariate(0, _SPREAD))


def revised(rng: Random, amount: str) -> str:
    """Return the amount after a change of between -25 % and +20 %."""
    return _formatted(rng, float(amount) * rng.uniform(0.75, 1.2))


def _formatted(rng: Random, euros: float) -> str:
    if rng.random() < _EXACT_SHARE:
        return f"{Decimal(euros):.2f}".removesuffix(".00")
    step = 10 if euros < 2_000 else 50 if euros < 20_000 else 500
    return str(max(step, round(euros / step) * step))
