"""Who may do what, decided cell by cell in `authorisation.csv`, a file people review.

Rows are a method and an address by its name, as found in the URLconf of pages and API; columns are people by what they hold towards one small
world: an area, a school that buys, a provider, a school that releases, and what lies between them. Each request carries all that is needed
to do the thing. A cell says `does` (something was changed), `sees` (an answer, and nothing was changed: a page, a refusal shown
on it, or a way elsewhere), `deny` (403, or 404: not there for them), or `sign in`.

`python -m tests.platform.authorisation` adds what is missing, with a question mark behind each cell: look at each, and take the
mark away where it is right. An address nobody decided on fails the tests, and so does a mark.
"""
