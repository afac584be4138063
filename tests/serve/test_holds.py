"""Holds over the API: as `catml hold`, and only for who may write."""

from __future__ import annotations

from home.folder import Home
from home.holds import read_holds
from serve.holds import HoldRow
from tests.serve.conftest import Asking

ASKED = {"camera": "kitchen", "start": "2026-03-01T07:00", "end": "2026-03-01T07:10", "note": "for the vet"}


def test_footage_is_held_listed_and_let_go(house: Home, asking: Asking) -> None:
    client = asking("read", "write")
    made = client.post("/api/v1/holds", json=ASKED)
    row = HoldRow.model_validate(made.json())
    assert (made.status_code, row.start.hour, row.note) == (201, 6, "for the vet")
    assert client.get("/api/v1/holds").json() == [made.json()]
    assert asking("read").post("/api/v1/holds", json=ASKED).status_code == 403
    for wrong, said in (({"camera": "cellar"}, "no camera 'cellar'"), ({"end": "2026-03-01T06:00"}, "must lie after")):
        refused = client.post("/api/v1/holds", json=ASKED | wrong)
        assert refused.status_code == 422 and said in refused.json()["detail"]
    assert client.delete(f"/api/v1/holds/{row.id}").status_code == 204
    assert not read_holds(house)
    assert "no hold 1" in client.delete(f"/api/v1/holds/{row.id}").json()["detail"]
