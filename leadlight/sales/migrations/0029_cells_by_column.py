"""Make columns of the headers of prospects, and key the cells by them."""

from collections import defaultdict

from django.db import migrations
from django.db.models import Exists, OuterRef

from leadlight.sales.prospecting.notions import notion_of
from leadlight.sales.models.prospecting import LONGEST_HEADER

BATCH = 900


def key_by_column(apps, schema_editor):
    Prospect = apps.get_model("sales", "Prospect")
    Column = apps.get_model("sales", "ProspectColumn")
    columns = defaultdict(dict)
    changed = []
    for prospect in Prospect.objects.order_by("prospecting_list_id", "pk").iterator(BATCH):
        if isinstance(prospect.cells, dict):
            continue
        own = columns[prospect.prospecting_list_id]
        cells = {}
        for header, text in prospect.cells:
            if header not in own:
                shown = header[:LONGEST_HEADER] or "?"
                taken = {column.header for column in own.values()}
                while shown in taken:
                    shown = f"{shown[: LONGEST_HEADER - 5]} {len(own) + 1}"
                own[header] = Column.objects.create(
                    prospecting_list_id=prospect.prospecting_list_id,
                    header=shown,
                    position=len(own) + 1,
                    notion=notion_of(shown),
                )
            if text:
                cells[f"c{own[header].pk}"] = text
        prospect.cells = cells
        changed.append(prospect)
        if len(changed) == BATCH:
            Prospect.objects.bulk_update(changed, ["cells"])
            changed = []
    Prospect.objects.bulk_update(changed, ["cells"], batch_size=BATCH)
    activities = apps.get_model("sales", "Activity").objects.filter(prospect=OuterRef("pk"))
    Prospect.objects.filter(Exists(activities)).update(state="called")
    Prospect.objects.filter(converted_at__isnull=False).update(state="converted")


def pair_with_headers(apps, schema_editor):
    Prospect = apps.get_model("sales", "Prospect")
    headers = dict(apps.get_model("sales", "ProspectColumn").objects.values_list("pk", "header"))
    changed = []
    for prospect in Prospect.objects.iterator(BATCH):
        columns = sorted(prospect.cells, key=lambda key: int(key[1:]))
        prospect.cells = [[headers[int(column[1:])], prospect.cells[column]] for column in columns]
        changed.append(prospect)
    Prospect.objects.bulk_update(changed, ["cells"], batch_size=BATCH)
    apps.get_model("sales", "ProspectColumn").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("sales", "0028_sheets")]
    operations = [migrations.RunPython(key_by_column, pair_with_headers)]
