"""Settings of the files service."""

from pydantic import Field, SecretStr

from chassis import config

DEFAULT_TYPES = (
    "application/pdf,image/jpeg,image/png,image/gif,image/webp,text/plain,text/csv,application/zip,"
    "audio/mpeg,video/mp4,"
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document,"
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,"
    "application/vnd.openxmlformats-officedocument.presentationml.presentation"
)


class Config(config.Config):
    """Those every service has, where the bytes are, and what may be uploaded."""

    s3_endpoint: str = Field(pattern=r"^https?://[^/]+$")
    s3_access_key: SecretStr
    s3_secret_key: SecretStr
    s3_region: str
    s3_bucket: str
    upload_max_bytes: int = Field(100 * 1024 * 1024, ge=1)
    upload_types: str = Field(DEFAULT_TYPES, min_length=1)

    @property
    def types(self) -> list[str]:
        """The content types that may be uploaded, sorted."""
        return sorted({name.strip() for name in self.upload_types.split(",") if name.strip()})
