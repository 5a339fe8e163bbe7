"""Access logs: a list that tests read through the control API, and a JSON-lines file that people read."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any


class AccessLog:
    """What one double was asked, in order, each entry with a number."""

    def __init__(self, path: Path | None = None) -> None:
        self._entries: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._file = path.open("a", buffering=1) if path else None

    def add(self, entry: dict[str, Any]) -> None:
        """Appends an entry, numbered from 1 and timed."""
        with self._lock:
            numbered = {"seq": len(self._entries) + 1, "time": time.time(), **entry}
            self._entries.append(numbered)
            if self._file:
                self._file.write(json.dumps(numbered) + "\n")

    def since(self, marker: int, wanted: dict[str, str]) -> dict[str, Any]:
        """Returns the entries after `marker` whose fields equal `wanted`, and the next marker."""
        with self._lock:
            found = [entry for entry in self._entries[marker:]
                     if all(str(entry.get(name)) == value for name, value in wanted.items())]
            return {"next": len(self._entries), "entries": found}
