"""SET over 50 connections to a cluster, with or without WAIT 1 behind every run of them; prints SETs a second.

A connection goes to one node and sets keys of that node's slots. Called by benchmarks/cluster/run.
"""

import argparse
import itertools
import selectors
import socket
import time

CONNECTIONS = 50
VALUE = b"x" * 64


def slot_of(key):
    """CRC16 (XMODEM) of the key modulo 16384: keys here have no hash tags."""
    crc = 0
    for byte in key:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return crc % 16384


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def ask(port, *words):
    """The reply to a command on a connection of its own: nested lists, numbers and bytes."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(command(*words))
        stream = connection.makefile("rb")

        def read():
            line = stream.readline()[:-2]
            number = int(line[1:])
            if line[:1] == b"*":
                return [read() for _ in range(number)]
            return stream.read(number + 2)[:-2] if line[:1] == b"$" else number

        return read()


class Client:
    def __init__(self, port, runs, reply_bytes):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.runs = itertools.cycle(runs)
        self.reply_bytes = reply_bytes
        self.left = 0

    def send(self):
        self.left = self.reply_bytes
        self.socket.sendall(next(self.runs))

    def receive(self):
        """True when the run's replies are there. All have the length of success."""
        got = self.socket.recv(65536)
        if b"-" in got or not got:
            raise SystemExit(f"wait.py: {got[:80]}")
        self.left -= len(got)
        return self.left == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pipeline", type=int, default=1)
    parser.add_argument("--requests", type=int, default=40000)
    parser.add_argument("--waits", type=int, default=0)
    args = parser.parse_args()

    ranges = ask(args.port, b"CLUSTER", b"SLOTS")
    keys = {}
    for number in range(12000):
        key = b"key:%012d" % number
        slot = slot_of(key)
        port = next(part[2][1] for part in ranges if part[0] <= slot <= part[1])
        keys.setdefault(port, []).append(command(b"SET", key, VALUE))
    end, end_bytes = (command(b"WAIT", b"1", b"0"), len(b":1\r\n")) if args.waits else (b"", 0)
    clients = []
    selector = selectors.EpollSelector()
    for port, _ in zip(itertools.cycle(sorted(keys)), range(CONNECTIONS)):
        sets = keys[port]
        runs = [b"".join(sets[at : at + args.pipeline]) + end for at in range(0, len(sets) - args.pipeline, args.pipeline)]
        client = Client(port, runs, args.pipeline * len(b"+OK\r\n") + end_bytes)
        selector.register(client.socket, selectors.EVENT_READ, client)
        clients.append(client)

    begun = time.perf_counter()
    left, under_way = args.requests - CONNECTIONS * args.pipeline, CONNECTIONS
    for client in clients:
        client.send()
    while under_way:
        for ready, _ in selector.select():
            if not ready.data.receive():
                continue
            if left > 0:
                left -= args.pipeline
                ready.data.send()
            else:
                under_way -= 1
    print(round(args.requests / (time.perf_counter() - begun)))


main()
