"""The vocabulary of support: themes of two levels and support types (domain 6.3), as data keyed on codes.

Level 1 is the six report-card areas, their two additions, and four of our own. Offers and needs are declared at level 2.
Names change and codes do not, so `install` may be run again after any edit here: it updates, adds, and never removes.

Aliases let the words of other frameworks find a theme: the inspection framework until 2025 (EIF), the report cards since, and
the four national priorities of the RISE programme. They are found by search and never shown as a judgement.
"""

from dataclasses import dataclass
from typing import Any

# How well support works at a distance, in hundredths (coverage.md 1).
DESK = 60  # curriculum, data, governance
PEOPLE = 30  # leadership, behaviour
PRACTICAL = 0  # has to be seen in the room

EIF_QUALITY = "Quality of education (EIF)"
EIF_LEADERSHIP = "Leadership and management (EIF)"
EIF_BEHAVIOUR = "Behaviour and attitudes (EIF)"
EIF_DEVELOPMENT = "Personal development (EIF)"
EIF_EARLY_YEARS = "Early years provision (EIF)"
EIF_SIXTH_FORM = "Sixth form provision (EIF)"

RISE_ATTAINMENT = "RISE: English and maths attainment"
RISE_INCLUSION = "RISE: inclusion"
RISE_RECEPTION = "RISE: Reception-year quality"
RISE_ATTENDANCE = "RISE: attendance"


@dataclass(frozen=True)
class ThemeEntry:
    """One theme. `remote_fit` in hundredths, `max_km` in kilometres; `within` lists the themes of level 2."""

    code: str
    name: str
    remote_fit: int
    aliases: tuple[str, ...] = ()
    within: "tuple[ThemeEntry, ...]" = ()
    max_km: int = 40


THEMES = (
    ThemeEntry(
        "leadership-and-governance",
        "Leadership and governance",
        PEOPLE,
        ("Leadership and governance (report card)", EIF_LEADERSHIP),
        (
            ThemeEntry("leadership-development", "Leadership development", PEOPLE, ("Middle leaders",)),
            ThemeEntry("headteacher-induction", "Headteacher induction", PEOPLE, ("New headteachers",)),
            ThemeEntry(
                "headteacher-performance", "Headteacher performance management", DESK, ("External adviser",)
            ),
            ThemeEntry("self-evaluation", "Self-evaluation", PEOPLE, ("SEF", "School development plan")),
            ThemeEntry("ofsted-readiness", "Ofsted readiness", PEOPLE, ("Inspection preparation",)),
        ),
    ),
    ThemeEntry(
        "curriculum-and-teaching",
        "Curriculum and teaching",
        DESK,
        ("Curriculum and teaching (report card)", EIF_QUALITY),
        (
            ThemeEntry(
                "phonics",
                "Phonics and early reading",
                DESK,
                ("Systematic synthetic phonics", RISE_ATTAINMENT),
            ),
            ThemeEntry("writing", "Writing", DESK, ("English", RISE_ATTAINMENT)),
            ThemeEntry("maths", "Maths", DESK, ("Mathematics", "Numeracy", RISE_ATTAINMENT)),
            ThemeEntry("oracy", "Oracy", DESK, ("Spoken language",)),
            ThemeEntry(
                "curriculum-subjects",
                "Curriculum subjects",
                DESK,
                ("Science", "History", "Geography", "Foundation subjects"),
            ),
        ),
    ),
    ThemeEntry(
        "achievement",
        "Achievement",
        DESK,
        ("Achievement (report card)", EIF_QUALITY),
        (
            ThemeEntry("assessment", "Assessment and moderation", DESK, ("Moderation of writing",)),
            ThemeEntry("data-analysis", "Use of data", DESK, ("Performance data", "Data analysis")),
        ),
    ),
    ThemeEntry(
        "attendance-and-behaviour",
        "Attendance and behaviour",
        PEOPLE,
        ("Attendance and behaviour (report card)", EIF_BEHAVIOUR),
        (
            ThemeEntry("attendance", "Attendance", PEOPLE, ("Persistent absence", RISE_ATTENDANCE)),
            ThemeEntry("behaviour", "Behaviour", PEOPLE, ("Behaviour culture",)),
            ThemeEntry("exclusions", "Suspensions and exclusions", PEOPLE, ("Exclusions",)),
        ),
    ),
    ThemeEntry(
        "personal-development",
        "Personal development and well-being",
        PEOPLE,
        ("Personal development and well-being (report card)", EIF_DEVELOPMENT),
        (
            ThemeEntry("mental-health", "Mental health", PEOPLE, ("Well-being", "Senior mental health lead")),
            ThemeEntry("careers", "Careers", DESK, ("Gatsby benchmarks", "Careers guidance")),
            ThemeEntry("transition", "Transition", PEOPLE, ("Moving to secondary school",)),
        ),
    ),
    ThemeEntry(
        "inclusion",
        "Inclusion",
        PEOPLE,
        ("Inclusion (report card)", RISE_INCLUSION),
        (
            ThemeEntry(
                "disadvantage", "Disadvantage and pupil premium", DESK, ("Pupil premium", RISE_INCLUSION)
            ),
            ThemeEntry("pupil-premium-review", "Pupil premium review", DESK, ("Pupil premium strategy",)),
            ThemeEntry("eal", "English as an additional language", DESK, ("EAL", RISE_INCLUSION)),
        ),
    ),
    ThemeEntry(
        "early-years",
        "Early years",
        PRACTICAL,
        ("Early years (report card)", EIF_EARLY_YEARS),
        (
            ThemeEntry(
                "reception-quality",
                "Reception-year quality",
                PRACTICAL,
                ("Early years foundation stage", "EYFS", RISE_RECEPTION),
            ),
            ThemeEntry("nursery-provision", "Nursery provision", PRACTICAL, ("Two-year-olds",)),
        ),
    ),
    ThemeEntry(
        "post-16",
        "Post-16",
        DESK,
        ("Post-16 (report card)", EIF_SIXTH_FORM),
        (ThemeEntry("sixth-form-provision", "Sixth-form provision", DESK, ("Study programmes", "A levels")),),
    ),
    ThemeEntry(
        "safeguarding",
        "Safeguarding",
        PRACTICAL,
        ("Safeguarding (report card)", "KCSIE"),
        (
            ThemeEntry(
                "safeguarding-culture",
                "Safeguarding culture and practice",
                PRACTICAL,
                ("Safeguarding audit", "Designated safeguarding lead"),
            ),
        ),
    ),
    ThemeEntry(
        "governance",
        "Governance",
        DESK,
        ("Governors", "Trustees"),
        (
            ThemeEntry("external-review-of-governance", "External review of governance", DESK, ("ERG",)),
            ThemeEntry(
                "governor-development", "Governor development and clerking", DESK, ("Governor training",)
            ),
        ),
    ),
    ThemeEntry(
        "finance-and-operations",
        "Finance and operations",
        DESK,
        ("School business",),
        (
            ThemeEntry(
                "resource-management", "Resource management and finance", DESK, ("SRMA", "Budget planning")
            ),
            ThemeEntry("estates-and-safety", "Estates, health and safety", PRACTICAL, ("Premises",)),
        ),
    ),
    ThemeEntry(
        "send",
        "Special educational needs and disabilities",
        PRACTICAL,
        ("SEND", "Inclusion (report card)", RISE_INCLUSION),
        (
            ThemeEntry(
                "send-identification",
                "Identifying special educational needs",
                PRACTICAL,
                ("SENCO", "SEND identification", RISE_INCLUSION),
            ),
            ThemeEntry(
                "send-provision",
                "Teaching pupils with special educational needs",
                PRACTICAL,
                ("Autism", "Speech and language", "SEND provision", RISE_INCLUSION),
            ),
        ),
    ),
)

SUPPORT_TYPES = (
    ("review", "Review or diagnostic", "improvement"),
    ("coaching", "Coaching or mentoring", "improvement"),
    ("joint-practice-development", "Joint practice development", "improvement"),
    ("course", "Course (CPD)", "course"),
    ("network", "Network", "course"),
    ("inset", "INSET day", "course"),
    ("moderation", "Moderation", "improvement"),
    ("headteacher-performance-management", "Headteacher performance management", "governance"),
    ("interim-leadership", "Interim leadership or secondment", "teaching_staff"),
    ("peer-review", "Peer review", "improvement"),
    ("governance-review", "Governance review", "governance"),
    ("data-analysis", "Data analysis", "improvement"),
    ("resource", "Resource or licence", "improvement"),
)
"""Code, name, service kind: the kind decides the CFR code and the VAT treatment (domain 1.5, 1.6)."""


def install(theme_model: Any, support_type_model: Any) -> None:
    """Bring the tables to this vocabulary. Models are given, because a migration has its own."""
    position = 0
    for root in THEMES:
        parent = _install_theme(theme_model, root, None, position := position + 1)
        for entry in root.within:
            _install_theme(theme_model, entry, parent, position := position + 1)
    for place, (code, name, service_kind) in enumerate(SUPPORT_TYPES, start=1):
        support_type_model.objects.update_or_create(
            code=code, defaults={"name": name, "service_kind": service_kind, "position": place}
        )


def _install_theme(model: Any, entry: ThemeEntry, parent: Any, position: int) -> Any:
    theme, _ = model.objects.update_or_create(
        code=entry.code,
        defaults={
            "parent": parent,
            "name": entry.name,
            "aliases": list(entry.aliases),
            "remote_fit": entry.remote_fit,
            "max_km": entry.max_km,
            "position": position,
        },
    )
    return theme
