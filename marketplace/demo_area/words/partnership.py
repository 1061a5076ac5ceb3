"""What is said in calls for offers and commissions of the demo area. All of it is fictional."""

from dataclasses import dataclass

READING_CALL = {
    "theme": "phonics",
    "title": "Coaching for reading leads in primary schools",
    "words": "More schools ask for help with early reading than our providers have days for. We look for people who can coach a reading "
    "lead through a year: watch lessons together, plan the next step, come back.",
    "origin": "Coverage, early reading, primary: a gap in three wards",
}
SENDCO_CALL = {
    "theme": "send-provision",
    "title": "Experienced SENCOs to work alongside new ones",
    "words": "Eleven primary schools have a SENCO in the first year of the role. A day a month beside somebody who has done it would help.",
    "origin": "Advice on coverage, September",
}
ANSWERS = {
    "hub": {
        "half_days": "24",
        "pence_a_day": "42000",
        "approach": "Two of our literacy specialists take six schools each for the year. A first day in school together, then a half-day "
        "every third week, with notes that the reading lead keeps.",
    },
    "service": {
        "half_days": "16",
        "pence_a_day": "49500",
        "approach": "Our English adviser trains reading leads in pairs of schools, so that they can go on helping each other afterwards. "
        "Eight days in two terms for each pair.",
    },
}

FOCUS = "Leading the teaching of early reading"
OBJECTIVE = {
    "number": None,
    "aim": "Reading is taught the same way in all classes up to Year 2",
    "success_measure": "Joint observations in the summer term show it in every class",
    "baseline": "Two of six classes in October",
    "area": "quality_of_education",
}


@dataclass(frozen=True)
class Case:
    """A commission as the demo area tells it. Days are days ago, but for the next review; categories are days before it was opened."""

    is_academy: bool
    theme: str
    provider: str
    opened: int
    reviewed: int
    next_review_in: int
    reason: str
    categories: tuple[tuple[int, str, str], ...]
    told: str
    said: str
    rag: str
    findings: str
    next_steps: str


MAINTAINED = Case(
    is_academy=False,
    theme="phonics",
    provider="company",
    opened=60,
    reviewed=24,
    next_review_in=-2,
    reason="Results in reading have fallen for two years, and the deputy who led it has left.",
    categories=(
        (240, "medium", "Results in reading below the area’s for the first time."),
        (0, "high", "A second year of falling results, and no leader for reading."),
    ),
    told="The chair of governors",
    said="The governors welcome it and want to see the reviews.",
    rag="amber",
    findings="The new reading lead has begun well. Two of six classes teach as agreed.",
    next_steps="Joint observations in Years 1 and 2 before the holidays.",
)
ACADEMY = Case(
    is_academy=True,
    theme="attendance",
    provider="service",
    opened=45,
    reviewed=10,
    next_review_in=32,
    reason="Attendance has fallen since the spring; the trust asked the authority to help pay for support.",
    categories=((0, "medium", "Agreed with the trust’s school improvement lead."),),
    told="The trust’s director of education",
    said="The trust decides on the work and reports on it; we pay for six days.",
    rag="green",
    findings="The trust reports that every class has its attendance talked about once a week.",
    next_steps="Look at the autumn figures together with the trust.",
)
