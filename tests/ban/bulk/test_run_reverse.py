"""A run from points to addresses."""

from __future__ import annotations

from bulk_parts import SETTINGS

from frgov_clients.ban import BanClient
from frgov_clients.ban.bulk.model import Status
from frgov_clients.ban.exchange import Verdict
from frgov_clients.testing.geopf import FakeGeopf


def test_reverse(fake):
    fake_answer = {
        "label": "4 Rue X 90000 Belfort",
        "id": "90010_0001_00004",
        "type": "housenumber",
        "housenumber": "4",
        "street": "Rue X",
        "name": "4 Rue X",
        "postcode": "90000",
        "city": "Belfort",
        "citycode": "90010",
        "score": 0.99,
        "distance": 12,
        "lon": 6.8,
        "lat": 47.6,
    }
    points = [{"id": n, "lon": f"6,8{n:03}", "lat": 47.6} for n in range(40)]
    with (
        FakeGeopf(answer=lambda q, filters: fake_answer) as server,
        BanClient(base_url=server.url, **SETTINGS) as ban,
    ):
        run = ban.reverse_many(points)
        results = run.all()
        assert [one.status for one in results] == [Status.OK] * 40
        assert results[0].answer.distance is not None
        assert results[0].verdict is Verdict.EXACT
        assert run.report.kind == "reverse"
