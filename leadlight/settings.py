"""Django settings. Operators set environment variables, read by `leadlight.environment`."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from leadlight.data_folder import keep_private
from leadlight.environment import DEFAULT_HOSTS, Environment

PACKAGE = Path(__file__).resolve().parent
env = Environment(os.environ)

# Set by the operator
LEADLIGHT_DATA = env.folder("LEADLIGHT_DATA", "data")
keep_private(LEADLIGHT_DATA)
LEADLIGHT_LISTEN = env.listen("LEADLIGHT_LISTEN", "127.0.0.1:8000")
LEADLIGHT_ORIGIN = env.origin("LEADLIGHT_ORIGIN")
LEADLIGHT_WORKERS = env.number("LEADLIGHT_WORKERS", min(os.cpu_count() or 1, 2), least=1, most=32)
LEADLIGHT_THREADS = env.number("LEADLIGHT_THREADS", 2, least=1, most=256)
LEADLIGHT_DUCKDB_MEMORY = env.memory("LEADLIGHT_DUCKDB_MEMORY", "768MB")
LEADLIGHT_ANALYTICS_THREADS = env.number(
    "LEADLIGHT_ANALYTICS_THREADS", min(os.cpu_count() or 1, 4), least=1, most=256
)
LEADLIGHT_PRIVATE_WEBHOOKS = env.flag("LEADLIGHT_PRIVATE_WEBHOOKS")
LEADLIGHT_SERVE_ONLY = env.flag("LEADLIGHT_SERVE_ONLY")
DEBUG = env.flag("LEADLIGHT_DEBUG")
SECRET_KEY = env.secret("LEADLIGHT_SECRET_KEY", LEADLIGHT_DATA / "secret-key")
ALLOWED_HOSTS = env.hosts("LEADLIGHT_HOSTS", DEFAULT_HOSTS)
LANGUAGE_CODE = env.choice("LEADLIGHT_LANGUAGE", ["en", "fr"], "en")
DATABASES = {"default": env.database("DATABASE_URL", LEADLIGHT_DATA / "leadlight.sqlite3")}
# Failed sign-ins, request rates and used one-time codes. In the database, because all processes
# share them and a restart must not reset them. Only the sign-in pages use it.
CACHES = {
    "default": {
        "BACKEND": "leadlight.accounts.cache.CountedInDatabase",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
globals().update(env.email("LEADLIGHT_EMAIL_URL"))

# Behind a reverse proxy that terminates TLS
if LEADLIGHT_ORIGIN:
    ALLOWED_HOSTS.append(str(urlsplit(LEADLIGHT_ORIGIN).hostname))
    CSRF_TRUSTED_ORIGINS = [LEADLIGHT_ORIGIN]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 30 * 24 * 3600
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(LEADLIGHT_ORIGIN)

# Application
ROOT_URLCONF = "leadlight.urls"
WSGI_APPLICATION = "leadlight.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "leadlight.job_queue",
    "leadlight.accounts",
    "leadlight.sales",
    "leadlight.replication",
    "leadlight.automation",
    "leadlight.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "leadlight.web.shell.security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "leadlight.web.shell.compression.CompressedTexts",
    "leadlight.web.shell.security.NoStore",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "leadlight.web.shell.languages.ReadersLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "leadlight.web.shell.required_factor.RequiredFactor",
    "leadlight.web.shell.channel.PageChannel",
    "leadlight.web.shell.full_disk.FullDisk",
    "leadlight.web.shell.busy.BusyDatabase",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Signing in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "leadlight.accounts.passwords.UnlikeOwnNameValidator",
        "OPTIONS": {"user_attributes": ["email", "first_name", "last_name", "full_name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "leadlight.accounts.adapter.ClosedSignup"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to an arbitrary address typed into a form
MFA_ADAPTER = "leadlight.accounts.second_factor.EncryptedSecrets"
MFA_TOTP_ISSUER = "Leadlight"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an admin enters every address; sign-up is closed

# Languages and time. Django uses UTC; local days are those of the organisation's time zone.
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "UTC"

# Static files: `leadlight serve` collects them into the data folder.
STATIC_URL = "static/"
STATIC_ROOT = LEADLIGHT_DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_HANDLERS = [
    "leadlight.web.shell.uploads.LimitedFiles",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "leadlight.log_format.WithoutSecrets",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}
