"""A homeserver of many processes: main process, presence writer, sync workers, federation sender, PostgreSQL, Redis."""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from homeserver import Client, Homeserver, free_port
from programs import program

SYNC_WORKERS = ("sync1", "sync2")


class Workers(Homeserver):
    """Each worker has a port of its own for clients, and one for the other processes."""

    def __init__(self, folder: Path, rules: dict[str, str], **module_config: Any) -> None:
        super().__init__(folder, rules, **module_config)
        self.postgres_port, self.redis_port = free_port(), free_port()
        self.main_replication, self.presence_replication = free_port(), free_port()
        self.sync_ports = {worker: free_port() for worker in SYNC_WORKERS}
        self.configs: dict[str, list[Path]] = {}
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.postgres: list[str] = []
        self.postgres_user: dict[str, Any] = {}

    def config(self) -> dict[str, Any]:
        config = super().config()
        config["database"] = {
            "name": "psycopg2",
            "args": {
                "user": "synapse",
                "dbname": "synapse",
                "host": "127.0.0.1",
                "port": self.postgres_port,
                "cp_min": 1,
                "cp_max": 3,
            },
        }
        config["redis"] = {"enabled": True, "host": "127.0.0.1", "port": self.redis_port}
        config["worker_replication_secret"] = "replication"
        config["instance_map"] = {
            "main": {"host": "127.0.0.1", "port": self.main_replication},
            "presence": {"host": "127.0.0.1", "port": self.presence_replication},
        }
        config["stream_writers"] = {"presence": ["presence"]}
        config["federation_sender_instances"] = ["sender"]
        config["listeners"].append(self.replication(self.main_replication))
        return config

    def replication(self, port: int) -> dict[str, Any]:
        return {
            "port": port,
            "type": "http",
            "bind_addresses": ["127.0.0.1"],
            "resources": [{"names": ["replication"]}],
        }

    def worker(self, name: str, listeners: list[dict[str, Any]]) -> Path:
        path = self.folder / f"{name}.yaml"
        config = {
            "worker_app": "synapse.app.generic_worker",
            "worker_name": name,
            "worker_listeners": listeners,
            "worker_log_config": str(self.log_config(self.folder / f"{name}.log", name)),
        }
        path.write_text(json.dumps(config))
        return path

    def client_listener(self, port: int) -> dict[str, Any]:
        return {
            "port": port,
            "type": "http",
            "bind_addresses": ["127.0.0.1"],
            "resources": [{"names": ["client", "metrics"]}],
        }

    def start(self) -> Homeserver:
        self.start_postgres()
        self.start_redis()
        main = self.folder / "homeserver.yaml"
        main.write_text(json.dumps(self.config()))
        # The main process makes the tables.
        self.run("homeserver", [main])
        self.wait_until_up(self.url)
        listeners = {"presence": [self.replication(self.presence_replication)], "sender": []}
        listeners |= {
            worker: [self.client_listener(port)] for worker, port in self.sync_ports.items()
        }
        for name, listening in listeners.items():
            self.configs[name] = [main, self.worker(name, listening)]
            self.run_worker(name)
        for port in self.sync_ports.values():
            self.wait_until_up(f"http://127.0.0.1:{port}")
        for _ in range(600):
            if sum("presence rules loaded" in line for line in self.lines_about_rules()) == 5:
                return self
            time.sleep(0.1)
        raise AssertionError(f"not all processes loaded the rules: {self.lines_about_rules()}")

    def run_worker(self, name: str) -> None:
        self.run("generic_worker", self.configs[name])
        self.workers[name] = self.processes[-1]

    def kill_worker(self, name: str) -> None:
        """As the system does that has no memory left."""
        worker = self.workers.pop(name)
        worker.kill()
        worker.wait()
        self.processes.remove(worker)

    def start_worker(self, name: str) -> None:
        self.run_worker(name)
        self.wait_until_up(f"http://127.0.0.1:{self.sync_ports[name]}")

    def restart_postgres(self) -> None:
        """Without waiting for those who are connected."""
        old = self.processes[0]
        old.send_signal(signal.SIGINT)
        old.wait(60)
        self.processes[0] = subprocess.Popen(self.postgres, **self.postgres_user)
        self.connect_to_postgres().close()

    def until_it_answers(self, client: Client, seconds: float = 180) -> None:
        """Each process has several connections, and notices one that broke when it next uses it."""
        until = time.monotonic() + seconds
        answered = 0
        asked: list[list[int]] = []
        while time.monotonic() < until:
            statuses = [
                client.status("PUT", client.presence_url(), {"presence": "online"})[0],
                client.status("GET", "/sync?timeout=0")[0],
            ]
            asked.append(statuses)
            answered = answered + 1 if statuses == [200, 200] else 0
            if answered == 3:
                return
            time.sleep(0.1)
        raise AssertionError(f"Synapse does not answer {client.user_id} again: {asked}")

    def start_postgres(self) -> None:
        data = self.folder / "postgres"
        data.mkdir()
        initdb, postgres = program("initdb"), program("postgres")
        assert initdb and postgres
        how: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            user = pwd.getpwnam("postgres")
            os.chown(data, user.pw_uid, user.pw_gid)
            for parent in data.parents:
                if parent != Path("/") and parent.owner() == "root" and parent != Path("/tmp"):
                    parent.chmod(parent.stat().st_mode | 0o011)
            how |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": data}
        options = ["--auth", "trust", "--username", "synapse", "--encoding", "UTF8", "--no-locale"]
        subprocess.run([initdb, "-D", str(data), "--no-sync", *options], check=True, **how)
        options = ["-F", "-h", "127.0.0.1", "-p", str(self.postgres_port), "-k", ""]
        self.postgres, self.postgres_user = [postgres, "-D", str(data), *options], how
        self.processes.append(subprocess.Popen(self.postgres, **how))
        connection = self.connect_to_postgres()
        connection.autocommit = True
        connection.cursor().execute("CREATE DATABASE synapse TEMPLATE template0 LOCALE 'C'")
        connection.close()

    def connect_to_postgres(self) -> Any:
        import psycopg2

        for _ in range(300):
            try:
                address = {"host": "127.0.0.1", "port": self.postgres_port, "user": "synapse"}
                return psycopg2.connect(dbname="postgres", **address)
            except psycopg2.OperationalError:
                time.sleep(0.1)
        raise AssertionError("PostgreSQL does not start")

    def start_redis(self) -> None:
        redis = program("redis-server")
        assert redis
        options = ["--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", ""]
        self.processes.append(
            subprocess.Popen([redis, *options], cwd=self.folder, stdout=subprocess.DEVNULL)
        )

    def stop(self) -> None:
        # PostgreSQL waits for those who are connected, so it comes last.
        self.processes.reverse()
        super().stop()

    def through(self, client: Client, worker: str) -> Client:
        """The same user, whose syncs go to a worker."""
        client.sync_url = f"http://127.0.0.1:{self.sync_ports[worker]}"
        return client
