"""The settings of auth, besides those every service has."""

from pydantic import Field, SecretStr

import chassis.config


class Config(chassis.config.Config):
    """`argon2_*` are the parameters of new password hashes; older hashes are renewed at the next login."""

    signing_key_secret: SecretStr = Field(min_length=32)
    argon2_memory_kib: int = Field(19_456, ge=8)
    argon2_time_cost: int = Field(2, ge=1)
    argon2_parallelism: int = Field(1, ge=1)
    password_threads: int = Field(2, ge=1, le=64)
    password_queue: int = Field(200, ge=1)
    token_seconds: int = Field(600, ge=60, le=600)
    session_days: int = Field(30, ge=1, le=365)
    refresh_grace_seconds: int = Field(10, ge=0, le=60)
    oidc_private_providers: bool = False
    key_rotation_days: int = Field(30, ge=1, le=365)
    password_min_length: int = Field(10, ge=8, le=64)
    public_url: str = Field("https://localhost:8443", pattern="^https?://[^/]+$")
    smtp_url: SecretStr = SecretStr("smtp://127.0.0.1:25")
    mail_from: str = "Homeroom <homeroom@localhost>"
    mail_attempts: int = Field(12, ge=1, le=100)
    invitation_days: int = Field(7, ge=1, le=60)
    password_reset_minutes: int = Field(30, ge=5, le=1440)
