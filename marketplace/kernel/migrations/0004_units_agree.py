from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_mixed_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM kernel_account WHERE id IN (NEW.source_id, NEW.target_id) AND unit <> NEW.unit) THEN
        RAISE EXCEPTION 'a transfer of % is not in the unit of both its accounts', NEW.unit
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_transfer_keeps_to_one_unit';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kernel_transfer_keeps_to_one_unit BEFORE INSERT ON kernel_transfer
    FOR EACH ROW EXECUTE FUNCTION refuse_mixed_units();
"""
BACKWARD = """
DROP TRIGGER kernel_transfer_keeps_to_one_unit ON kernel_transfer;
DROP FUNCTION refuse_mixed_units();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_buyback_and_money")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
