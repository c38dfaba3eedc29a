"""Checks of TLS certificates."""

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest

from tests.cases import cases
from tests.fetch.loopback import NOW, item, reply, rss, serving
from tidings.fetch.client import ClientSettings, open_client
from tidings.fetch.response import Response

x509 = pytest.importorskip(
    "cryptography.x509", reason="cryptography is needed to make certificates"
)


def _write_certificate(
    folder: Path, *, names: tuple[str] = ("localhost",), days: tuple[int, int] = (-1, 30)
) -> tuple[Path, Path]:
    """Write a self-signed certificate and its key, and return both paths."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + dt.timedelta(days=days[0]))
        .not_valid_after(today + dt.timedelta(days=days[1]))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret


def _fetch(
    certificate: Path, key: Path, patch: pytest.MonkeyPatch, *, trusts: bool = True
) -> Response:
    if trusts:
        patch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def run() -> Response:
        async with serving(
            {"/feed": reply(200, rss(item()), "Connection: close")}, ssl=context
        ) as server:
            settings = ClientSettings(
                "Tester/1",
                allow_hosts=frozenset({("localhost", server.port)}),
                deadline=5.0,
                host_gap=0.0,
            )
            async with open_client(settings, lambda: NOW) as client:
                return await client.fetch(
                    f"https://localhost:{server.port}/feed", "feed", ignores_robots=True
                )

    return asyncio.run(run())


def test_a_certificate_in_order_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trusted certificate is accepted, so the refusals below have another cause."""
    assert _fetch(*_write_certificate(tmp_path), monkeypatch).outcome == "ok"


@cases(
    "changes, trusts",
    ({}, False),
    ({"days": (-30, -1)}, True),
    ({"names": ("other.example",)}, True),
    ids=["self-signed", "expired", "of another host"],
)
def test_a_certificate_that_is_not_is_a_tls_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, tuple[int, int]] | dict[str, tuple[str]],
    trusts: bool,
) -> None:
    """A self-signed, expired or foreign certificate yields tls_error with the reason."""
    response = _fetch(*_write_certificate(tmp_path, **changes), monkeypatch, trusts=trusts)
    assert response.outcome == "tls_error"
    assert "certificate" in (response.reason or "")
