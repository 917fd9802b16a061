"""Topics on the broker: made where they are missing, compared with what is declared."""

from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined] # there, not in its __all__
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from hub.bus.client import REQUEST_TIMEOUT_S, client_config, unavailable
from hub.bus.topics import Topic


def apply_topics(
    bootstrap_servers: str, topics: Sequence[Topic], kafka: Mapping[str, str], replication: int = 1
) -> list[tuple[str, str]]:
    """Make the topics that are missing; for each its name and "made", "present" or what differs."""
    admin = _admin(bootstrap_servers, kafka)
    there = _partitions(admin)
    missing = [topic for topic in topics if topic.name not in there]
    if missing:
        wanted = [
            NewTopic(topic.name, topic.partitions, replication, config=topic.config())
            for topic in missing
        ]
        for waiting in admin.create_topics(wanted, operation_timeout=REQUEST_TIMEOUT_S).values():
            _result(waiting, "topics cannot be made")
    made = {topic.name for topic in missing}
    return [
        (name, "made" if name in made else state)
        for name, state in describe_topics(bootstrap_servers, topics, kafka)
    ]


def describe_topics(
    bootstrap_servers: str, topics: Sequence[Topic], kafka: Mapping[str, str]
) -> list[tuple[str, str]]:
    """For each topic its name and "present", "missing" or what differs from its declaration."""
    admin = _admin(bootstrap_servers, kafka)
    there = _partitions(admin)
    resources = [
        ConfigResource(ResourceType.TOPIC, topic.name) for topic in topics if topic.name in there
    ]
    found: dict[str, Any] = {}
    if resources:
        answers = admin.describe_configs(resources, request_timeout=REQUEST_TIMEOUT_S)
        found = {
            resource.name: _result(waiting, "topics cannot be read")
            for resource, waiting in answers.items()
        }
    return [
        (topic.name, _compare(topic, there.get(topic.name), found.get(topic.name, {})))
        for topic in topics
    ]


def _compare(topic: Topic, partitions: int | None, config: Mapping[str, Any]) -> str:
    if partitions is None:
        return "missing"
    differs = [
        f"{key} is {config[key].value}, declared {wanted}"
        for key, wanted in topic.config().items()
        if key in config and config[key].value != wanted
    ]
    if partitions != topic.partitions:
        differs.append(f"{partitions} partitions, declared {topic.partitions}")
    return f"differs: {'; '.join(differs)}" if differs else "present"


def _admin(bootstrap_servers: str, kafka: Mapping[str, str]) -> AdminClient:
    return AdminClient(client_config(bootstrap_servers, kafka, "civic-admin"))


def _partitions(admin: AdminClient) -> dict[str, int]:
    try:
        topics = admin.list_topics(timeout=REQUEST_TIMEOUT_S).topics
    except KafkaException as error:
        raise unavailable(error, "Kafka does not answer") from error
    return {name: len(topic.partitions) for name, topic in topics.items()}


def _result(waiting: Any, what: str) -> Any:
    try:
        return waiting.result(REQUEST_TIMEOUT_S)
    except KafkaException as error:
        raise unavailable(error, what) from error
