"""What is written in letters: plain text, with a link whose token stands behind the `#`, so that no log sees it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail before it is addressed."""

    kind: str
    subject: str
    text: str


def invitation(school: str, name: str, public_url: str, token: str, days: int) -> Letter:
    """The same whether or not the address has an account."""
    return Letter(
        "invitation",
        f"Invitation to {one_line(school)}",
        f"""Hello {one_line(name)},

{one_line(school)} invites you to its Homeroom. Open this page to accept:

{public_url}/invitation#{token}

If you have a Homeroom account with this address already, sign in there with its password;
otherwise choose one. The invitation holds for {days} days and can be used once.

If you do not know this school, do nothing: without you nothing happens.
""",
    )


def classroom_invitation(school: str, classroom: str, public_url: str) -> Letter:
    """To somebody who has an account in the school."""
    return Letter(
        "classroom-invitation",
        f"Invitation to {one_line(classroom)}",
        f"""Hello,

you are invited to {one_line(classroom)} at {one_line(school)}. Sign in to Homeroom to find it:

{public_url}/

If you did not expect this, tell the school.
""",
    )


def password_reset(public_url: str, token: str, minutes: int) -> Letter:
    """To the owner of an account."""
    return Letter(
        "password-reset",
        "Your new Homeroom password",
        f"""Hello,

somebody, probably you, has asked for a new password for the Homeroom account with this address.
Open this page to choose one:

{public_url}/password-reset#{token}

The link holds for {minutes} minutes and can be used once. Choosing a new password signs you out everywhere.

If it was not you, do nothing: your password stays as it is.
""",
    )


def one_line(text: str) -> str:
    """A name as it may stand in a subject, whatever an admin typed: no line ends, and no encoded word (RFC 2047), which
    may stand for them."""
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return plain.replace("=?", "= ?")
