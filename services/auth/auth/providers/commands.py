"""The providers of a school, and signing in by one of them."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from yarl import URL

from auth.accounts.views import read_account
from auth.domain import new_refresh_token, token_hash
from auth.providers.models import NewProvider, Provider, ProviderChange
from auth.providers.network import Refused
from auth.providers.openid import Client, OpenId, Subject
from auth.resources import Auth, Caller, actor
from auth.sealing import Sealer
from auth.sessions.commands import SignedIn, identity_of
from chassis.db import Executor, Row
from chassis.errors import Conflict, Invalid, NotFound
from chassis.identity import Identity


@dataclass(frozen=True, slots=True)
class Journey:
    """What must be known again when somebody comes back from a provider."""

    provider_id: str
    state: str
    nonce: str
    verifier: str
    return_to: str


@dataclass(frozen=True, slots=True)
class Providers:
    """What signing in by providers needs; `public_url` is where browsers find us."""

    openid: OpenId
    sealer: Sealer
    public_url: str

    def redirect_uri(self, provider_id: UUID) -> str:
        """One for each provider, so that no provider's answer is taken for another's."""
        return f"{self.public_url}/api/auth/oidc/{provider_id}/callback"

    def shown(self, row: Row) -> Provider:
        """What an admin sees."""
        fields = {name: row[name] for name in ("id", "name", "issuer", "client_id", "domains")}
        return Provider(**fields, redirect_uri=self.redirect_uri(row["id"]))

    def client(self, row: Row) -> Client:
        """What we are to this provider."""
        owner = _owner(row["school_id"], row["issuer"], row["client_id"])
        secret = self.sealer.open(bytes(row["client_secret"]), owner).decode()
        return Client(row["issuer"], row["client_id"], secret, self.redirect_uri(row["id"]))


def _owner(school_id: UUID, issuer: str, client_id: str) -> str:
    return f"{school_id} {issuer} {client_id}"


async def create(db: Executor, providers: Providers, identity: Identity, new: NewProvider, caller: Caller) -> Provider:
    """Raises Invalid for an issuer that cannot be asked, Conflict when there are too many."""
    try:
        await providers.openid.described(new.issuer)
    except Refused as error:
        raise Invalid("body.issuer", "This issuer does not describe itself over https.", "issuer_unusable") from error
    sealed = providers.sealer.seal(new.client_secret.encode(), _owner(identity.school_id, new.issuer, new.client_id))
    given = new.model_dump() | {"client_secret": sealed}
    row = await db.row("create_provider", **given, **actor(identity, caller))
    if row is None:
        raise Conflict("too_many_providers", "Twenty providers are enough.")
    return providers.shown(row)


async def change(
    db: Executor, providers: Providers, identity: Identity, provider_id: UUID, change: ProviderChange, caller: Caller
) -> Provider:
    """Raises NotFound."""
    old = await find(db, provider_id)
    if old["school_id"] != identity.school_id:
        raise NotFound("provider")
    owner = _owner(old["school_id"], old["issuer"], old["client_id"])
    secret = None if change.client_secret is None else providers.sealer.seal(change.client_secret.encode(), owner)
    given = change.model_dump() | {"client_secret": secret, "provider_id": provider_id}
    row = await db.row("change_provider", **given, **actor(identity, caller))
    if row is None:
        raise NotFound("provider")
    return providers.shown(row)


async def delete(db: Executor, identity: Identity, provider_id: UUID, caller: Caller) -> list[UUID]:
    """The sessions that ended; raises NotFound."""
    row = await db.row("delete_provider", provider_id=provider_id, **actor(identity, caller))
    if row is None:
        raise NotFound("provider")
    return list(row["ids"])


async def unlink(db: Executor, identity: Identity, account_id: UUID, caller: Caller) -> list[UUID]:
    """The sessions that ended; raises NotFound."""
    await read_account(db, identity, account_id)
    row = await db.row("unlink_identities", account_id=account_id, **actor(identity, caller))
    return list(row["ids"]) if row else []


async def find(db: Executor, provider_id: UUID) -> Row:
    """Raises NotFound."""
    row = await db.row("find_provider", provider_id=provider_id)
    if row is None:
        raise NotFound("provider")
    return row


async def departure(providers: Providers, row: Row, return_to: str) -> tuple[str, Journey]:
    """Where to send the browser, and what to remember. Raises Refused when the provider cannot be asked."""
    described = await providers.openid.described(row["issuer"])
    journey = Journey(str(row["id"]), _random(), _random(), _random(), return_to)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(journey.verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": row["client_id"],
        "redirect_uri": providers.redirect_uri(row["id"]),
        "scope": "openid email",
        "state": journey.state,
        "nonce": journey.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return str(URL(described.authorization_endpoint).update_query(query)), journey


def _random() -> str:
    return secrets.token_urlsafe(32)


async def arrival(
    db: Executor,
    auth: Auth,
    providers: Providers,
    row: Row,
    journey: Journey,
    code: str,
    issuer: str | None,
    caller: Caller,
) -> SignedIn | None:
    """Whoever comes back, signed in to the provider's school; None: a stranger there. Raises Refused."""
    described = await providers.openid.described(row["issuer"])
    if issuer != row["issuer"] and (issuer is not None or described.names_issuer):
        raise Refused("the answer is another provider's")
    subject = await providers.openid.subject(providers.client(row), code, journey.verifier, journey.nonce)
    domains = row["domains"]
    if domains and subject.email.rpartition("@")[2] not in domains:
        return None
    return await signed_in(db, auth, row["id"], subject, caller)


async def signed_in(db: Executor, auth: Auth, provider_id: UUID, subject: Subject, caller: Caller) -> SignedIn | None:
    """A session for whom a believable token names; None: a stranger."""
    token = new_refresh_token()
    given = {
        "provider_id": provider_id,
        "subject": subject.id,
        "email": subject.email,
        "hash": token_hash(token),
        "days": auth.config.session_days,
        "user_agent": caller.user_agent,
        "ip": caller.ip,
    }
    # Twice: a link that was made at the same moment is seen only afterwards.
    session = await db.row("sign_in_by_provider", **given) or await db.row("sign_in_by_provider", **given)
    return None if session is None else SignedIn(identity_of(auth, session), token)
