"""Fictitious companies, people, towns, phone numbers and e-mail addresses."""

import unicodedata
from random import Random

_TRADES = (
    "Atelier", "Ateliers", "Cabinet", "Maison", "Groupe", "Hôtel", "Clinique", "Menuiserie",
    "Boulangerie", "Librairie", "Brasserie", "Agence", "Domaine", "Imprimerie", "Garage",
    "Résidence", "Fonderie", "Pépinière", "Comptoir", "Filature", "Studio", "Coopérative",
)  # fmt: skip
_PROPER_NAMES = (
    "de l'Estran", "du Grand Hublot", "Mirabeline", "des Trois Carreaux", "Verdaluz",
    "de la Lune Ronde", "Pontailler-Rêveur", "Octavine", "des Quatre Ventaux", "Clairmarin",
    "du Phare Bleu", "Sablonelle", "de l'Aube Claire", "Farandole & Fils", "du Vieux Biseau",
    "Ambroisine", "des Hauts Reflets", "Tournelune", "de la Vigne Haute", "Corvalan",
    "du Moulin Carré", "Églantelle", "des Deux Horloges", "Brisecourt", "de l'Île Douce",
    "Montfeuillu", "du Chat Pensif", "Lazulite", "des Sept Fenêtres", "Oriflambe",
    "de la Petite Ourse", "Rocambel", "du Cerf-Volant", "Silverine", "des Mille Vitres",
    "Valdoré", "de l'Escargot Vif", "Opaline", "du Beau Tilleul", "Marjolane",
)  # fmt: skip
_TOWNS = (
    "Port-Clairet", "Valmonge", "Saint-Orient", "Roquebrise", "Montéclat", "Villelune",
    "Aubeterre-les-Vitres", "Sablefort", "Hautecombelle", "Marnefleur", "Fontvenelle",
    "Grisolane", "Beaupertuis", "Clairefontaine-en-Rêve", "Noirétang", "Belle-Écluse",
)  # fmt: skip
_FIRST_NAMES = (
    "Alice", "Basile", "Camille", "Désiré", "Élodie", "Fabien", "Gaëlle", "Hugo", "Irène",
    "Joël", "Katia", "Loïc", "Maëlle", "Noé", "Odile", "Pascal", "Rachida", "Samir", "Tiphaine",
    "Yves",
)  # fmt: skip
_LAST_NAMES = (
    "Carreau", "Meneau", "Vantail", "Imposte", "Traverse", "Feuillure", "Chambranle",
    "Espagnolette", "Crémone", "Paumelle", "Parclose", "Tympan", "Allège", "Rosace", "Trumeau",
)  # fmt: skip
_FICTITIOUS_PHONES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
"""Prefixes that the French regulator reserves for works of fiction."""


def company_name(rng: Random) -> str:
    name = f"{rng.choice(_TRADES)} {rng.choice(_PROPER_NAMES)}"
    return f"{name} – {rng.choice(_TOWNS)}" if rng.random() < 0.3 else name


def town(rng: Random) -> str:
    return rng.choice(_TOWNS)


def person_name(rng: Random) -> str:
    return f"{rng.choice(_FIRST_NAMES)} {rng.choice(_LAST_NAMES)}"


def phone_number(rng: Random) -> str:
    return f"{rng.choice(_FICTITIOUS_PHONES)} {rng.randrange(100):02} {rng.randrange(100):02}"


def mail_address(name: str) -> str:
    """Return an address: hotel.du.phare@example.com for Hôtel du Phare."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return ".".join(words) + "@example.com"
