"""Organisation, holidays, users, teams, identities, secret addresses and the audit log."""

from leadlight.accounts.models.audit_entries import AuditEntry
from leadlight.accounts.models.identities import Identity, IdentityProvider
from leadlight.accounts.models.organization import (
    DEFAULT_COUNTRY,
    DIALLER,
    MONDAY,
    SUNDAY,
    TEL,
    Holiday,
    Organization,
    a_dialler,
    a_weekend,
    country_of_zone,
    known_country,
    known_time_zone,
    saturday_and_sunday,
)
from leadlight.accounts.models.people import Membership, Team, User, UserManager
from leadlight.accounts.models.secret_addresses import SecretAddress

__all__ = [
    "DEFAULT_COUNTRY",
    "DIALLER",
    "MONDAY",
    "SUNDAY",
    "TEL",
    "AuditEntry",
    "Holiday",
    "Identity",
    "IdentityProvider",
    "Membership",
    "Organization",
    "SecretAddress",
    "Team",
    "User",
    "UserManager",
    "a_dialler",
    "a_weekend",
    "country_of_zone",
    "known_country",
    "known_time_zone",
    "saturday_and_sunday",
]
