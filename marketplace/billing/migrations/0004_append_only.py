from django.db import migrations

from marketplace.kernel.append_only import append_only

TABLES = (
    "bankline",
    "receipt",
    "allocation",
    "reminder",
    "journalrun",
    "journalentry",
    "appliedeffect",
    "networkbalance",
)


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_buyback_and_money")]
    operations = [append_only(f"billing_{table}") for table in TABLES]
