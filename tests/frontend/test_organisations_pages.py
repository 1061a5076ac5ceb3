"""Pages of organisations: the register, areas, organisations, people, invitations."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from marketplace.kernel.access import SYSTEM, Role
from marketplace.organisations import actions
from marketplace.organisations.models import (
    Area,
    Cluster,
    Invitation,
    Membership,
    Organisation,
    OrganisationKind,
    RegisterImport,
    School,
    SchoolLink,
    User,
)
from tests.builders.organisations import (
    a_convenor,
    a_person,
    a_provider,
    a_school,
    a_ward,
    an_area,
    an_invitation,
    an_organisation,
)
from tests.organisations.importing import a_row, imported, the_school
from tests.organisations.register_files import a_file
from tests.organisations.test_places import TWO

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> Area:
    imported(a_row(), a_row(100002))
    return Area.objects.get(code="373")


@pytest.fixture
def convenor(area: Area) -> User:
    return a_convenor(area)


def as_(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def page(user: User | None, name: str, *args: Any, query: str = "", status: int = 200, **more: Any) -> str:
    answer = as_(user).get(reverse(f"organisations:{name}", args=args) + query, **more)
    assert answer.status_code == status, answer
    if answer.streaming:
        return b"".join(answer.streaming_content).decode("utf-8-sig")
    return answer.content.decode()


def register_file(*rows: dict[str, str], name: str = "extract.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_file(*rows))


# -- The register ---------------------------------------------------------------------------------------------------------------


def test_a_convenor_uploads_previews_applies_and_undoes(area: Area, convenor: User, run_jobs) -> None:
    client = as_(convenor)
    rows = [
        a_row(NumberOfPupils="99"),
        a_row(100003),
        a_row(100002, EstablishmentStatuscode="2"),
        a_row(URN="1"),
    ]

    answer = client.post(
        reverse("organisations:upload"), {"area": "373", "file": register_file(*rows)}, follow=True
    )
    reference = RegisterImport.objects.latest("pk").reference
    assert "Waiting to be read" in answer.content.decode()
    assert '<meta http-equiv="refresh"' in answer.content.decode()
    run_jobs()

    shown = page(convenor, "import", reference)
    assert "Nothing has been changed yet" in shown
    assert "School 100003" in shown
    assert "Pupils: 236 → <strong>99</strong>" in page(convenor, "import", reference, query="?show=change")
    assert "Status: Open → <strong>Closed</strong>" in page(
        convenor, "import", reference, query="?show=close"
    )
    assert "URN that isn’t a number" in page(convenor, "import", reference, query="?show=refused")
    assert "No rows" in page(convenor, "import", reference, query="?show=missing")
    assert the_school().pupils == 236

    client.post(reverse("organisations:apply", args=[reference]))
    assert "Applying the changes" in page(convenor, "import", reference)
    run_jobs()
    assert the_school().pupils == 99
    assert "Undo this import" in page(convenor, "import", reference)
    assert "will be removed" in page(convenor, "undo", reference)

    client.post(reverse("organisations:undo", args=[reference]))
    run_jobs()
    assert the_school().pupils == 236
    assert "as it was before this import" in page(convenor, "import", reference)


def test_the_progress_bar_asks_for_itself_and_then_for_the_whole_page(
    area: Area, convenor: User, run_jobs
) -> None:
    upload = io.BytesIO(a_file(a_row()))
    batch = actions.upload_register(actor=SYSTEM, upload=upload, file_name="x.csv", area=area)
    client = as_(convenor)
    address = reverse("organisations:import", args=[batch.reference])

    assert f'hx-get="{address}"' in client.get(address, HTTP_HX_REQUEST="true").content.decode()
    run_jobs()

    assert client.get(address, HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "empty"), (b"%PDF-1.7 x", "PDF"), (b"a,b\n1,2\n", "no header")]
)
def test_a_file_that_is_no_register_is_refused_on_the_form(convenor: User, content: bytes, says: str) -> None:
    answer = as_(convenor).post(
        reverse("organisations:upload"), {"area": "373", "file": SimpleUploadedFile("x.csv", content)}
    )

    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_a_file_that_is_too_large_is_refused(convenor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from frontend.forms.organisations import UploadForm

    monkeypatch.setattr(UploadForm.base_fields["file"], "most", 10)

    answer = as_(convenor).post(
        reverse("organisations:upload"), {"area": "373", "file": register_file(a_row())}
    )

    assert answer.status_code == 422
    assert "larger than" in answer.content.decode()


def test_an_import_of_another_area_can_not_be_chosen(convenor: User) -> None:
    other = an_area()

    answer = as_(convenor).post(
        reverse("organisations:upload"), {"area": other.code, "file": register_file(a_row())}
    )

    assert answer.status_code == 422


def test_imports_are_listed_filtered_and_downloaded(area: Area, convenor: User) -> None:
    batch = imported(a_row(NumberOfPupils="1"), area=area)

    assert batch.reference in page(convenor, "register")
    assert batch.reference in page(convenor, "register", query="?status=applied&sort=-file")
    assert batch.reference not in page(convenor, "register", query="?status=failed")
    assert batch.reference in page(convenor, "register", query="?format=csv")
    told = page(convenor, "import", batch.reference, query="?show=change&format=csv")
    assert "2,100001,School 100001,Pupils,236,1," in told


def test_an_import_that_is_applied_meanwhile_is_told_and_not_a_fault(area: Area, convenor: User) -> None:
    batch = imported(a_row(NumberOfPupils="1"), area=area)

    answer = as_(convenor).post(reverse("organisations:apply", args=[batch.reference]))

    assert answer.status_code == 409
    assert "Open it again to see where it stands" in answer.content.decode()


# -- Who sees what ----------------------------------------------------------------------------------------------------------------

CONVENORS_ONLY = ["register", "upload"]


@pytest.mark.parametrize(
    "name", ["register", "upload", "schools", "areas", "people", "invitations", "invite"]
)
def test_visitors_are_sent_to_sign_in(name: str) -> None:
    answer = as_(None).get(reverse(f"organisations:{name}"))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", CONVENORS_ONLY)
def test_the_register_is_for_convenors(area: Area, name: str) -> None:
    page(a_person(Role.HEADTEACHER, at=the_school()), name, status=404)


def test_pages_of_an_area_are_changed_by_its_convenors_only(area: Area) -> None:
    cluster = Cluster.objects.create(area=area, name="Valley")
    batch = imported(a_row(NumberOfPupils="1"), area=area)
    head = a_person(Role.HEADTEACHER, at=the_school())
    for user in (head, a_convenor(an_area())):
        for name, args in (
            ("upload_wards", ["373"]),
            ("new_cluster", ["373"]),
            ("cluster", ["373", cluster.reference]),
            ("new_organisation", ["373"]),
            ("import", [batch.reference]),
            ("undo", [batch.reference]),
        ):
            page(user, name, *args, status=404)
            assert as_(user).post(reverse(f"organisations:{name}", args=args)).status_code in (404, 405)
    assert (
        as_(head).post(reverse("organisations:delete_cluster", args=["373", cluster.reference])).status_code
        == 403
    )
    assert Cluster.objects.exists()


# -- Schools and areas ------------------------------------------------------------------------------------------------------------


def test_schools_are_filtered_sorted_and_downloaded(convenor: User, area: Area) -> None:
    ward = a_ward(area, name="Holm Ward")
    a_school(area, name="Beck Primary", ward=ward, pupils=10)
    a_school(area, name="Old Secondary", status_code="2", phases=["secondary"])

    assert "Beck Primary" in page(convenor, "schools")
    assert "Old Secondary" not in page(convenor, "schools")
    assert "Old Secondary" in page(convenor, "schools", query="?status=closed&phase=secondary")
    only = page(convenor, "schools", query=f"?ward={ward.code}&area=373")
    assert "Beck Primary" in only
    assert "School 100001" not in only
    assert "No schools match all of this" in page(convenor, "schools", query="?q=nowhere")
    assert "Beck Primary,Calderbeck,Holm Ward,Primary" in page(
        convenor, "schools", query="?format=csv&sort=-pupils"
    )


@pytest.mark.parametrize(
    "query", ["?page=99", "?sort=password", "?area=xyz", "?phase=%00", "?q=" + "x" * 300]
)
def test_an_odd_query_string_is_no_fault(convenor: User, query: str) -> None:
    page(convenor, "schools", query=query)


def test_an_area_shows_its_wards_and_how_its_schools_are_placed(area: Area, convenor: User) -> None:
    assert "No wards yet" in page(convenor, "area", "373")

    answer = as_(convenor).post(
        reverse("organisations:upload_wards", args=["373"]),
        {"file": SimpleUploadedFile("wards.geojson", TWO.encode())},
        follow=True,
    )

    assert "Calderbeck has 2 wards now" in answer.content.decode()
    assert "E05000001" in page(convenor, "area", "373")
    assert "E05000001,West,2,472" in page(convenor, "area", "373", query="?format=csv")
    bad = as_(convenor).post(
        reverse("organisations:upload_wards", args=["373"]), {"file": SimpleUploadedFile("w.geojson", b"{}")}
    )
    assert bad.status_code == 422
    assert "not a GeoJSON feature collection" in bad.content.decode()


def test_the_only_area_of_a_person_is_shown_straight_away(area: Area, convenor: User) -> None:
    answer = as_(convenor).get(reverse("organisations:areas"))

    assert answer["Location"] == reverse("organisations:area", args=["373"])
    assert "Calderbeck" in page(convenor, "areas", query="?sort=code")


def test_clusters_are_made_changed_and_deleted(area: Area, convenor: User) -> None:
    client = as_(convenor)
    new = reverse("organisations:new_cluster", args=["373"])

    refused = client.post(new, {"name": "", "schools": ["100001"]})
    assert refused.status_code == 422
    assert 'value="100001" checked' in " ".join(refused.content.decode().split())
    client.post(new, {"name": "Valley", "schools": ["100001"]})
    cluster = Cluster.objects.get()
    assert "School 100001" in page(convenor, "clusters", "373")
    assert "Valley,100001,School 100001" in page(convenor, "clusters", "373", query="?format=csv")

    client.post(
        reverse("organisations:cluster", args=["373", cluster.reference]),
        {"name": "Hill", "schools": ["100002"]},
    )
    assert "Hill" in page(convenor, "clusters", "373", query="?q=100002")
    client.post(reverse("organisations:delete_cluster", args=["373", cluster.reference]))
    assert not Cluster.objects.exists()


# -- Organisations ----------------------------------------------------------------------------------------------------------------


def test_a_convenor_adds_an_organisation(area: Area, convenor: User) -> None:
    authority = Organisation.objects.get(kind=OrganisationKind.LOCAL_AUTHORITY)
    address = reverse("organisations:new_organisation", args=["373"])
    given = {"kind": "school_company", "name": "Calder Schools Ltd", "based_at": "100001"}

    refused = as_(convenor).post(address, given)
    assert refused.status_code == 422
    assert "Choose the local authority that supervises the company" in refused.content.decode()
    answer = as_(convenor).post(address, given | {"supervising_authority": authority.reference}, follow=True)

    company = Organisation.objects.get(kind=OrganisationKind.SCHOOL_COMPANY)
    assert company.supervising_authority == authority
    assert company.easting == the_school().easting
    assert authority.name in answer.content.decode()
    assert "Calder Schools Ltd" in page(convenor, "organisations", "373", query="?kind=school_company")
    assert "Calder Schools Ltd" in page(convenor, "organisations", "373", query="?format=csv")


def test_the_page_of_a_school_shows_what_the_register_publishes(area: Area) -> None:
    SchoolLink.objects.create(urn=100001, linked_urn=100002, kind="predecessor", link_type="Predecessor")
    SchoolLink.objects.create(urn=100001, linked_urn=99, kind="successor", link_type="Successor")
    stranger = a_person(Role.HEADTEACHER, at=a_school())
    a_person(Role.HEADTEACHER, at=the_school(), name="Ada Holroyd")

    shown = page(stranger, "organisation", the_school().organisation.reference)

    assert "Community school" in shown
    assert "its type in the register is one that a local authority maintains" in shown
    assert "School 100002" in shown
    assert "URN 99" in shown
    assert "Ada Holroyd" not in shown
    page(stranger, "organisation", "ORG-0000000", status=404)


def test_people_are_shown_to_those_who_belong_there_and_changes_to_those_who_look_after_it(
    area: Area,
) -> None:
    school = the_school()
    reference = school.organisation.reference
    a_person(Role.HEADTEACHER, at=school, name="Ada Holroyd", email="ada@example.org")
    staff = page(a_person(Role.STAFF, at=school), "organisation", reference)
    head = page(a_person(Role.HEADTEACHER, at=school), "organisation", reference)

    assert "Ada Holroyd" in staff
    assert "ada@example.org" not in staff
    assert "Invite somebody" not in staff
    assert "Invite somebody" in head


def test_a_lead_changes_the_details_of_the_organisation() -> None:
    provider = a_provider()
    lead = a_person(Role.PROVIDER_LEAD, at=provider)
    address = reverse("organisations:change_organisation", args=[provider.reference])

    bad = as_(lead).post(address, {"name": "New", "address": "", "vat_number": "GB1"})
    assert bad.status_code == 422
    assert 'value="GB1"' in bad.content.decode()
    as_(lead).post(address, {"name": "New name", "address": "1 High Street", "vat_number": ""})

    provider.refresh_from_db()
    assert provider.name == "New name"
    page(a_person(Role.STAFF, at=provider), "change_organisation", provider.reference, status=404)


# -- People -----------------------------------------------------------------------------------------------------------------------


def test_a_head_invites_sends_again_and_takes_back() -> None:
    school = a_school()
    head = a_person(Role.HEADTEACHER, at=school)
    client = as_(head)
    address = reverse("organisations:invite_to", args=[school.organisation.reference])
    assert client.get(reverse("organisations:invite"))["Location"] == address

    bad = client.post(address, {"email": "nobody", "role": "staff"})
    assert bad.status_code == 422
    assert client.post(address, {"email": "n@example.org", "role": "convenor"}).status_code == 422
    client.post(address, {"email": "n@example.org", "role": "staff"})
    invitation = Invitation.objects.get()
    assert "n@example.org" in page(head, "invitations")
    assert "n@example.org,Staff" in page(head, "invitations", query="?format=csv")

    token = invitation.token_hash
    client.post(reverse("organisations:resend", args=[invitation.reference]))
    invitation.refresh_from_db()
    assert invitation.token_hash != token
    client.post(reverse("organisations:revoke", args=[invitation.reference]))
    assert "n@example.org" not in page(head, "invitations")
    again = client.post(reverse("organisations:resend", args=[invitation.reference]))
    assert again.status_code == 409


def test_a_convenor_chooses_the_organisation_first(area: Area, convenor: User) -> None:
    school = the_school().organisation
    assert "Which organisation" in page(convenor, "invite")

    answer = as_(convenor).get(reverse("organisations:invite"), {"organisation": school.reference})

    assert answer["Location"] == reverse("organisations:invite_to", args=[school.reference])
    page(convenor, "invite_to", a_school().organisation.reference, status=404)


def test_people_are_listed_filtered_and_downloaded(area: Area, convenor: User) -> None:
    a_person(Role.HEADTEACHER, at=the_school(), name="Ada Holroyd")
    a_person(Role.HEADTEACHER, at=a_school(), name="Somebody Elsewhere")

    shown = page(convenor, "people")
    assert "Ada Holroyd" in shown
    assert "Somebody Elsewhere" not in shown
    assert "Ada Holroyd" not in page(convenor, "people", query="?role=convenor")
    assert "Ada Holroyd" in page(convenor, "people", query="?q=ada&sort=-since")
    assert "Ada Holroyd" in page(convenor, "people", query="?format=csv")
    page(a_person(Role.STAFF, at=the_school()), "people", status=404)


def test_a_role_is_ended_with_a_reason_and_the_last_head_stays() -> None:
    school = a_school()
    head, staff = a_person(Role.HEADTEACHER, at=school), a_person(Role.STAFF, at=school)
    address = reverse("organisations:end_role", args=[staff.memberships.get().reference])
    assert "Access ends at once" in as_(head).get(address).content.decode()

    as_(head).post(address, {"reason": "Has moved on"})
    assert not Membership.objects.filter(user=staff, ended_at=None).exists()

    own = reverse("organisations:end_role", args=[head.memberships.get().reference])
    answer = as_(head).post(own, {"reason": ""})
    assert answer.status_code == 422
    assert "Invite another first" in answer.content.decode()


def test_only_roles_that_can_be_ended_have_a_link_to_end_them() -> None:
    school = a_school()
    head, lead = a_person(Role.HEADTEACHER, at=school), a_person(Role.PROVIDER_LEAD, at=school)
    ends = {
        user: reverse("organisations:end_role", args=[user.memberships.get().reference])
        for user in (head, lead)
    }

    shown = page(lead, "people")

    assert ends[lead] in shown
    assert ends[head] not in shown
    assert as_(lead).get(ends[head]).status_code == 404
    assert ends[lead] in page(lead, "organisation", school.organisation.reference)


# -- Invitations ------------------------------------------------------------------------------------------------------------------


def test_a_new_person_accepts_and_is_signed_in() -> None:
    invitation, token = an_invitation()
    client = as_(None)
    address = reverse("organisations:invitation", args=[token])
    assert "You are invited to" in client.get(address).content.decode()

    weak = client.post(address, {"name": "Ada Holroyd", "password": "short"})
    assert weak.status_code == 422
    assert 'value="Ada Holroyd"' in weak.content.decode()
    answer = client.post(address, {"name": "Ada Holroyd", "password": "correct horse battery"})

    assert answer["Location"] == "/"
    assert client.session["_auth_user_id"] == str(User.objects.get(email="new@example.org").pk)
    assert client.session["organisation"] == invitation.organisation_id
    used = as_(None).get(address)
    assert used.status_code == 410
    assert "has been accepted already" in used.content.decode()


def test_somebody_known_signs_in_and_accepts() -> None:
    person = a_person(email="new@example.org")
    invitation, token = an_invitation()
    address = reverse("organisations:invitation", args=[token])

    assert f"?next={address}" in as_(None).get(address).content.decode()
    as_(person).post(address)

    assert Membership.objects.filter(
        user=person, organisation=invitation.organisation, ended_at=None
    ).exists()


def test_somebody_else_is_told_whose_invitation_it_is() -> None:
    other = a_person(email="other@example.org")
    _, token = an_invitation()
    address = reverse("organisations:invitation", args=[token])

    shown = as_(other).get(address).content.decode()
    as_(other).post(address)

    assert "You are signed in as other@example.org" in shown
    assert not Membership.objects.filter(user=other).exists()


def test_a_link_that_leads_nowhere_says_what_to_do() -> None:
    answer = as_(None).get(reverse("organisations:invitation", args=["guess"]))

    assert answer.status_code == 404
    assert "look for the latest e-mail" in answer.content.decode()


# -- Statements -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args", "most"),
    [
        ("register", [], 14),
        ("schools", [], 18),
        ("area", ["373"], 16),
        ("clusters", ["373"], 16),
        ("organisations", ["373"], 14),
        ("people", [], 18),
        ("invitations", [], 18),
    ],
)
def test_a_list_takes_few_statements_however_long(
    area: Area, convenor: User, django_assert_max_num_queries, name: str, args: list[str], most: int
) -> None:
    trust = an_organisation(OrganisationKind.TRUST)
    for number in range(12):
        school = a_school(area, academy=True, trust=trust, ward=a_ward(area))
        a_person(Role.HEADTEACHER, at=school)
        Cluster.objects.create(area=area, name=f"Cluster {number}").schools.add(school)
        a_provider(area)
        actions.invite(
            actor=SYSTEM, organisation=school.organisation, email=f"p{number}@example.org", role="staff"
        )
        imported(a_row(NumberOfPupils=str(number)), area=area)
    client = as_(convenor)
    client.get("/")

    with django_assert_max_num_queries(most):
        client.get(reverse(f"organisations:{name}", args=args))


def test_the_page_of_an_import_takes_few_statements(
    area: Area, convenor: User, django_assert_max_num_queries
) -> None:
    imported(*(a_row(100100 + n, TypeOfEstablishmentcode="34", Trustscode=str(n + 1)) for n in range(20)))
    batch = imported(
        *(
            a_row(100100 + n, TypeOfEstablishmentcode="34", Trustscode=str(n + 2), NumberOfPupils="1")
            for n in range(20)
        ),
        area=area,
    )
    client = as_(convenor)
    client.get("/")

    with django_assert_max_num_queries(24):
        client.get(reverse("organisations:import", args=[batch.reference]))
    assert School.objects.count() == 22
