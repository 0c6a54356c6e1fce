"""All settings, read from the environment in one place.

Only entry points (`__main__`, `app.py`, `worker.py`) call `load()`; everything else is handed the values it
needs. Names and defaults are documented in `.env.example`; a test holds the two together.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from interview.errors import ConfigurationError

Seconds = Annotated[float, Field(ge=0)]


class Settings(BaseSettings):
    """Every setting of every process; the field name in capitals is the environment variable."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    # state
    mongodb_uri: str = "mongodb://127.0.0.1:27017"
    mongodb_database: str = "viva"
    mongodb_pool_min: int = 5
    mongodb_pool_max: int = 20
    mongodb_wait_s: Seconds = 30
    encryption_keys: SecretStr = SecretStr("")
    """Comma-separated `id:base64 of 32 bytes`; the first encrypts, all decrypt."""
    encryption_keys_file: Annotated[Path | None, Field(validate_default=True)] = None
    """Instead of `encryption_keys`: a file with the same entries, which is read again when it changes."""

    spool_dir: Path | None = None
    """Where the agent's writes wait on disk while the database is away, sealed; a private folder in the temporary one
    without it."""
    spool_max_mb: float = Field(default=64, gt=0)
    """How much of one interview may wait; beyond it replaceable writes go first, then the oldest audio."""
    spool_after_s: Seconds = 0.3
    """After how long a write that was not answered goes to disk."""
    spool_look_s: float = Field(default=1, gt=0)
    """How often an agent worker looks for what processes that died left there."""
    spool_keep_s: Seconds = 7 * 24 * 3600
    """What could not be written for so long is deleted."""

    # rooms
    livekit_url: str = "ws://127.0.0.1:7880"
    livekit_public_url: str = ""
    """What browsers are told; empty means `livekit_url`."""
    livekit_api_key: str
    livekit_api_secret: SecretStr
    room_empty_timeout_s: int = 660
    room_departure_timeout_s: int = 150
    candidate_token_ttl_s: int = 600
    observer_token_ttl_s: int = Field(default=300, ge=10)
    """Of whoever watches a room live; who is in stays until they leave, the session ends or consent is withdrawn."""

    # control plane
    api_host: str = "127.0.0.1"
    api_port: int = 8000
    api_public_url: str = "http://127.0.0.1:8000"
    jwt_secret: SecretStr
    access_token_ttl_s: int = 900
    refresh_token_ttl_s: int = 14 * 24 * 3600
    """Counted from the last use: whoever comes back in this time stays signed in."""
    refresh_reuse_grace_s: Seconds = 10
    """How long the token before the newest is answered with "try again" rather than taken for stolen."""
    sign_in_free_failures: int = Field(default=3, ge=1)
    """Failures in a row of one account after which the next try waits 1, 2, 4, … s."""
    sign_in_free_failures_per_address: int = Field(default=20, ge=1)
    """The same for one address, behind which a whole office may sit."""
    sign_in_max_delay_s: Seconds = 900
    sign_in_forget_s: Seconds = 3600
    """Failures that lie this long back are forgotten."""
    invitation_ttl_s: int = 7 * 24 * 3600
    """Of an invitation to have an account; those of candidates are `invite_ttl_s`."""
    password_reset_ttl_s: int = 24 * 3600
    rate_limit_per_user_per_min: int = Field(default=600, ge=0)
    rate_limit_per_address_per_min: int = Field(default=1200, ge=0)
    rate_limit_open_per_min: int = Field(default=60, ge=0)
    """Per address, for all calls together that prove who calls by what they send: signing in, opening an invite."""
    trusted_proxies: str = ""
    """Comma-separated networks (CIDR) of proxies whose `X-Forwarded-For` is believed."""
    downloads_at_once: int = Field(default=4, ge=1)
    """Recordings and exports that one API replica makes at the same time."""
    downloads_wait_s: float = Field(default=10, gt=0)
    """How long a request for one waits for its turn."""
    request_body_s: float = Field(default=30, gt=0)
    """How long a request's body may take to arrive."""
    resume_read_s: float = Field(default=20, gt=0)
    """How long reading the text of a résumé may take; what takes longer is not read."""
    invite_ttl_s: int = 7 * 24 * 3600
    seat_idle_s: Seconds = 300
    """A candidate's browser that was not seen for so long no longer keeps another out."""
    idempotency_ttl_s: Seconds = 24 * 3600
    idempotency_lease_s: float = Field(default=30, gt=0)
    """After so long without a sign of life, whoever repeats a call completes it."""
    idempotency_wait_s: Seconds = 5
    """How long a repeat waits for the call that is just being done."""
    admin_email: str = "admin@viva.example"
    admin_password_file: Path | None = None
    """A file whose first line is the first admin's password; read once, when no user exists."""
    organisation_name: str = ""
    """Who interviews, as candidates are told; empty names nobody."""
    web_assets_dir: Path | None = None
    """The folder of the built pages; without one there is the API alone."""
    interview_session_timeout: Seconds = 4600
    session_cleanup_interval: Seconds = 300
    max_concurrent_interviews: int = Field(default=10, ge=1, le=1000)
    queue_board_s: Seconds = 1.0
    """How old the position that somebody in the queue is told may be."""
    pause_seat_s: Seconds = 1800
    """How long a paused interview keeps its seat in the house."""
    inactivity_s: Seconds = 24 * 3600
    """A session that has begun and in which nothing happens for so long is ended."""

    # the custodian, which runs in every API process and acts in one of them
    custodian_interval_s: Seconds = 2
    custodian_lease_s: Seconds = 6
    agent_dead_s: Seconds = 8
    """An interviewer whose last heartbeat is older is replaced, while its candidate is there."""
    agent_start_s: Seconds = 6
    """How long an interviewer may take from its dispatch to its first heartbeat; each further try is given more."""
    agent_replacements_max: int = 20
    """After so many attempts the interview is given up as failed."""
    custodian_margin_s: Seconds = 10
    """How much later than the interviewer itself the custodian ends an interview whose candidate is away."""

    # what is sent: webhooks and mail
    webhook_allow_private: bool = False
    """Whether webhooks may go to private networks and loopback, and over plain http."""
    webhook_timeout_s: Seconds = 10
    webhook_max_attempts: int = Field(default=10, ge=1, le=50)
    """Of a webhook's delivery, and of a mail's."""
    webhook_retry_s: Seconds = 8
    """The wait after a first failure; it triples with each, to at most 12 hours."""
    webhook_secret_overlap_s: Seconds = 24 * 3600
    """How long a secret that was replaced still signs beside the new one."""
    delivery_poll_s: float = Field(default=1, gt=0)
    delivery_lease_s: float = Field(default=60, gt=0)
    delivery_concurrency: int = Field(default=8, ge=1, le=100)
    """Deliveries that one API process has under way at once, webhooks and mails each."""
    invite_reminder_before_s: Seconds = 24 * 3600
    smtp_host: str = ""
    """Empty: no mail is sent, and invite links are shown to copy."""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_from: str = ""
    smtp_timeout_s: Seconds = 30
    mails_per_recipient_per_h: int = Field(default=10, ge=1)
    """Whoever may invite must not fill somebody's mailbox."""

    # providers; without keys the base URLs point at local.inference
    deepgram_base_url: str = "http://127.0.0.1:8090/v1/listen"
    deepgram_api_key: SecretStr = SecretStr("local")
    stt_model: str = "nova-3"
    openai_base_url: str = "http://127.0.0.1:8090/v1"
    openai_api_key: SecretStr = SecretStr("local")
    llm_model: str = "qwen"
    llm_timeout_s: Seconds = 60
    tts_base_url: str = "http://127.0.0.1:8090/v1"
    tts_api_key: SecretStr = SecretStr("local")
    tts_model: str = "hibari"
    tts_voice: str = "default"
    local_inference_url: str = ""
    """Where `local.inference` is the last fallback of every kind, such as `http://127.0.0.1:8090/v1`."""
    local_inference_key: SecretStr = SecretStr("local")
    local_inference_stt: str = "whisper"
    """Its recogniser there, named only for figures; "none" as below."""
    local_inference_llm: str = "qwen"
    """Its model there; "none": it is no fallback for this."""
    local_inference_tts: str = "hibari"
    providers_file: Path | None = None
    """Several providers of a kind, in their order, each with its keys (`providers/directory.py`); mode 600."""
    stt_slots: int = Field(default=10, ge=0)
    """Streams that `deepgram_api_key` allows at once, over all processes; 0 is any number."""
    provider_slot_lease_s: float = Field(default=60, gt=0)
    """A slot whose process has died is free after so long."""
    provider_slot_wait_s: Seconds = 1.5
    """How long a full provider is waited for, before the next in the chain is asked."""
    stt_deadline_s: float = Field(default=4, gt=0)
    """A recogniser that has not answered speech for so long has failed."""
    llm_deadline_s: float = Field(default=10, gt=0)
    """The same for a hosted language model in an interview."""
    tts_deadline_s: float = Field(default=4, gt=0)
    """The same for the first audio of a line, and for each further piece."""
    provider_failures: int = Field(default=2, ge=1)
    """So many in a row put a provider aside."""
    provider_pause_s: float = Field(default=10, gt=0)
    """For how long, the first time; it doubles with each further one."""
    prices_file: Path | None = None
    """Instead of `providers/prices.yaml`."""
    daily_cost_ceiling_usd: float = Field(default=0, ge=0)
    """Beyond it no new interview begins until the next day (UTC); 0 is no ceiling."""

    # the interviewer
    worker_health_port: int = 0
    """Where this worker (agent, proctoring, reports) answers 200 on loopback once it takes work; 0 is nowhere."""
    agent_max_jobs: int = 4
    agent_idle_processes: int = 1
    reply_deadline_s: Seconds = 0.4
    endpointing_min_s: Seconds = 0.45
    """Silence after which a finished answer is replied to."""
    endpointing_max_s: Seconds = 2.4
    """The same after words that another sentence may follow."""
    listening_sound_s: Seconds = 0.38
    """Silence after which they are acknowledged ("Mm-hm."); 0 is never, and wants a shorter `endpointing_max_s`."""
    silence_prompt_s: Seconds = 12
    thinking_time_s: Seconds = 30
    rejoin_window_s: Seconds = 120
    no_show_s: Seconds = 600
    heartbeat_s: Seconds = 2
    recording_segment_s: Seconds = 5
    speech_store_dir: Path | None = None
    """A folder in which interviews on this machine share prepared speech of plans; without one each makes its own."""
    speech_store_max_mb: int = Field(default=500, ge=1)

    # proctoring
    proctor_max_rooms: int = 8
    proctor_frames_per_s: float = Field(default=5, gt=0, le=30)
    face_detector_model: Path | None = None
    """`face_detection_yunet_2023mar.onnx`."""
    person_model: Path | None = None
    """`faceres.json`, with `faceres.bin` beside it."""
    phone_model: Path | None = None
    """`nanodet.json`, with `nanodet.bin` beside it."""
    voice_model: Path | None = None
    """`campplus_cn_en_common.pt`."""
    incident_claim_s: float = Field(default=600, gt=0)
    """How long somebody who looks at an incident keeps it from others; looking on renews it."""
    proctor_rules_file: Path | None = None
    """What the house changes in `interview/rules/defaults.yaml`: thresholds, lengths, severities, relaxations."""

    # reports
    report_lease_s: Seconds = 60
    report_poll_s: Seconds = 1.0
    report_settle_s: Seconds = 4.0
    """How long the report of an interview that was ended from outside waits for its last words."""
    report_max_attempts: int = 4
    report_retry_s: Seconds = 5
    """The wait after a first failure; it doubles with each."""
    report_llm_timeout_s: Seconds = 300
    """For scoring one competency or one answer, waiting for whoever is talking included."""
    report_passes: int = Field(default=3, ge=1, le=9)
    """How often each competency is scored, independently; where they disagree by two levels there is no level."""
    report_concurrency: int = Field(default=4, ge=1, le=64)
    """Reports that one worker builds at the same time."""
    report_llm_concurrency: int = Field(default=4, ge=1, le=64)
    """What one worker asks the language model at the same time for all of them."""
    report_scores_wait_s: Seconds = 24 * 3600
    """How long a report that is complete but for its scores waits for a language model that is away."""
    report_fonts_dir: Path | None = None
    """The fonts that PDFs are set in; without it those of the machine. What no font has is a box."""
    report_render_wait_s: float = Field(default=20, gt=0)
    """How long a request for a report in another format waits until it has been made."""
    evaluation_settle_s: Seconds = 2.0
    """How long the evaluation of an answer waits for its last words, once the interview has moved on."""
    evaluation_concurrency: int = Field(default=2, ge=0, le=64)
    """Answers that one reports worker evaluates at the same time, behind whoever is talking; 0 is none."""

    # privacy
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 90
    """Days after its end at which a session's data goes; 0 keeps it until somebody erases it."""
    retention_action: Literal["erase", "anonymise"] = "erase"
    retention_declined_days: Annotated[int, Field(ge=0, le=36_500)] = 30
    """The same, where the candidate declined that the data be kept: this or `retention_days`, whichever is sooner."""

    # watching it run
    log_level: str = "INFO"
    process_beat_s: float = Field(default=5, gt=0)
    """How often each process says that it lives, and brings its counts to the database; missed thrice, it is dead."""
    metrics_token: SecretStr = SecretStr("")
    """Opens `/metrics`; without one only this machine itself may read them."""
    monitoring_poll_s: float = Field(default=1, gt=0)
    """How often the stream of session changes looks for some, and how long figures are kept."""
    monitoring_streams_max: int = 200
    """Of one API replica."""
    monitoring_streams_per_user: int = 5
    disk_watch_dir: Path | None = None
    """The folder whose free space `/readyz` looks at; the temporary folder without it."""
    disk_free_min_mb: int = 500
    otel_exporter_otlp_endpoint: str = ""
    """Where traces go (OTLP over HTTP), such as http://127.0.0.1:4318; empty is nowhere."""

    @field_validator("encryption_keys_file")
    @classmethod
    def _one_source_of_keys(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        keys: SecretStr | None = info.data.get("encryption_keys")
        if keys is not None and bool(keys.get_secret_value()) == (file is not None):
            raise ValueError("give exactly one of ENCRYPTION_KEYS and ENCRYPTION_KEYS_FILE")
        return file


def load() -> Settings:
    """Read the settings from the environment.

    Raises `ConfigurationError`, naming each variable that is missing or wrong and what to do about it.
    """
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()]
        raise ConfigurationError(
            "settings are missing or wrong: " + "; ".join(lines) + ". See .env.example; `viva up` generates what "
            "one machine needs."
        ) from error
