"""Results as values."""

from __future__ import annotations

import pickle

from report_rows import SECRET, failed, row

from frgov_clients.ban.bulk.model import Geocoded
from frgov_clients.ban.exchange import Verdict


def test_the_repr_of_a_result_tells_the_address_found_and_nothing_of_the_row() -> None:
    found = row(3, Verdict.STREET, "street", confidence=0.9954, reasons=("number_missing",))
    found = found._replace(answer=found.answer and found.answer._replace(label="Rue de la Paix 90000 Belfort"))
    told = "<Geocoded position 3: ok street (0.9954) 'Rue de la Paix 90000 Belfort' number_missing>"
    assert repr(found) == str(found) == told
    assert repr(failed(4)) == "<Geocoded position 4: failed none http_503>"
    assert SECRET not in repr([found, failed(4)])
    assert SECRET in str(dict(found.row)), "the row itself is there"


def test_results_are_still_tuples_that_pickle() -> None:
    found = row(3)
    assert pickle.loads(pickle.dumps(found)) == found
    assert found[0] == 3
    assert type(found) is Geocoded
