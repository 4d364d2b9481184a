"""What the sign-in by providers takes and gives."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from auth.sessions.models import Name
from chassis.model import Body

Domain = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=253, pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$"
    ),
]
Domains = Annotated[list[Domain], Field(max_length=50, description="Of the addresses let in; empty: any")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Provider(Body):
    """`redirect_uri` is to be registered with the provider."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    domains: list[str]
    redirect_uri: str


class ProviderList(Body):
    """All of the school's, oldest first."""

    items: list[Provider]


class NewProvider(Body):
    """`issuer` is the address under which `/.well-known/openid-configuration` is."""

    name: Name
    issuer: Text
    client_id: Text
    client_secret: Text
    domains: Domains = Field(default_factory=list)


class ProviderChange(Body):
    """What stays out stays as it is; another issuer or client is another provider."""

    name: Name | None = None
    client_secret: Text | None = None
    domains: Domains | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.name is None and self.client_secret is None and self.domains is None:
            raise ValueError("Give name, client_secret or domains.")
        return self


class SignInOption(Body):
    """Begins at `/oidc/{id}/start`."""

    id: UUID
    name: str


class SignInOptions(Body):
    """Besides the password; nothing else of a school is told to strangers."""

    providers: list[SignInOption]


class StartQuery(Body):
    """`return_to`: the path of the web app to go to when signed in."""

    return_to: str = Field("/", max_length=500, pattern=r"^/(?:[!-.0-\[\]-~][!-\[\]-~]*)?$")


class CallbackQuery(Body, extra="ignore"):
    """What the provider sends back; providers add parameters of their own."""

    code: str | None = Field(None, max_length=4000)
    state: str | None = Field(None, max_length=200)
    iss: str | None = Field(None, max_length=500)
    error: str | None = Field(None, max_length=200)
