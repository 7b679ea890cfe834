"""Prints each segment once it is over: python3 segments.py [HOST:PORT] [--until-end]; needs confluent-kafka."""

import json
import sys

from confluent_kafka import Consumer, KafkaError

ENDED = "io.labelcast.label.ended.v1"
STARTED = ("io.labelcast.label.started.v1", "io.labelcast.label.updated.v1")

seen = set()  # ids: a repeat is left out; who runs for long forgets the oldest
last = {}  # the last number of each stream and epoch: a step of more than one is loss
epochs = {}  # the newest epoch of each stream
open_segments = {}  # by stream, epoch and label


def show(segment, end_ms, reason):
    fields = (segment["streamId"], segment["label"], segment["startMs"], end_ms, segment["score"]["peak"], reason)
    print(*fields, sep="\t", flush=True)


def close_older(stream, epoch):
    """An event of a newer epoch closes what is open in the older one."""
    if epochs.setdefault(stream, epoch) == epoch:
        return
    epochs[stream] = epoch
    for key in [key for key in open_segments if key[0] == stream and key[1] != epoch]:
        segment = open_segments.pop(key)
        show(segment, segment["confirmedMs"], "newer-epoch")


def take(headers, data):
    if headers["ce_id"] in seen:
        return
    seen.add(headers["ce_id"])
    stream, epoch, number = data["streamId"], data["epoch"], data["sequence"]
    before = last.get((stream, epoch))
    if before is not None and number > before + 1:
        print(f"{stream}: {before + 1} to {number - 1} are missing", file=sys.stderr)
    last[stream, epoch] = max(number, before or 0)
    if before is None:  # an epoch is newer when it is seen later
        close_older(stream, epoch)
    key = stream, epoch, data.get("label")
    if headers["ce_type"] in STARTED:
        open_segments[key] = data
    elif headers["ce_type"] == ENDED:
        open_segments.pop(key, None)
        show(data, data["endMs"], data["reason"])


brokers = next((word for word in sys.argv[1:] if not word.startswith("--")), "localhost:9092")
consumer = Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": "example-python",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
)
left = None  # partitions that are not read to their end
assigned = lambda _, partitions: globals().update(left={one.partition for one in partitions})
consumer.subscribe(["labelcast.labels"], on_assign=assigned)
try:
    while left is None or left or "--until-end" not in sys.argv:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF:
                sys.exit(str(message.error()))
            left.discard(message.partition())
            continue
        take({name: value.decode() for name, value in message.headers()}, json.loads(message.value()))
        consumer.commit(message, asynchronous=False)  # only now: after a crash it comes again
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
