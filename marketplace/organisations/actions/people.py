"""People and roles: invite, resend, revoke, accept, end. Nobody gives a role above their own."""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from marketplace.kernel import events, history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations import queries, rules
from marketplace.organisations.errors import InvalidDetails, InvitationUnusable, LastOfTheirRole
from marketplace.organisations.events import MembershipEnded, PersonInvited
from marketplace.organisations.models import Invitation, Membership, Organisation, User


@action
def invite(*, actor: Actor, organisation: Organisation, email: str, role: str) -> Invitation:
    """Invite somebody by e-mail to hold a role. Publishes `PersonInvited`, whose subscriber sends the letter.

    Raises `NotAllowed` for a role the actor may not give, `InvalidDetails` for an address that can't be one, a person who
    holds the role already, or one who has an invitation to it.
    """
    _check_may_give(actor, organisation, role)
    email = _address(email)
    locked(Organisation.objects.all(), pk=organisation.pk)
    if Membership.objects.filter(
        user__email=email, organisation=organisation, role=role, ended_at=None
    ).exists():
        raise InvalidDetails("This person holds that role already.", field="email")
    open_invitation = Invitation.objects.filter(
        email=email, organisation=organisation, role=role, accepted_at=None, revoked_at=None
    ).first()
    if open_invitation and open_invitation.expires_at > timezone.now():
        raise InvalidDetails(
            "This person has been invited to that role already.",
            remedy="Send the invitation again from the list of invitations.",
            field="email",
        )
    if open_invitation:
        return _send(open_invitation, actor, verb="resend")
    invitation = Invitation(organisation=organisation, email=email, role=role, invited_by_id=actor.user_id)
    return _send(invitation, actor, verb="invite")


@action
def resend_invitation(*, actor: Actor, invitation: Invitation | str) -> Invitation:
    """Send an invitation again, with a new link; the old link stops working and the time runs anew."""
    row = _managed(actor, invitation)
    _check_may_give(actor, row.organisation, row.role)
    return _send(row, actor, verb="resend")


@action
def revoke_invitation(*, actor: Actor, invitation: Invitation | str) -> Invitation:
    """Take an invitation back; its link stops working."""
    row = _managed(actor, invitation)
    _check_may_give(actor, row.organisation, row.role)
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    history.write(row, verb="revoke", by=actor)
    return row


@action
def accept_invitation(*, actor: Actor, token: str, name: str = "", password: str = "") -> User:
    """Take up an invitation: the signed-in person it is for, or a new person, who gives a name and may choose a password.

    The link came by e-mail, so it proves the address. Raises `InvitationUnusable` when it was used, revoked or has run out,
    or is for somebody else.
    """
    invitation = locked(queries.invitations_by_token(token))
    queries.check_usable(invitation)
    user = _accepting(actor, invitation, name, password)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    Membership.objects.get_or_create(
        user=user, organisation=invitation.organisation, role=invitation.role, ended_at=None
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    by = Actor(user_id=user.pk, name=user.name)
    history.write(invitation, verb="accept", by=by)
    history.write(
        invitation.organisation, verb="joined", by=by, after=invitation.role, note=invitation.reference
    )
    return user


@action
def end_membership(*, actor: Actor, membership: Membership | str, reason: str = "") -> Membership:
    """End a role: by somebody who may give it, or by the person themselves. Access ends with the next request.

    Raises `LastOfTheirRole` for the only headteacher of a school or convenor of an area.
    """
    reference = membership if isinstance(membership, str) else membership.reference
    row: Membership = locked(queries.people_visible_to(actor), reference=reference)
    organisation = row.organisation
    if row.user_id != actor.user_id:
        _check_may_give(actor, organisation, row.role)
    locked(Organisation.objects.all(), pk=organisation.pk)
    if Role(row.role) in rules.NEVER_LEFT_EMPTY:
        others = Membership.objects.filter(
            organisation=organisation, role=row.role, ended_at=None, user__is_active=True
        )
        if not others.exclude(user_id=row.user_id).exists():
            raise LastOfTheirRole(
                f"{row.user} is the only {row.get_role_display().lower()} of {organisation}.",
                remedy="Invite another first. Once they have accepted, you can end this role.",
            )
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    history.write(organisation, verb="left", by=actor, before=row.role, note=reason)
    events.publish(MembershipEnded(user_id=row.user_id, organisation_id=organisation.pk))
    return row


@action
def enrol(
    *, actor: Actor, organisation: Organisation, email: str, name: str, role: str, password: str | None = None
) -> User:
    """Give somebody a role without an invitation. For the exchange itself: the first convenor, the demonstration area."""
    if not actor.is_system:
        raise NotAllowed("Only an operator can do this.", remedy="Invite the person instead.")
    if role not in rules.roles_at(organisation.kind):
        raise InvalidDetails(f"Nobody can be {role} of {organisation}.", field="role")
    user = User.objects.filter(email=_address(email)).first()
    if user is None:
        user = User.objects.create_user(_address(email), password, name=name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.get_or_create(user=user, organisation=organisation, role=role, ended_at=None)
    history.write(organisation, verb="joined", by=actor, after=role)
    return user


def _check_may_give(actor: Actor, organisation: Organisation, role: str) -> None:
    if role not in queries.roles_to_give(actor, organisation):
        raise NotAllowed(
            f"You can’t give or end the role {role.replace('_', ' ')} at {organisation}.",
            remedy="Ask the headteacher, the lead of the organisation or a convenor of its area.",
        )


def _address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidDetails(
            "Enter an e-mail address in the right form, like name@school.example.", field="email"
        ) from None
    return email


def _managed(actor: Actor, invitation: Invitation | str) -> Invitation:
    """The open invitation, locked; `InvitationUnusable` once it was accepted or revoked."""
    reference = invitation if isinstance(invitation, str) else invitation.reference
    row: Invitation = locked(queries.invitations_managed_by(actor), reference=reference)
    if row.accepted_at or row.revoked_at:
        raise InvitationUnusable(
            f"This invitation was {'accepted' if row.accepted_at else 'revoked'} meanwhile.",
            remedy="Look at the list of people again.",
        )
    return row


def _send(invitation: Invitation, actor: Actor, *, verb: str) -> Invitation:
    token = secrets.token_urlsafe(32)
    invitation.token_hash = hashlib.sha256(token.encode()).hexdigest()
    invitation.sent_at = timezone.now()
    invitation.expires_at = invitation.sent_at + timedelta(days=settings.INVITATION_DAYS)
    invitation.save()
    history.write(invitation, verb=verb, by=actor)
    events.publish(PersonInvited(invitation_id=invitation.pk, token=token))
    return invitation


def _accepting(actor: Actor, invitation: Invitation, name: str, password: str) -> User:
    user = User.objects.filter(email=invitation.email).first()
    if actor.user_id is not None:
        if user is None or user.pk != actor.user_id:
            raise InvitationUnusable(
                f"This invitation is for {invitation.email}, and you are signed in as somebody else.",
                remedy="Sign out, then open the link in the e-mail again.",
            )
        return user
    if user is not None:
        raise InvitationUnusable(
            f"There is an account for {invitation.email} already.",
            remedy="Sign in with it, then accept the invitation.",
        )
    if not name.strip():
        raise InvalidDetails("Enter your name.", field="name")
    if password:
        try:
            validate_password(password, User(email=invitation.email, name=name))
        except ValidationError as error:
            raise InvalidDetails(" ".join(error.messages), field="password") from None
    return User.objects.create_user(invitation.email, password or None, name=" ".join(name.split())[:150])
