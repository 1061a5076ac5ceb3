"""How a program signs in to the API: by the person's session, with CSRF protection."""

from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """DRF's own, answering 401 rather than 403 to a visitor who isn't signed in."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
