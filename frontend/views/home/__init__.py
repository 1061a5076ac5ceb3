"""The front page and a person's work, whom they act for, signing in by link, and the pages about the exchange itself."""

from frontend.views.home.pages import accessibility, cookies, privacy
from frontend.views.home.session import act_for, extend_session, sign_in_by_link
from frontend.views.home.work import home, waiting

__all__ = [
    "accessibility",
    "act_for",
    "cookies",
    "extend_session",
    "home",
    "privacy",
    "sign_in_by_link",
    "waiting",
]
