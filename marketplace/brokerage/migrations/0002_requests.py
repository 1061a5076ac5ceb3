"""Requests for support, reminders to confirm needs, and unmet demand with its cause. A response stays once its request is closed."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import marketplace.brokerage.models.requests

RESPONSES_STAY = """
CREATE FUNCTION refuse_change_of_closed_response() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state text;
BEGIN
    SELECT r.status INTO state FROM brokerage_supportrequest r
        JOIN brokerage_requestinvitation i ON i.request_id = r.id
        WHERE i.id = COALESCE(NEW.invitation_id, OLD.invitation_id);
    IF state IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION 'a response stays as it is once its request is no longer open'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER brokerage_requestresponse_closed_stays BEFORE INSERT OR UPDATE OR DELETE ON brokerage_requestresponse
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_closed_response();
"""

RESPONSES_CHANGE = """
DROP TRIGGER brokerage_requestresponse_closed_stays ON brokerage_requestresponse;
DROP FUNCTION refuse_change_of_closed_response();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("brokerage", "0001_initial"),
        ("buyback", "0003_ladders_and_what_stays"),
        ("catalogue", "0002_vocabulary"),
        ("organisations", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="unmetdemand",
            name="cause",
            field=models.CharField(
                choices=[
                    ("search", "A search found nothing"),
                    ("no_responses", "A request got no response"),
                    ("all_declined", "Everybody asked declined"),
                    ("none_suitable", "No response was suitable"),
                ],
                default="search",
                max_length=14,
            ),
        ),
        migrations.CreateModel(
            name="NeedsNudge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("academic_year", models.CharField(max_length=7)),
                (
                    "round",
                    models.CharField(
                        choices=[
                            ("first", "September"),
                            ("second", "October reminder"),
                            ("by_hand", "By a convenor"),
                        ],
                        max_length=8,
                    ),
                ),
                ("sent_at", models.DateTimeField()),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="needs_nudges",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RequestInvitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        default=marketplace.brokerage.models.requests.invitation_reference,
                        editable=False,
                        max_length=12,
                        unique=True,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("invited", "Asked"),
                            ("responded", "Responded"),
                            ("declined", "Declined"),
                            ("no_answer", "Did not answer"),
                            ("chosen", "Chosen"),
                            ("not_chosen", "Not chosen"),
                        ],
                        default="invited",
                        max_length=12,
                    ),
                ),
                ("suggested", models.BooleanField(default=False)),
                ("invited_at", models.DateTimeField(null=True)),
                (
                    "decline_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_capacity", "We have nobody free"),
                            ("not_our_field", "It is not what we do"),
                            ("dates", "The dates do not work"),
                            ("too_far", "It is too far away"),
                            ("budget", "The budget is too small"),
                            ("interest", "We have a conflict of interest"),
                            ("other", "Another reason"),
                        ],
                        max_length=14,
                    ),
                ),
                ("decline_note", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "loss_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("price", "Another response cost less for what we need"),
                            ("fit", "Another response met the outcomes better"),
                            ("people", "Another response offered people with more of the experience we need"),
                            ("dates", "Another response offered dates that suit us better"),
                            ("close", "It was close: several responses would have done"),
                            ("changed", "What we need has changed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="request_invitations",
                        to="organisations.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "base_manager_name": "_rows",
                "default_manager_name": "_rows",
            },
            managers=[
                ("_rows", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="RequestResponse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("other_people", models.CharField(blank=True, max_length=300)),
                ("half_days", models.PositiveSmallIntegerField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("dates", models.CharField(blank=True, max_length=300)),
                ("price_pence", models.PositiveIntegerField()),
                ("vat_pence", models.PositiveIntegerField(default=0)),
                ("vat_reason", models.CharField(blank=True, max_length=300)),
                ("approach", models.TextField()),
                ("submitted_at", models.DateTimeField()),
                (
                    "invitation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="response",
                        to="brokerage.requestinvitation",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.offer",
                    ),
                ),
                ("people", models.ManyToManyField(blank=True, related_name="+", to="catalogue.practitioner")),
                (
                    "submitted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "base_manager_name": "_rows",
                "default_manager_name": "_rows",
            },
            managers=[
                ("_rows", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="SupportRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        default=marketplace.brokerage.models.requests.request_reference,
                        editable=False,
                        max_length=12,
                        unique=True,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("open", "Open for responses"),
                            ("closed", "Closed, to be decided"),
                            ("awarded", "Awarded"),
                            ("unsuccessful", "Unsuccessful"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("early_years", "Early years"),
                            ("primary", "Primary"),
                            ("secondary", "Secondary"),
                            ("post_16", "Post-16"),
                            ("special_ap", "Special and alternative provision"),
                        ],
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("wanted", models.TextField()),
                ("outcomes", models.TextField()),
                ("half_days", models.PositiveSmallIntegerField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("remote_ok", models.BooleanField(default=False)),
                ("budget_pence", models.PositiveIntegerField(blank=True, null=True)),
                ("budget_shown", models.BooleanField(default=False)),
                ("questions_close_on", models.DateField()),
                ("responses_close_on", models.DateField()),
                ("closes_when_all_answered", models.BooleanField(default=False)),
                ("fewer_reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_reason", models.TextField(blank=True)),
                (
                    "chosen",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="award",
                        to="brokerage.requestinvitation",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evidence",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="support_request",
                        to="buyback.quotesevidence",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="brokerage.need",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="support_requests",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.theme"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "base_manager_name": "_rows",
                "default_manager_name": "_rows",
            },
            managers=[
                ("_rows", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="RequestQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="brokerage.requestinvitation",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="brokerage.supportrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "base_manager_name": "_rows",
                "default_manager_name": "_rows",
            },
            managers=[
                ("_rows", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="requestinvitation",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to="brokerage.supportrequest",
            ),
        ),
        migrations.AddField(
            model_name="unmetdemand",
            name="request",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="unmet_demand",
                to="brokerage.supportrequest",
            ),
        ),
        migrations.AddConstraint(
            model_name="unmetdemand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", "search"), ("request__isnull", True)),
                    models.Q(models.Q(("cause", "search"), _negated=True), ("request__isnull", False)),
                    _connector="OR",
                ),
                name="unmet_demand_comes_from_a_search_or_a_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="needsnudge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("round", "by_hand"), _negated=True),
                fields=("school", "academic_year", "round"),
                name="one_nudge_a_round",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestresponse",
            constraint=models.CheckConstraint(
                condition=models.Q(("half_days__gt", 0)), name="a_response_has_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="requestresponse",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="a_response_ends_after_it_starts",
            ),
        ),
        migrations.AddIndex(
            model_name="supportrequest",
            index=models.Index(fields=["school", "status"], name="request_by_school"),
        ),
        migrations.AddIndex(
            model_name="supportrequest",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["responses_close_on"],
                name="open_request_by_close",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("half_days__gt", 0)), name="a_request_has_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="supportrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="a_request_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("responses_close_on__gte", models.F("questions_close_on"))),
                name="questions_close_before_responses",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "awarded"), _negated=True),
                    models.Q(
                        ("chosen__isnull", False), ("decided_at__isnull", False), ("evidence__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="an_award_names_its_provider_and_evidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "awarded"), ("chosen__isnull", True), _connector="OR"),
                name="only_an_award_has_a_choice",
            ),
        ),
        migrations.AddIndex(
            model_name="requestinvitation",
            index=models.Index(fields=["provider", "status"], name="invitation_by_provider"),
        ),
        migrations.AddConstraint(
            model_name="requestinvitation",
            constraint=models.UniqueConstraint(
                fields=("request", "provider"), name="a_provider_is_asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="requestinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "declined"), _negated=True),
                    models.Q(("decline_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_decline_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "not_chosen"), _negated=True),
                    models.Q(("loss_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_loser_is_told_why",
            ),
        ),
        migrations.RunSQL(RESPONSES_STAY, RESPONSES_CHANGE),
    ]
