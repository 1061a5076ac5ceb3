"""Tagged PDFs (PDF/UA-1) of printed pages. Where the PDF libraries are missing, the page itself is sent, ready to print."""

from functools import cache

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header


@cache
def pdf_is_available() -> bool:
    """Whether WeasyPrint finds the system libraries it needs (Pango and HarfBuzz)."""
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True


def pdf_response(page: str, filename: str) -> HttpResponse:
    """`page` (HTML) as a PDF to save, or as a page to print where PDFs can't be made here."""
    if not pdf_is_available():
        return HttpResponse(page)
    import weasyprint

    content = weasyprint.HTML(string=page, base_url=settings.SITE_URL, url_fetcher=_refuse).write_pdf(
        pdf_variant="pdf/ua-1"
    )
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    return answer


def _refuse(url: str, *args: object, **kwargs: object) -> dict[str, object]:
    """A printed page carries all it needs; nothing is fetched while a PDF is made."""
    raise ValueError(f"{url} is not fetched for a PDF")
