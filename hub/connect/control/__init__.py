"""Control of connectors: what is wanted, what is told, and Kafka Connect's paths over both."""
