"""What was posted, for forms that are shown on GET and read on POST."""

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """The posted data, be it empty; `None` where nothing was posted, so that a form is not judged before it is filled in."""
    return request.POST if request.method == "POST" else None
