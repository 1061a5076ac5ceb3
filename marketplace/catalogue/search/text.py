"""Full-text search: the index of each version, and the query that people type.

The index is a weighted vector in English: title A; summary, support type, themes with their headings and aliases B; description,
evidence and the provider's name C; the people's names and themes D. It is rebuilt by the actions that change what it is made of.
"""

import re
from collections.abc import Collection

from django.contrib.postgres.search import SearchQuery
from django.db import connection

CONFIG = "english"

_REBUILD = """
UPDATE catalogue_offerversion AS version SET search =
    setweight(to_tsvector('english', version.title), 'A')
    || setweight(to_tsvector('english', concat_ws(' ', version.summary, type.name, (
        SELECT string_agg(concat_ws(' ', theme.name, array_to_string(theme.aliases, ' '), heading.name), ' ')
        FROM catalogue_offerversion_themes link
        JOIN catalogue_theme theme ON theme.id = link.theme_id
        LEFT JOIN catalogue_theme heading ON heading.id = theme.parent_id
        WHERE link.offerversion_id = version.id
    ))), 'B')
    || setweight(to_tsvector('english', concat_ws(' ', version.description, version.evidence, provider.name)), 'C')
    || setweight(to_tsvector('english', concat_ws(' ', (
        SELECT string_agg(concat_ws(' ', person.name, person.job_title, (
            SELECT string_agg(theme.name, ' ')
            FROM catalogue_practitioner_themes own JOIN catalogue_theme theme ON theme.id = own.theme_id
            WHERE own.practitioner_id = person.id
        )), ' ')
        FROM catalogue_offerversion_practitioners named
        JOIN catalogue_practitioner person ON person.id = named.practitioner_id AND person.is_active
        WHERE named.offerversion_id = version.id
    ))), 'D')
FROM catalogue_supporttype type, catalogue_offer offer, organisations_organisation provider
WHERE type.id = version.support_type_id AND offer.id = version.offer_id AND provider.id = offer.provider_id
    AND version.id = ANY(%s)
"""


def rebuild_index(version_ids: Collection[int]) -> None:
    """Bring the index of these versions up to what they say now, in one statement."""
    if version_ids:
        with connection.cursor() as cursor:
            cursor.execute(_REBUILD, [list(version_ids)])


_LAST_WORD = re.compile(r"(?P<before>.*?)(?P<word>[^\W_]+)", re.DOTALL)


def search_query(typed: str) -> SearchQuery | None:
    """The query for what somebody typed: quotes, `or` and a leading minus as on the web, and the last word may be unfinished.

    `None` where nothing was typed.
    """
    text = " ".join(typed.replace("\x00", " ").split())
    if not text:
        return None
    whole = SearchQuery(text, search_type="websearch", config=CONFIG)
    last = _LAST_WORD.fullmatch(text)
    if last is None or last["before"].endswith(("-", '"', "'", "’")) or text.count('"') % 2:
        return whole
    unfinished = SearchQuery(f"{last['word']}:*", search_type="raw", config=CONFIG)
    if not last["before"].strip():
        return whole | unfinished
    return whole | (SearchQuery(last["before"], search_type="websearch", config=CONFIG) & unfinished)
