"""The signatures of Kingdee's WebAPI, proven by published vectors. No I/O.

Two signatures go with a call: one of the path, time and nonce by the client's secret, one of who we are by the
application's. Each is the base64 of the *hexadecimal text* of an HMAC-SHA256, not of its bytes.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import cycle
from urllib.parse import quote

# What the client's secret is veiled with inside the application id; it stands in every SDK of the vendor.
_VEIL = b"0054f397c6234378b09ca7d3e5debce7"
_VEILED = 32  # letters


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls, for whom."""

    acct_id: str
    user: str
    app_id: str
    app_secret: str
    language: int = 2052
    organisation: str = "0"

    @property
    def client(self) -> tuple[str, str]:
        """The client's id and secret, as they stand in the application id; both empty where it has another form."""
        client_id, line, part = self.app_id.partition("_")
        if not line or "_" in part:
            return "", ""
        return client_id, _unveiled(part)


def headers(identity: Identity, path: str, timestamp: str, nonce: str) -> Mapping[str, str]:
    """What a signed call bears. `path` is that of the URL, from its first slash."""
    client_id, client_secret = identity.client
    where = quote(path, safe="/~").replace("/", "%2F")
    signed = f"POST\n{where}\n\nx-api-nonce:{nonce}\nx-api-timestamp:{timestamp}\n"
    who = f"{identity.acct_id},{identity.user},{identity.language},{identity.organisation}"
    return {
        "X-Api-ClientID": client_id,
        "X-Api-Auth-Version": "2.0",
        "x-api-timestamp": timestamp,
        "x-api-nonce": nonce,
        "x-api-signheaders": "x-api-timestamp,x-api-nonce",
        "X-Api-Signature": signature(client_secret, signed),
        "X-Kd-Appkey": identity.app_id,
        "X-Kd-Appdata": base64.b64encode(who.encode()).decode("ascii"),
        "X-Kd-Signature": signature(identity.app_secret, identity.app_id + who),
    }


def signature(secret: str, text: str) -> str:
    """Base64 of the hexadecimal HMAC."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), sha256).hexdigest().encode("ascii")).decode(
        "ascii"
    )


def login_sign(identity: Identity, timestamp: str) -> str:
    """The signature of `LoginBySign`: the five values in the order of their characters, joined, hashed."""
    values = (identity.acct_id, identity.user, identity.app_id, identity.app_secret, timestamp)
    return sha256("".join(sorted(values)).encode()).hexdigest()


def _unveiled(part: str) -> str:
    if len(part) != _VEILED:
        return ""
    try:
        veiled = base64.b64decode(part, validate=True)
    except binascii.Error:
        return ""
    return base64.b64encode(bytes(sign ^ veil for sign, veil in zip(veiled, cycle(_VEIL), strict=False))).decode(
        "ascii"
    )
