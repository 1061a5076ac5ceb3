"""People hold roles at organisations: invited by e-mail, never above the one who invites, ended without delay."""

import hashlib
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from marketplace.kernel.access import ANONYMOUS, SYSTEM, Role
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.organisations import actions, queries, rules
from marketplace.organisations.errors import InvalidDetails, InvitationUnusable, LastOfTheirRole
from marketplace.organisations.models import Invitation, Membership, OrganisationKind, User
from tests.builders.organisations import (
    a_convenor,
    a_person,
    a_provider,
    a_school,
    actor_of,
    an_area,
    an_invitation,
    an_organisation,
)

# -- Who may give which role ----------------------------------------------------------------------------------------------------

SCHOOL, TRUST, HUB, LA = (
    OrganisationKind(k) for k in ("school", "trust", "teaching_school_hub", "local_authority")
)


@pytest.mark.parametrize("kind", list(OrganisationKind))
@pytest.mark.parametrize("role", list(Role))
def test_nobody_gives_a_role_above_their_own(kind: str, role: Role) -> None:
    given = set(rules.roles_given_by({role}, kind=kind, convenes=False))

    assert given <= set(rules.roles_at(kind))
    if given:
        assert role in rules.MANAGERS
    for above in given:
        assert set(rules.roles_given_by({above}, kind=kind, convenes=False)) <= given


@pytest.mark.parametrize(
    ("role", "kind", "may", "may_not"),
    [
        (Role.HEADTEACHER, SCHOOL, {Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.GOVERNOR}, {Role.TRUST_LEAD, Role.CONVENOR}),
        (Role.TRUST_LEAD, TRUST, {Role.TRUST_LEAD, Role.FINANCE}, {Role.CONVENOR}),
        (Role.TRUST_LEAD, SCHOOL, {Role.HEADTEACHER}, {Role.TRUST_LEAD}),
        (Role.PROVIDER_LEAD, SCHOOL, {Role.PRACTITIONER}, {Role.HEADTEACHER, Role.BUDGET_HOLDER}),
        (Role.PROVIDER_LEAD, HUB, {Role.PROVIDER_LEAD, Role.STAFF}, {Role.CONVENOR, Role.GOVERNOR}),
        (Role.STAFF, SCHOOL, set(), set(Role)),
        (Role.BOARD_MEMBER, LA, set(), set(Role)),
    ],
)  # fmt: skip
def test_what_each_role_may_give(role: Role, kind: str, may: set[Role], may_not: set[Role]) -> None:
    given = set(rules.roles_given_by({role}, kind=kind, convenes=False))

    assert may <= given
    assert not may_not & given


def test_a_convenor_may_give_every_role_at_organisations_of_the_area() -> None:
    assert set(rules.roles_given_by(set(), kind=LA, convenes=True)) == set(rules.roles_at(LA))
    assert Role.CONVENOR in rules.roles_at(LA)


@pytest.mark.parametrize(
    ("text", "number"),
    [("GB 123 4567 82", ""), ("220 4302 31", "GB220430231"), ("GB220430231", "GB220430231"), ("", "")],
)
def test_a_vat_number_has_check_digits(text: str, number: str) -> None:
    if text and not number:
        text = "GB 123 4567 83"
        with pytest.raises(ValueError, match="check digits"):
            rules.vat_number(text)
    else:
        assert rules.vat_number(text) == number


db = pytest.mark.django_db


@db
class TestWhoMayInvite:
    def test_the_head_at_the_own_school_only(self) -> None:
        school, other = a_school(), a_school()
        head = actor_of(a_person(Role.HEADTEACHER, at=school))

        actions.invite(actor=head, organisation=school.organisation, email="a@example.org", role="staff")
        with pytest.raises(NotAllowed):
            actions.invite(actor=head, organisation=other.organisation, email="a@example.org", role="staff")

    def test_a_trust_lead_at_the_schools_of_the_trust(self) -> None:
        trust = an_organisation(OrganisationKind.TRUST)
        school = a_school(academy=True, trust=trust)
        lead = actor_of(a_person(Role.TRUST_LEAD, at=trust))

        actions.invite(
            actor=lead, organisation=school.organisation, email="a@example.org", role="headteacher"
        )

    def test_a_convenor_in_the_own_area_only(self) -> None:
        here, there = an_area(), an_area()
        convenor = actor_of(a_convenor(here))

        actions.invite(
            actor=convenor,
            organisation=a_school(here).organisation,
            email="a@example.org",
            role="headteacher",
        )
        with pytest.raises(NotAllowed):
            actions.invite(
                actor=convenor, organisation=a_provider(there), email="a@example.org", role="provider_lead"
            )

    def test_a_convenor_at_a_trust_only_when_all_its_schools_are_theirs(self) -> None:
        here, there = an_area(), an_area()
        convenor = actor_of(a_convenor(here))
        trust = an_organisation(OrganisationKind.TRUST)
        a_school(here, academy=True, trust=trust)
        assert Role.TRUST_LEAD in queries.roles_to_give(convenor, trust)

        a_school(there, academy=True, trust=trust)

        assert queries.roles_to_give(convenor, trust) == ()

    def test_staff_invite_nobody(self) -> None:
        school = a_school()
        with pytest.raises(NotAllowed):
            actions.invite(
                actor=actor_of(a_person(Role.STAFF, at=school)),
                organisation=school.organisation,
                email="a@example.org",
                role="staff",
            )


@db
class TestInvitations:
    def test_only_the_hash_of_the_token_is_kept(self) -> None:
        invitation, token = an_invitation(email=" New@Example.org ")

        assert invitation.token_hash == hashlib.sha256(token.encode()).hexdigest()
        assert invitation.email == "new@example.org"
        assert queries.invitations_by_token(token).get() == invitation
        assert invitation.expires_at - invitation.sent_at == timedelta(days=14)

    def test_a_new_person_accepts_with_name_and_password(self) -> None:
        invitation, token = an_invitation()

        user = actions.accept_invitation(
            actor=ANONYMOUS, token=token, name="Ada  Holroyd", password="correct horse battery"
        )

        assert (user.email, user.name, user.check_password("correct horse battery")) == (
            "new@example.org",
            "Ada Holroyd",
            True,
        )
        assert actor_of(user).holds(Role.STAFF, at=invitation.organisation_id)
        assert user.emailaddress_set.get().verified

    def test_a_new_person_may_go_without_a_password(self) -> None:
        _, token = an_invitation()

        user = actions.accept_invitation(actor=ANONYMOUS, token=token, name="Ada")

        assert not user.has_usable_password()

    def test_a_weak_password_is_refused_and_nobody_is_made(self) -> None:
        _, token = an_invitation()

        with pytest.raises(InvalidDetails) as refused:
            actions.accept_invitation(actor=ANONYMOUS, token=token, name="Ada", password="short")
        assert refused.value.field == "password"
        assert not User.objects.exists()

    def test_somebody_known_accepts_when_signed_in_with_that_address(self) -> None:
        person = a_person(email="new@example.org")
        invitation, token = an_invitation()

        with pytest.raises(InvitationUnusable, match="Sign in"):
            actions.accept_invitation(actor=ANONYMOUS, token=token, name="Ada")
        actions.accept_invitation(actor=actor_of(person), token=token)

        assert actor_of(person).holds(Role.STAFF, at=invitation.organisation_id)

    def test_somebody_else_can_not_accept(self) -> None:
        _, token = an_invitation()

        with pytest.raises(InvitationUnusable, match="signed in as somebody else"):
            actions.accept_invitation(actor=actor_of(a_person()), token=token)

    @pytest.mark.parametrize(
        ("field", "says"),
        [("accepted_at", "accepted already"), ("revoked_at", "taken back"), ("expires_at", "run out")],
    )
    def test_a_used_revoked_or_old_invitation_says_so(self, field: str, says: str) -> None:
        invitation, token = an_invitation()
        setattr(invitation, field, timezone.now() - timedelta(seconds=1))
        invitation.save()

        with pytest.raises(InvitationUnusable, match=says):
            actions.accept_invitation(actor=ANONYMOUS, token=token, name="Ada")

    def test_a_token_nobody_gave_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            actions.accept_invitation(actor=ANONYMOUS, token="guess", name="Ada")

    def test_sending_again_makes_a_new_link_and_ends_the_old(self) -> None:
        invitation, old = an_invitation()
        Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))

        again = actions.resend_invitation(actor=SYSTEM, invitation=invitation.reference)

        assert again.expires_at > timezone.now()
        assert not queries.invitations_by_token(old).exists()

    def test_a_revoked_invitation_can_be_made_anew(self) -> None:
        invitation, _ = an_invitation()
        actions.revoke_invitation(actor=SYSTEM, invitation=invitation)

        with pytest.raises(InvitationUnusable):
            actions.resend_invitation(actor=SYSTEM, invitation=invitation)
        actions.invite(
            actor=SYSTEM, organisation=invitation.organisation, email="new@example.org", role="staff"
        )

    def test_two_open_invitations_to_one_role_are_refused(self) -> None:
        invitation, _ = an_invitation()

        with pytest.raises(InvalidDetails, match="invited to that role already"):
            actions.invite(
                actor=SYSTEM, organisation=invitation.organisation, email="NEW@example.org", role="staff"
            )

    def test_inviting_again_after_it_ran_out_sends_it_again(self) -> None:
        invitation, _ = an_invitation()
        Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))

        again = actions.invite(
            actor=SYSTEM, organisation=invitation.organisation, email="new@example.org", role="staff"
        )

        assert again.pk == invitation.pk

    @pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@example.org"])
    def test_an_address_that_can_not_be_one_is_refused(self, email: str) -> None:
        with pytest.raises(InvalidDetails) as refused:
            actions.invite(actor=SYSTEM, organisation=a_provider(), email=email, role="staff")
        assert refused.value.field == "email"

    def test_the_letter_is_queued_with_the_invitation_and_the_token_is_in_no_table_of_ours(self) -> None:
        tokens: list[str] = []
        school = a_school()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("secrets.token_urlsafe", lambda size: tokens.append("t" * 43) or tokens[-1])
            actions.invite(
                actor=SYSTEM, organisation=school.organisation, email="n@example.org", role="staff"
            )

        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                if not table.startswith("procrastinate"):
                    cursor.execute(
                        f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{tokens[0]}%"]
                    )
                    assert cursor.fetchone() == (0,), table


@db
class TestEndingARole:
    def test_access_is_gone_at_the_next_request(self) -> None:
        school = a_school()
        head = actor_of(a_person(Role.HEADTEACHER, at=school))
        person = a_person(Role.STAFF, at=school)

        actions.end_membership(actor=head, membership=person.memberships.get().reference)

        assert actor_of(person).organisations() == frozenset()
        assert Membership.objects.filter(user=person, ended_at__isnull=False).count() == 1

    def test_one_may_leave_by_oneself(self) -> None:
        person = a_person(Role.STAFF, at=a_school())

        actions.end_membership(actor=actor_of(person), membership=person.memberships.get())

        assert not queries.memberships_of(actor_of(person)).exists()

    @pytest.mark.parametrize("role", [Role.HEADTEACHER, Role.CONVENOR])
    def test_the_last_head_or_convenor_stays_until_there_is_another(self, role: Role) -> None:
        at = (
            an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=an_area())
            if role == Role.CONVENOR
            else a_school()
        )
        only = a_person(role, at=at)

        with pytest.raises(LastOfTheirRole, match="Invite another first"):
            actions.end_membership(actor=actor_of(only), membership=only.memberships.get())

        a_person(role, at=at)
        actions.end_membership(actor=actor_of(only), membership=only.memberships.get())

    def test_staff_can_not_end_the_roles_of_others(self) -> None:
        school = a_school()
        other = a_person(Role.STAFF, at=school)

        with pytest.raises(NotAllowed):
            actions.end_membership(
                actor=actor_of(a_person(Role.STAFF, at=school)), membership=other.memberships.get()
            )

    def test_people_of_other_schools_are_not_there(self) -> None:
        stranger = a_person(Role.STAFF, at=a_school())

        with pytest.raises(NotFound):
            actions.end_membership(
                actor=actor_of(a_person(Role.HEADTEACHER, at=a_school())),
                membership=stranger.memberships.get(),
            )

    def test_a_role_ended_can_be_given_anew(self) -> None:
        person = a_person(Role.STAFF, at=a_school())
        membership = person.memberships.get()
        actions.end_membership(actor=SYSTEM, membership=membership)

        actions.enrol(
            actor=SYSTEM, organisation=membership.organisation, email=person.email, name="", role="staff"
        )

        assert queries.memberships_of(actor_of(person)).count() == 1
