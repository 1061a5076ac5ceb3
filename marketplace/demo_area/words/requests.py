"""What schools ask for and providers answer, in the fictional borough."""

WANTED = (
    "Somebody who has led this in a school like ours, to work alongside our subject lead: look at what we do, plan with us, come"
    " back and see what changed. We are two-form entry with a new leadership team.",
    "We have trained everybody, and practice still differs from class to class. We want regular visits, with time for each teacher,"
    " and a clear plan that we can carry on without you.",
    "An outside eye first, then a term of work with the three teachers who find it hardest. Our governors want to see how we will"
    " know that it worked.",
)

OUTCOMES = (
    "Teachers can say what good looks like and show it; pupils’ work shows it by the summer.",
    "A shared approach in all classes, which our leads can keep up on their own.",
    "Fewer pupils fall behind, and we see early who does.",
)

APPROACHES = (
    "A first day to look and listen, then a visit every second week: we plan with the teacher, teach beside them, and agree what to try"
    " before the next visit. At half-time we look at pupils’ work with your lead and change what does not work.",
    "We start with your data and two learning walks with your leads. Three half-day workshops for all staff follow, each with visits to"
    " classes in the weeks after it, and a last day to write down what stays.",
    "Coaching of your lead throughout, so that the work goes on when we have left: two days in school each month, a call between them,"
    " and a visit to a school where it works.",
    "A short review first, with a written report to your governors, then as many days of support as it shows you need.",
)

QUESTIONS = (
    (
        "How many classes are there, and how long have the teachers been with you?",
        "Fourteen classes. Four teachers are in their first two years.",
    ),
    (
        "Have you used a scheme for this before, and will you keep it?",
        "Yes, since 2023, and we mean to keep it: we want it taught well, not replaced.",
    ),
    (
        "Can staff be released for half a day at a time?",
        "Yes, on Tuesdays and Thursdays, two teachers at a time.",
    ),
)

WITHDRAWN_BECAUSE = (
    "Our trust will provide this from its own team.",
    "The lead we wanted to develop is leaving; we will ask again when the post is filled.",
)
