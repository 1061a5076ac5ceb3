"""Organisations that do not come from the register: teaching school hubs, local authority services, school companies,
dioceses, independent providers."""

from django.db import IntegrityError, transaction

from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations import queries, rules
from marketplace.organisations.errors import InvalidDetails
from marketplace.organisations.models import Area, Organisation, OrganisationKind, School

CHANGEABLE = ("name", "address", "vat_number")


@action
def create_organisation(
    *,
    actor: Actor,
    area: Area,
    kind: str,
    name: str,
    legal_status: str = "",
    supervising_authority: Organisation | None = None,
    register_code: str = "",
    vat_number: str = "",
    address: str = "",
    based_at: School | None = None,
) -> Organisation:
    """Add a provider to the area. For its convenors.

    `legal_status` may be left out where the kind leaves no choice. A school company names the local authority that supervises
    it (SI 2002/2978 reg. 17). `based_at` puts it at a school's place on the map. Raises `InvalidDetails`.
    """
    if not actor.convenes(area.pk):
        raise NotAllowed(
            f"You can’t add organisations to {area}.", remedy="Ask a convenor of the area to do it."
        )
    if kind not in rules.STATUSES_OF_KIND:
        raise InvalidDetails(
            "Schools, trusts and federations come from the register of schools.",
            remedy="Choose another kind of organisation.",
            field="kind",
        )
    organisation = Organisation(
        area=area,
        kind=kind,
        legal_status=_legal_status(kind, legal_status),
        supervising_authority=_supervisor(kind, supervising_authority),
        register_code=register_code.strip(),
        easting=based_at.easting if based_at else None,
        northing=based_at.northing if based_at else None,
    )
    _set(organisation, name=name, address=address, vat_number=vat_number)
    _check_name_is_free(organisation)
    _save(organisation)
    history.write(organisation, verb="created", by=actor)
    return organisation


@action
def change_organisation(*, actor: Actor, organisation: Organisation | str, **details: str) -> Organisation:
    """Change an organisation's `name`, `address` or `vat_number`: by its lead or a convenor of its area.

    What the register says of schools is changed in the register; of those only the VAT number is ours.
    """
    reference = organisation if isinstance(organisation, str) else organisation.reference
    row: Organisation = locked(queries.organisations_managed_by(actor), reference=reference)
    if not (actor.holds(*rules.MANAGERS, Role.FINANCE, at=row.pk) or actor.convenes(row.area_id)):
        raise NotAllowed(f"You can’t change the details of {row}.", remedy="Ask its lead or a convenor.")
    of_register = row.kind == OrganisationKind.SCHOOL or bool(row.register_code)
    changed = {
        name: value
        for name, value in details.items()
        if name in CHANGEABLE and (name == "vat_number" or not of_register) and value != getattr(row, name)
    }
    if changed:
        _set(row, **changed)
        if "name" in changed:
            _check_name_is_free(row)
        _save(row)
        history.write(row, verb="changed", by=actor, note=", ".join(sorted(changed)))
    return row


def _set(organisation: Organisation, **details: str) -> None:
    for name, value in details.items():
        setattr(organisation, name, _checked(name, value))


def _checked(name: str, value: str) -> str:
    value = value.strip()
    if name == "vat_number":
        try:
            return rules.vat_number(value)
        except ValueError as error:
            raise InvalidDetails(str(error), field="vat_number") from None
    if name == "name":
        value = " ".join(value.split())
        if not value or len(value) > 200:
            raise InvalidDetails("Enter a name of up to 200 characters.", field="name")
    return value


def _legal_status(kind: str, given: str) -> str:
    choices = rules.STATUSES_OF_KIND[kind]
    if not given and len(choices) == 1:
        return choices[0]
    if given not in choices:
        raise InvalidDetails("Say whose money the organisation spends.", field="legal_status")
    return given


def _supervisor(kind: str, authority: Organisation | None) -> Organisation | None:
    if kind != OrganisationKind.SCHOOL_COMPANY:
        return None
    if authority is None or authority.kind != OrganisationKind.LOCAL_AUTHORITY:
        raise InvalidDetails(
            "Choose the local authority that supervises the company.", field="supervising_authority"
        )
    return authority


def _check_name_is_free(organisation: Organisation) -> None:
    """Two organisations added by hand may not have one name in an area: it is nearly always the same one twice."""
    same = Organisation.objects.filter(
        area=organisation.area, kind=organisation.kind, name__iexact=organisation.name
    )
    if same.exclude(pk=organisation.pk).exists():
        raise InvalidDetails(f"{organisation.name} is here already.", field="name")


def _save(organisation: Organisation) -> None:
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError:
        raise InvalidDetails(
            "Another organisation of this kind has that code in the register.", field="register_code"
        ) from None
