"""Who takes part: what each school of an area did in the last twelve months, and reminding those that did nothing.

`rules` says what counts and makes the tables, `queries` reads and decides who sees what, `actions` reminds.
"""
