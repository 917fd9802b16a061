"""Kafka: topics, producer, consumers, the Faust app."""
