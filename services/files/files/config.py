"""Settings of the files service."""

from pydantic import Field, SecretStr, field_validator

from chassis import config
from files.kinds import DEFAULT_TYPES, KINDS

MIB = 1024 * 1024
GIB = 1024 * MIB


class Config(config.Config):
    """Those every service has, where the bytes are, and what may be uploaded."""

    s3_endpoint: str = Field(pattern=r"^https?://[^/]+$")
    s3_access_key: SecretStr
    s3_secret_key: SecretStr
    s3_region: str
    s3_bucket: str
    upload_max_bytes: int = Field(512 * MIB, ge=1)
    upload_types: str = Field(",".join(DEFAULT_TYPES), min_length=1)
    # One request carries at most this much; above it a file travels in parts.
    parts_above_bytes: int = Field(64 * MIB, ge=5 * MIB)
    part_bytes: int = Field(16 * MIB, ge=5 * MIB)
    account_quota_bytes: int = Field(5 * GIB, ge=0)
    school_quota_bytes: int = Field(500 * GIB, ge=0)
    clamav_url: str | None = Field(None, pattern=r"^tcp://[^/:]+:[0-9]+$")
    inspections_at_once: int = Field(2, ge=1, le=16)
    inspection_seconds: int = Field(60, ge=5)
    inspection_memory_bytes: int = Field(GIB, ge=512 * MIB)
    deleted_kept_seconds: int = Field(86_400, ge=0)
    unattached_kept_days: int = Field(30, ge=1)
    sweep_seconds: int = Field(21_600, ge=60)

    @property
    def types(self) -> list[str]:
        """The content types that may be uploaded, sorted."""
        return sorted({name.strip() for name in self.upload_types.split(",") if name.strip()})

    @field_validator("upload_types")
    @classmethod
    def _known_types(cls, value: str) -> str:
        if unknown := sorted({name.strip() for name in value.split(",") if name.strip()} - KINDS.keys()):
            raise ValueError(f"there is no check for {', '.join(unknown)}")
        return value
