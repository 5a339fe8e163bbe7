"""Proofs about the life of an instance: loopback only, side by side, and nothing left behind however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from functools import partial
from pathlib import Path

from .instance import find_supervisor
from .processes import Identity, stat_fields, wait_until
from .proving import SERVERS, Instance, demand, expect, http_call, servers
from .web import LOOPBACK


def only_loopback_is_listened_on(instance: Instance) -> None:
    """No process of an instance listens on anything but 127.0.0.1."""
    instance.vault("POST", "sys/auth/loopback", {"type": "aws"})
    family = _family(instance)
    sockets = {os.readlink(handle) for pid in family for handle in _handles(pid)}
    listening = [line.split() for table in ("tcp", "tcp6")
                 for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    mine = [fields[1].split(":")[0] for fields in listening if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets]
    demand(len(mine) > 10, f"found only {len(mine)} listeners")
    demand(set(mine) == {"0100007F"}, f"listening on {set(mine)}, not just {LOOPBACK}")


def two_side_by_side(instance: Instance) -> None:
    """A second instance shares nothing with the first, and `down` ends exactly it."""
    second = start(os.getpid())
    own = ("VAULTIAM_SERVERS", "VAULT_ADDR", "HTTPS_PROXY", "VAULT_TOKEN", "AWS_SECRET_ACCESS_KEY", "VAULTIAM_CONTROL")
    demand(all(instance.exports[name] != second.exports[name] for name in own), "something is shared")
    expect(http_call(second.exports["VAULT_ADDR"], "GET", "/v1/sys/health"), 200)
    family = _family(second)
    demand(servers("down", second.exports["VAULTIAM_SERVERS"]).returncode == 0, "down")
    _demand_gone(second, family)
    expect(http_call(instance.exports["VAULT_ADDR"], "GET", "/v1/sys/health"), 200)


def a_killed_owner_leaves_nothing(instance: Instance) -> None:
    """kill -9 of the process that owns an instance ends the instance."""
    owner = subprocess.Popen(["sleep", "600"])
    owned = start(owner.pid)
    family = _family(owned)
    owner.kill()
    owner.wait()
    _demand_gone(owned, family)


def a_killed_supervisor_leaves_no_process(instance: Instance) -> None:
    """kill -9 of the supervisor ends all servers, Vault's plugin too; the next `up` clears its directory."""
    owned = start(os.getpid())
    expect(owned.vault("POST", "sys/auth/aws", {"type": "aws"}), 204)
    family = _family(owned)
    demand(any("plugins/aws" in _command(pid) for pid in family), "the plugin does not run")
    state = Path(owned.exports["VAULTIAM_SERVERS"])
    _supervisor(owned).signal(signal.SIGKILL)
    demand(wait_until(lambda: not any(_alive(pid) for pid in family), 10), "processes were left")
    servers("down", str(state))
    demand(not state.exists(), "the state directory was left")


def a_shell_owns_what_it_evaluates(instance: Instance) -> None:
    """In bash and sh, eval "$(tests/servers up)" lasts as long as the shell, not the substitution."""
    for shell in ("bash", "sh"):
        script = (f'eval "$({SERVERS} up; true)" && sleep 1.2 && "{SERVERS}" status >&2 && echo "$VAULTIAM_SERVERS"'
                  ' && command -v vault')
        done = subprocess.run([shell, "-c", script], capture_output=True, text=True, check=False)
        demand(done.returncode == 0, f"{shell}: {done.stderr}")
        state, vault = done.stdout.split()
        demand(vault == f"{state}/bin/vault", vault)
        demand(wait_until(partial(_is_gone, Path(state)), 10), f"{shell}: {state} was left")


def mistakes_are_one_line(instance: Instance) -> None:
    """A mistake is one clear line and exit code 1."""
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    for arguments, words in ((["article"], "VAULTIAM_SERVERS is not set"), (["down", "/etc"], "not a state directory"),
                             (["up", "--owner", "4194304999"], "no process")):
        done = servers(*arguments, environment=bare)
        demand(done.returncode == 1 and words in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr)


def start(owner: int) -> Instance:
    """Starts an instance of its own."""
    done = servers("up", "--json", "--owner", str(owner))
    demand(done.returncode == 0, done.stderr)
    return Instance(json.loads(done.stdout))


def _family(instance: Instance) -> list[int]:
    """Returns the supervisor and all that descend from it."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    parents = {pid: stat_fields(pid) for pid in pids}
    family = [_supervisor(instance).pid]
    for pid in family:
        family += [child for child, fields in parents.items() if fields and int(fields[1]) == pid]
    return family


def _supervisor(instance: Instance) -> Identity:
    found = find_supervisor(Path(instance.exports["VAULTIAM_SERVERS"]))
    if found is None:
        raise AssertionError("no supervisor")
    return found


def _demand_gone(instance: Instance, family: list[int]) -> None:
    state = Path(instance.exports["VAULTIAM_SERVERS"])
    demand(wait_until(partial(_is_gone, state), 15), f"{state} was left")
    demand(wait_until(lambda: not any(_alive(pid) for pid in family), 5), "processes were left")


def _is_gone(path: Path) -> bool:
    return not path.exists()


def _alive(pid: int) -> bool:
    fields = stat_fields(pid)
    return bool(fields) and fields[0] not in "ZX"


def _handles(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/fd").iterdir())


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")


PROOFS = [only_loopback_is_listened_on, two_side_by_side, a_killed_owner_leaves_nothing,
          a_killed_supervisor_leaves_no_process, a_shell_owns_what_it_evaluates, mistakes_are_one_line]
