"""Certificates for tests: good, expired, for another host, signed by somebody whom nobody knows."""

import datetime as dt
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.UTC)


def certificate(
    path: Path, host: str = "127.0.0.1", *, first_day: int = -1, days: int = 2, foreign: bool = False
) -> Path:
    """Write a certificate and its key.

    Args:
        host: an IP address or a name, for which it is.
        first_day: on which it is valid, from today.
        foreign: it is signed by an authority that is not in the file; else by itself.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    authority = ec.generate_private_key(ec.SECP256R1()) if foreign else key
    begin = NOW + dt.timedelta(days=first_day)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(host))
        .issuer_name(_name("An authority" if foreign else host))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([_host(host)]), critical=False)
        .sign(authority, SHA256())
    )
    own = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(own + made.public_bytes(Encoding.PEM))
    return path


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
