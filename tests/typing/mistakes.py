# pyright: strict
"""Mistakes that type checkers must reject: each line that ends with `# E`, and no other."""

from __future__ import annotations

import asyncio

from own_service import AsyncOwnClient, OwnClient

from frgov_clients import AsyncBanClient, BanClient


def arguments(ban: BanClient, own: OwnClient) -> None:
    ban.completion()  # E
    ban.lookup()  # E
    own.word()  # E
    ban.search(12)  # E
    ban.search("rue", limit="5")  # E
    ban.search("rue", postcode=75002)  # E
    own.word("three")  # E
    own.word(3, colour=3)  # E
    ban.search("rue", 5)  # E
    ban.reverse(2.3, 48.8)  # E
    own.word(3, True)  # E
    own.numbers(3)  # E
    ban.search("rue", postecode="75002")  # E
    ban.search("rue", limitt=5)  # E
    own.word(3, color="red")  # E
    ban.search_csv(b"", column=["rue"])  # E
    ban.request("GET", "/x", params="q=1")  # E


def results(ban: BanClient, own: OwnClient) -> None:
    ban.serach("rue")  # E
    print(ban.search("rue").feature)  # E
    print(ban.search("rue").addresses[0].label.lat)  # E
    print(ban.completion("rue").features)  # E
    print(ban.lookup("90001").nom)  # E
    print(ban.check().latency + 1)  # E
    number: str = own.numbers().all()[0]  # E
    print(number)
    print(len(own.numbers()))  # E
    with ban.search("rue"):  # E
        pass


def options(ban: BanClient) -> None:
    BanClient(timeout="3")  # E
    BanClient(timout=3)  # E
    BanClient("https://data.geopf.fr")  # E
    BanClient(retries="no")  # E
    BanClient(dialect="photon")  # E
    BanClient(http_backend="curl")  # E
    BanClient(http_client=object())  # E
    BanClient(limiters=["geocoding"])  # E
    BanClient(auth="secret")  # E
    BanClient(on_event=len)  # E
    ban.with_options(base_url="https://example.test")  # E
    ban.with_options(timeout="3")  # E
    ban.config.timeout = 3  # E
    ban.raw.search_csv(b"", columns=["rue"])  # E
    ban.geocode_many(3)  # E
    ban.geocode_many(["12 rue de la Paix"])  # E
    ban.geocode_many("in.csv", column={"address": "rue"})  # E
    ban.geocode_many("in.csv", in_flight="4")  # E
    print(ban.geocode_many("in.csv").features)  # E
    ban.geocode_many("in.csv").write()  # E
    ban.geocode_many("in.csv").write(3)  # E
    ban.geocode_many("in.csv").write("out.csv", "adr_")  # E
    ban.geocode_many("in.csv").to_pandas(prefx="adr_")  # E
    ban.raw.geocode_many("in.csv")  # E
    print(ban.raw.search("rue").features)  # E


async def forgotten(ban: AsyncBanClient, own: AsyncOwnClient) -> None:
    ban.search("rue")  # E
    print(ban.search("rue").features)  # E
    ban.search_csv(b"", columns=["rue"])  # E
    ban.check()  # E
    for _row in ban.geocode_many("in.csv"):  # E
        pass
    print(ban.geocode_many("in.csv").all()[0])  # E
    print(ban.geocode_many("in.csv").write("out.csv").rows)  # E
    ban.geocode_many("in.csv").write("out.csv")  # E
    if ban.check().ok:  # E
        print("never")
    print(ban.raw.search("rue").content)  # E
    for _number in own.numbers():  # E
        pass
    print(list(own.numbers()))  # E
    print(own.numbers().all()[0])  # E
    with ban:  # E
        print("blocking")
    with own.file("a"):  # E
        pass


async def too_much(ban: BanClient, own: OwnClient) -> None:
    await ban.search("rue")  # E
    await ban.check()  # E
    await ban.geocode_many("in.csv").all()  # E
    async for _row in ban.geocode_many("in.csv"):  # E
        pass
    await own.word(3)  # E
    async for _number in own.numbers():  # E
        pass
    async with ban:  # E
        print("waiting")
    await asyncio.create_task(ban.search("rue"))  # E
