"""Prints every record of a topic as JSON lines, read with confluent-kafka: python3 kafka_dump.py BROKERS TOPIC."""

import json
import sys

from confluent_kafka import Consumer, TopicPartition

brokers, topic = sys.argv[1:]
consumer = Consumer({"bootstrap.servers": brokers, "group.id": "kafka-dump", "enable.auto.commit": False})
partitions = consumer.list_topics(topic, timeout=60).topics[topic].partitions
left = {}
for partition in partitions:
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=60)
    if high > low:
        left[partition] = high
consumer.assign([TopicPartition(topic, partition, 0) for partition in left])
while left:
    message = consumer.poll(60)
    if message is None:
        sys.exit("no record came in time")
    if message.error():
        sys.exit(str(message.error()))
    text = lambda held: None if held is None else held.decode()
    print(
        json.dumps(
            {
                "partition": message.partition(),
                "offset": message.offset(),
                "key": text(message.key()),
                "value": text(message.value()),
                "headers": {name: held.decode() for name, held in message.headers() or []},
                "timestampMs": message.timestamp()[1],
            }
        )
    )
    if message.offset() + 1 >= left.get(message.partition(), 0):
        left.pop(message.partition(), None)
consumer.close()
