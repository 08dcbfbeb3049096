"""A real homeserver on loopback, and clients that talk to it by HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

SERVER_NAME = "home.example"
START_SECONDS = 90
TESTS = Path(__file__).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def request(
    method: str, url: str, body: Any = None, token: str | None = None, timeout: float = 30
) -> tuple[int, Any]:
    """Asks, and gives status and JSON."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=timeout) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read()
        try:
            return error.code, json.loads(text)
        except ValueError:
            return error.code, text.decode(errors="replace")


class Client:
    """A signed-in user."""

    def __init__(self, url: str, user_id: str, token: str, sync_url: str | None = None) -> None:
        self.url = url
        self.sync_url = sync_url or url
        self.user_id = user_id
        self.token = token
        self.since: str | None = None

    def ask(self, method: str, path: str, body: Any = None, timeout: float = 30) -> Any:
        status, answer = self.status(method, path, body, timeout)
        assert status == 200, (method, path, status, answer)
        return answer

    def status(
        self, method: str, path: str, body: Any = None, timeout: float = 30
    ) -> tuple[int, Any]:
        base = self.sync_url if "/sync" in path else self.url
        return request(method, f"{base}/_matrix/client/v3{path}", body, self.token, timeout)

    def presence_url(self) -> str:
        return f"/presence/{urllib.parse.quote(self.user_id)}/status"

    def is_now(self, state: str, message: str | None = None) -> None:
        body = {"presence": state} | ({"status_msg": message} if message else {})
        self.ask("PUT", self.presence_url(), body)

    def sync(self, wait: float = 0, full: bool = False) -> dict[str, dict[str, Any]]:
        """The presence in the next sync, by sender, the user's own left out. ``full`` starts anew."""
        since = None if full else self.since
        query = {
            "timeout": str(int(wait * 1000)),
            "set_presence": "offline",
            "filter": '{"room":{"timeline":{"limit":1}}}',
        }
        if since:
            query["since"] = since
        answer = self.ask("GET", f"/sync?{urllib.parse.urlencode(query)}", timeout=wait + 30)
        self.since = answer["next_batch"]
        events = answer.get("presence", {}).get("events", [])
        return {
            event["sender"]: event["content"] for event in events if event["sender"] != self.user_id
        }

    def settle(self) -> None:
        """Syncs until nothing more is waiting."""
        self.sync()
        while self.sync(wait=0.3):
            pass

    def wait_for(
        self, sender: str, state: str, seconds: float = 30, poll: float = 30
    ) -> dict[str, Any]:
        """Syncs until a sender's state is there; says what came with it. A long poll takes ``poll`` seconds at most."""
        until = time.monotonic() + seconds
        seen: dict[str, dict[str, Any]] = {}
        while time.monotonic() < until:
            came = self.sync(wait=min(poll, max(0.1, until - time.monotonic())))
            seen |= came
            if came.get(sender, {}).get("presence") == state:
                return came[sender]
        raise AssertionError(
            f"{self.user_id} did not see {sender} {state} in {seconds} s, but {seen}"
        )


class Homeserver:
    """Synapse with our module, as processes of their own."""

    python = sys.executable
    """The Python that has Synapse. It need not have our package."""

    def __init__(self, folder: Path, rules: dict[str, str], **module_config: Any) -> None:
        self.folder = folder
        self.rules = folder / "rules"
        self.rules.mkdir(parents=True)
        for name, text in rules.items():
            (self.rules / name).write_text(text)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.module_config = {"rules": [str(self.rules)], "reload": "200ms", **module_config}
        self.log = folder / "homeserver.log"
        self.processes: list[subprocess.Popen[bytes]] = []

    def config(self) -> dict[str, Any]:
        return {
            "server_name": SERVER_NAME,
            "report_stats": False,
            "pid_file": str(self.folder / "pid"),
            "signing_key_path": str(self.folder / "signing.key"),
            "macaroon_secret_key": "macaroon",
            "form_secret": "form",
            # Passwords of tests need not hold for years.
            "bcrypt_rounds": 4,
            "media_store_path": str(self.folder / "media"),
            "log_config": str(self.log_config(self.log, "main")),
            "suppress_key_server_warning": True,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "federation_ip_range_blacklist": [],
            "enable_registration": True,
            "allow_guest_access": True,
            "enable_registration_without_verification": True,
            "enable_metrics": True,
            "listeners": [
                {
                    "port": self.port,
                    "type": "http",
                    "bind_addresses": ["127.0.0.1"],
                    "resources": [{"names": ["client", "metrics"]}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "db.sqlite")}},
            "rc_registration": {"per_second": 1000, "burst_count": 1000},
            "rc_login": {"address": {"per_second": 1000, "burst_count": 1000}},
            "rc_presence": {"per_user": {"per_second": 1000, "burst_count": 1000}},
            # An initial sync is to be answered anew each time.
            "caches": {"sync_response_cache_duration": "0s"},
            "modules": [
                {"module": "presence_router.PresenceRouter", "config": self.module_config},
                {"module": "backdoor.Backdoor", "config": {}},
            ],
        }

    def log_config(self, log: Path, name: str) -> Path:
        path = self.folder / f"{name}.log.yaml"
        path.write_text(
            json.dumps(
                {
                    "version": 1,
                    "disable_existing_loggers": False,
                    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
                    "handlers": {
                        "file": {
                            "class": "logging.FileHandler",
                            "filename": str(log),
                            "formatter": "plain",
                        }
                    },
                    "root": {"level": "INFO", "handlers": ["file"]},
                }
            )
        )
        return path

    def start(self) -> Homeserver:
        path = self.folder / "homeserver.yaml"
        # JSON is YAML.
        path.write_text(json.dumps(self.config()))
        self.run("homeserver", [path])
        self.wait_until_up(self.url)
        return self

    def run(self, app: str, configs: list[Path]) -> None:
        arguments = [argument for config in configs for argument in ("-c", str(config))]
        key = self.folder / "signing.key"
        if not key.exists():
            key.write_text("ed25519 a_test " + "A" * 43 + "\n")
        with (self.folder / "output.txt").open("ab") as output:
            self.processes.append(
                subprocess.Popen(
                    [self.python, "-m", f"synapse.app.{app}", *arguments],
                    stdout=output,
                    stderr=output,
                    cwd=self.folder,
                    env={
                        **os.environ,
                        "PYTHONUNBUFFERED": "1",
                        "PYTHONPATH": f"{TESTS}:{TESTS.parent}",
                    },
                )
            )

    def wait_until_up(self, url: str) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                if request("GET", f"{url}/_matrix/client/versions", timeout=2)[0] == 200:
                    return
            except OSError:
                pass
            if any(process.poll() is not None for process in self.processes):
                break
            time.sleep(0.1)
        raise AssertionError("Synapse does not start:\n" + self.output()[-3000:])

    def output(self) -> str:
        output = self.folder / "output.txt"
        return (output.read_text() if output.exists() else "") + self.log_text()

    def log_text(self) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "".join(log.read_text() for log in logs)

    def lines_about_rules(self) -> list[str]:
        return [line for line in self.log_text().splitlines() if "presence rules" in line]

    def wait_for_line(self, text: str, count: int = 1, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if sum(text in line for line in self.lines_about_rules()) >= count:
                return
            time.sleep(0.05)
        raise AssertionError(f"no {text!r} in {self.lines_about_rules()}")

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def user(self, name: str, **more: str) -> Client:
        """Registers a user."""
        auth = {"type": "m.login.dummy"}
        return self.register("", {"username": name, "password": "secret", "auth": auth, **more})

    def guest(self) -> Client:
        """Registers a guest."""
        return self.register("?kind=guest", {})

    def register(self, query: str, body: dict[str, Any]) -> Client:
        url = f"{self.url}/_matrix/client/v3/register{query}"
        status, answer = request("POST", url, body)
        assert status == 200, answer
        return Client(self.url, answer["user_id"], answer["access_token"])

    def hears(self, user_id: str, presence: Any = "online", **fields: Any) -> str:
        """Another server says where one of its users is. Gives what Synapse raised, if it did."""
        origin = user_id.partition(":")[2]
        push = {"user_id": user_id, "presence": presence, "last_active_ago": 1, **fields}
        body = {"origin": origin, "push": [push]}
        status, answer = request("POST", f"{self.url}/_test/presence", body)
        assert status == 200, answer
        return str(answer["fault"])

    def write_rules(self, name: str, text: str) -> None:
        """Changes a rule file at once, as editors do."""
        new = self.rules / f".{name}.new"
        new.write_text(text)
        new.rename(self.rules / name)

    def metric(self, name: str) -> float:
        with urllib.request.urlopen(f"{self.url}/_synapse/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        values = [
            line.rsplit(" ", 1)[1] for line in lines if line.startswith((name + "{", name + " "))
        ]
        assert len(values) == 1, (name, values)
        return float(values[0])
