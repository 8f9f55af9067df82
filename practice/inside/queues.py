# mypy: ignore-errors
"""Run with the services' Python: ends with 0 if somebody listens on each queue of the RabbitMQ on this port.

queues.py HOST:PORT QUEUE...
"""

import sys

import amqp

address, *queues = sys.argv[1:]
with amqp.Connection(address) as connection:
    for queue in queues:
        try:
            listeners = connection.channel().queue_declare(queue, passive=True).consumer_count
        except amqp.NotFound:
            listeners = 0
        if not listeners:
            sys.exit(f"Nobody listens on {queue}.")
