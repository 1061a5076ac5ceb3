"""A person who leads a course is lent by the employer they had when it was scheduled."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy_employers(apps, schema_editor):
    practitioner = apps.get_model("catalogue", "Practitioner").objects.filter(pk=OuterRef("practitioner"))
    leads = apps.get_model("bookings", "CourseLead").objects
    leads.update(releasing_organisation=Subquery(practitioner.values("releasing_organisation")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0005_waivers_asked"),
        ("organisations", "0002_interests"),
    ]

    operations = [
        migrations.AddField(
            model_name="courselead",
            name="releasing_organisation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="course_leads",
                to="organisations.organisation",
            ),
        ),
        migrations.RunPython(copy_employers, migrations.RunPython.noop, elidable=True),
        # The rows just written are checked now: a column can’t be altered while a check of it is still to come.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="courselead",
            name="releasing_organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="course_leads",
                to="organisations.organisation",
            ),
        ),
    ]
