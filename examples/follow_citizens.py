"""Follow the unified stream with an ordinary client: follow_citizens.py [SETTINGS] [COUNT].

Each message is one citizen's whole view. Messages may come again: a view whose version is not
newer than the one seen is dropped.
"""

import sys
import tomllib
from pathlib import Path

from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

settings = tomllib.loads(
    Path(sys.argv[1] if len(sys.argv) > 1 else ".civic-hub/hub.toml").read_text()
)
wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 10
decode = AvroDeserializer(SchemaRegistryClient({"url": settings["registry_url"]}))
consumer = Consumer(
    {
        "bootstrap.servers": settings["bootstrap_servers"],
        "group.id": "example-follow-citizens",
        "auto.offset.reset": "earliest",
    }
)
consumer.subscribe(["civic.citizens"])
seen: dict[str, int] = {}
while len(seen) < wanted and (message := consumer.poll(30)) is not None:
    if message.error():
        sys.exit(str(message.error()))
    view = decode(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
    if view["version"] > seen.get(view["entity_id"], 0):
        seen[view["entity_id"]] = view["version"]
        print(view["entity_id"], "version", view["version"], "known to", *view["agencies"])
consumer.close()
