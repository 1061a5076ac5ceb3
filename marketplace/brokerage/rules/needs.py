"""Rules of needs."""

MAX_NEED_HALF_DAYS = 400
"""A school year has about 195 days: more than 200 days of one kind of support is a slip of the keyboard."""
