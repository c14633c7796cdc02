"""Counts with redis-py until the input ends: counters.py cluster|plain PORT,PORT... NAME COUNT.

A line of input has every counter, NAME:0, NAME:1 ..., incremented once. After that comes a line of JSON: how often each counter's command
was sent, by the library's own repetitions too; how often it was acknowledged; the number that the server gave to the connection; the last error.
"""

import json
import sys

import redis
from redis.cluster import RedisCluster
from redis.connection import Connection
from redis.exceptions import RedisClusterException

TIMEOUT_SECONDS = 5

mode, ports, name, count = sys.argv[1:5]
ports = [int(port) for port in ports.split(",")]
keys = [f"{name}:{i}" for i in range(int(count))]
sent = dict.fromkeys(keys, 0)
acknowledged = dict.fromkeys(keys, 0)

send = Connection.send_command


def counting_send(self, *words, **options):
    if words[0] == "INCRBY":
        sent[words[1]] += 1
    send(self, *words, **options)


def connect():
    if mode == "cluster":
        return RedisCluster(host="127.0.0.1", port=ports[0], socket_timeout=TIMEOUT_SECONDS)
    return redis.Redis(port=ports[0], socket_timeout=TIMEOUT_SECONDS)


def connection():
    try:
        return client.client_id() if mode == "plain" else 0
    except redis.RedisError:
        return 0


Connection.send_command = counting_send
# redis-py 4.3 copies its options, itself and its lock among them, where it has to connect to its first server again, and cannot. Later ones do not.
RedisCluster.__deepcopy__ = lambda self, memo: self
client = connect()
error = None
for _ in sys.stdin:
    for key in keys:
        try:
            client.incr(key)
            acknowledged[key] += 1
        except (redis.RedisError, RedisClusterException) as e:
            error = str(e)
    print(json.dumps([list(sent.values()), list(acknowledged.values()), connection(), error]), flush=True)
