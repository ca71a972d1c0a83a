"""Certificates are verified, always: a stranger, another host's name and an expired one are refused."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.address import Address
from connectors.errors import MisconfiguredError
from tests.connectors.doors import a_door
from tests.connectors.loopback import Loopback, says

LONG_AGO, FAR_AHEAD = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


class Authority:
    """A certificate authority of our own, and what it signs."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key, FAR_AHEAD)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
        certificate = builder.sign(self._key, hashes.SHA256())
        self.bundle = folder / f"{name}.pem"
        self.bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, address: str = "127.0.0.1", until: datetime = FAR_AHEAD) -> ssl.SSLContext:
        """For a server at this address."""
        key = ec.generate_private_key(ec.SECP256R1())
        named = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        builder = self._builder(x509.Name([]), key, until).add_extension(named, critical=True)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = builder.add_extension(issuer, critical=False).sign(self._key, hashes.SHA256())
        place = self._folder / "server.pem"
        place.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + _pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(place)
        return context

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
        known = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return builder.not_valid_before(LONG_AGO).not_valid_after(until).add_extension(known, critical=False)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


def _address(server: Loopback, bundle: Path | None) -> Address:
    return Address.of(server.url, on_premise=True, ca_bundle=bundle)


def test_a_certificate_of_the_operators_own_authority_is_accepted(ours: Authority) -> None:
    with Loopback([says({"a": 1})], tls=ours.server()) as server:
        assert a_door(server.url, address=_address(server, ours.bundle)).read("GET", "x").data == {"a": 1}


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(ours: Authority, verb: str) -> None:
    with Loopback(tls=ours.server()) as server:
        with pytest.raises(MisconfiguredError, match=r"certificate is not trusted .* CA_BUNDLE"):
            getattr(a_door(server.url, address=_address(server, None)), verb)("POST", "x", json={})
        assert server.seen == []


def test_a_bundle_trusts_nobody_but_its_own_authority(ours: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "another")
    with Loopback(tls=ours.server()) as server, pytest.raises(MisconfiguredError, match="not trusted"):
        a_door(server.url, address=_address(server, other.bundle)).read("GET", "x")


@pytest.mark.parametrize(("address", "until"), [("127.0.0.2", FAR_AHEAD), ("127.0.0.1", LONG_AGO + timedelta(days=1))])
def test_another_hosts_certificate_and_an_expired_one_are_refused(
    ours: Authority, address: str, until: datetime
) -> None:
    with Loopback(tls=ours.server(address, until)) as server, pytest.raises(MisconfiguredError, match="not trusted"):
        a_door(server.url, address=_address(server, ours.bundle)).read("GET", "x")


def test_the_environment_cannot_slip_in_an_authority(ours: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.bundle))
    with Loopback(tls=ours.server()) as server, pytest.raises(MisconfiguredError, match="not trusted"):
        a_door(server.url, address=_address(server, None)).read("GET", "x")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bundle_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    place = tmp_path / "bundle.pem"
    if content is not None:
        place.write_text(content, encoding="utf-8")
    with pytest.raises(MisconfiguredError, match=r"bundle\.pem cannot be read"):
        a_door("https://127.0.0.1", address=Address.of("https://erp.example", ca_bundle=place))
