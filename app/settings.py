"""Configuration: one documented, bounded, frozen value, made once from the environment and passed down."""

import re
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import ConfigurationError
from app.ledger.exchange import parse_rates

OFF = "off"
"""As a path: nowhere."""

_MODELS = "models"

Money = Annotated[Decimal, Field(ge=0, le=Decimal(1_000_000), decimal_places=6)]


class Settings(BaseSettings):
    """Every field is read from the environment variable `DRAGOMAN_<NAME IN CAPITALS>`."""

    model_config = SettingsConfigDict(
        env_prefix="DRAGOMAN_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    data_dir: Path = Field(default_factory=lambda: user_data_path("dragoman"))
    """The only folder written to: the ledger's database, and the files of jobs in `blobs` unless the setting of that
    name says otherwise."""

    database_url: SecretStr = SecretStr("")
    """`postgresql://user:password@host/database`; empty: SQLite in `data_dir`. Secret for its password."""

    blobs: str = Field(default="", pattern=r"^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?)?$")
    """Where the documents and results of jobs are kept: empty for files in `data_dir`, `s3://BUCKET/PREFIX` for an
    S3-compatible store, whose credentials come from AWS's own variables."""

    model_dir: Path | None = Field(default=None, validate_default=True)
    """Folder of further models, one folder each; the embedded starter models are always there. Left out: `models`
    in the data folder, which `dragoman models pull` makes."""

    host: str = "127.0.0.1"
    """Address `dragoman serve` binds. Anything but loopback needs a key to exist, or `auth=open`, said on purpose."""

    port: int = Field(default=8080, ge=0, le=65535)
    """Port `dragoman serve` binds; 0 takes a free one."""

    auth: Literal["auto", "required", "open"] = "auto"
    """`auto`: callers without a key are let in on loopback alone. `required`: nowhere. `open`: everywhere; only
    behind a proxy that authenticates."""

    role: Literal["all", "api", "worker"] = "all"
    """What `dragoman serve` does: `api` takes documents and leaves the work on them to others that share its database,
    `worker` does it and answers operators alone (`/healthz`, `/readyz`, `/metrics`)."""

    web: bool = True
    """Whether the web form is served, at `/`."""

    web_session_hours: float = Field(default=12.0, ge=0.01, le=720)
    """Hours after which a browser that signed in with a key has to do so again."""

    web_user_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$", max_length=100)
    """Header in which a proxy that authenticates people names their tenant to the web form, such as
    `X-Forwarded-Tenant`; empty: none is believed. Needs `web_proxies`, or `auth=open`."""

    web_proxies: str = Field(default="", max_length=1_000, validate_default=True)
    """Addresses or networks, by commas, whose `web_user_header` is believed; empty: everyone's, with `auth=open`."""

    trusted_proxies: str = Field(default="", max_length=1_000)
    """Addresses or networks, by commas, of the proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed,
    and `traceparent`; empty: nobody's."""

    connections_per_address: int = Field(default=512, ge=0, le=65_536)
    """Connections that one address (of IPv6: one /64) may have at a time; 0: any number. Those of `trusted_proxies` are
    not counted."""

    cors_origins: str = Field(default="", max_length=2_000)
    """Origins, separated by commas, whose pages may call this API from a browser; `*`: all. Empty: none."""

    libretranslate_prefix: str = ""
    """Path under which LibreTranslate's API is answered; empty: at the root; `off`: nowhere."""

    deepl_prefix: str = ""
    """Path under which DeepL's API is answered; empty: at the root; `off`: nowhere."""

    traces_endpoint: str = Field(default="", pattern=r"^(https?://[^\s/@]+(/\S*)?)?$", max_length=1_000)
    """Address of an OpenTelemetry collector for traces, whole, such as `http://collector:4318/v1/traces` (OTLP over
    HTTP); empty: no traces, and nobody is asked."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Level of the service's own log. Text is never logged at any level."""

    log_format: Literal["text", "json"] = "text"
    """`json`: an object a line, for what collects logs. Either has the request's id on each line about a request."""

    threads: int = Field(default=0, ge=0, le=1024)
    """Engine threads, each running one batch at a time; 0 = the cores this process may use, or one a CUDA device."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the engine computes; `auto`: on CUDA devices where there are any."""

    device_index: str = Field(default="", pattern=r"^(\d{1,2}( *, *\d{1,2})*)?$")
    """Numbers of the CUDA devices to use, separated by commas; empty: all. Each holds every loaded model."""

    compute_type: Literal[
        "default",
        "auto",
        "int8",
        "int8_float32",
        "int8_float16",
        "int8_bfloat16",
        "int16",
        "float16",
        "bfloat16",
        "float32",
    ] = "default"
    """Arithmetic of the engine; `default` keeps the type a model was saved in (int8 for the embedded ones), as far as
    the device can. A type that it cannot is refused at start."""

    beam_size: int = Field(default=1, ge=1, le=16)
    """Hypotheses kept while decoding. Beam 4 costs about 2.5 times beam 1 (docs/benchmarks.md)."""

    strict_reproducible: bool = False
    """The same text gives the same answer to the last bit, whatever shares its batch: costs throughput where many
    wait, and more with any arithmetic but int8 or with `beam_size` over 1 (docs/benchmarks.md)."""

    batch_tokens: int = Field(default=1024, ge=64, le=1_048_576)
    """Budget of one engine call in padded tokens: longest segment times number of segments."""

    batch_segments: int = Field(default=40, ge=1, le=65_536)
    """Segments of one engine call, at most: beyond some forty no segment becomes cheaper, and on processors each
    becomes dearer, short ones most (docs/benchmarks.md, "How many segments a batch")."""

    queue_tokens: int = Field(default=400_000, ge=1_000, le=100_000_000)
    """Tokens that may wait; above it new work is refused with 429. Bulk work is refused for all that waits,
    interactive work for interactive work alone."""

    queue_seconds: float = Field(default=1.5, ge=0.1, le=3_600)
    """Seconds that interactive work may wait for its turn, at the engine's measured speed; above it the tenant's new
    work is refused with 429. After a rush the service is back to its idle latency within as long."""

    repair: Literal["on", "off"] = "on"
    """`on`: a translation that raises a doubt is tried again in other ways, and the best by the checks is kept and
    flagged `repaired` (docs/flags.md). `off`: the first answer stands."""

    repair_tries: int = Field(default=3, ge=1, le=3)
    """Most tries for one segment; each costs about as much as the first, the third several times as much."""

    signing_key: SecretStr = SecretStr("")
    """Ed25519 key that statements are signed with: 32 random bytes in base64, the same on every replica. Empty: one is
    made at the first start, in `data_dir`."""

    master_key_file: str = Field(default="", max_length=4_096)
    """File of the master key that texts at rest are encrypted under: 32 random bytes in base64. Of several lines the
    first is used for what is new, the others only open. Empty, with the next two: nothing is encrypted."""

    master_key: SecretStr = SecretStr("")
    """The same, in the environment; goes before the file."""

    kms_command: str = Field(default="", max_length=4_096)
    """Program that asks a key service to wrap and unwrap data keys (docs/privacy.md); goes before both."""

    cache: Literal["tenant", "off"] = "tenant"
    """`tenant`: translations of recent segments are remembered in memory, each tenant's apart. `off`: nothing is."""

    cache_bytes: int = Field(default=67_108_864, ge=1_048_576)
    """Bytes, about, that remembered translations may take; the least recently used leaves first."""

    replay: Literal["stored", "memory", "off"] = "memory"
    """Where answers are kept for requests that come again. `memory`: in this process. `stored`: those to requests with
    an Idempotency-Key in the database too, sealed. `off`: nowhere; a repeat is translated again and not charged."""

    replay_window: int = Field(default=300, ge=0, le=86_400)
    """Seconds in which equal requests without an Idempotency-Key are one request sent again; 0: never."""

    replay_keep: int = Field(default=900, ge=1, le=86_400)
    """Seconds for which the answer to a request with an Idempotency-Key is kept."""

    replay_bytes: int = Field(default=33_554_432, ge=1_048_576)
    """Bytes, about, that remembered answers may take."""

    model_rescan: float = Field(default=10.0, ge=0, le=3_600)
    """Seconds between two looks at `model_dir` and `routes_file`; what changed is taken over once it has lain still
    from one look to the next. 0: only at start."""

    model_retry: float = Field(default=30.0, ge=0, le=3_600)
    """Seconds for which a model that failed is set aside before it is tried again; doubled with each failure, up to 20
    times as long."""

    routes_file: str = Field(default="", max_length=4_096)
    """Path of a TOML file of routing rules: pins, pivots, which tenant may use which model (docs/models.md)."""

    pinned_models: str = Field(default="", max_length=10_000)
    """Ids of models, separated by commas, that are loaded at start and never leave memory."""

    memory_budget: int = Field(default=4_294_967_296, ge=67_108_864)
    """Bytes of memory that loaded models may take. The one that has wasted most leaves first: idle seconds times bytes
    over the seconds it takes to load."""

    preload: bool = True
    """Load and warm up the installed models at start, as far as the memory budget goes, so that
    `/readyz` means no cold start."""

    detector: Literal["vote", "langdetect"] = "vote"
    """`vote`: script rules, then py3langid and eldc, langdetect as the tie-breaker, calibrated.
    `langdetect`: that library alone."""

    detection_threshold: float = Field(default=0.5, ge=0.0, le=1.0)
    """Calibrated probability below which a language is answered as `und`."""

    candidates: str = Field(default="", pattern=r"^[A-Za-z, -]*$", max_length=2_000)
    """Languages, separated by commas, that detection chooses from where a request names none; empty: all it knows.
    Narrower is surer on short texts, and wrong about everything else."""

    max_body_bytes: int = Field(default=8_388_608, ge=1_024, le=1_073_741_824)
    """Largest HTTP request body."""

    max_texts: int = Field(default=5_000, ge=1, le=1_000_000)
    """Most texts in one request."""

    max_characters: int = Field(default=500_000, ge=1, le=100_000_000)
    """Most characters in one request; above it use `dragoman bulk run`."""

    max_document_bytes: int = Field(default=50_000_000, ge=1_024, le=2_000_000_000)
    """Largest document, as it comes."""

    document_memory: int = Field(default=1_073_741_824, ge=268_435_456)
    """Bytes of memory that the process which reads or writes one document may take; two run at most."""

    document_seconds: int = Field(default=60, ge=1, le=3_600)
    """Seconds of processor time that it may take."""

    job_retention: float = Field(default=72.0, gt=0, le=87_600)
    """Hours after the end of a job at which its source and result are deleted."""

    review_days: float = Field(default=365.0, gt=0, le=36_500)
    """Days for which people's corrections (the translation memory) and verdicts are kept."""

    quality_days: float = Field(default=760.0, ge=1, le=36_500)
    """Days for which the counts of flags and confidence, which hold no text, are kept for comparison."""

    memory: Literal["off", "show", "exact"] = "show"
    """What becomes of tenants' translation memories unless a tenant's own policy says otherwise."""

    job_chunks: int = Field(default=4, ge=1, le=256)
    """Chunks of documents that one process works on at once."""

    job_chunks_per_tenant: int = Field(default=4, ge=1, le=4_096)
    """Chunks of one tenant in work at once, on all replicas together."""

    job_queue: int = Field(default=1_000, ge=1, le=1_000_000)
    """Documents that may wait or be in work, on all replicas together; above it new ones are refused with 429."""

    job_queue_per_tenant: int = Field(default=200, ge=1, le=1_000_000)
    """The same, of one tenant."""

    request_timeout: float = Field(default=120.0, gt=0, le=3_600)
    """Seconds a request may wait for its translation before 504."""

    engine_timeout: float = Field(default=120.0, ge=1, le=3_600)
    """Seconds after which an engine call is given up as hung; its segments are tried once more, each alone."""

    drain_timeout: float = Field(default=30.0, ge=0, le=3_600)
    """Seconds that running requests are given when the service is told to stop."""

    price_per_million: Money = Decimal(0)
    """What a tenant is charged for a million characters, in `currency`."""

    charge_cached: bool = True
    """Whether characters of segments answered without the engine (repeats) are billed like others."""

    machine_rate_per_hour: Money = Decimal("0.08")
    """What this machine costs an hour, in `currency`; the measured cost is reckoned from it. The default is
    near a rented two-core cloud machine (docs/benchmarks.md names the source)."""

    currency: str = Field(default="GBP", pattern=r"^[A-Z]{3}$")
    """ISO 4217 code of price and cost."""

    exchange_rates: str = Field(default="", max_length=1_000)
    """What a unit of a vendor's currency is worth in `currency`, and the day you looked it up, for the comparison with
    list prices: `USD=0.79@2026-11-20, EUR=0.86@2026-11-20`. Empty: shown in the vendor's own currency."""

    @property
    def encrypts(self) -> bool:
        """Whether texts at rest are encrypted."""
        return bool(self.kms_command or self.master_key.get_secret_value() or self.master_key_file)

    @property
    def model_home(self) -> Path:
        """Where models are installed, there or not yet."""
        return self.model_dir or self.data_dir / _MODELS

    @field_validator("model_dir")
    @classmethod
    def _installed_into(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        usual = info.data["data_dir"] / _MODELS if "data_dir" in info.data else None
        return usual if folder is None and usual is not None and usual.is_dir() else folder

    @field_validator("libretranslate_prefix", "deepl_prefix")
    @classmethod
    def _apart(cls, prefix: str) -> str:
        if prefix == OFF or (re.fullmatch(r"(/[A-Za-z0-9_.-]+)*", prefix) and prefix != "/v1"):
            return prefix
        raise ValueError(
            "Begin it with a slash and do not end it with one, or say off; /v1 is this service's own"
        )

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: str) -> str:
        for origin in filter(None, map(str.strip, origins.split(","))):
            if origin != "*" and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+", origin):
                raise ValueError("Name origins such as https://example.org, separated by commas, or *")
        return origins

    @field_validator("exchange_rates")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            parse_rates(value)
        except ConfigurationError as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("web_proxies")
    @classmethod
    def _believable(cls, value: str, info: ValidationInfo) -> str:
        if not networks(value) and info.data.get("web_user_header") and info.data.get("auth") != "open":
            raise ValueError(
                "DRAGOMAN_WEB_USER_HEADER would be believed of anybody. Name the proxy here, or set DRAGOMAN_AUTH=open "
                "if nothing but the proxy reaches this address."
            )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        networks(value)
        return value

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() and not url.get_secret_value().startswith("postgresql://"):
            raise ValueError("Leave it empty for SQLite in the data folder, or begin it with postgresql://")
        return url


def networks(listed: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Raises ValueError."""
    return tuple(ip_network(each.strip()) for each in listed.split(",") if each.strip())


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, `overrides` on top.

    Raises ConfigurationError that names each variable at fault and what is wrong with it.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = "; ".join(
            f"DRAGOMAN_{'_'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        raise ConfigurationError(f"The configuration is not valid. {faults}") from error
