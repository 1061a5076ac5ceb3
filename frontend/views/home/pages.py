"""The pages about the exchange itself: accessibility, cookies, privacy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "frontend/home/accessibility.html")


@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    return render(request, "frontend/home/cookies.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "frontend/home/privacy.html")
