"""Texts of a generated company: titles, descriptions with contacts, and clients to search for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from django.db import connection, transaction

from leadlight.importing.key_map import batches
from leadlight.replication import changes, triggers
from leadlight.sales.models import Client, Lead

_COMMON = (
    "devis fenêtres rénovation hôtel façade isolation chantier école mairie résidence bureaux "
    "contrat entretien véranda toiture extension cuisine atelier garage clinique"
)
COMMON = _COMMON.split()
_SYLLABLES = (
    "ba ber ca cha dan del don fer ga gri ka lan ler lo mar mo nan pe pol rin sa ter val vi"
)
SYLLABLES = _SYLLABLES.split()
RARE_WORDS = 20_000
LEADS_OF_A_CLIENT = 8
BATCH = 10_000


def write(seed: int = 2) -> None:
    """Give every lead a title and a client, and half of them a description with contacts."""
    chance = random.Random(seed)  # noqa: S311
    texts = Texts(chance)
    leads = Lead.objects.count()
    with transaction.atomic():
        triggers.remove(connection)
        clients = max(1, leads // LEADS_OF_A_CLIENT)
        Client.objects.bulk_create(
            Client(key=f"c{number:09}", name=texts.client()) for number in range(1, clients + 1)
        )
        first = Client.objects.order_by("pk").values_list("pk", flat=True)[0]
        numbers = Lead.objects.order_by("pk").values_list("pk", flat=True)
        for batch in batches(numbers.iterator(), BATCH):
            rows = [
                (texts.title(), texts.description(), first + chance.randrange(clients), number)
                for number in batch
            ]
            with connection.cursor() as cursor:
                cursor.executemany(
                    "UPDATE sales_lead SET title = %s, description = %s, client_id = %s "
                    "WHERE id = %s",
                    rows,
                )
    changes.install(connection)


class Texts:
    """Generator of texts in which few words are very common and most are rare."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.rare = list(dict.fromkeys(self._rare()))
        self.weights = list(accumulate(1 / (place + 10) for place in range(len(self.rare))))

    def title(self) -> str:
        common = self.chance.sample(COMMON, self.chance.choice((1, 2)))
        return " ".join([*common, *self._words(2)]).capitalize()

    def client(self) -> str:
        return " ".join(self._words(2)).title()

    def description(self) -> str:
        if self.chance.random() < 0.5:
            return ""
        first, last = self._words(2)
        number = f"06{self.chance.randrange(10**8):08}"
        return (
            f"{first.title()} {last.title()}\nTél : {number}\n"
            f"{first}.{last}@{self._words(1)[0]}.example\n\n{' '.join(self._words(10))}"
        )

    def _words(self, count: int) -> list[str]:
        return self.chance.choices(self.rare, cum_weights=self.weights, k=count)

    def _rare(self) -> Iterator[Any]:
        for _ in range(RARE_WORDS):
            yield "".join(self.chance.choices(SYLLABLES, k=self.chance.choice((2, 3, 4))))
