"""Drives the links with toxiproxy-python: arguments are the API's host and port and an upstream that echoes."""
import json
import socket
import sys
import time

from toxiproxy import Toxiproxy
from toxiproxy.api import APIConsumer
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

APIConsumer.host, APIConsumer.port = sys.argv[1], int(sys.argv[2])
server = Toxiproxy()
seen = {"running": server.running(), "version": json.loads(server.version())["version"]}
proxy = server.create(upstream=sys.argv[3], name="python")
host, port = proxy.listen.rsplit(":", 1)


def connect():
    return socket.create_connection((host, int(port)), timeout=5)


def round_trip_ms(connection):
    began = time.monotonic()
    connection.sendall(b"ping")
    assert connection.recv(4) == b"ping"
    return (time.monotonic() - began) * 1000


def refused(call, kind):
    try:
        call()
        return False
    except kind:
        return True


connection = connect()
round_trip_ms(connection)
seen["plainMs"] = round_trip_ms(connection)
proxy.add_toxic(type="latency", attributes={"latency": 100, "jitter": 0})
seen["toxics"] = sorted(proxy.toxics())
seen["latencyMs"] = round_trip_ms(connection)
seen["duplicate"] = refused(lambda: proxy.add_toxic(type="latency"), ProxyExists)
seen["invalid"] = refused(lambda: proxy.add_toxic(type="gremlin"), InvalidToxic)
proxy.destroy_toxic("latency_downstream")
seen["afterMs"] = round_trip_ms(connection)
with proxy.down():
    seen["down"] = refused(connect, ConnectionRefusedError)
seen["up"] = round_trip_ms(connect()) < 1000
server.reset()
proxy.destroy()
seen["left"] = len(server.proxies())
seen["gone"] = refused(proxy.toxics, NotFound)
print(json.dumps(seen))
