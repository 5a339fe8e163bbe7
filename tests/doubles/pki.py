"""The certificates of an instance: its own CA, leaves on demand, and deliberately wrong ones."""

from __future__ import annotations

import datetime
import ssl
import threading
from pathlib import Path

import trustme


class Pki:
    """The test CA of one instance and what it has issued."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()
        self._ca = trustme.CA(organization_name="vaultiam test CA")
        self.ca = directory / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.ca))
        self.other_ca = directory / "other-ca.pem"
        trustme.CA(organization_name="vaultiam other CA").cert_pem.write_to_path(str(self.other_ca))
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def server_context(self, host: str) -> ssl.SSLContext:
        """Returns the TLS settings of a server named `host`; HTTP/1.1 only."""
        with self._lock:
            if host not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.set_alpn_protocols(["http/1.1"])
                self._ca.issue_cert(host).configure_cert(context)
                self._contexts[host] = context
            return self._contexts[host]

    def issue(self, name: str, *identities: str) -> tuple[Path, Path]:
        """Issues a certificate into files; returns certificate and key."""
        return self._write(name, self._ca.issue_cert(*identities))

    def issue_expired(self, name: str, *identities: str) -> tuple[Path, Path]:
        """Issues a certificate whose time is over."""
        now = datetime.datetime.now(datetime.timezone.utc)
        leaf = self._ca.issue_cert(*identities, not_before=now - datetime.timedelta(days=30),
                                   not_after=now - datetime.timedelta(days=1))
        return self._write(name, leaf)

    def _write(self, name: str, leaf: trustme.LeafCert) -> tuple[Path, Path]:
        certificate, key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        key.touch(mode=0o600)
        leaf.private_key_pem.write_to_path(str(key))
        certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        return certificate, key
