"""Forms of register imports, areas, organisations and people. They read what was typed; the rules are in the marketplace."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings

from frontend.forms.widgets import HintedRadios
from marketplace.organisations import rules
from marketplace.organisations.models import (
    ROLES,
    Area,
    Cluster,
    ImportStatus,
    LegalStatus,
    Organisation,
    OrganisationKind,
    Phase,
    School,
    Ward,
)

MEGABYTE = 1024 * 1024


class SizedFileField(forms.FileField):
    """A file of up to `most` bytes."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most
        self.error_messages["empty"] = "The file is empty. Choose another."

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload and upload.size > self.most:
            raise forms.ValidationError(
                f"The file is larger than {self.most // MEGABYTE} MB. Choose a smaller one, or zip it."
            )
        return upload


class UploadForm(forms.Form):
    """A register file for one of the areas one convenes."""

    area = forms.ModelChoiceField(
        label="For which area?", queryset=Area.objects.none(), empty_label=None, to_field_name="code"
    )
    file = SizedFileField(
        most=settings.REGISTER_UPLOAD_MAX_BYTES,
        label="Register file",
        help_text="The extract or search results as Get Information About Schools gives them: CSV, gzip or zip. "
        "Only the rows of your area are taken. The file is deleted as soon as it has been read.",
    )

    def __init__(self, *args: Any, areas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = areas
        only = list(areas[:2])
        if len(only) == 1:
            self.fields["area"].widget = forms.HiddenInput()
            self.fields["area"].initial = only[0].code


class ImportFilterForm(forms.Form):
    """The filters of the list of imports."""

    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *ImportStatus.choices]
    )


class SchoolFilterForm(forms.Form):
    """The filters of the list of schools."""

    q = forms.CharField(label="Name, postcode or URN", required=False, max_length=100)
    area = forms.ModelChoiceField(
        label="Area",
        required=False,
        queryset=Area.objects.none(),
        empty_label="All areas",
        to_field_name="code",
    )
    ward = forms.ModelChoiceField(
        label="Ward",
        required=False,
        queryset=Ward.objects.none(),
        empty_label="All wards",
        to_field_name="code",
    )
    phase = forms.ChoiceField(label="Phase", required=False, choices=[("", "All phases"), *Phase.choices])
    money = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "All kinds"), *LegalStatus.choices[:6]]
    )
    trust = forms.ModelChoiceField(
        label="Trust",
        required=False,
        queryset=Organisation.objects.none(),
        empty_label="All trusts",
        to_field_name="reference",
        widget=forms.Select({"data-autocomplete": ""}),
    )
    status = forms.ChoiceField(
        label="Open or closed",
        required=False,
        choices=[("", "Open"), ("closed", "Closed"), ("proposed", "Proposed to open"), ("all", "All")],
    )

    def __init__(self, *args: Any, areas: Any, wards: Any, trusts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("area", areas), ("ward", wards), ("trust", trusts)):
            self.fields[name].queryset = rows
        if areas.count() < 2:
            del self.fields["area"]
        if not wards.exists():
            del self.fields["ward"]
        if not trusts.exists():
            del self.fields["trust"]


class WardsForm(forms.Form):
    """Ward boundaries."""

    file = SizedFileField(
        most=20 * MEGABYTE,
        label="Ward boundaries",
        help_text="GeoJSON in WGS 84 (longitude and latitude), as the Office for National Statistics publishes it. "
        "A file with several districts is fine: only your area’s wards are taken.",
    )


class ClusterForm(forms.Form):
    """A cluster of schools."""

    name = forms.CharField(label="Name of the cluster", max_length=100)
    schools = forms.MultipleChoiceField(
        label="Schools",
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "govuk-checkboxes--small"}),
    )

    def __init__(self, *args: Any, schools: Iterable[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["schools"].choices = [
            (str(school.urn), f"{school.organisation.name} ({school.town or school.postcode or school.urn})")
            for school in schools
        ]

    @staticmethod
    def of(cluster: Cluster) -> dict[str, Any]:
        """Initial values from a cluster."""
        return {"name": cluster.name, "schools": [str(school.urn) for school in cluster.schools.all()]}


class ClusterFilterForm(forms.Form):
    """The filter of the list of clusters."""

    q = forms.CharField(label="Name of the cluster or a school", required=False, max_length=100)


KINDS_ADDED = [(kind, OrganisationKind(kind).label) for kind in rules.STATUSES_OF_KIND]
STATUSES_ASKED = [
    (status, LegalStatus(status).label)
    for status in ("academy", "la_maintained", "company", "charity", "other")
]


class OrganisationFilterForm(forms.Form):
    """The filters of the list of organisations."""

    q = forms.CharField(label="Name", required=False, max_length=100)
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[
            ("", "All kinds"),
            *(choice for choice in OrganisationKind.choices if choice[0] != "school"),
        ],
    )


class ChangeOrganisationForm(forms.Form):
    """What can be changed of an organisation."""

    name = forms.CharField(label="Name", max_length=200)
    address = forms.CharField(
        label="Address", required=False, widget=forms.Textarea({"rows": 4, "maxlength": 500})
    )
    vat_number = forms.CharField(
        label="VAT number",
        required=False,
        max_length=20,
        help_text="Leave it blank if it is not registered for VAT",
        widget=forms.TextInput({"class": "govuk-input--width-10"}),
    )

    def __init__(self, *args: Any, of_register: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if of_register:
            del self.fields["name"], self.fields["address"]


class NewOrganisationForm(ChangeOrganisationForm):
    """An organisation that does not come from the register."""

    kind = forms.ChoiceField(
        label="What kind of organisation is it?",
        choices=KINDS_ADDED,
        widget=HintedRadios(
            hints={
                "teaching_school_hub": "Designated to lead teacher development across schools",
                "la_service": "A team of the local authority that schools buy from",
                "school_company": "Owned by schools under section 11 of the Education Act 2002",
                "diocese": "Or another religious authority",
                "independent": "A company, charity or person that is none of these",
            }
        ),
    )
    legal_status = forms.ChoiceField(
        label="Whose money does it spend?",
        required=False,
        choices=STATUSES_ASKED,
        widget=forms.RadioSelect,
        help_text="Only for a teaching school hub or an independent provider. It decides how it is paid and taxed.",
    )
    supervising_authority = forms.ModelChoiceField(
        label="Supervising authority",
        required=False,
        queryset=Organisation.objects.none(),
        empty_label="Choose the local authority",
        to_field_name="reference",
        help_text="Only for a school company: the local authority that supervises it",
    )
    register_code = forms.CharField(
        label="Code in the register",
        required=False,
        max_length=12,
        help_text="Only for a diocese, for example CE23",
        widget=forms.TextInput({"class": "govuk-input--width-5"}),
    )
    based_at = forms.ModelChoiceField(
        label="Based at a school",
        required=False,
        queryset=School.objects.none(),
        empty_label="No",
        to_field_name="urn",
        help_text="If it works from a school, distances are counted from there",
        widget=forms.Select({"data-autocomplete": ""}),
    )
    field_order = (
        "kind",
        "name",
        "legal_status",
        "supervising_authority",
        "register_code",
        "address",
        "vat_number",
        "based_at",
    )

    def __init__(self, *args: Any, schools: Any, authorities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["based_at"].queryset = schools
        self.fields["based_at"].label_from_instance = lambda school: school.organisation.name
        self.fields["supervising_authority"].queryset = authorities


class PeopleFilterForm(forms.Form):
    """The filters of the list of people."""

    q = forms.CharField(label="Name or e-mail address", required=False, max_length=100)
    organisation = forms.ModelChoiceField(
        label="Organisation",
        required=False,
        queryset=Organisation.objects.none(),
        empty_label="All of them",
        to_field_name="reference",
        widget=forms.Select({"data-autocomplete": ""}),
    )
    role = forms.ChoiceField(label="Role", required=False, choices=[("", "Any role"), *ROLES])

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations


class ChooseOrganisationForm(forms.Form):
    """Which of one's organisations somebody is invited to."""

    organisation = forms.ModelChoiceField(
        label="Which organisation are you inviting somebody to?",
        queryset=Organisation.objects.none(),
        empty_label="Choose the organisation",
        to_field_name="reference",
        widget=forms.Select({"data-autocomplete": ""}),
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations


ROLE_HINTS = {
    "headteacher": "Leads the school: buys, approves, consents to release, invites others",
    "budget_holder": "Approves orders and sees what they cost",
    "staff": "Finds support and asks for it to be booked",
    "governor": "Sees what the school buys and provides",
    "provider_lead": "Keeps the offers, people and diaries of what the organisation provides",
    "practitioner": "Delivers support and keeps an own diary",
    "trust_lead": "Acts for every school of the trust",
    "finance": "Sees documents and payments",
    "convenor": "Keeps the register, judges offers, sees coverage, invites others",
    "board_member": "Sees coverage and the work of the partnership board",
    "scrutiny": "Sees figures of the area, never of one school",
    "support": "Helps people to use the exchange",
}


class InviteForm(forms.Form):
    """Somebody to invite to one organisation."""

    email = forms.CharField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label="What will they do?")

    def __init__(self, *args: Any, roles: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = dict(ROLES)
        given = list(roles)
        self.fields["role"].widget = HintedRadios(hints={role: ROLE_HINTS.get(role, "") for role in given})
        self.fields["role"].choices = [(str(role), words[role]) for role in given]


class AcceptForm(forms.Form):
    """A new person's name and, if they wish, a password."""

    name = forms.CharField(
        label="Your name", max_length=150, widget=forms.TextInput({"autocomplete": "name"})
    )
    password = forms.CharField(
        label="Choose a password",
        required=False,
        strip=False,
        help_text="12 characters or more. Leave it blank if you would rather have a code sent by e-mail each time.",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class EndRoleForm(forms.Form):
    """Why a role ends."""

    reason = forms.CharField(
        label="Reason",
        required=False,
        help_text="It is kept in the history of the organisation.",
        widget=forms.Textarea({"rows": 2, "maxlength": 300}),
    )
