"""What is written about support: what offers promise, what visits were for, what happened and what changed.

Sentences are put together from parts that fit any theme, with its name where `{theme}` stands.
"""

DESCRIPTIONS = {
    "review": "We agree with you beforehand what to look at. On the day we watch lessons, talk with pupils and staff and read what "
    "is already written. You hear what we saw before we leave, and have it in writing within five working days: strengths, "
    "questions, and no more than three things to do next.",
    "coaching": "The same person comes each time. Every visit ends with one thing agreed and begins with how it went. We work with "
    "the people who will carry it on, never instead of them, and we write down what was done so that the next visit counts.",
    "joint-practice-development": "Two schools work as equals: plan together, teach in front of each other, keep what works. You need "
    "a teacher with time to plan and a headteacher who wants to see it.",
    "course": "Bring two people, so that somebody at home knows what the other is talking about. Between sessions there is a small "
    "task in your own classrooms. Materials and lunch are included.",
    "network": "Members take turns to host and to bring a problem. Notes go round within a week. New members are welcome at any time.",
    "inset": "A day planned with you for your staff, support staff included. We ask what has been tried already, so that nobody hears "
    "the same thing again.",
    "moderation": "Books from several schools, the framework on the table, and agreement at the end. Please bring six pupils’ work.",
    "headteacher-performance-management": "We read your plan and your last objectives, meet the headteacher, then the governors, and draft "
    "objectives that can be judged in a year’s time.",
    "interim-leadership": "We match the person to the job with you and their own headteacher, agree the days in writing, and look at it "
    "again every half-term. The person stays employed by their school.",
    "peer-review": "Colleagues from other schools, trained as reviewers, spend a day on a question you set. What they write belongs to you.",
    "governance-review": "We look at minutes, watch a meeting and talk with governors, leaders and the clerk. The report says what the "
    "board does well and what it should do differently, in the order of what matters.",
    "data-analysis": "We take your published and your own figures, look at small groups with care, and say plainly where the numbers "
    "are too few to say anything.",
    "resource": "For one school for one year, with updates. Somebody answers the telephone on school days.",
}
EVIDENCE = (
    "Six of the seven schools we worked with last year asked us back.",
    "Evaluated by the receiving headteachers after every visit; the marks are shown with this offer.",
    "Used by eleven schools of the borough since 2023.",
    "Our own school’s results and the path to them are on our website.",
    "",
)
FOCUS = (
    "We would like to begin with {theme} in the younger classes.",
    "Two new colleagues lead on this; please work with both.",
    "Follow-up to the visit last term: has it lasted?",
    "Our plan names {theme} as the first priority this year.",
    "Please look at the lowest fifth of pupils.",
    "A first conversation and a walk round, then we decide how to go on.",
    "",
    "",
)
HAPPENED = (
    "Walked the school with the lead, saw five lessons and talked with eight pupils about {theme}. Staff were open and well prepared.",
    "Taught two lessons together with the class teacher, then planned the next week. The teacher chose one routine to keep.",
    "Met the leadership team, read the action plan and tested it against what we saw. Two actions were dropped, one was sharpened.",
    "Worked with the lead on {theme} all morning; in the afternoon we fed back to the headteacher and the chair of governors.",
    "Observed the groups, listened to pupils and looked at books from three classes. The difference between classes was the main finding.",
    "Coached three teachers, thirty minutes of lesson and thirty of talk each. All three tried the agreed step the same day.",
    "Ran the session for the whole team. Questions were honest; support staff had the best ideas.",
)  # fmt: skip
NEXT_STEPS = (
    "The lead tries the routine in two classes until half-term and sends a note of what pupils can now do.",
    "Rewrite the one-page plan; share it with staff on Monday; look again in six weeks.",
    "Teachers visit each other once a week. We come back in the second half of the term.",
    "Keep the list of pupils to ten names, talk about them every Friday, bring the list next time.",
    "Headteacher frees the lead for an afternoon a week until Easter.",
    "Nothing new before the last three steps have become habit.",
)
WHAT_CHANGED = (
    "The lead now does alone what we needed help with in September. Pupils in the two classes have caught up by about a term.",
    "Teachers talk about {theme} in the same words. Observations by our own leaders say the same in five of six classes.",
    "A clear plan and a calmer team. It is too early to see it in results.",
    "Fewer pupils are behind than last year, and we know who they are.",
    "Staff liked the day; a month later about half of it is still in use.",
    "Less than we hoped for: our lead was ill for three weeks and the middle visit fell out.",
)
EVIDENCE_OF_CHANGE = (
    "Assessment in autumn and spring; notes of four lesson visits; conversation with pupils.",
    "Books of twelve pupils, compared with those of last year.",
    "Attendance and behaviour logs of the two classes.",
    "Governor visit in the following half-term, minuted.",
    "What staff said in the survey, and what we see in corridors.",
)
COUNTER_EVIDENCE = (
    "",
    "",
    "",
    "Results of the phonics check were much the same as the year before.",
    "One class did not improve; it had three supply teachers.",
)

ORDER_REASONS = {
    "refuse_approval": (
        "Not in this year’s budget; please look for something within the subscription.",
        "We need a second quote for this.",
        "Let us wait until the new deputy has started.",
    ),
    "withdraw": (
        "We found somebody in our own trust.",
        "The date clashes with our inset day.",
        "Changed our mind: the need is elsewhere.",
    ),
    "decline": (
        "The person has been asked to lead a cohort on that day.",
        "We think another offer of ours fits better; we have written to you.",
        "Our team is down to two this term, I am sorry.",
    ),
    "refuse_release": (
        "We have two supply teachers in that week already.",
        "Year 6 need their teacher before the tests.",
    ),
    "cancel_by_buyer": (
        "The teacher to be coached is ill.",
        "We have had the call: inspectors are with us.",
        "Boiler failure, the school is closed.",
        "We have to postpone to next term.",
    ),
    "cancel_by_provider": ("Illness; we offer the week after.", "The person has left the team."),
    "cancel_by_releasing_school": (
        "Staff shortage: I cannot let anybody go this week.",
        "An inspection was announced this morning.",
    ),
    "no_show_buyer": (
        "Nobody knew of the visit and the lead was on a trip.",
        "The school was closed for a burst pipe and had not told us.",
    ),
    "no_show_provider": ("Nobody came; the office was told of a mix-up of dates in the afternoon.",),
}
"""Why bookings ended, by the verb that ended them."""

NEED_NOTES = (
    "Results in {theme} have fallen for two years.",
    "New leader in post since September.",
    "Named in our last inspection report.",
    "Growing numbers; staff ask for training.",
    "Part of the trust’s plan for this year.",
    "",
    "",
    "",
)
NEED_WITHDRAWN = (
    "Met from within our trust.",
    "Our new deputy leads on this now.",
    "Other priorities after the inspection.",
)
BIOGRAPHIES = (
    "Has taught for {years} years and still does. Works best beside other people, with a pencil.",
    "Led {theme} in two schools of very different size before coming to this one. Trains as a reviewer.",
    "Came to teaching from another trade {years} years ago. Known for short reports and long listening.",
    "Class teacher, then leader, now both. Has supported nine schools of the borough.",
    "Believes that a good question is worth more than a good folder.",
)
UNMET = (
    {"q": ["sensory processing"], "theme": ["send-provision"], "phase": ["primary"], "within": ["5"]},
    {"q": ["autism outreach"], "phase": ["primary"], "within": ["8"]},
    {"theme": ["attendance"], "phase": ["primary"], "within": ["5"]},
    {"theme": ["attendance"], "phase": ["secondary"], "within": ["5"]},
    {"q": ["two-year-olds"], "theme": ["nursery-provision"], "phase": ["early_years"]},
    {"q": ["exclusion panel support"], "theme": ["exclusions"], "phase": ["secondary"]},
    {"q": ["forest school"], "phase": ["early_years"]},
    {"q": ["modern foreign languages"], "phase": ["primary"]},
    {"q": ["signing makaton"], "phase": ["special_ap"]},
    {"theme": ["mental-health"], "phase": ["primary"], "max_price": ["150.00"]},
    {"q": ["school minibus training"]},
    {"theme": ["send-identification"], "phase": ["secondary"]},
)
"""Searches that found nothing, as their addresses hold them."""
UNMET_WORDS = (
    "We are 20 km from the nearest and nobody wants to come.",
    "Three schools in our valley would share somebody.",
)
