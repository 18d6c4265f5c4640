"""Datasets that can be exported for reporting."""

from leadlight.presentation.datasets import activities, clients, events, leads, prospects
from leadlight.presentation.datasets.dataset import DataColumn, Dataset, rows_of

DATASETS: dict[str, Dataset] = {
    dataset.key: dataset
    for dataset in (
        leads.DATASET,
        activities.DATASET,
        prospects.DATASET,
        clients.DATASET,
        events.DATASET,
    )
}

__all__ = ["DATASETS", "DataColumn", "Dataset", "rows_of"]
