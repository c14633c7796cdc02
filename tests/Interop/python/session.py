"""What an application does with redis-py: session.py PORT SCENARIO. Prints nothing and exits with 0 when all went well."""

import sys
import threading
import time

import redis


def connect(port, **options):
    return redis.Redis(port=port, decode_responses=True, socket_timeout=10, **options)


def strings(port):
    r = connect(port)
    assert r.ping()
    assert r.set("py:a", "1")
    assert r.get("py:a") == "1"
    assert r.incrby("py:a", 41) == 42
    assert r.set("py:a", "x", nx=True) is None
    assert r.set("py:a", "y", get=True) == "42"
    assert r.mset({"py:b": "2", "py:c": "3"})
    assert r.mget("py:a", "py:b", "py:c", "py:none") == ["y", "2", "3", None]
    assert r.expire("py:b", 100)
    assert 0 < r.ttl("py:b") <= 100
    assert r.delete("py:a", "py:b", "py:c") == 3
    binary = redis.Redis(port=port)
    value = bytes(range(256)) * 100
    binary.set("py:binary", value)
    assert binary.get("py:binary") == value
    try:
        r.execute_command("SET", "py:a")
        raise AssertionError("an error was expected")
    except redis.ResponseError as error:
        assert "wrong number of arguments" in str(error)


def collections(port):
    r = connect(port)
    r.delete("py:l", "py:h", "py:s", "py:z")
    assert r.rpush("py:l", "a", "b", "c") == 3
    assert r.lrange("py:l", 0, -1) == ["a", "b", "c"]
    assert r.hset("py:h", mapping={"f": "1", "g": "2"}) == 2
    assert r.hgetall("py:h") == {"f": "1", "g": "2"}
    assert r.hincrbyfloat("py:h", "f", 0.5) == 1.5
    assert r.sadd("py:s", "x", "y") == 2
    assert r.smembers("py:s") == {"x", "y"}
    assert r.zadd("py:z", {"one": 1, "two": 2.5}) == 2
    assert r.zrange("py:z", 0, -1, withscores=True) == [("one", 1.0), ("two", 2.5)]
    assert r.zrangebyscore("py:z", "(1", "+inf") == ["two"]


def pipeline(port):
    r = connect(port)
    r.delete("py:n")
    pipe = r.pipeline(transaction=False)
    for _ in range(10_000):
        pipe.incr("py:n")
    assert pipe.execute() == list(range(1, 10_001))


def transaction(port):
    r = connect(port)
    r.set("py:balance", 10)
    with r.pipeline() as pipe:
        pipe.watch("py:balance")
        balance = int(pipe.get("py:balance"))
        pipe.multi()
        pipe.set("py:balance", balance + 1)
        pipe.get("py:balance")
        assert pipe.execute() == [True, "11"]
    with r.pipeline() as pipe:
        pipe.watch("py:balance")
        connect(port).set("py:balance", 99)
        pipe.multi()
        pipe.set("py:balance", 0)
        try:
            pipe.execute()
            raise AssertionError("the watched key had changed")
        except redis.WatchError:
            pass
    assert r.get("py:balance") == "99"


def pubsub(port):
    r = connect(port)
    listener = r.pubsub()
    listener.subscribe("py:news")
    listener.psubscribe("py:pattern:*")
    assert listener.get_message(timeout=5)["type"] == "subscribe"
    assert listener.get_message(timeout=5)["type"] == "psubscribe"
    assert r.publish("py:news", "hello") == 1
    assert listener.get_message(timeout=5)["data"] == "hello"
    assert r.publish("py:pattern:1", "there") == 1
    message = listener.get_message(timeout=5)
    assert (message["type"], message["pattern"], message["data"]) == ("pmessage", "py:pattern:*", "there")
    assert r.pubsub_numsub("py:news") == [("py:news", 1)]
    listener.ping()
    assert listener.get_message(timeout=5)["type"] == "pong"
    listener.unsubscribe()
    listener.punsubscribe()
    assert listener.get_message(timeout=5)["type"] == "unsubscribe"
    listener.close()


def scan(port):
    r = connect(port)
    names = {f"py:scan:{number}" for number in range(1000)}
    r.mset({name: "x" for name in names})
    assert set(r.scan_iter(match="py:scan:*", count=100)) == names
    r.delete("py:bighash")
    r.hset("py:bighash", mapping={f"f{number}": number for number in range(600)})
    assert len(dict(r.hscan_iter("py:bighash"))) == 600
    r.delete("py:bigset")
    r.sadd("py:bigset", *range(1000))
    assert {int(member) for member in r.sscan_iter("py:bigset")} == set(range(1000))
    r.delete("py:bigzset")
    r.zadd("py:bigzset", {f"m{number}": number for number in range(300)})
    assert len(dict(r.zscan_iter("py:bigzset"))) == 300


def blocking(port):
    r = connect(port)
    r.delete("py:queue")
    taken = []
    worker = threading.Thread(target=lambda: taken.append(connect(port).blpop(["py:none", "py:queue"], timeout=10)))
    worker.start()
    wait_until(lambda: r.info("clients")["blocked_clients"] > 0)
    assert r.rpush("py:queue", "job") == 1
    worker.join(10)
    assert taken == [("py:queue", "job")]
    assert r.llen("py:queue") == 0
    assert r.blpop("py:queue", timeout=0.05) is None
    assert r.bzpopmin("py:none", timeout=0.05) is None


def reconnect(port):
    r = connect(port, single_connection_client=True, client_name="py-reconnect", retry_on_error=[redis.ConnectionError])
    first = r.client_id()
    assert connect(port).execute_command("CLIENT", "KILL", "ID", first) == 1
    # The client library reports the lost connection at most once.
    try:
        r.ping()
    except redis.ConnectionError:
        pass
    assert r.ping()
    assert r.client_id() != first
    assert r.client_getname() == "py-reconnect"


def wait_until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition never held"
        time.sleep(0.005)


if __name__ == "__main__":
    {function.__name__: function for function in (strings, collections, pipeline, transaction, pubsub, scan, blocking, reconnect)}[sys.argv[2]](
        int(sys.argv[1])
    )
