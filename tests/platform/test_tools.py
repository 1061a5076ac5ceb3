"""What views share."""

import csv
import io

import pytest
from django import forms
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from frontend.views.tools import (
    add_domain_error,
    back_to,
    csv_response,
    page_of,
    query_string,
    signed_in,
)
from marketplace.kernel.errors import DomainError
from marketplace.kernel.spreadsheets import harmless
from tests.builders import a_person


def test_csv_is_streamed_with_a_byte_order_mark_and_commas_quoted() -> None:
    answer = csv_response([("Name", "Days"), ("Hill, Top", 3), ("Lane", None)], "days.csv")

    body = b"".join(answer)
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))

    assert answer.streaming and body.startswith(b"\xef\xbb\xbf")
    assert rows == [["Name", "Days"], ["Hill, Top", "3"], ["Lane", ""]]
    assert answer["Content-Disposition"] == 'attachment; filename="days.csv"'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_a_spreadsheet_would_run_is_made_harmless(start: str) -> None:
    assert harmless(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


def test_a_negative_number_stays_a_number() -> None:
    assert harmless(-5) == -5


def test_a_file_name_cannot_add_a_header() -> None:
    answer = csv_response([], 'a"\r\nSet-Cookie: x=1.csv')

    assert "\r" not in answer["Content-Disposition"] and "\n" not in answer["Content-Disposition"]


def a_request(path: str = "/", **post: str) -> HttpRequest:
    return RequestFactory().post(path, post) if post else RequestFactory().get(path)


def test_going_back_leads_to_our_own_pages_only() -> None:
    assert back_to(a_request(next="/needs/?page=2"), "home:home").url == "/needs/?page=2"
    for elsewhere in (
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "http:///evil.example",
    ):
        assert back_to(a_request(next=elsewhere), "home:home").url == "/"


def test_a_page_out_of_range_is_the_last_and_nonsense_the_first() -> None:
    rows = list(range(45))

    assert list(page_of(a_request("/?page=99"), rows)) == [40, 41, 42, 43, 44]
    assert page_of(a_request("/?page=x"), rows).number == 1
    assert page_of(a_request("/"), rows, per_page=45).paginator.num_pages == 1


def test_a_query_string_is_changed_in_one_place() -> None:
    request = a_request("/find/?theme=reading&theme=maths&page=3")

    assert query_string(request, page=None) == "theme=reading&theme=maths"
    assert query_string(request, theme=["phonics"], page=4) == "theme=phonics&page=4"


class Order(forms.Form):
    number = forms.CharField()


def test_a_refusal_is_shown_at_its_field_or_above_the_form() -> None:
    form = Order({"number": "1"})
    add_domain_error(form, DomainError("That number is taken.", remedy="Choose another.", field="number"))
    add_domain_error(form, DomainError("The school is closed.", field="school"))

    assert form.errors == {
        "number": ["That number is taken. Choose another."],
        "__all__": ["The school is closed."],
    }


@pytest.mark.django_db
class TestSignedIn:
    @staticmethod
    @signed_in
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")

    def ask(self, path: str, *, user: object, method: str = "get", htmx: bool = False) -> HttpResponse:
        from django.contrib.auth.models import AnonymousUser

        request = getattr(RequestFactory(), method)(path)
        request.user, request.htmx = user or AnonymousUser(), htmx
        answer = self.view(request)
        assert isinstance(answer, HttpResponse)
        return answer

    def test_a_person_comes_in(self) -> None:
        assert self.ask("/needs/", user=a_person()).content == b"in"

    def test_a_visitor_is_sent_to_sign_in_and_back(self) -> None:
        assert self.ask("/needs/?page=2", user=None)["Location"] == "/accounts/login/?next=/needs/%3Fpage%3D2"

    def test_who_was_signed_out_meanwhile_is_told_and_comes_back_to_the_page_of_the_form(
        self, client: Client
    ) -> None:
        at = "http://testserver/commissions/new/?theme=phonics"

        answer = client.post("/commissions/new/", {"reason": "Results"}, headers={"Referer": at}, follow=True)

        assert answer.redirect_chain == [("/accounts/login/?next=/commissions/new/%3Ftheme%3Dphonics", 302)]
        assert "signed out before that was sent" in answer.content.decode()
        elsewhere = client.post("/commissions/new/", headers={"Referer": "https://elsewhere.example/x"})
        assert elsewhere["Location"] == "/accounts/login/?next=/"

    def test_a_fragment_sends_the_whole_page_to_sign_in(self) -> None:
        answer = self.ask("/needs/", user=None, htmx=True)

        assert answer["HX-Redirect"] == "/accounts/login/?next=/needs/" and answer.status_code == 200
