"""What every Kafka client of the hub is set up with, and how its errors are told apart."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from hub.errors import Unavailable
from hub.settings import read_secret

REQUEST_TIMEOUT_S = 10.0
SECRET_SUFFIX = ".file"  # noqa: S105 - how a key names a file
Config = dict[str, Any]


def client_config(bootstrap_servers: str, kafka: Mapping[str, str], client_id: str) -> Config:
    """The settings all clients share; keys of `kafka` ending in .file name files with secrets."""
    config: Config = {
        "bootstrap.servers": bootstrap_servers,
        "client.id": client_id,
        "log_level": 3,
        "logger": logging.getLogger("hub.kafka"),
        "broker.address.family": "v4" if bootstrap_servers.startswith("127.") else "any",
        "reconnect.backoff.max.ms": 2_000,
    }
    for key, value in kafka.items():
        if key.endswith(SECRET_SUFFIX):
            config[key.removesuffix(SECRET_SUFFIX)] = read_secret(Path(value)).decode()
        else:
            config[key] = value
    return config


def unavailable(error: KafkaError | KafkaException, what: str) -> Unavailable:
    """The hub's error for a Kafka that does not do its part, with Kafka's own code."""
    kafka_error = error.args[0] if isinstance(error, KafkaException) else error
    return Unavailable(
        f"{what}: {kafka_error.name()}", remedy="check bootstrap_servers and that Kafka runs"
    )
