"""Words by which leads, clients and prospects are found; `sales.search` writes and reads them."""

from __future__ import annotations

from django.db import models


class SearchWords(models.Model):
    """Words of one row, sorted and separated by spaces, as `sales.search.words` defines them."""

    words = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.words


class LeadWords(SearchWords):
    """Words of a lead; leads in the bin have none."""

    row = models.OneToOneField(
        "sales.Lead", models.CASCADE, primary_key=True, related_name="search_words"
    )


class ClientWords(SearchWords):
    row = models.OneToOneField(
        "sales.Client", models.CASCADE, primary_key=True, related_name="search_words"
    )


class ProspectWords(SearchWords):
    row = models.OneToOneField(
        "sales.Prospect", models.CASCADE, primary_key=True, related_name="search_words"
    )


WORDS = (LeadWords, ClientWords, ProspectWords)
