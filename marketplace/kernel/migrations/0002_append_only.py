from django.db import migrations

from marketplace.kernel.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [
        append_only("kernel_historyentry"),
        append_only("kernel_auditentry"),
        append_only("kernel_transfer"),
    ]
