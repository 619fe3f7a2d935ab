"""Consumes events from a queue of its own. It needs pika, and zstandard for large bodies.

    PENSTOCK_AMQP_URLS=amqp://guest:guest@127.0.0.1:5672/ python3 docs/examples/direct/consume.py
"""
import json
import os
import sys

import pika

DEAD = {"x-queue-type": "quorum"}
INBOX = {
    "x-queue-type": "quorum",
    "x-delivery-limit": 20,
    "x-overflow": "reject-publish",
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": "inbox.dead",
    "x-dead-letter-strategy": "at-least-once",
}


def inflate(properties, body):
    """Returns the body as the sender sent it: a large one travels compressed."""
    if properties.content_encoding != "zstd":
        return body
    import zstandard

    return zstandard.ZstdDecompressor().decompress(body, max_output_size=64 << 20)


def handle(properties, body):
    """The team's own part. An event may come twice: properties.message_id tells."""
    headers = properties.headers
    if headers.get("penstock-format") != 1:
        raise ValueError("not in format 1")
    request = json.loads(headers["penstock-request"])
    text = inflate(properties, body).decode()
    print(f"{properties.type} from {headers['penstock-source']} at {request['path']}: {text}", flush=True)


def main(count):
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["PENSTOCK_AMQP_URLS"]))
    channel = connection.channel()
    channel.queue_declare("inbox.dead", durable=True, arguments=DEAD)
    channel.queue_declare("inbox", durable=True, arguments=INBOX)
    channel.basic_qos(prefetch_count=32)
    for handled, (method, properties, body) in enumerate(channel.consume("inbox"), start=1):
        try:
            handle(properties, body)
        except (ValueError, KeyError):  # no retry can mend it: to inbox.dead
            channel.basic_reject(method.delivery_tag, requeue=False)
        else:
            channel.basic_ack(method.delivery_tag)
        if handled == count:
            break
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
