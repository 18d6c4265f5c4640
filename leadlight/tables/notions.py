"""Notions: fields that tables of sales teams usually have, with kinds of values and usual headers.

Prospecting lists, imports and the search for contacts in descriptions use them. Headers are in
English or French.
"""

from __future__ import annotations

from leadlight.tables.matching import (
    ADDRESS,
    AMOUNT,
    DAY,
    EMAIL,
    INSTANT,
    LINK,
    NUMBER,
    PHONE,
    TEXT,
    Target,
)

# Labels of contacts, in lower case and without accents: words, then phrases of several words. The
# contacts of a description have the same labels.
CONTACT_LABELS = {
    "phone": "phone telephone tel ph t direct office work home bureau domicile standard fixe "
    "ligne directe|phone number|numero de telephone|telephone fixe|tel fixe|tel direct",
    "mobile": "mobile mob cell cellphone cellulaire portable port m gsm|mobile phone|cell phone"
    "|telephone portable|telephone mobile|tel portable|tel mobile|tel port",
    "fax": "fax f telecopie telecopieur",
    "email": "email e-mail mail courriel mel e|adresse e-mail|adresse email|adresse mail"
    "|email address|e-mail address",
    "web": "web website site url internet www|site web|site internet|web site",
    "address": "address adresse adr|postal address|adresse postale",
    "name": "name nom contact interlocuteur interlocutrice|full name|contact name|nom complet",
    "first name": "prenom firstname|first name",
    "last name": "surname lastname|last name|family name|nom de famille",
}
# Labels of contacts that are not used as headers of columns.
NOT_A_HEADER = frozenset(
    (
        *("direct", "office", "work", "home", "bureau", "domicile", "standard"),
        *("port", "internet", "fixe", "ligne", "directe"),
    )
)
FEWEST_LETTERS = 3  # of a header


def labels_of(listed: str) -> tuple[str, ...]:
    """Return the words and the phrases of an entry of `CONTACT_LABELS`."""
    words, *phrases = listed.split("|")
    return (*words.split(), *phrases)


def _contact(
    key: str, kind: str, also: str = "", *, is_repeatable: bool = True, by_header: bool = False
) -> Target:
    listed = labels_of(CONTACT_LABELS[key.replace("_", " ")])
    headers = (one for one in listed if len(one) >= FEWEST_LETTERS and one not in NOT_A_HEADER)
    labels = (*headers, *filter(None, also.split("|")))
    return Target(key, labels, kind, is_repeatable=is_repeatable, is_by_header_only=by_header)


def _notion(key: str, kind: str, labels: str, *, is_repeatable: bool = False) -> Target:
    return Target(key, tuple(labels.split("|")), kind, is_repeatable=is_repeatable)


CONTACT_NOTIONS = (
    _contact("name", TEXT, "nom du contact|nom et prénom|nom prénom", is_repeatable=False),
    _contact("first_name", TEXT, "given name|forename", is_repeatable=False),
    _contact("last_name", TEXT, is_repeatable=False),
    _contact("email", EMAIL),
    _contact("phone", PHONE, "ligne directe"),
    _contact("mobile", PHONE, by_header=True),
    _contact("fax", PHONE, by_header=True),
    _contact("web", LINK, "homepage|home page|adresse web|lien"),
    _contact("address", ADDRESS, is_repeatable=False),
)
COMPANY = _notion(
    "company",
    TEXT,
    "company|company name|organization|organisation|account|account name|business name|firm"
    "|client|client name|customer|customer name|entreprise|nom de l’entreprise|société"
    "|nom de la société|raison sociale|dénomination|dénomination sociale|établissement|enseigne"
    "|organisme|structure|compte|nom du client|nom du compte",
)
SALES_NOTIONS = (
    _notion(
        "title",
        TEXT,
        "title|lead|lead title|lead name|deal|deal name|deal title|opportunity|opportunity name"
        "|subject|titre|objet|sujet|affaire|nom de l’affaire|opportunité|nom de l’opportunité"
        "|piste|intitulé|titre de la piste|titre de l’opportunité",
    ),
    _notion("description", TEXT, "description|details|détails"),
    _notion(
        "note",
        TEXT,
        "note|comment|remark|commentaire|remarque|observation|mémo",
        is_repeatable=True,
    ),
    _notion(
        "amount",
        AMOUNT,
        "amount|value|deal value|deal amount|estimated amount|expected revenue|montant|montant HT"
        "|montant estimé|montant de l’affaire|valeur|valeur de l’affaire|budget",
    ),
    _notion("probability", NUMBER, "probability|win probability|probabilité|chances"),
    _notion("status", TEXT, "status|lead status|state|statut|état|statut de la piste"),
    _notion(
        "step",
        TEXT,
        "step|stage|deal stage|sales stage|pipeline stage|pipeline step|étape|phase"
        "|étape du pipeline|étape de vente",
    ),
    _notion(
        "pipeline", TEXT, "pipeline|sales pipeline|funnel|tunnel|tunnel de vente|cycle de vente"
    ),
    _notion(
        "owner",
        TEXT,
        "owner|lead owner|assigned to|user|sales rep|salesperson|seller|account manager"
        "|propriétaire|responsable|commercial|nom du commercial|vendeur|assigné à|attribué à"
        "|utilisateur|chargé d’affaires",
    ),
    _notion("team", TEXT, "team|équipe"),
    _notion(
        "tags",
        TEXT,
        "tag|label|keyword|étiquette|mot-clé|category|catégorie",
        is_repeatable=True,
    ),
    _notion("source", TEXT, "source|lead source|origin|origine|provenance"),
    _notion(
        "created_on",
        INSTANT,
        "created|created on|created at|creation date|date created|date de création|créé le"
        "|créée le|date d’ajout|ajouté le",
    ),
    _notion(
        "closed_on",
        INSTANT,
        "closed|closed on|closed at|closing date|close date|won on|won date|date de clôture"
        "|clos le|clôturé le|clôturée le|fermé le|date de signature|gagné le|date de gain",
    ),
    _notion(
        "expected_on",
        DAY,
        "expected|expected on|forecast date|expected closing|expected closing date"
        "|estimated closing date|expected close date|date de clôture prévue"
        "|date de clôture estimée|clôture prévue|date de signature prévue|échéance|date d’échéance",
    ),
    _notion(
        "remind_on",
        INSTANT,
        "reminder|next reminder|remind on|reminder date|next action|next action date|follow-up date"
        "|next contact|rappel|date de rappel|prochain rappel|prochaine action|relance"
        "|date de relance|prochaine relance|à rappeler le",
    ),
    _notion(
        "external_id",
        TEXT,
        "id|identifier|external id|reference|ref|key|identifiant|identifiant externe|référence"
        "|clé|numéro",
    ),
)
NOTIONS = (COMPANY, *CONTACT_NOTIONS, *SALES_NOTIONS)
NOTION = {notion.key: notion for notion in NOTIONS}
