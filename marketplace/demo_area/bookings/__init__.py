"""Some four hundred and fifty bookings of the past year and the months ahead, in every state there is.

* `plans` – how many end how, and when: which bookings there are to be.
* `openings` – who is free on which day: the answer comes from the rules that bookings themselves ask.
* `lives` – the steps of one booking from the hold to its end, with who took them, when and why.
* `making` – plans into rows with their snapshots and history, and the bookings of the people to sign in as.
"""

from marketplace.demo_area.bookings.making import Booked, book_a_year

__all__ = ["Booked", "book_a_year"]
