"""Every mistake in home.yaml, params.yaml or `--set` is told with file, line, value and what would be right."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from home.config import HomeConfig
from home.document import load_document
from home.errors import ConfigError
from home.folder import open_home
from home.params import Params

ZONE = "timezone: Europe/Berlin\n"
KITCHEN = f"{ZONE}cameras:\n  kitchen:\n"
BOWL = f"{KITCHEN}    zones:\n      food_bowl:"  # the rest stands on line 5


@dataclass(frozen=True)
class Case:
    """A wrong file and what must be said of it.

    Attributes:
        name: what is wrong, as the test's name.
        text: the file.
        line: the line the mistake is on; None for a mistake that is on none.
        where: dotted path of the key, empty for the file as a whole.
        found: part of the value that is shown.
        right: part of what would be right.
    """

    name: str
    text: str | bytes
    line: int | None
    where: str
    found: str
    right: str


HALL = f"{ZONE}cameras:\n  hall:\n    zones: {{bed: [[0, 0], [1, 0], [1, 1]]}}\nrules:\n  asleep:\n"  # the rest is on line 7

HOMES = [
    # Rules.
    Case("rule: key", f"{HALL}    clas: cat\n", 7, "rules.asleep.clas", "'clas'", "did you mean `class`?"),
    Case("rule: camera", f"{HALL}    cameras: [hal]\n", 7, "rules.asleep.cameras, entry 1", "'hal'", "did you mean `hall`?"),
    Case("rule: zone", f"{HALL}    zone: bad\n", 7, "rules.asleep.zone", "'bad'", "are: bed; did you mean `bed`?"),
    Case("rule: cat", f"{HALL}    cat: miso\n", 7, "rules.asleep.cat", "'miso'", "the cats are: unknown"),
    Case("rule: behaviour", f"{HALL}    behaviour: sleep\n", 7, "rules.asleep.behaviour", "'sleep'", "`sleeping`"),
    Case("rule: hours", f"{HALL}    hours: [22-6]\n", 7, "rules.asleep.hours, entry 1", "'22-6'", '"22:00-06:30"'),
    Case("rule: of a person", f"{HALL}    class: person\n    behaviour: eating\n", 8, "rules.asleep.behaviour", "'eating'", "of cats only"),
    # The file as YAML.
    Case("empty", "", None, "timezone", "nothing", "must be given, e.g. `timezone: Europe/Berlin`"),
    Case("only comments", "# my home\n", None, "timezone", "nothing", "must be given"),
    Case("a list at the top", "# mine\n- kitchen\n- hall\n", 2, "", "a list", "must be `key: value` lines"),
    Case("a word at the top", "hello\n", 1, "", "'hello'", "must be `key: value` lines"),
    Case("tab", f"{ZONE}cameras:\n\tkitchen:\n", 3, "", "'kitchen:'", "spaces, not with tabs"),
    Case("duplicate key", f"{ZONE}cats: {{}}\ntimezone: UTC\n", 3, "", "'timezone: UTC'", "`timezone` stands here twice"),
    Case("not UTF-8", b"timezone: Europe/Berlin\n# K\xfcche\n", 2, "", "0xfc", "save the file as UTF-8"),
    Case("control character", f"{ZONE}cats: \x07\n", 2, "", "cannot be seen", "retype that line"),
    Case("bracket left open", f"{BOWL} [[0, 0], [1, 0], [1, 1]\n    private: []\n", 5, "", "food_bowl", "bracket"),
    Case("quote left open", f"{ZONE}cats:\n  miso:\n    name: 'Miso\n", 4, "", "Miso", "a quote is missing"),
    Case("no space after the colon", "timezone:Europe/Berlin\ncats: {}\n", 1, "", "timezone:Europe", "a space after"),
    Case("two colons", f"{KITCHEN}    name: Kitchen: left\n", 4, "", "Kitchen: left", "text with a colon needs quotes"),
    Case("alias", f"{KITCHEN}    name: *kitchen\n", 4, "", "*kitchen", "needs quotes"),
    Case("at sign", f"{KITCHEN}    name: @home\n", 4, "", "@home", "needs quotes"),
    Case("two documents", f"{ZONE}---\n{ZONE}", 2, "", "'---'", "remove the second `---`"),
    # Devices and scales.
    Case(
        "two cats of one weight",
        f"{ZONE}cats:\n  miso: {{name: Miso, weight_kg: [4, 5]}}\n  tom:\n    name: Tom\n    weight_kg: [4.9, 6]\n",
        6, "cats.tom.weight_kg", "4.9", "`miso` may weigh as much",
    ),
    Case("weights the wrong way round", f"{ZONE}cats:\n  miso:\n    name: Miso\n    weight_kg: [5, 4]\n", 5, "cats.miso.weight_kg", "5", "the lighter one first"),
    Case("no such behaviour", f"{ZONE}devices:\n  bowl:\n    behaviour: dining\n", 4, "devices.bowl.behaviour", "'dining'", "one of sleeping, eating"),
    Case("put away on no day", f"{ZONE}devices:\n  bowl:\n    until: summer\n", 4, "devices.bowl.until", "'summer'", "YYYY-MM-DD"),
    Case("two lengths", f"{ZONE}devices:\n  bowl:\n    csv:\n      start: From\n      end: To\n      duration_s: For\n", 7, "devices.bowl.csv.duration_s", "'For'", "it cannot stand beside `end`"),
    Case("a log without times", f"{ZONE}devices:\n  bowl:\n    csv:\n      value: Grams\n", 4, "devices.bowl.csv.start", "nothing", "must be given"),
    Case("indentation", f"{ZONE}cameras:\n  kitchen:\n    name: K\n   zones: {{}}\n", 5, "", "zones", "indented"),
    # Keys.
    Case("key mistyped", f"{ZONE}cammeras: {{}}\n", 2, "cammeras", "'cammeras'", "did you mean `cameras`?"),
    Case("key mistyped below", f"{KITCHEN}    privat: []\n", 4, "cameras.kitchen.privat", "'privat'", "`private`?"),
    Case("key unknown", f"{KITCHEN}    brand: Acme\n", 4, "cameras.kitchen.brand", "'brand'", "name, url, sub_url"),
    Case("key in a section", f"{ZONE}store:\n  fotage: x\n", 3, "store.fotage", "'fotage'", "did you mean `footage`?"),
    Case("camera id", f"{ZONE}cameras:\n  Living Room:\n    name: L\n", 3, "cameras.Living Room", "'Living Room'", "`living-room`"),
    Case("camera id a number", f"{ZONE}cameras:\n  1:\n    name: L\n", 3, "cameras.1", "'1'", "put it in quotes"),
    Case("cat id", f"{ZONE}cats:\n  Möhre: {{name: Möhre}}\n", 3, "cats.Möhre", "'Möhre'", "e.g. `mohre`"),
    Case("reserved cat", f"{ZONE}cats:\n  unknown: {{name: X}}\n", 3, "cats.unknown", "X", "choose another id"),
    # Types.
    Case("time zone a number", "timezone: 1\n", 1, "timezone", "1", "must be text"),
    Case("time zone nothing", "timezone:\n", 1, "timezone", "nothing", "must be given, e.g. `timezone: Europe/Berlin`"),
    Case("cameras a list", f"{ZONE}cameras:\n  - kitchen\n", 2, "cameras", "['kitchen']", "must be `name: value` lines"),
    Case("camera a word", f"{ZONE}cameras:\n  kitchen: rtsp\n", 3, "cameras.kitchen", "'rtsp'", "keys: name, url, sub_url"),
    Case("cat a word", f"{ZONE}cats:\n  miso: Miso\n", 3, "cats.miso", "'Miso'", "must be `key: value` lines"),
    Case("cat without a name", f"{ZONE}cats:\n  miso: {{}}\n", 3, "cats.miso.name", "nothing", "`name: Miso`"),
    Case("cat's name empty", f'{ZONE}cats:\n  miso:\n    name: ""\n', 4, "cats.miso.name", "''", "must not be empty"),
    Case("place a word", f"{ZONE}place: Berlin\n", 2, "place", "'Berlin'", "keys: latitude, longitude"),
    Case("latitude in quotes", f'{ZONE}place:\n  latitude: "52"\n  longitude: 1\n', 3, "place.latitude", "'52'", "without quotes"),
    # Values.
    Case("time zone", "# home\n\ntimezone: Berlin\n", 3, "timezone", "'Berlin'", "did you mean Europe/Berlin?"),
    Case("time zone mistyped", "timezone: America/New_Yrok\n", 1, "timezone", "New_Yrok", "mean America/New_York?"),
    Case("time zone a path", "timezone: ../etc/passwd\n", 1, "timezone", "'../etc/passwd'", "IANA"),
    Case("latitude", f"{ZONE}place:\n  latitude: 91\n  longitude: 1\n", 3, "place.latitude", "91", "90 or less"),
    Case("longitude", f"{ZONE}place:\n  latitude: 1\n  longitude: .nan\n", 4, "place.longitude", "nan", "finite number"),
    Case("longitude missing", f"{ZONE}place:\n  latitude: 1\n", 2, "place.longitude", "nothing", "must be given"),
    Case("same name twice", f"{ZONE}cats:\n  a: {{name: Miso}}\n  b:\n    name: miso\n", 5, "cats.b.name", "'miso'", "`a` has that name"),
    Case("private hours", f"{KITCHEN}    private:\n      - 22-6\n", 5, "cameras.kitchen.private, entry 1", "'22-6'", '"22:00-06:30"'),
    Case("private hours after 24", f'{KITCHEN}    private: ["22:00-24:30"]\n', 4, "cameras.kitchen.private, entry 1", "24:30", "local times"),
    Case("private hours of no length", f'{KITCHEN}    private: ["08:00-08:00"]\n', 4, "cameras.kitchen.private, entry 1", "08:00", "different times"),
    Case("private hours no list", f'{KITCHEN}    private: "22:00-06:30"\n', 4, "cameras.kitchen.private", "22:00", "must be a list"),
    # Zones: BOWL ends on line 5.
    Case("zone off the frame", f"{BOWL}\n        - [0, 0]\n        - [0.5, 0]\n        - [0.5, 1.2]\n", 8, "cameras.kitchen.zones.food_bowl, entry 3", "[0.5, 1.2]", "y = 1.2 lies off the frame"),
    Case("zone in pixels", f"{BOWL} [[100, 50], [0, 0], [1, 1]]\n", 5, "cameras.kitchen.zones.food_bowl, entry 1", "[100, 50]", "from 0 to 1"),
    Case("zone of two corners", f"{BOWL} [[0, 0], [1, 1]]\n", 5, "cameras.kitchen.zones.food_bowl", "[[0, 0], [1, 1]]", "3 corners or more"),
    Case("zone on one line", f"{BOWL} [[0, 0], [0.5, 0.5], [1, 1]]\n", 5, "cameras.kitchen.zones.food_bowl", "0.5", "lie on one line"),
    Case("zone nested wrongly", f"{BOWL} [0.1, 0.2, 0.3, 0.4]\n", 5, "cameras.kitchen.zones.food_bowl", "[0.1, 0.2", "a zone is a list of corners"),
    Case("zone of three numbers", f"{BOWL} [[0, 0, 0], [1, 0], [1, 1]]\n", 5, "cameras.kitchen.zones.food_bowl, entry 1", "[0, 0, 0]", "a corner is [x, y]"),
    Case("zone of one number", f"{BOWL} [[0], [1, 0], [1, 1]]\n", 5, "cameras.kitchen.zones.food_bowl, entry 1", "[0]", "a corner is [x, y]"),
    Case("zone of words", f"{BOWL} [[left, top], [1, 0], [1, 1]]\n", 5, "cameras.kitchen.zones.food_bowl, entry 1", "['left', 'top']", "two numbers between 0 and 1"),
    Case("zone infinite", f"{BOWL} [[.nan, 0], [1, 0], [1, 1]]\n", 5, "cameras.kitchen.zones.food_bowl, entry 1", "nan", "off the frame"),
    Case("zone empty", f"{BOWL}\n", 5, "cameras.kitchen.zones.food_bowl", "nothing", "a zone is a list of corners"),
    Case("zone id", f"{KITCHEN}    zones:\n      Food Bowl: [[0, 0], [1, 0], [1, 1]]\n", 5, "cameras.kitchen.zones.Food Bowl", "'Food Bowl'", "`food-bowl`"),
    # Addresses.
    Case("url without scheme", f"{KITCHEN}    url: 192.168.1.20/live\n", 4, "cameras.kitchen.url", "192.168.1.20/live", "rtsp://"),
    Case("url mistyped", f"{KITCHEN}    url: rtps://cam/live\n", 4, "cameras.kitchen.url", "rtps://cam/live", "begins with rtsp://"),
    Case("url without host", f"{KITCHEN}    url: rtsp:///live\n", 4, "cameras.kitchen.url", "rtsp:///live", "names a host"),
    Case("url unreadable", f"{KITCHEN}    url: rtsp://cam:99999/live\n", 4, "cameras.kitchen.url", "99999", "cannot be read"),
    Case("url with a password", f"{KITCHEN}    url: rtsp://me:hunter2@cam/live\n", 4, "cameras.kitchen.url", "rtsp://…@cam/live", "${CAMERA_PASSWORD}"),
    Case("url with a password of all kinds", f"{KITCHEN}    url: 'rtsp://me:hunter2/@:#@cam/live'\n", 4, "cameras.kitchen.url", "…@cam/live", "${CAMERA_PASSWORD}"),
    Case("url with a password behind", f"{KITCHEN}    url: http://cam/live?user=me&password=hunter2\n", 4, "cameras.kitchen.url", "password=…", "${CAMERA_PASSWORD}"),
    Case("password as a key", f"{KITCHEN}    password: hunter2\n", 4, "cameras.kitchen.password", "'password'", "known: name, url"),
    Case("store of another kind", f"{ZONE}store:\n  tables: ftp://nas/tables\n", 3, "store.tables", "ftp://", "s3://bucket/prefix"),
    Case("store without a bucket", f"{ZONE}store:\n  tables: 's3://'\n", 3, "store.tables", "s3://", "s3://bucket/prefix"),
    Case("store mistyped", f"{ZONE}store:\n  tables: s3:/bucket\n", 3, "store.tables", "s3:/bucket", "s3://bucket/prefix"),
    Case("store with keys", f"{ZONE}store:\n  footage: s3://AKIA:hunter2/x@bucket/f\n", 3, "store.footage", "s3://…@bucket/f", "AWS_ACCESS_KEY_ID"),
    Case("endpoint without scheme", f"{ZONE}store:\n  endpoint_url: localhost:9000\n", 3, "store.endpoint_url", "localhost:9000", "http://host:port"),
    Case("endpoint with keys", f"{ZONE}store:\n  endpoint_url: http://me:hunter2@nas:9000\n", 3, "store.endpoint_url", "http://…@nas", "AWS_"),
    # Recording, old footage, relay.
    Case("record the sub stream without one", f"{KITCHEN}    url: rtsp://cam/1\n    record: sub\n", 5, "cameras.kitchen.record", "'sub'", "needs the address of that stream in `sub_url`"),
    Case("record something else", f"{KITCHEN}    record: third\n", 4, "cameras.kitchen.record", "'third'", "'main' or 'sub'"),
    Case("codec", f"{KITCHEN}    codec: h265\n", 4, "cameras.kitchen.codec", "'h265'", "'auto', 'copy' or 'h264'"),
    Case("audio", f"{KITCHEN}    audio: yes\n", 4, "cameras.kitchen.audio", "'yes'", "true or false"),
    Case("sub stream with a password", f"{KITCHEN}    sub_url: rtsp://me:hunter2@cam/2\n", 4, "cameras.kitchen.sub_url", "rtsp://…@cam/2", "${CAMERA_PASSWORD}"),
    Case("camera kept no day", f"{KITCHEN}    retention_days: 0\n", 4, "cameras.kitchen.retention_days", "0", "1 or more"),
    Case("recording a word", f"{ZONE}recording: data/spool\n", 2, "recording", "'data/spool'", "keys: spool, spool_gb"),
    Case("recording mistyped", f"{ZONE}recording:\n  spol: x\n", 3, "recording.spol", "'spol'", "did you mean `spool`?"),
    Case("spool of nothing", f"{ZONE}recording:\n  spool_gb: 0\n", 3, "recording.spool_gb", "0", "more than 0"),
    Case("spool of negative days", f"{ZONE}recording:\n  spool_days: -1\n", 3, "recording.spool_days", "-1", "more than 0"),
    Case("when full", f"{ZONE}recording:\n  when_full: drop\n", 3, "recording.when_full", "'drop'", "'drop_oldest' or 'stop'"),
    Case("no upload", f"{ZONE}recording:\n  uploads: 0\n", 3, "recording.uploads", "0", "1 or more"),
    Case("uploads", f"{ZONE}recording:\n  uploads: 17\n", 3, "recording.uploads", "17", "16 or less"),
    Case("port", f"{ZONE}recording:\n  port: 70000\n", 3, "recording.port", "70000", "65535 or less"),
    Case("retention a number", f"{ZONE}retention: 90\n", 2, "retention", "90", "keys: days, most_share"),
    Case("retention of no day", f"{ZONE}retention:\n  days: 0\n", 3, "retention.days", "0", "1 or more"),
    Case("retention in words", f"{ZONE}retention:\n  days: for ever\n", 3, "retention.days", "'for ever'", "a whole number"),
    Case("retention of half a day", f"{ZONE}retention:\n  days: 7.5\n", 3, "retention.days", "7.5", "a whole number"),
    Case("more than all", f"{ZONE}retention:\n  most_share: 1.5\n", 3, "retention.most_share", "1.5", "1 or less"),
    Case("a share of nothing", f"{ZONE}retention:\n  most_share: 0\n", 3, "retention.most_share", "0", "more than 0"),
    Case("relay a word", f"{ZONE}relay: true\n", 2, "relay", "True", "keys: rtsp, api"),
    Case("relay without scheme", f"{ZONE}relay:\n  rtsp: localhost:8554\n", 3, "relay.rtsp", "localhost:8554", "rtsp://"),
    Case("relay with a password", f"{ZONE}relay:\n  rtsp: rtsp://me:hunter2@nas:8554\n", 3, "relay.rtsp", "rtsp://…@nas", "environment"),
    Case("relay's api without scheme", f"{ZONE}relay:\n  api: nas:9997\n", 3, "relay.api", "nas:9997", "such as http://127.0.0.1:9997"),
    Case("relay's api with a password", f"{ZONE}relay:\n  api: http://me:hunter2@nas:9997\n", 3, "relay.api", "http://…@nas", "without a user or a password"),
]  # fmt: skip

PARAMS = [
    Case("section mistyped", "# mine\ndetct:\n  confidence: 0.3\n", 2, "detct", "'detct'", "did you mean `detect`?"),
    Case("key mistyped", "detect:\n  confidense: 0.3\n", 2, "detect.confidense", "'confidense'", "`confidence`?"),
    Case("section a number", "detect: 3\n", 1, "detect", "3", "keys: model, mode, runtime, classes, confidence"),
    Case("above the range", "detect:\n  # careful\n  confidence: 1.5\n", 3, "detect.confidence", "1.5", "less than 1"),
    Case("below the range", "extract:\n  sample_period_s: 0\n", 2, "extract.sample_period_s", "0", "0.2 or more"),
    Case("zero", "bouts:\n  sleeping_after_s: 0.0\n", 2, "bouts.sleeping_after_s", "0.0", "more than 0"),
    Case("not a number", "detect:\n  confidence: .nan\n", 2, "detect.confidence", "nan", "finite number"),
    Case("infinite", "bouts:\n  merge_gap_s: .inf\n", 2, "bouts.merge_gap_s", "inf", "finite number"),
    Case("half a thread", "nightly:\n  threads: 1.5\n", 2, "nightly.threads", "1.5", "a whole number"),
    Case("true as a number", "nightly:\n  threads: true\n", 2, "nightly.threads", "True", "a whole number"),
    Case("word as a number", "detect:\n  confidence: high\n", 2, "detect.confidence", "'high'", "a number"),
    Case("yes", "version:\n  push: yes\n", 2, "version.push", "'yes'", "true or false"),
    Case("not a list", "detect:\n  classes: cat\n", 2, "detect.classes", "'cat'", "must be a list"),
    Case("empty list", "detect:\n  classes: []\n", 2, "detect.classes", "[]", "at least 1 entry"),
    Case("number in a list", "detect:\n  classes:\n    - cat\n    - 3\n", 4, "detect.classes, entry 2", "3", "text"),
    Case("low above high", "detect:\n  confidence: 0.3\n  confidence_low: 0.4\n", 3, "detect.confidence_low", "0.4", "not be more than `confidence` (0.3)"),
    Case("moment without quotes", "simulate:\n  start: 2026-03-01T09:00:00Z\n", 2, "simulate.start", "2026", "quotes"),
    Case("moment without offset", 'simulate:\n  start: "2026-03-01T09:00:00"\n', 2, "simulate.start", "2026", "offset"),
]  # fmt: skip


def mistake(path: Path, model: type[HomeConfig] | type[Params], overrides: dict[str, str] | None = None) -> ConfigError:
    """The error that loading a file ends in."""
    with pytest.raises(ConfigError) as caught:
        load_document(path, model, overrides)
    return caught.value


def check(case: Case, path: Path, error: ConfigError) -> None:
    """One problem, and it says all that the case asks for."""
    [problem] = error.problems
    assert (problem.file, problem.line, problem.where) == (str(path), case.line, case.where), str(problem)
    assert case.found in problem.found and case.right in problem.right, str(problem)
    message = str(error)
    assert message.startswith(f"{path}:{case.line}: " if case.line else f"{path}: ")
    assert error.exit_status == 2
    # Nothing of Pydantic's or YAML's own wording, no secret, and one line a person can read aloud.
    assert not re.search(r"[Ii]nput should|valid dictionary|instance of|token|mapping|Comment|Scalar|hunter2", message)
    assert "\n" not in message and len(problem.found) <= 90


@pytest.mark.parametrize("case", HOMES, ids=lambda case: case.name)
def test_wrong_home(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_bytes(case.text if isinstance(case.text, bytes) else case.text.encode())
    check(case, path, mistake(path, HomeConfig))


@pytest.mark.parametrize("case", PARAMS, ids=lambda case: case.name)
def test_wrong_params(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(case.text if isinstance(case.text, bytes) else case.text.encode())
    check(case, path, mistake(path, Params))


@pytest.mark.parametrize(
    ("option", "value", "where", "found", "right"),
    [
        ("detct.confidence", "0.3", "detct", "'detct'", "did you mean `detect`?"),
        ("detect.confidense", "0.3", "detect.confidense", "'confidense'", "did you mean `confidence`?"),
        ("confidence", "0.3", "confidence", "'confidence'", "did you mean `detect.confidence`?"),
        ("detect.confidence", "7", "detect.confidence", "7", "less than 1"),
        ("detect.confidence", "", "detect.confidence", "nothing", "a number"),
        ("detect.confidence", "[0.3", "detect.confidence", "'[0.3'", "a YAML value"),
        ("detect.confidence.low", "0.3", "detect.confidence", "{'low': 0.3}", "a number"),
        ("detect.classes", "[cat, 3]", "detect.classes, entry 2", "3", "text"),
        ("detect", "0.3", "detect", "0.3", "keys: model, mode, runtime, classes"),
    ],
)
def test_wrong_set_is_told_as_such(option: str, value: str, where: str, found: str, right: str, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("detect:\n  confidence: 0.4\n")
    [problem] = mistake(path, Params, {option: value}).problems
    assert (problem.file, problem.line, problem.where) == ("--set", None, where)
    assert found in problem.found and right in problem.right, str(problem)


def test_a_mistake_in_the_file_is_not_blamed_on_set(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("extract:\n  heartbeat_s: -1\n")
    [problem] = mistake(path, Params, {"detect.confidence": "0.2"}).problems
    assert (problem.file, problem.line) == (str(path), 2)


def test_set_wins_over_a_wrong_value_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("detect:\n  confidence: 7\n")
    assert load_document(path, Params, {"detect.confidence": "0.2"}).detect.confidence == 0.2


def test_all_mistakes_are_told_at_once_in_order_of_lines(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text("timezone: Mars/Base\nplace:\n  latitude: 91\n  longitude: 181\ncolour: red\n")
    assert [problem.line for problem in mistake(path, HomeConfig).problems] == [1, 3, 4, 5]


def test_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"home\.yaml: found no such file; `catml init DIR` makes a new home"):
        open_home(tmp_path / "nowhere")


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").mkdir()
    assert "found a folder; it must be a file" in str(mistake(tmp_path / "home.yaml", HomeConfig))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(ZONE)
    (tmp_path / "home.yaml").chmod(0)
    assert "permission denied" in str(mistake(tmp_path / "home.yaml", HomeConfig))


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + ZONE.encode())
    assert load_document(path, HomeConfig).timezone == "Europe/Berlin"


def test_sections_whose_lines_are_commented_out_are_defaults(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(
        f"{ZONE}store:\n  # footage: data\ncameras:\n  kitchen:\n    zones:\n    # none yet\ncats:\nrecording:\nretention:\n"
    )
    config = load_document(path, HomeConfig)
    assert config.store.footage == "data/footage" and config.cameras["kitchen"].zones == {} and config.cats == {}
    assert config.recording.spool == "data/spool" and config.retention_days("kitchen") is None
