from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from functools import partial

from quota_simulation import fullest

from frgov_clients.transport.ratelimit import Ticket, Window
from frgov_clients.transport.ratelimit_redis import RedisRateLimiter

CHILD = """
import asyncio, json, sys, threading, time
import redis
from frgov_clients.transport.effects import Sleep
from frgov_clients.transport.ratelimit import Ticket, Window
from frgov_clients.transport.ratelimit_redis import RedisRateLimiter

url, kind, total = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = redis.Redis.from_url(url)
limiter = RedisRateLimiter(client, [Window(limit=50, seconds=1)], name="processes")
passed = []

def note(ticket):
    passed.append((ticket.stamp, time.monotonic()))

def work():
    while client.incr("taken") <= total:
        ticket, answer = Ticket(), None
        flow = limiter.acquire(ticket, 10)
        try:
            while True:
                effect = flow.send(answer)
                answer = time.sleep(effect.seconds) if isinstance(effect, Sleep) else effect.call()
        except StopIteration:
            note(ticket)

async def task():
    while await asyncio.to_thread(client.incr, "taken") <= total:
        ticket, answer = Ticket(), None
        flow = limiter.acquire(ticket, 10)
        try:
            while True:
                effect = flow.send(answer)
                sleeps = isinstance(effect, Sleep)
                answer = await (asyncio.sleep(effect.seconds) if sleeps else asyncio.to_thread(effect.call))
        except StopIteration:
            note(ticket)

async def tasks():
    await asyncio.gather(*(task() for _ in range(5)))

print("ready", flush=True)
sys.stdin.readline()
if kind == "loop":
    asyncio.run(tasks())
else:
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
print(json.dumps(passed))
"""


def test_processes_keep_one_quota(redis_client, redis_url):
    command = [sys.executable, "-c", CHILD, redis_url]
    start = partial(subprocess.Popen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    children = [start([*command, kind, "150"]) for kind in ("threads", "threads", "loop", "loop")]
    try:
        for child in children:
            assert child.stdout.readline() == "ready\n"
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        answers = [json.loads(child.communicate(timeout=20)[0]) for child in children]
    finally:
        for child in children:
            child.kill()
            child.communicate()
    assert all(len(answer) >= 10 for answer in answers)
    passed = [pair for answer in answers for pair in answer]
    assert len(passed) == 150
    stamps = [(stamp / 1e6, 1) for stamp, _ in passed]
    assert fullest(stamps, 1.0) == 50
    assert fullest([(moment, 1) for _, moment in passed], 0.95) <= 50  # as seen from outside
    ideal = 2.0
    assert max(stamps)[0] - min(stamps)[0] <= ideal / 0.9


def test_threads_of_one_process_ask_redis_one_by_one_and_seldom(drive, redis_client):
    limiter = RedisRateLimiter(redis_client, [Window(limit=20, seconds=0.4)], name="calm")
    script, inside, at_once = limiter._script, [], []

    def watched(**arguments):
        inside.append(1)
        at_once.append(len(inside))
        time.sleep(0.0005)
        answer = script(**arguments)
        inside.pop()
        return answer

    limiter._script = watched
    threads = [threading.Thread(target=lambda: drive(limiter.acquire(Ticket(), 5))) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 50 <= len(at_once) <= 200
    assert max(at_once) == 1


def test_in_an_event_loop(drive_async, redis_client):
    limiter = RedisRateLimiter(redis_client, [Window(limit=2, seconds=0.2)], name="loop")

    async def main():
        begin = time.monotonic()
        await asyncio.gather(*(drive_async(limiter.acquire(Ticket(), 5)) for _ in range(4)))
        return time.monotonic() - begin

    assert 0.2 <= asyncio.run(main()) < 0.4
