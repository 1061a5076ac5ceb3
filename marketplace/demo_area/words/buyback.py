"""What is written about packages, agreements and money."""

TERMS_TITLE = "Terms of our service agreements"
TERMS = (
    """1. The agreement. Your order is the agreement: there is nothing to sign on paper. The person who accepts these terms confirms \
that they may commit the school’s money. It runs for the years you chose, from the first day of the contract year.""",
    """2. What you get. {seller} provides what the package lists, by people who are suited to the work, and tells you at least four \
weeks ahead if somebody else has to come. What we do for every school free of charge is listed with each package and stays free.""",
    """3. Days. Days are used within the contract year. What becomes of days not used by its end is said with each package. A visit \
is a working day of five hours in school, with preparation and a written record within five working days.""",
    """4. Price and payment. The price follows the number of pupils in the last census. Schools maintained by the authority pay by \
journal; others are invoiced and pay within 30 days. An agreement that crosses the end of the financial year is billed in two parts: \
seven twelfths and five twelfths.""",
    """5. Changing a visit. Visits can be moved or cancelled as the cancellation tariff of the package says, which you see before you \
order and which does not change during the year.""",
    """6. Ending early. Either side may end the agreement with three months’ notice. A year’s fee falls due when the year begins: if you \
end it, the fee of the year stays due; if we do, the months not run are credited. If one side breaks the agreement and does not put it \
right within 30 days of being told, the other may end it.""",
    """7. Becoming an academy. If the school becomes an academy, the agreement goes on with the academy at the same price from the day \
of conversion; it is then paid by invoice.""",
    """8. Visitors. Everybody we send carries a photograph and has their employer’s letter of assurance. We do not hand out certificates.""",
)
TERMS_NEXT = """9. Records. Records of visits are kept for six years and are the school’s to share."""

CORE_NOTE = (
    "Free to every school, whether or not it buys: the autumn review of results, support when something serious happens, statutory "
    "moderation, and the headteachers’ briefing each term."
)
CHANGE_NOTE = "The price rises by {percent}% with the pay award. What is included stays the same."
CAPACITIES = ("School business manager", "Headteacher", "Finance and operations manager", "Budget holder")

TERMINATION = "The school has joined a partnership that brings its own improvement partner."
CONVERSION = "Academy order of the Secretary of State; the funding agreement is signed."
SPONSORED = "Two days so that the new headteacher has somebody to talk to in the first term."
REASON_NOT_LOWEST = (
    "The lowest price is for half the days in school, and the supplier could not start before Easter. Per day the chosen quote is the "
    "better value, and two governors spoke with schools that use it."
)
DECLINED = "No capacity before the summer term."
NO_CONFLICT = "The chair’s sister works for one supplier that was asked; she took no part in the choice. Nothing else was declared."
WRITE_OFF = "From before last year’s accounts were closed. Two finance teams have found neither the order nor who asked for the visit."
DISPUTED = "We were charged for a day that was moved to next term. Please look at this before we pay."
BACKFILL = "Supply teacher for the class of our deputy, who was with the other school that day."
OVERTAKEN = "A day on it was credited to the school that had been charged by mistake."
