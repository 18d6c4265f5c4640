"""Make columns of the headers of prospects, and key the cells by them."""

import re
import unicodedata
from collections import defaultdict

from django.db import migrations
from django.db.models import Exists, OuterRef

BATCH = 900
LONGEST_HEADER = 300
# Headers by which columns were recognised at this migration.
HEADERS = {
    "phone": "phone|telephone|tel|ligne|directe|phone number|numero de telephone|telephone fixe|"
    "tel fixe|tel direct",
    "mobile": "mobile|mob|cellphone|cellulaire|portable|gsm|mobile phone|cell phone|"
    "telephone portable|telephone mobile|tel portable|tel mobile|tel port",
    "fax": "fax|telecopie|telecopieur",
    "email": "email|e-mail|mail|courriel|mel|adresse e-mail|adresse email|adresse mail|"
    "email address|e-mail address",
    "web": "web|website|site|url|www|site web|site internet|web site",
    "address": "address|adresse|adr|postal address|adresse postale",
    "name": "name|nom|contact|interlocuteur|interlocutrice|full name|contact name|nom complet",
    "first name": "prenom|firstname|first name",
    "last name": "surname|lastname|last name|family name|nom de famille",
    "company": "company|company name|organisation|organization|organisation name|societe|"
    "nom de la societe|entreprise|nom de l'entreprise|raison sociale|client|account|"
    "compte",
    "title": "lead|lead title|subject|opportunity|sujet|affaire|opportunite",
}
NOTION_OF = {header: notion for notion, text in HEADERS.items() for header in text.split("|")}
ENDING = re.compile(r"\s*(?:\([^()]*\)|\d)$")


def notion_of(header):
    decomposed = unicodedata.normalize("NFKD", header.casefold())
    plain = "".join(each for each in decomposed if not unicodedata.combining(each))
    spaced = re.sub(r"\s+", " ", plain).strip(" .*•>-")
    return NOTION_OF.get(ENDING.sub("", spaced), "")


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
