from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coverage", "0010_several_meetings_of_a_snapshot"),
    ]

    operations = [
        migrations.AddField(
            model_name="pooloutcome",
            name="usable",
            field=models.FloatField(default=0),
        ),
        # Of older snapshots only this is known; a neighbour's part comes right with the next one.
        migrations.RunSQL("UPDATE coverage_pooloutcome SET usable = days", migrations.RunSQL.noop),
    ]
