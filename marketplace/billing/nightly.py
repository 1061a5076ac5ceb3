"""The nightly replay of every ledger: what `manage.py verify` finds, kept for the finance desk."""

from datetime import timedelta

from django.utils import timezone

from marketplace.billing.models import NightlyCheck
from marketplace.kernel.verification import verify

KEPT_FOR = timedelta(days=90)
_MOST = 500


def check_ledgers() -> NightlyCheck:
    """Run every check and keep its findings, at most 500; checks older than 90 days are dropped."""
    verdicts = verify()
    found = [
        {"rule": verdict.rule, "sentence": sentence}
        for verdict in verdicts
        for sentence in verdict.disagreements
    ]
    NightlyCheck.objects.filter(ran_at__lt=timezone.now() - KEPT_FOR).delete()
    return NightlyCheck.objects.create(rules=len(verdicts), findings=found[:_MOST])
