"""One settings module for every deployment: what differs comes from the environment (docs/configuration.md)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from chatsite import env
from chatsite.databases import database_settings, past_neons_pooler
from chatsite.offered_models import read_models
from chatsite.secrets import secret_key
from chatsite.start_screen import read_start
from conversations.prices import BadPrices, read_prices

BASE_DIR = env.BASE_DIR
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).expanduser().absolute()

# --- Where and for whom -------------------------------------------------------------------------------------

HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, least=0, most=65535)
PUBLIC_URL = env.origin("PUBLIC_URL", f"http://localhost:{PORT}")
DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY") or secret_key(DATA_DIR)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CORS_ALLOWED_ORIGINS = env.origins("CORS_ALLOWED_ORIGINS")
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")
_public = urlsplit(PUBLIC_URL)
if _public.hostname and _public.hostname not in ALLOWED_HOSTS and "*" not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public.hostname)

# Whose site this is, on its pages and the staff's. More words of theirs: static/js/linnet.js, agents_app/assistants/.
SITE_NAME = env.text("SITE_NAME", "Linnet Air")
# What the chat says before anybody has asked anything, where it isn't the airline.
CHAT_START = read_start(env.text("CHAT_START_FILE"))

# --- Chat ---------------------------------------------------------------------------------------------------

CHAT_RESPONDER = env.dotted_path("CHAT_RESPONDER", "agents_app.runner.AgentRunner")
# What the buttons of its widgets do: a mapping from an action's name to a function; empty: nothing.
CHAT_ACTIONS = env.text("CHAT_ACTIONS", "agents_app.airline.actions.ACTIONS").replace("none", "")
CHAT_CHECKS = env.some_of("CHAT_CHECKS", ("injection", "off_topic", "model"), ("injection", "off_topic"))
MCP_SERVERS = env.mcp_servers("MCP_SERVERS")
CHAT_WAIT_SECONDS = env.integer("CHAT_WAIT_SECONDS", 30, most=86_400)
CHAT_MAX_MESSAGE_CHARS = env.integer("CHAT_MAX_MESSAGE_CHARS", 32_000, least=1)
CHAT_RATE_PER_MINUTE = env.integer("CHAT_RATE_PER_MINUTE", 60)
CHAT_DAILY_TOKENS = env.integer("CHAT_DAILY_TOKENS", 0)
CHAT_SITE_DAILY_TOKENS = env.integer("CHAT_SITE_DAILY_TOKENS", 0)
CHAT_SITE_DAILY_COST = env.amount("CHAT_SITE_DAILY_COST")
CHAT_PRICES_FILE = env.text("CHAT_PRICES_FILE")
if CHAT_PRICES_FILE:
    try:
        read_prices(Path(CHAT_PRICES_FILE))
    except BadPrices as _bad:
        raise env.BadSetting(
            "CHAT_PRICES_FILE", f"must name a file of prices: {str(_bad).rstrip('.')}"
        ) from None
CHAT_RETENTION_DAYS = env.integer("CHAT_RETENTION_DAYS", 0, most=36_500)
CHAT_GUESTS = env.boolean("CHAT_GUESTS", True)
CHAT_TURN_TIMEOUT_SECONDS = env.integer("CHAT_TURN_TIMEOUT_SECONDS", 120, least=1, most=86_400)
CHATKIT_DOMAIN_KEY = env.text("CHATKIT_DOMAIN_KEY")

# Who writes down what customers dictate: a coroutine function's dotted path; empty: nobody.
CHAT_TRANSCRIBER = "agents_app.transcription.transcribe"

OPENAI_API_KEY = env.text("OPENAI_API_KEY")
OPENAI_MODEL = env.text("OPENAI_MODEL", "gpt-6.1-terra")
OPENAI_TRANSCRIPTION_MODEL = env.text("OPENAI_TRANSCRIPTION_MODEL", "gpt-transcribe")
OPENAI_BASE_URL = env.url("OPENAI_BASE_URL")
OPENAI_API = env.choice(
    "OPENAI_API", "chat_completions" if OPENAI_BASE_URL else "responses", ["responses", "chat_completions"]
)
GEMINI_API_KEY = env.text("GEMINI_API_KEY")
GEMINI_MODEL = env.text("GEMINI_MODEL", "gemini-3.5-flash-lite")
GEMINI_BASE_URL = env.url("GEMINI_BASE_URL", "https://generativelanguage.googleapis.com/v1beta/openai/")
_keys = {"openai": OPENAI_API_KEY, "gemini": GEMINI_API_KEY}
_first_with_a_key = next((name for name, key in _keys.items() if key), "practice")
CHAT_PROVIDER = env.choice("CHAT_PROVIDER", _first_with_a_key, ["openai", "gemini", "practice"])
if CHAT_PROVIDER in _keys and not _keys[CHAT_PROVIDER]:
    raise env.BadSetting(
        f"{CHAT_PROVIDER.upper()}_API_KEY", f"must be set when CHAT_PROVIDER is {CHAT_PROVIDER}"
    )

# Who answers where nothing else is chosen: what to charge for a call that was cut off before it said so.
CHAT_MODEL = {"openai": OPENAI_MODEL, "gemini": GEMINI_MODEL}.get(CHAT_PROVIDER, CHAT_PROVIDER)
CHAT_FALLBACK_PROVIDER = env.choice("CHAT_FALLBACK_PROVIDER", "auto", ["auto", "none", "openai", "gemini"])
CHAT_CONTEXT_TOKENS = env.integer("CHAT_CONTEXT_TOKENS", 25_000, least=1000)
CHAT_MODELS = read_models(env.words("CHAT_MODELS"), CHAT_PROVIDER)
for _name in {CHAT_FALLBACK_PROVIDER, *(model.provider for model in CHAT_MODELS)} & _keys.keys():
    if not _keys[_name]:
        raise env.BadSetting(f"{_name.upper()}_API_KEY", f"must be set: its models are to answer ({_name})")
if CHAT_FALLBACK_PROVIDER == "auto":
    _others = [name for name, key in _keys.items() if key and name != CHAT_PROVIDER]
    CHAT_FALLBACK_PROVIDER = _others[0] if _others and CHAT_PROVIDER != "practice" else "none"
CHAT_FALLBACK_PROVIDER = CHAT_FALLBACK_PROVIDER.replace("none", "")

# --- Parts --------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "chatsite.lean.LeanDaphneConfig",
    "chatsite",
    "chatsite.accounts",
    "conversations",
    "agents_app",
    "channels",
    "procrastinate.contrib.django",
    "rest_framework_simplejwt.token_blacklist",
    "ninja",
    "csp",
    "corsheaders",
    "js_asset",
    "chatsite.staff_site.StaffSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "chatsite.middleware.request_id",
    "chatsite.middleware.Security",
    "servestatic.middleware.ServeStaticMiddleware",
    "chatsite.middleware.ContentSecurityPolicy",
    "corsheaders.middleware.CorsMiddleware",
    "chatsite.middleware.Sessions",
    "chatsite.middleware.Language",
    "chatsite.middleware.Common",
    "chatsite.middleware.Csrf",
    "chatsite.middleware.Authentication",
    "chatsite.middleware.Messages",
    "chatsite.middleware.FrameOptions",
]
ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "chatsite.site_name.site_name",
                "chatsite.page_texts.page_texts",
                "chatsite.provider_check.provider_trouble",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
# What the pages around the chat are written in: the element's own languages, by their own names.
LANGUAGES = [
    ("ar", "العربية"),
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("ja", "日本語"),
    ("pt", "Português"),
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Database and push --------------------------------------------------------------------------------------

DATABASE_URL = env.url("DATABASE_URL", schemes=["postgres", "postgresql"])
DATABASE_DIRECT_URL = env.url(
    "DATABASE_DIRECT_URL", past_neons_pooler(DATABASE_URL), schemes=["postgres", "postgresql"]
)
REDIS_URL = env.url("REDIS_URL", schemes=["redis", "rediss", "unix"])
DATABASES = {"default": database_settings(DATABASE_URL, DATA_DIR, pooled=bool(DATABASE_DIRECT_URL))}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 2000}}
}
PROCRASTINATE_IMPORT_PATHS = ["chatsite.accounts.jobs", "conversations.jobs"]

# --- Accounts -----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_RATE_PER_MINUTE = env.integer("AUTH_RATE_PER_MINUTE", 30)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "USER_ID_CLAIM": "user_id",
    "USER_ID_FIELD": "id",
}

# --- Static files -------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Plain names are for other sites' pages, which load the chat element by its one lasting address.
SERVESTATIC_KEEP_ONLY_HASHED_FILES = False
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "chatsite.storage.PackageFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chatsite.storage.HashedStaticFilesStorage"},
}

# --- Safety -------------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The longest message with every character written as an escaped surrogate pair, and some room around it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * CHAT_MAX_MESSAGE_CHARS + 65_536
CSRF_FAILURE_VIEW = "chatsite.problems.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 31_536_000
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
if _public.scheme == "https":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = 31_536_000
    CSRF_TRUSTED_ORIGINS.append(f"https://{_public.netloc}")
# Pages of CORS_ALLOWED_ORIGINS come with a token: the session is this site's own.
CORS_URLS_REGEX = r"^/(api/|chatkit|support/|mcp)"
CORS_ALLOW_HEADERS = (
    *("accept", "authorization", "content-type", "idempotency-key", "last-event-id", "prefer"),
    *("x-request-id", "chatkit-frame-instance-id"),
)
CORS_EXPOSE_HEADERS = (
    *("x-request-id", "retry-after", "x-chat-seq", "x-chat-conversation", "x-chat-turn"),
    "content-disposition",
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Watching -----------------------------------------------------------------------------------------------

METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_PORT = env.integer("METRICS_PORT", 0, most=65535)
OTEL_EXPORTER_OTLP_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT")
OTEL_SERVICE_NAME = env.text("OTEL_SERVICE_NAME", "chat")
if OTEL_EXPORTER_OTLP_ENDPOINT:
    MIDDLEWARE.insert(1, "chatsite.tracing.TracedRequests")

# --- Logs ---------------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOG_FORMAT = env.choice("LOG_FORMAT", "line", ["line", "json"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"ids": {"()": "chatsite.logs.Ids"}},
    "formatters": {"line": {"()": "chatsite.logs.Lines"}, "json": {"()": "chatsite.logs.Json"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["ids"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        name: {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False}
        for name in ("chatsite", "conversations", "agents_app", "django")
    }
    # It repeats at ERROR what agents_app.failures says with the turn it belongs to.
    | {"openai.agents": {"level": "CRITICAL"}}
    # It says so at each try while the database is away; /readyz and every refused request say it too.
    | {"psycopg.pool": {"level": "ERROR"}},
}
