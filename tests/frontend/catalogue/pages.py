"""Somebody signed in, a page as text, a download as rows."""

import csv
import io
import re

from django.test import Client
from django.utils import timezone

from marketplace.organisations.models import User

TODAY = timezone.localdate()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: object) -> str:
    """What a page says, without markup, each run of blanks as one."""
    body = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(body.replace("&nbsp;", " ").replace("&#x27;", "'").split())


def rows(answer: object) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
