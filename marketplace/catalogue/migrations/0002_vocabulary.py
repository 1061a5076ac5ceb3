from django.db import migrations

from marketplace.catalogue import vocabulary


def install(apps, schema_editor):
    vocabulary.install(apps.get_model("catalogue", "Theme"), apps.get_model("catalogue", "SupportType"))


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop, elidable=False)]
