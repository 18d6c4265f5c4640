"""What deals are worth, as the company folder writes it: euros, with cents only when there are."""

from decimal import Decimal
from random import Random

_SPREAD = 0.62
_EXACT_SHARE = 0.12
"""Quotes to the cent; the others are round."""


def drawn(rng: Random, median_euros: float) -> str:
    return _written(rng, median_euros * rng.lognormvariate(0, _SPREAD))


def revised(rng: Random, amount: str) -> str:
    """The amount after haggling or an extra: 25 % less to 20 % more."""
    return _written(rng, float(amount) * rng.uniform(0.75, 1.2))


def _written(rng: Random, euros: float) -> str:
    if rng.random() < _EXACT_SHARE:
        return f"{Decimal(euros):.2f}".removesuffix(".00")
    step = 10 if euros < 2_000 else 50 if euros < 20_000 else 500
    return str(max(step, round(euros / step) * step))
