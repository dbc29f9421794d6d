#!/usr/bin/env python3
"""Places orders while everything falls: Campanile is killed, PostgreSQL is killed, and a third of the transactions are rolled back.

    orders.py [NUMBER OF TRANSACTIONS]

At the end exactly the orders that are in the shop's table were published, each once. Needs CAMPANILE_TEST_POSTGRES and
CAMPANILE_TEST_POSTGRES_RESTART (scripts/with-postgres.sh sets both) and the binary that CAMPANILE names.
"""

import logging
import os
import pathlib
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

from sqlalchemy import select, text
from sqlalchemy.orm import Session

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

import shop  # noqa: E402
from client import Api  # noqa: E402
from server import BINARY, Server  # noqa: E402

CLERKS = 8
PATIENCE = 120.0


def place_orders(engine, numbers, counted):
    """One clerk: every third order is taken back. What breaks off is looked up in the table later."""
    while True:
        try:
            number = numbers.get_nowait()
        except queue.Empty:
            return
        try:
            with Session(engine) as session, session.begin():
                shop.place(session, number, items=1 + number % 5, in_stock=number % 3 != 0)
            counted["committed"] += 1
        except shop.OutOfStock:
            counted["rolled back"] += 1
        except Exception:  # the driver says in many ways that its database fell
            counted["broken off"] += 1
            time.sleep(0.1)


def waiting(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM campanile.outbox")).scalar_one()


def published(server):
    """How often each order was published."""
    api, cursor, found = Api(server.url, server.key), {}, Counter()
    while True:
        page = api.get("/apps/shop/events", type="order.placed", limit=100, **cursor)
        found.update(event["data"]["number"] for event in page["data"])
        if not page["next_cursor"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


def main():
    # It tells at length what is done here on purpose.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    transactions = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    admin = os.environ["CAMPANILE_TEST_POSTGRES"]
    name = f"shop_{os.getpid()}"
    url = urlsplit(admin)._replace(path=f"/{name}").geturl()
    with shop.connect(admin).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    subprocess.run([BINARY, "outbox", "install", url], check=True, stdout=subprocess.DEVNULL)
    engine = shop.connect(url)
    shop.Base.metadata.create_all(engine)

    dice = random.Random(20260302)
    kills = Counter()
    outbox = {"OUTBOX__URL": url, "OUTBOX__APPLICATION": "shop", "OUTBOX__EVERY": "50ms"}
    with tempfile.TemporaryDirectory() as directory, Server(directory, outbox) as server:
        Api(server.url, server.key).post("/apps", {"uid": "shop", "name": "Shop"})
        numbers, counted = queue.Queue(), Counter()
        for number in range(transactions):
            numbers.put(number)
        clerks = [threading.Thread(target=place_orders, args=(engine, numbers, counted)) for _ in range(CLERKS)]
        for clerk in clerks:
            clerk.start()
        while any(clerk.is_alive() for clerk in clerks):
            time.sleep(dice.uniform(0.3, 1.0))
            if dice.random() < 0.7:
                server.kill()
                kills["Campanile"] += 1
                server.start()
            else:
                subprocess.run(["bash", os.environ["CAMPANILE_TEST_POSTGRES_RESTART"]], check=True)
                kills["PostgreSQL"] += 1
        until = time.monotonic() + PATIENCE
        while waiting(engine):
            if time.monotonic() > until:
                raise SystemExit("the outbox is not read to its end")
            time.sleep(0.1)
        with Session(engine) as session:
            orders = set(session.execute(select(shop.Order.number)).scalars())
        found = published(server)
        server.stop()
    engine.dispose()

    print(f"{transactions} transactions: {dict(counted)}; killed: {dict(kills)}")
    lost, made_up = orders - found.keys(), found.keys() - orders
    twice = [number for number, count in found.items() if count > 1]
    if lost or made_up or twice or not orders:
        raise SystemExit(f"lost {sorted(lost)[:10]}, made up {sorted(made_up)[:10]}, twice {sorted(twice)[:10]}, of {len(orders)}")
    print(f"{len(orders)} orders are in the table, and exactly these were published, each once")


if __name__ == "__main__":
    main()
