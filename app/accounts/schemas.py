"""What the token route gives, in the words of RFC 6749."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

ISSUED: Final[dict[str, Any]] = {
    "access_token": "7a1f0c526f354b848f0e3a3c2f1b9d20.v3Jk0Qe1rS8xYt5LwZb2NcA7dF9gH4jK6mP0qR3sT5u",
    "token_type": "Bearer",
    "expires_in": 900,
    "scope": "frameworks:read results:read",
}


class TokenOut(BaseModel):
    """An access token. Send it as ``Authorization: Bearer …`` until it expires, then ask for another."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [ISSUED]})

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a kind of token
    expires_in: int = Field(description="Life in seconds.")
    scope: str = Field(description="Scopes granted, separated by spaces.")


class TokenErrorOut(BaseModel):
    """Why no token is issued (RFC 6749, section 5.2)."""

    model_config = ConfigDict(frozen=True)

    error: Literal["invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type"]
    error_description: str
