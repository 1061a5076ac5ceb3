"""What every page's frame needs: the navigation for this person, their organisations, the badge."""

from typing import Any

from django.http import HttpRequest


def page_frame(request: HttpRequest) -> dict[str, Any]:
    return {"navigation": []}
