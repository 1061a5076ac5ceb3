"""Register imports as batches: previewed, applied, repeated, undone."""

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations import actions, queries
from marketplace.organisations.errors import ImportInTheWay, PreviewOutOfDate
from marketplace.organisations.models import (
    Area,
    Cluster,
    LegalStatus,
    Membership,
    Organisation,
    OrganisationKind,
    RegisterImport,
    School,
)
from marketplace.organisations.register import RegisterFileError
from marketplace.organisations.tasks import resume_imports, work_on_import
from tests.builders.organisations import a_convenor, a_person, actor_of
from tests.organisations.importing import (
    COLUMNS_OF_A_SEARCH,
    a_row,
    counts,
    everything,
    imported,
    previewed,
    the_school,
)
from tests.organisations.register_files import a_file

pytestmark = pytest.mark.django_db


def test_a_preview_tells_what_would_be_and_changes_nothing() -> None:
    batch = previewed(a_row(), a_row(100002))

    assert batch.status == "previewed"
    assert counts(batch) == {"read": 2, "added": 2}
    assert not School.objects.exists()
    assert not Area.objects.exists()


def test_applying_makes_area_local_authority_schools_and_trust() -> None:
    imported(
        a_row(),
        a_row(100002, TypeOfEstablishmentcode="34", Trustscode="2044", Trustsname="THE HARBOUR TRUST"),
    )

    area = Area.objects.get()
    assert (area.code, area.name, area.gss_code) == ("373", "Calderbeck", "E08000019")
    authority = Organisation.objects.get(kind=OrganisationKind.LOCAL_AUTHORITY)
    assert (authority.area, authority.legal_status) == (area, LegalStatus.LOCAL_AUTHORITY)
    maintained, academy = the_school(), the_school(100002)
    assert maintained.organisation.legal_status == LegalStatus.LA_MAINTAINED
    assert maintained.phases == ["primary"]
    assert academy.organisation.legal_status == LegalStatus.ACADEMY
    assert academy.trust is not None
    assert (academy.trust.name, academy.trust.register_code, academy.trust.area) == (
        "THE HARBOUR TRUST",
        "2044",
        area,
    )


def test_the_grid_reference_becomes_degrees() -> None:
    imported(a_row(Easting="410000", Northing="430000"))

    school = the_school()
    assert (school.easting, school.northing, school.location_source) == (410000, 430000, "register")
    assert school.latitude == pytest.approx(53.766, abs=0.001)
    assert school.longitude == pytest.approx(-1.850, abs=0.001)
    assert (school.organisation.easting, school.organisation.northing) == (410000, 430000)


def test_a_foundation_school_has_no_trust_that_stands_for_it() -> None:
    imported(a_row(TypeOfEstablishmentcode="05", Trustscode="3011", Trustsname="A FOUNDATION TRUST"))

    assert the_school().trust is None
    assert not Organisation.objects.filter(kind=OrganisationKind.TRUST).exists()


def test_the_same_file_twice_changes_nothing_the_second_time() -> None:
    rows = [
        a_row(),
        a_row(100002, Trustscode="2044", TypeOfEstablishmentcode="34"),
        a_row(100003, Easting="", Northing=""),
    ]
    imported(*rows)
    before = everything()

    again = imported(*rows)

    assert counts(again) == {"read": 3, "unchanged": 3}
    assert again.status == "applied"
    assert everything() == before


def test_what_changed_is_told_value_by_value() -> None:
    imported(a_row(NumberOfPupils="210"))

    batch = previewed(a_row(NumberOfPupils="215", EstablishmentName="New Name School"))

    [change] = batch.changes.all()
    assert change.before == {"name": "School 100001", "pupils": 210}
    assert change.after == {"name": "New Name School", "pupils": 215}
    words = [(each.label, each.before, each.after) for each in queries.in_words(change)]
    assert words == [("Name", "School 100001", "New Name School"), ("Pupils", "210", "215")]


def test_a_closing_is_counted_apart_from_other_changes() -> None:
    imported(a_row(), a_row(100002))

    batch = imported(a_row(EstablishmentStatuscode="2", CloseDate="31-08-2026"), a_row(100002))

    assert counts(batch) == {"read": 2, "closed": 1, "unchanged": 1}
    assert (the_school().is_open, the_school().close_date) == (False, date(2026, 8, 31))


def test_schools_missing_from_the_file_are_listed_and_left_open() -> None:
    imported(a_row(), a_row(100002))

    batch = imported(a_row(100002))

    assert counts(batch) == {"read": 1, "unchanged": 1, "missing": 1}
    assert [(c.urn, c.kind) for c in batch.changes.all()] == [(100001, "missing")]
    assert the_school().is_open


def test_a_cut_of_few_columns_leaves_what_it_does_not_tell() -> None:
    imported(a_row(NumberOfPupils="210", Postcode="HX1 1AA"))
    before = the_school()

    imported(a_row(NumberOfPupils="220"), columns=COLUMNS_OF_A_SEARCH)

    after = the_school()
    assert after.pupils == 220
    assert (after.postcode, after.easting, after.location_source) == ("HX1 1AA", before.easting, "register")
    assert after.low_age == before.low_age


def test_refused_rows_are_kept_with_line_and_reason_and_stop_nothing() -> None:
    batch = imported(a_row(), a_row(URN="12"), a_row(100002, TypeOfEstablishmentcode="47"), a_row(100003))

    assert counts(batch) == {"read": 4, "added": 2, "refused": 2}
    assert [(r.line, r.urn, r.reason) for r in batch.refusals.all()] == [
        (3, "", "has a URN that isn’t a number of six digits"),
        (4, "100002", "is a children’s centre, not a school"),
    ]


def test_schools_are_never_merged_by_name() -> None:
    imported(a_row(EstablishmentName="Holy Trinity"))

    imported(a_row(100002, EstablishmentName="Holy Trinity"))

    assert School.objects.filter(organisation__name="Holy Trinity").count() == 2


def test_a_text_longer_than_its_column_is_cut_and_not_a_fault() -> None:
    imported(a_row(EstablishmentName="S" * 300, Street="Long " * 60))

    assert len(the_school().organisation.name) == 200
    assert len(the_school().street) <= 120


def test_a_row_that_is_no_longer_understood_is_noted_with_its_doubts() -> None:
    batch = previewed(a_row(Postcode="not a postcode"))

    assert batch.changes.get().doubts == ["Postcode couldn’t be read; it was left out."]


# -- Undo ---------------------------------------------------------------------------------------------------------------------


def test_undo_restores_every_byte() -> None:
    imported(
        a_row(),
        a_row(100002, TypeOfEstablishmentcode="34", Trustscode="2044", Trustsname="HARBOUR"),
        a_row(100004),
    )
    before = everything()
    batch = imported(
        a_row(NumberOfPupils="300", EstablishmentName="Renamed", Easting="", Northing="", Postcode=""),
        a_row(100002, TypeOfEstablishmentcode="34", Trustscode="2055", Trustsname="OTHER TRUST"),
        a_row(100003, LAcode="374", LAname="Otherton"),
        a_row(100004, EstablishmentStatuscode="2"),
    )
    assert counts(batch) == {"read": 4, "added": 1, "changed": 2, "closed": 1}

    undone = actions.undo_register_now(actor=SYSTEM, batch=batch)

    assert undone.status == "undone"
    assert everything() == before


def test_an_undone_import_can_be_made_again() -> None:
    batch = imported(a_row())
    actions.undo_register_now(actor=SYSTEM, batch=batch)
    assert not School.objects.exists()
    assert not Area.objects.exists()

    assert counts(imported(a_row())) == {"read": 1, "added": 1}


def test_only_the_newest_import_of_an_area_can_be_undone() -> None:
    first = imported(a_row(), a_row(200001, LAcode="374", LAname="Otherton"))
    second = imported(a_row(NumberOfPupils="5"))

    with pytest.raises(ImportInTheWay, match=f"Undo {second.reference} first"):
        actions.undo_register_now(actor=SYSTEM, batch=first)

    actions.undo_register_now(actor=SYSTEM, batch=second)
    first.refresh_from_db()
    actions.undo_register_now(actor=SYSTEM, batch=first)
    assert not School.objects.exists()


def test_a_later_import_that_changed_nothing_is_not_in_the_way() -> None:
    first = imported(a_row())
    imported(a_row())

    actions.undo_register_now(actor=SYSTEM, batch=first)

    assert not School.objects.exists()


@pytest.mark.parametrize("relied_on_by", ["person", "cluster"])
def test_undo_closes_and_lists_a_school_that_something_relies_on(relied_on_by: str) -> None:
    batch = imported(a_row(), a_row(100002))
    school = the_school()
    if relied_on_by == "person":
        a_person(Role.HEADTEACHER, at=school)
    else:
        Cluster.objects.create(area=school.area, name="North").schools.add(school)

    actions.undo_register_now(actor=SYSTEM, batch=batch)

    assert [s.urn for s in School.objects.all()] == [100001]
    assert not the_school().is_open
    assert batch.changes.get(urn=100001).note == "Kept, as closed: other records rely on it"
    assert batch.changes.get(urn=100002).note == ""
    assert Area.objects.filter(code="373").exists()


def test_undo_keeps_what_something_else_changed_since() -> None:
    imported(a_row(NumberOfPupils="210"))
    batch = imported(a_row(NumberOfPupils="220", EstablishmentName="Renamed"))
    School.objects.filter(urn=100001).update(pupils=230)

    actions.undo_register_now(actor=SYSTEM, batch=batch)

    assert (the_school().pupils, the_school().organisation.name) == (230, "School 100001")


# -- Who, when, and at once ---------------------------------------------------------------------------------------------------


def test_a_convenor_imports_only_the_rows_of_the_own_area() -> None:
    imported(a_row())
    area = Area.objects.get(code="373")

    batch = imported(a_row(100002), a_row(200001, LAcode="374"), actor=actor_of(a_convenor(area)), area=area)

    assert counts(batch) == {"read": 1, "added": 1, "missing": 1}
    assert not School.objects.filter(urn=200001).exists()


def test_a_convenor_can_not_take_a_school_of_another_area() -> None:
    imported(a_row(), a_row(200001, LAcode="374"))
    area = Area.objects.get(code="373")

    batch = imported(a_row(200001), actor=actor_of(a_convenor(area)), area=area)

    assert counts(batch) == {"read": 1, "refused": 1, "missing": 1}
    assert the_school(200001).area.code == "374"


def test_an_operator_moves_a_school_to_the_area_the_register_names() -> None:
    imported(a_row(), a_row(200001, LAcode="374"))

    batch = imported(a_row(LAcode="374"))

    assert the_school().area.code == "374"
    assert the_school().organisation.area == the_school().area
    assert batch.la_codes == ["373", "374"]


def test_only_convenors_of_the_area_and_operators_may_import() -> None:
    imported(a_row())
    area = Area.objects.get(code="373")
    head = actor_of(a_person(Role.HEADTEACHER, at=the_school()))
    file = io.BytesIO(a_file(a_row()))

    with pytest.raises(NotAllowed):
        actions.upload_register(actor=head, upload=file, file_name="x.csv", area=area)
    with pytest.raises(NotAllowed):
        actions.upload_register(actor=actor_of(a_convenor(area)), upload=file, file_name="x.csv", area=None)
    with pytest.raises(NotFound):
        actions.apply_register(actor=head, batch=previewed(a_row(NumberOfPupils="1")).reference)


def test_a_preview_that_is_out_of_date_is_not_applied() -> None:
    imported(a_row(NumberOfPupils="210"))
    stale = previewed(a_row(NumberOfPupils="211"), a_row(100002))
    imported(a_row(NumberOfPupils="212"))
    before = everything()

    actions.apply_register(actor=SYSTEM, batch=stale, queue=False)
    stale.refresh_from_db()
    with pytest.raises(PreviewOutOfDate, match="Upload the file again"):
        actions.carry_out_apply(actor=SYSTEM, batch=stale)

    assert everything() == before


def test_an_applied_import_can_not_be_applied_again() -> None:
    batch = imported(a_row())

    with pytest.raises(NotNow):
        actions.apply_register(actor=SYSTEM, batch=batch)


def test_a_discarded_import_can_not_be_applied() -> None:
    batch = previewed(a_row())
    actions.discard_register(actor=SYSTEM, batch=batch)

    with pytest.raises(NotNow):
        actions.apply_register(actor=SYSTEM, batch=batch)


def test_another_import_at_work_in_the_area_is_in_the_way() -> None:
    imported(a_row())
    one, other = previewed(a_row(NumberOfPupils="1")), previewed(a_row(NumberOfPupils="2"))
    actions.apply_register(actor=SYSTEM, batch=one)

    with pytest.raises(ImportInTheWay, match=one.reference):
        actions.apply_register(actor=SYSTEM, batch=other)


def test_importing_is_written_into_the_history_of_each_school() -> None:
    batch = imported(a_row())

    lines = HistoryEntry.objects.filter(
        subject_type="organisations.organisation", subject_id=the_school().pk
    ).values_list("verb", "note", "by_name")
    assert list(lines) == [("register_import", batch.reference, "The exchange")]


# -- Jobs ---------------------------------------------------------------------------------------------------------------------


def a_convened_area() -> tuple[Area, Actor]:
    imported(a_row())
    area = Area.objects.get(code="373")
    return area, actor_of(a_convenor(area))


def test_upload_read_and_apply_by_jobs(run_jobs) -> None:
    area, convenor = a_convened_area()
    upload = io.BytesIO(a_file(a_row(NumberOfPupils="400"), a_row(100002)))

    batch = actions.upload_register(actor=convenor, upload=upload, file_name="extract.csv", area=area)
    assert batch.status == "uploaded"
    run_jobs()
    batch.refresh_from_db()
    assert (batch.status, counts(batch)) == ("previewed", {"read": 2, "added": 1, "changed": 1})
    assert [item.url_args for item in queries.awaiting(convenor)] == [(batch.reference,)]

    actions.apply_register(actor=convenor, batch=batch.reference)
    run_jobs()
    batch.refresh_from_db()
    assert batch.status == "applied"
    assert the_school().pupils == 400
    assert queries.awaiting(convenor) == []

    actions.undo_register(actor=convenor, batch=batch.reference)
    run_jobs()
    batch.refresh_from_db()
    assert batch.status == "undone"
    assert the_school().pupils == 236


def test_the_upload_is_gone_once_read_and_head_teachers_are_nowhere(run_jobs) -> None:
    area, convenor = a_convened_area()
    upload = io.BytesIO(a_file(a_row(HeadFirstName="Zebedee", HeadLastName="Quillfeather")))

    batch = actions.upload_register(actor=convenor, upload=upload, file_name="extract.csv", area=area)
    path = batch.file.path
    run_jobs()

    batch.refresh_from_db()
    assert not batch.file
    with pytest.raises(FileNotFoundError):
        open(path)  # noqa: SIM115
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', ["%Quillfeather%"])
            assert cursor.fetchone() == (0,), table


def test_a_file_that_is_no_register_is_refused_at_the_upload(run_jobs) -> None:
    area, convenor = a_convened_area()

    with pytest.raises(RegisterFileError, match="PDF"):
        actions.upload_register(
            actor=convenor, upload=io.BytesIO(b"%PDF-1.7 ..."), file_name="register.csv", area=area
        )

    assert RegisterImport.objects.count() == 1


def test_a_file_that_is_too_large_is_refused_at_the_upload(settings) -> None:
    area, convenor = a_convened_area()
    settings.REGISTER_UPLOAD_MAX_BYTES = 10

    with pytest.raises(RegisterFileError, match="too large"):
        actions.upload_register(
            actor=convenor, upload=io.BytesIO(a_file(a_row())), file_name="x.csv", area=area
        )


def test_an_import_that_can_not_be_applied_goes_back_with_the_reason(run_jobs) -> None:
    area, convenor = a_convened_area()
    batch = previewed(a_row(NumberOfPupils="1"), actor=convenor, area=area)
    imported(a_row(NumberOfPupils="2"))

    actions.apply_register(actor=convenor, batch=batch)
    run_jobs()

    batch.refresh_from_db()
    assert batch.status == "previewed"
    assert "out of date" in batch.problem


def test_a_fault_of_the_program_leaves_the_batch_where_a_person_can_go_on(monkeypatch) -> None:
    batch = previewed(a_row())
    actions.apply_register(actor=SYSTEM, batch=batch)
    monkeypatch.setattr("marketplace.organisations.actions.register.put_in", lambda *a, **k: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        work_on_import.func(batch_id=batch.pk, work="apply", user_id=None)

    batch.refresh_from_db()
    assert batch.status == "previewed"
    assert "on our side" in batch.problem


def test_an_import_whose_worker_died_is_taken_up_again(run_jobs) -> None:
    batch = previewed(a_row())
    actions.apply_register(actor=SYSTEM, batch=batch, queue=False)
    RegisterImport.objects.update(worked_at=timezone.now() - timedelta(minutes=11))

    resume_imports.func(timestamp=0)
    resume_imports.func(timestamp=0)

    assert run_jobs().count("work_on_import") == 1
    batch.refresh_from_db()
    assert batch.status == "applied"


def test_a_job_that_runs_twice_acts_once(run_jobs) -> None:
    batch = previewed(a_row())
    actions.apply_register(actor=SYSTEM, batch=batch)
    run_jobs()

    work_on_import.func(batch_id=batch.pk, work="apply", user_id=None)

    assert School.objects.count() == 1
    assert Membership.objects.count() == 0
