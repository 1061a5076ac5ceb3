"""How often one calendar address may be asked for. Programs ask every quarter of an hour at most; one gone wild is asked to wait."""

from django.core.cache import cache

MOST = 30
SECONDS = 600


def is_too_fast(token_hash: str) -> bool:
    """Count one more request for an address; whether there were too many in ten minutes."""
    key = f"calendar-feed:{token_hash}"
    cache.add(key, 0, SECONDS)
    try:
        return cache.incr(key) > MOST
    except ValueError:  # it ran out in between
        return False
