"""What a message may say: plain text, trimmed, of bounded length. Pure functions."""

import re
import unicodedata

from marketplace.notifications.errors import MessageUnusable

LONGEST_TEXT = 4_000
"""Characters of a message."""
MOST_FILES = 5
"""Files sent with one message."""
LONGEST_NAME = 100

# Characters that make a name read otherwise than it is written (right-to-left marks and the like).
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean_text(text: str, *, files: int = 0) -> str:
    """`text` without what can't be seen, trimmed, with at most one empty line between paragraphs.

    Raises `MessageUnusable` where nothing is left (and no file goes with it), or where it is too long.
    """
    kept = "".join(c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c == "\n" or _can_be_seen(c))
    lines = "\n".join(line.rstrip() for line in kept.split("\n"))
    cleaned = re.sub(r"\n{3,}", "\n\n", lines).strip()
    if not cleaned and not files:
        raise MessageUnusable("There is nothing to send.", remedy="Write a message.", field="text")
    if len(cleaned) > LONGEST_TEXT:
        raise MessageUnusable(
            f"The message has {len(cleaned):,} characters; the most is {LONGEST_TEXT:,}.",
            remedy="Shorten it, or send the long part as a file.",
            field="text",
        )
    return cleaned


def suffix_of(name: str) -> str:
    """The ending of a file's name, in small letters with its dot; nothing where it has none of the usual length."""
    found = re.search(r"\.[A-Za-z0-9]{1,5}$", name.strip())
    return found[0].lower() if found else ""


def clean_name(name: str, *, suffix: str) -> str:
    """A file's name to show and to save it by: no folder, nothing unseen, of bounded length, ending in `suffix` (`.pdf`)."""
    last = re.split(r"[\\/]", name)[-1]
    seen = "".join(c for c in last if _can_be_seen(c) and c not in '<>:"|?*')
    stem = seen[: seen.rfind(".")] if "." in seen else seen
    stem = " ".join(stem.split()).strip(". ") or "file"
    return stem[: LONGEST_NAME - len(suffix)] + suffix


def _can_be_seen(character: str) -> bool:
    # A joiner holds the parts of an emoji or of letters of some scripts together.
    return character in "\t\u200d" or unicodedata.category(character) not in _HIDDEN
