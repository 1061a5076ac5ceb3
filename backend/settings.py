"""Settings, read top to bottom. Every value comes from the environment (or `.env`) with a safe default.

Two ways of life. Without `DATABASE_URL` this is one person's computer: the embedded PostgreSQL, debug on, a secret key made
once and kept in the data folder. With `DATABASE_URL` it is an installation: debug is off unless asked for, and a secret key
must be given. `docs/operations.md` lists each setting.
"""

import secrets
import sys
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from backend.card_network import check_stand_in
from backend.embedded_postgres import embedded_database_url

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

TESTING = "pytest" in sys.modules
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / ".data")))

# -- Database: PostgreSQL everywhere ------------------------------------------------------------------------------------

DATABASE_URL = env("DATABASE_URL", default="")
EMBEDDED = not DATABASE_URL
if EMBEDDED:
    DATABASE_URL = embedded_database_url(DATA_DIR / ("postgres-test" if TESTING else "postgres"))

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"]["TEST"] = {"NAME": "test_exchange" + env("TEST_DB_SUFFIX", default="")}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    # Waiting longer than this for a lock is a fault to retry, not a page to keep a person waiting for.
    {"options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"}
)
if env.bool("DATABASE_POOL", default=False):
    # A new connection per request costs 7 to 14 ms; the web processes ask for a pool, commands and tests do not need one.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 2,
        "max_size": env.int("DATABASE_POOL_SIZE", default=16),
    }

# -- Security -------------------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=EMBEDDED) and not TESTING


def _secret_key() -> str:
    """The key given, or one made once for this computer; an installation must give its own."""
    if given := env("SECRET_KEY", default=""):
        return str(given)
    if not (DEBUG or TESTING):
        raise ImproperlyConfigured(
            "Set SECRET_KEY to a long random string. It signs sessions, invitations and links."
        )
    kept = DATA_DIR / "secret_key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(secrets.token_urlsafe(50))
        kept.chmod(0o600)
    return kept.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
# Links in e-mails are built from this address, never from the Host header.
SITE_URL = env("SITE_URL", default=f"http://localhost:{env('PORT', default='8000')}").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

SECURE = env.bool("HTTPS", default=not (DEBUG or TESTING))
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 8
SESSION_SAVE_EVERY_REQUEST = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],  # the QR code of the authenticator set-up is a data: image
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *env.list("CSP_FORM_ACTION", default=[])],  # hosts of an identity provider
    }
}

# -- Applications ---------------------------------------------------------------------------------------------------------

CAPABILITIES = [
    "marketplace.kernel",
    "marketplace.organisations",
    "marketplace.catalogue",
    "marketplace.buyback",
    "marketplace.bookings",
    "marketplace.brokerage",
    "marketplace.billing",
    "marketplace.partnership",
    "marketplace.coverage",
    "marketplace.notifications",
    "marketplace.demo_area",
]
INSTALLED_APPS = [
    "frontend",  # before allauth and forms: its templates win
    "api",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "django_vite",
    "csp",
    "channels",
    "procrastinate.contrib.django",
    *CAPABILITIES,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "frontend.middleware.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "frontend.session.RenewalMiddleware",
    "frontend.middleware.ActorMiddleware",
    "frontend.middleware.ButtonOnlyMiddleware",
    "frontend.middleware.DomainErrorMiddleware",
    "api.idempotency.IdempotencyMiddleware",
]

ROOT_URLCONF = "backend.urls"
ASGI_APPLICATION = "backend.asgi.application"
WSGI_APPLICATION = "backend.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "frontend.context.page_frame",
            ],
        },
    },
]
FORM_RENDERER = "frontend.forms.renderer.GovukRenderer"

# -- People and sign-in ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "frontend.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = (
    "optional"  # an invitation reaches a person by e-mail, which verifies the address
)
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ACCOUNT_RATE_LIMITS: Any = {} if not TESTING else False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "School Support Exchange"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
INVITATION_DAYS = 14
# How long a person's time is held while a school decides, and how long a receiving head has to evaluate a visit.
BOOKING_HOLD_MINUTES = env.int("BOOKING_HOLD_MINUTES", default=20)
COURSE_OFFER_HOURS = env.int("COURSE_OFFER_HOURS", default=48)
COURSE_APPROVAL_DAYS = env.int("COURSE_APPROVAL_DAYS", default=5)
EVALUATION_DAYS = env.int("EVALUATION_DAYS", default=60)
CONSENT_LINK_DAYS = env.int("CONSENT_LINK_DAYS", default=14)  # a signed link in an e-mail works this long
# Whether `make run` makes the fictional borough when the database has no area yet.
DEMO_AREA = env.bool("DEMO_AREA", default=DEBUG)

# -- Mail, files, cache, live updates -------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="School Support Exchange <no-reply@exchange.example>")
if email_url := env("EMAIL_URL", default=""):
    vars().update(env.email_url_config(email_url))
else:
    # Without a mail server each message is written to a file, so that a person trying the exchange can read it.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

MEDIA_ROOT = DATA_DIR / "media"
# Files sent with messages: under random names, handed out by a view to those who take part, never served as they lie.
ATTACHMENTS_DIR = (DATA_DIR / "media-test" if TESTING else MEDIA_ROOT) / "attachments"
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=10 * 1024 * 1024)
ATTACHMENT_LINK_SECONDS = env.int("ATTACHMENT_LINK_SECONDS", default=120)
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
REGISTER_UPLOAD_MAX_BYTES = env.int("REGISTER_UPLOAD_MAX_BYTES", default=120 * 1024 * 1024)

REDIS_URL = env("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING
# Where scripts and styles are collected for an installation; on one person's computer they are served from where they lie.
STATIC_ROOT = (
    None if WHITENOISE_USE_FINDERS else Path(env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
)
WHITENOISE_AUTOREFRESH = False
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": BASE_DIR / "frontend/static/dist/manifest.json",
        "static_url_prefix": "dist",
    }
}

# -- Card payments --------------------------------------------------------------------------------------------------------

STRIPE_SECRET_KEY: str = env("STRIPE_SECRET_KEY", default="")
STRIPE_PUBLISHABLE_KEY: str = env("STRIPE_PUBLISHABLE_KEY", default="")
# Two while one is being exchanged for another.
STRIPE_WEBHOOK_SECRETS: list[str] = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
# Another server that speaks like Stripe: on this computer only, and no money moves. `make run` starts one.
STRIPE_API_BASE: str = env("STRIPE_API_BASE", default="").rstrip("/")
# Whether card money is passed on to the payees' own accounts with Stripe.
STRIPE_CONNECT: bool = env.bool("STRIPE_CONNECT", default=False)
# Cards are for small amounts bought singly; more is paid by bank transfer.
CARD_LIMIT_PENCE: int = env.int("CARD_LIMIT_PENCE", default=100_000)

if STRIPE_API_BASE:
    check_stand_in(STRIPE_API_BASE, STRIPE_SECRET_KEY, is_production=not (DEBUG or TESTING))
if STRIPE_SECRET_KEY and not (STRIPE_PUBLISHABLE_KEY or STRIPE_API_BASE):
    raise ImproperlyConfigured(
        "Set STRIPE_PUBLISHABLE_KEY too: the page on which a card is entered needs it."
    )

# -- Time and language ----------------------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "Europe/London"
LANGUAGE_CODE = "en-gb"
USE_I18N = True

# -- API ------------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Pages",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.problem_json",
    "PAGE_SIZE": 20,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "School Support Exchange",
    "DESCRIPTION": "Offers, bookings, needs and coverage of one local authority area.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "Phase": "marketplace.organisations.models.Phase",
        "OrganisationKind": "marketplace.organisations.models.OrganisationKind",
        "ImportStatus": "marketplace.organisations.models.ImportStatus",
        "ChangeKind": "marketplace.organisations.models.ChangeKind",
        "BookingStatus": "marketplace.bookings.models.BookingStatus",
        "CourseStatus": "marketplace.bookings.models.EventStatus",
        "PlaceOrderStatus": "marketplace.bookings.models.PlaceOrderStatus",
        "PlaceStatus": "marketplace.bookings.models.PlaceStatus",
        "WaitingStatus": "marketplace.bookings.models.WaitingStatus",
        "NeedStatus": "marketplace.brokerage.models.NeedStatus",
        "ComplaintStatus": "marketplace.brokerage.models.ComplaintStatus",
        "DeploymentStatus": "marketplace.brokerage.models.DeploymentStatus",
        "VisitKind": "marketplace.brokerage.models.VisitKind",
        "AdviceState": "marketplace.coverage.models.AdviceState",
        "YesPartlyNo": "marketplace.brokerage.models.Answer",
        "RequestStatus": "marketplace.brokerage.models.RequestStatus",
        "InvitationStatus": "marketplace.brokerage.models.InvitationStatus",
        "DeclineReason": "marketplace.brokerage.models.DeclineReason",
        "LossReason": "marketplace.brokerage.models.LossReason",
        "OfferCallStatus": "marketplace.partnership.models.CallStatus",
        "CallAnswerStatus": "marketplace.partnership.models.ResponseStatus",
        "CellStatus": "marketplace.coverage.models.CellStatus",
        "ToldStatus": "marketplace.coverage.queries.shown.TOLD_STATUSES",
        "ScenarioEditKind": "marketplace.coverage.scenarios.lines.Kind",
        "DocumentKind": "marketplace.billing.models.DocumentKind",
        "AgreementStatus": "marketplace.buyback.models.AgreementStatus",
        "AgreementRoute": "marketplace.buyback.models.AgreementRoute",
        "PaymentRoute": "marketplace.bookings.models.PaymentRoute",
        "InclusionKind": "marketplace.buyback.models.InclusionKind",
        "FundingKind": "marketplace.buyback.models.FundingKind",
        "CardPaymentStatus": "marketplace.billing.models.CardPaymentStatus",
        "NotificationKind": "marketplace.notifications.rules.Kind",
        "InterestKind": "marketplace.organisations.models.InterestKind",
        "InterestStatus": "marketplace.organisations.models.InterestStatus",
        "EmailChoice": "marketplace.notifications.models.Choice",
    },
}

# -- Logging --------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django": {"handlers": [], "level": "NOTSET"},  # to the root, once
        "django.request": {"level": "ERROR"},  # a page that is not there is an answer, not a fault
    },
}
