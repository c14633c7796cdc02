"""What an application does with redis-py's cluster client: cluster_session.py PORT. Prints nothing and exits with 0 when all went well."""

import sys

from redis.cluster import RedisCluster


def main(port):
    r = RedisCluster(host="127.0.0.1", port=port, decode_responses=True, socket_timeout=10)
    assert len(r.get_nodes()) == 3, r.get_nodes()
    for i in range(200):
        assert r.set(f"py:{i}", i)
    assert [r.get(f"py:{i}") for i in range(200)] == [str(i) for i in range(200)]
    pipeline = r.pipeline()
    for i in range(200):
        pipeline.incr(f"py:{i}")
    assert pipeline.execute() == list(range(1, 201))
    assert r.mget_nonatomic("py:1", "py:2", "py:none") == ["2", "3", None]
    assert r.mset({"{py}a": "1", "{py}b": "2"})
    assert r.mget("{py}a", "{py}b") == ["1", "2"]
    assert r.dbsize(target_nodes=RedisCluster.PRIMARIES) == 202, r.dbsize(target_nodes=RedisCluster.PRIMARIES)
    assert len(set(r.scan_iter("py:*"))) == 200
    assert len(r.keys("py:*", target_nodes=RedisCluster.PRIMARIES)) == 200
    assert r.cluster_keyslot("a") == 15495
    assert r.cluster_countkeysinslot(15495) == 0
    assert r.cluster_info()["cluster_state"] == "ok"
    assert r.rpush("{py}list", 1, 2) == 2
    assert r.blpop("{py}list", 1) == ("{py}list", "1")
    assert r.flushall(target_nodes=RedisCluster.PRIMARIES)
    assert r.dbsize(target_nodes=RedisCluster.PRIMARIES) == 0


main(int(sys.argv[1]))
