"""The commands on labels, as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import catml
from tests.tasks.lived import BOWL, Stay, at, lived


def test_out_in_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = lived(tmp_path, [Stay("kitchen", 1, at(6), at(6.5), "eating", BOWL, cat="miso")])
    file, pictures = tmp_path / "house.tsv", tmp_path / "out.json"

    def call(*arguments: str | Path, status: int = 0) -> tuple[str, str]:
        monkeypatch.setattr("sys.argv", ["catml", "labels", *map(str, arguments), "--home", str(home.root)])
        with pytest.raises(SystemExit) as ended:
            catml.main()
        assert (ended.value.code or 0) == status
        return capsys.readouterr()

    assert "say for what: --boris FILE or --coco FILE" in call("export", status=2)[1]
    assert "--empty is for --boris" in call("export", "--coco", pictures, "--empty", status=2)[1]
    assert "house.tsv: 1 observation with 1 behaviour." in call("export", "--boris", file)[0]
    assert call("import", file, "--observer", "ann")[0] == "2 labels of ann taken in.\n"
    file.write_text(file.read_text().replace("eating", "nibbling"))
    assert (
        "--as 'nibbling': it must be THEIRS=OURS"
        in call("import", file, "--observer", "ben", "--as", "nibbling", status=2)[1]
    )
    assert "no behaviour 'nibbling'" in call("import", file, "--observer", "ben", status=2)[1]
    call("import", file, "--observer", "ben", "--as", "nibbling=eating")
    assert json.loads(call("agree", "ann", "ben", "--json")[0])["agreed"] == 1.0
    out, err = call("export", "--coco", pictures)
    assert "out.json: 0 pictures with 0 animals." in out and "the footage of 30 pictures cannot be read" in err
    assert call("import", pictures, "--observer", "ann")[0] == "0 labels of ann taken in.\n"
