"""Errors are pickled and copied with all they know."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from pipeline_parts import Parts

from frgov_clients import errors
from frgov_clients.errors import ServiceUnavailable
from frgov_clients.transport.operation import Reply
from frgov_clients.transport.retry import Retry


@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_keep_all_they_know(travel: Any) -> None:
    parts = Parts(retry=Retry(attempts=2, wait=lambda state: 0.5))
    flow = parts.start()
    flow.send(None)
    flow.send(Reply(503, {"retry-after": "2", "x-request-id": "r-1"}, b"a"))
    flow.send(None)
    with pytest.raises(ServiceUnavailable) as caught:
        flow.send(Reply(503, {"retry-after": "3", "x-request-id": "r-2"}, b"sorry"))
    error = caught.value
    there = travel(error)
    assert type(there) is ServiceUnavailable
    assert str(there) == str(error)
    assert vars(there) == vars(error)
    assert (there.status, there.retry_after, there.request_id, there.body) == (503, 3.0, "r-2", "sorry")
    assert (there.service, there.operation, there.retryable) == ("probe", "probe.get", True)
    assert [(each.number, each.outcome, each.waited) for each in there.attempts] == [
        (1, "HTTP 503", 2.5),
        (2, "HTTP 503", 0.0),
    ]


ALL = [kind for name in errors.__all__ if issubclass(kind := getattr(errors, name), errors.FrgovError)]


@pytest.mark.parametrize("travel", [copy.copy, errors.FrgovError.twin, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize("kind", ALL)
def test_every_kind_of_error_travels(kind: type[errors.FrgovError], travel: Any) -> None:
    known = {"service": "ban", "operation": "ban.search", "retry_after": 2.0, "status": 500, "field": "q"}
    error = kind("what happened", attempts=(errors.Attempt(1, "HTTP 500", 0.1, 0.0),), **known)
    error.add_note("a note")
    there = travel(error)
    assert type(there) is kind
    assert there is not error
    assert (str(there), vars(there)) == (str(error), vars(error))
    assert str(there) == "ban.search: what happened"
    assert there.__traceback__ is None
