"""Versions of the code on which compiled statements depend."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

ANALYTICS = Path(__file__).parents[1]
# Modules on which the SQL of an expression depends, besides the expression's fingerprint.
COMPILING = (
    ANALYTICS / "engine" / "compiler.py",
    ANALYTICS / "engine" / "fingerprint.py",
    ANALYTICS / "engine" / "join_pruning.py",
    ANALYTICS / "metrics" / "evidence.py",
    ANALYTICS / "metrics" / "histograms.py",
    ANALYTICS / "query" / "bound_values.py",
    ANALYTICS / "star" / "schema.py",
)


def sources() -> tuple[Path, ...]:
    """Return the modules on which the statements of a query shape depend, besides the shape.

    These are all modules of `analytics`, and the module `bounds`, which they import.
    """
    return (ANALYTICS.parent / "bounds.py", *sorted(ANALYTICS.rglob("*.py")))


def version_of(modules: Iterable[Path]) -> str:
    """Return a digest of modules, and of the versions of Ibis and sqlglot."""
    libraries = (version("ibis-framework"), version("sqlglot"))
    digest = blake2b(" ".join(libraries).encode(), digest_size=8)
    for module in modules:
        text = module.read_bytes()
        digest.update(f"{module.relative_to(ANALYTICS.parent)} {len(text)} ".encode() + text)
    return digest.hexdigest()


def _state() -> tuple[tuple[Path, int, int], ...]:
    states = ((module, module.stat()) for module in sources())
    return tuple((module, state.st_mtime_ns, state.st_size) for module, state in states)


_STATE = _state()


def are_sources_unchanged() -> bool:
    """Return whether the modules are as they were when this process imported them."""
    try:
        return _state() == _STATE
    except FileNotFoundError:
        return False
