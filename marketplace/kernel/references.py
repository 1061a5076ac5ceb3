"""Short public references such as `BK-7F3K9X`: easy to read over the telephone, telling nothing about how many there are."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O or U
LENGTH = 7


def new_reference(prefix: str) -> str:
    """A fresh reference with `prefix`; 34 thousand million values, and the column is unique besides."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
