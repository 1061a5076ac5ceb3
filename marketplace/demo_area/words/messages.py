"""What people of the demo area write to each other, by who speaks: the school, the provider, the person who comes, their headteacher."""

Line = tuple[str, str]

TALKS: tuple[tuple[Line, ...], ...] = (
    (
        ("school", "We would like the morning in Year 2 and the afternoon with the two subject leads. Does that work for you?"),
        ("person", "It does. Could you send me the long-term plan beforehand?"),
        ("school", "It is attached. Parking is behind the hall; please sign in at the office."),
        ("person", "Thank you. I will be with you by half past eight."),
    ),
    (
        ("provider", "The session can begin at 9:15 if that suits your assembly better."),
        ("school", "9:15 is better, thank you. We will have a room ready."),
    ),
    (
        ("school", "Is it all right if a colleague from our partner school joins for the afternoon?"),
        ("provider", "Yes, that is no trouble. Please tell us how many will be there."),
        ("school", "Four of us, and one from the partner school."),
        ("releasing", "Please make sure she can leave by 3:15: she has a parents’ evening here."),
    ),
    (
        ("person", "Could you tell me which phonics programme you use, and since when?"),
        ("school", "Little Wandle, since last September. Two new teachers have not had the training yet."),
        ("person", "Good to know. I will bring something for them."),
    ),
    (
        ("school", "Our projector has died. Could you bring printed copies, or shall we move to the library?"),
    ),
    (
        ("person", "I have put the actions we agreed into the record of visit. Is there anything you would change?"),
        ("school", "Nothing, thank you. The staff meeting on feedback went well."),
    ),
)  # fmt: skip

FILE_NAME = "Long-term plan.csv"
FILE = (
    "Half-term,Focus,Who leads\n"
    "Autumn 1,Phonics screening and groups,Reading lead\n"
    "Autumn 2,Reading at home,Year 2 team\n"
    "Spring 1,Fluency,Reading lead\n"
    "Spring 2,Vocabulary,English lead\n"
)
