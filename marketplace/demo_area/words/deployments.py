"""What is written about deployments: objectives, reviews, evaluations, a concern. `{theme}` stands for the theme's name."""

OBJECTIVES = (
    {
        "aim": "Every class works on {theme} in the same way",
        "success_measure": "Leaders see the agreed routine in nine lessons of ten by the last visit",
        "baseline": "Seen in four lessons of ten in September",
        "area": "quality_of_education",
    },
    {
        "aim": "The lead can do alone what the visits do now",
        "success_measure": "The lead runs two staff meetings and three observations without help",
        "baseline": "New in post, has led no meeting yet",
        "area": "leadership_and_management",
    },
    {
        "aim": "Pupils who fall behind are noticed within a fortnight",
        "success_measure": "The list of pupils is looked at every second Friday, and kept",
        "baseline": "Looked at once a term",
        "area": "personal_development",
    },
)
FOCUS = "{theme}: a term of work beside the lead and two teachers"
BACKGROUND = "The lead is new, and the deputy leaves at Easter. Staff know of the visits and welcome them."
NOTES = (
    "Taught together twice; the routine was kept in the afternoon.",
    "The lead observed and gave the feedback herself.",
    "Looked at the list with both teachers and took three names off.",
)
REVIEWS = (
    ("amber", "Seen in six lessons of ten; one class has changed teacher."),
    ("green", "Two meetings led, the second one alone."),
    ("amber", "The list is kept, but not yet looked at every fortnight."),
)
OFF_TRACK = ("red", "Two visits fell out, and nothing was tried in between.")
NEXT_STEPS = "The lead observes each class once before the next visit and writes one sentence on each."
VALUE = "The headteacher would buy it again: the lead has grown more than the price suggests."
OUTCOMES = (
    ("achieved", "Nine lessons of ten in our own observations, and in those of the governors.", ""),
    (
        "partly",
        "Two meetings and one observation done alone.",
        "She also took part in a national course this year, which may explain part of it.",
    ),
    (
        "achieved",
        "Minutes of every second Friday since January.",
        "The list is shorter because two pupils have left.",
    ),
)
LASTS = "The routine is in our handbook and the lead looks after it; we keep the Friday meeting."
COMMENT = "The head made time for the lead to practise between visits. That made the difference."
CONCERN = "The teachers I am to work with were not free on the last two visits. I would like us to talk before the next."
ANSWER = "I have spoken with the headteacher: cover is booked for all visits to come, and I look in on the next one."
PAUSED = "We have had the call: inspectors are with us. We go on after half-term."
STOPPED = "Our lead has left, and the new one begins in September. We thank everybody and begin again then."
DECLINED = "Two of our teachers are away this term. Please ask again after Easter."
