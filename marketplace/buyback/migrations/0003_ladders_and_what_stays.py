"""Ladders take the place of the single threshold; what was published, completed or written for good stays as it is."""

from django.db import migrations

from marketplace.kernel.append_only import append_only

PUBLISHED_STAYS = """
CREATE FUNCTION refuse_change_of_published_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'published terms stay as they are: write a new version' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER buyback_termsversion_published_stays BEFORE UPDATE OR DELETE ON buyback_termsversion
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_terms();

CREATE FUNCTION refuse_change_of_published_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' THEN
        IF TG_OP = 'UPDATE' THEN
            -- Only the status goes on.
            IF (to_jsonb(NEW) - 'status') = (to_jsonb(OLD) - 'status') AND NEW.status <> 'draft' THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'an edition once on sale stays as it is: write a new one' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER buyback_packageedition_published_stays BEFORE UPDATE OR DELETE ON buyback_packageedition
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_edition();
"""

PUBLISHED_CHANGES = """
DROP TRIGGER buyback_termsversion_published_stays ON buyback_termsversion;
DROP FUNCTION refuse_change_of_published_terms();
DROP TRIGGER buyback_packageedition_published_stays ON buyback_packageedition;
DROP FUNCTION refuse_change_of_published_edition();
"""

COMPLETE_STAYS = """
CREATE FUNCTION refuse_change_of_complete_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'complete' THEN
        RAISE EXCEPTION 'complete quotes evidence stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER buyback_quotesevidence_complete_stays BEFORE UPDATE OR DELETE ON buyback_quotesevidence
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_complete_evidence();

CREATE FUNCTION refuse_change_of_complete_quotes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM buyback_quotesevidence WHERE status = 'complete'
            AND id IN (COALESCE(OLD.evidence_id, NEW.evidence_id), COALESCE(NEW.evidence_id, OLD.evidence_id))
    ) THEN
        RAISE EXCEPTION 'the quotes of complete evidence stay as they are' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER buyback_askedquote_complete_stays BEFORE INSERT OR UPDATE OR DELETE ON buyback_askedquote
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_complete_quotes();
"""

COMPLETE_CHANGES = """
DROP TRIGGER buyback_quotesevidence_complete_stays ON buyback_quotesevidence;
DROP FUNCTION refuse_change_of_complete_evidence();
DROP TRIGGER buyback_askedquote_complete_stays ON buyback_askedquote;
DROP FUNCTION refuse_change_of_complete_quotes();
"""


def ladders_from_thresholds(apps, schema_editor):
    """Whoever had a threshold has a ladder of one or two steps that says the same."""
    Rule, Ladder, Step, History = (
        apps.get_model("buyback", "ApprovalRule"),
        apps.get_model("buyback", "ApprovalLadder"),
        apps.get_model("buyback", "ApprovalStep"),
        apps.get_model("kernel", "HistoryEntry"),
    )
    for rule in Rule.objects.order_by("pk"):
        ladder, made = Ladder.objects.get_or_create(
            organisation_id=rule.organisation_id, area_id=rule.area_id
        )
        if not made and ladder.steps.exists():
            continue
        steps = {0: "any_orderer", rule.threshold_pence: "second_person"}
        Step.objects.bulk_create(
            Step(ladder=ladder, from_pence=pence, approver=approver) for pence, approver in steps.items()
        )
        History.objects.create(
            subject_type="buyback.approvalladder",
            subject_id=ladder.pk,
            verb="set",
            after=f"{len(steps)} step{'s' * (len(steps) > 1)}",
            by_name="The exchange",
            note=f"From the threshold of {rule.threshold_pence} pence that held before ladders did",
        )


def thresholds_from_ladders(apps, schema_editor):
    """The amount from which a ladder wants somebody else becomes the threshold again."""
    Rule, Step = apps.get_model("buyback", "ApprovalRule"), apps.get_model("buyback", "ApprovalStep")
    thresholds = {}
    for step in Step.objects.exclude(approver="any_orderer").select_related("ladder").order_by("from_pence"):
        thresholds.setdefault(step.ladder, step.from_pence)
    for ladder, pence in thresholds.items():
        Rule.objects.create(
            organisation_id=ladder.organisation_id, area_id=ladder.area_id, threshold_pence=pence
        )


class Migration(migrations.Migration):
    dependencies = [("buyback", "0002_buyback_and_money"), ("kernel", "0003_buyback_and_money")]

    operations = [
        migrations.RunPython(ladders_from_thresholds, thresholds_from_ladders),
        migrations.DeleteModel("ApprovalRule"),
        append_only("buyback_exchangestatement"),
        append_only("buyback_creditmovement"),
        migrations.RunSQL(PUBLISHED_STAYS, PUBLISHED_CHANGES),
        migrations.RunSQL(COMPLETE_STAYS, COMPLETE_CHANGES),
    ]
