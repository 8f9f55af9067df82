"""The settings of environments: what a file says becomes an object of the user's class, or a sentence with its line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BeforeValidator

from ivc import App, DeclarationError, Environment
from ivc.errors import told


@dataclass(frozen=True)
class Database:
    flavor: str
    size: float = 20.0


@dataclass(frozen=True)
class Settings:
    servers: int
    flavor: str
    backups: bool = False
    tier: Literal["gold", "silver"] = "silver"
    share: float = 0.5
    cidr: str | None = None
    addresses: list[str] = field(default_factory=list)
    volumes: dict[str, str] = field(default_factory=dict)
    database: Database | None = None
    replicas: tuple[Database, ...] = ()
    port: int | str = 80


@dataclass(frozen=True)
class NoCloud:
    cloud: str


class NoDataclass:
    servers: int


@dataclass(frozen=True)
class NoType:
    app: App


@dataclass(frozen=True)
class Even:
    servers: int

    def __post_init__(self) -> None:
        if self.servers % 2:
            raise ValueError(f"servers: {self.servers} is odd; give an even number")


def read(folder: Path, text: str, kind: type[Any] = Settings) -> dict[str, Environment[Any]]:
    """The environments of a file, by name."""
    (folder / "environments.toml").write_bytes(text.encode())
    return {one.name: one for one in Environment.read(App(folder=folder), kind)}


def refused(folder: Path, text: str, kind: type[Any] = Settings) -> str:
    """The sentence of the error, with its place as the program ends with it, from its folder."""
    with pytest.raises(DeclarationError) as raised:
        read(folder, text, kind)
    return told(raised.value).replace(f"{folder}/", "")


def test_defaults_lie_under_each_environment_and_tables_are_laid_over_each_other(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
[defaults]
servers = 2
flavor = "b2-7"
addresses = ["10.0.0.1", "10.0.0.2"]
volumes = { www = "www-data" }
database = { flavor = "b2-15", size = 50 }

[prod]
cloud = "ovh"
region = "GRA11"
servers = 4
[prod.volumes]
db = "db-data"
[prod.database]
flavor = "b2-30"

[staging]
addresses = []
replicas = [{ flavor = "a" }, { flavor = "b", size = 1.5 }]
""",
    )
    prod, staging = found["prod"], found["staging"]
    assert (prod.cloud, prod.project, prod.region) == ("ovh", None, "GRA11")
    assert (staging.cloud, staging.project, staging.region) == (None, None, None)
    addresses = ["10.0.0.1", "10.0.0.2"]
    volumes = {"www": "www-data", "db": "db-data"}
    assert prod.settings == Settings(
        4, "b2-7", addresses=addresses, volumes=volumes, database=Database("b2-30", 50.0), replicas=()
    )
    assert staging.settings == Settings(
        2,
        "b2-7",
        addresses=[],
        volumes={"www": "www-data"},
        database=Database("b2-15", 50.0),
        replicas=(Database("a"), Database("b", 1.5)),
    )


HEAD = '[defaults]\nflavor = "b2-7"\n\n[prod]\n'
WRONG = {
    'servers = "4"': "environments.toml:5: [prod]: servers: '4' is a text; give a whole number",
    "servers = true": "environments.toml:5: [prod]: servers: True is a truth value; give a whole number",
    "servers = 1.5": "environments.toml:5: [prod]: servers: 1.5 is a number; give a whole number",
    "servers = 4\nbackups = 1": "environments.toml:6: [prod]: backups: 1 is a number; give true or false",
    "servers = 4\nflavour = 'x'": "environments.toml:6: [prod]: flavour: there is no such setting; did you "
    "mean flavor?",
    "servers = 4\nregoin = 'x'": "environments.toml:6: [prod]: regoin: there is no such setting; did you mean region?",
    "servers = 4\nx = 1": "environments.toml:6: [prod]: x: there is no such setting; known: servers, flavor, backups, "
    "tier, share, cidr, addresses, volumes, database, replicas, port, cloud, project, region, plain_names",
    "": "environments.toml:4: [prod]: servers: it is missing; give it here, or in [defaults]",
    "servers = 4\ntier = 'glod'": "environments.toml:6: [prod]: tier: 'glod' is not known; give 'gold' or 'silver'",
    "servers = 4\nshare = 'x'": "environments.toml:6: [prod]: share: 'x' is a text; give a number",
    "servers = 4\ncidr = 7": "environments.toml:6: [prod]: cidr: 7 is a number; give a text",
    "servers = 4\naddresses = 'x'": "environments.toml:6: [prod]: addresses: 'x' is a text; give a list",
    "servers = 4\naddresses = [\n  'x',\n  2,\n]": "environments.toml:6: [prod]: addresses[1]: 2 is a number; give a "
    "text",
    "servers = 4\n[prod.volumes]\ndata = 3": "environments.toml:7: [prod]: volumes.data: 3 is a number; give a text",
    "servers = 4\nvolumes = 3": "environments.toml:6: [prod]: volumes: 3 is a number; give a table",
    "servers = 4\n\n# It has\n[prod.database]\nflavr = 'x'": "environments.toml:8: [prod]: database.flavor: it is "
    "missing; give it here, or in [defaults]\n"
    "environments.toml:9: [prod]: database.flavr: there is no such setting; did you mean flavor?",
    "servers = 4\nreplicas = [{ flavor = 'x', sise = 1 }]": "environments.toml:6: [prod]: replicas[0].sise: there "
    "is no such setting; did you mean size?",
    "servers = 4\nport = 1.5": "environments.toml:6: [prod]: port: 1.5 is a number; give a whole number or a text",
    "servers = 4\ncloud = 3": "environments.toml:6: [prod]: cloud: 3 is a number; give a text",
    # JSON, in which Pydantic gets them, has no dates.
    "servers = 4\ncidr = 2026-01-01": "environments.toml:6: [prod]: cidr: 2026-01-01 is a date; give a text",
    "servers = 4\ncidr = 07:32:00": "environments.toml:6: [prod]: cidr: 07:32:00 is a time; give a text",
    "servers = 4\naddresses = [\n  'x',\n  2026-01-01T07:32:00Z,\n]": "environments.toml:6: [prod]: addresses[1]: "
    "2026-01-01 07:32:00+00:00 is a date with a time; give a text",
    "servers = 4\n[prod.volumes]\ndata = 2026-01-01": "environments.toml:7: [prod]: volumes.data: 2026-01-01 is a "
    "date; give a text",
    "servers = 2026-01-01": "environments.toml:5: [prod]: servers: 2026-01-01 is a date; give a whole number",
    "servers = 4\nport = 2026-01-01": "environments.toml:6: [prod]: port: 2026-01-01 is a date; give a text",
    "servers = 4\ntier = 2026-01-01": "environments.toml:6: [prod]: tier: 2026-01-01 is not known; give 'gold' or "
    "'silver'",
    "servers = 4\ncloud = 2026-01-01": "environments.toml:6: [prod]: cloud: 2026-01-01 is a date; give a text",
    "servers = 4\nplain_names = 'no'": "environments.toml:6: [prod]: plain_names: 'no' is a text; give true or false",
    "servers = 'a'\nbackups = 'b'": "environments.toml:5: [prod]: servers: 'a' is a text; give a whole number\n"
    "environments.toml:6: [prod]: backups: 'b' is a text; give true or false",
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_a_sentence_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    assert refused(tmp_path, f"{HEAD}{text}\n") == sentence


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    sentence = "environments.toml:3: [prod]: servers: '2' is a text; give a whole number"
    assert refused(tmp_path, '[prod]\r\nflavor = "b2-7"\r\nservers = "2"\r\n') == sentence


def test_what_is_wrong_in_the_defaults_is_said_of_them(tmp_path: Path) -> None:
    text = '[defaults]\nservers = "2"\nflavor = "b2-7"\n[prod]\n'
    assert refused(tmp_path, text) == "environments.toml:2: [defaults]: servers: '2' is a text; give a whole number"


@dataclass(frozen=True)
class Dated:
    until: date | None = None
    at: datetime | None = None
    daily: time | None = None
    own: Annotated[date | None, BeforeValidator(lambda text: text and date.fromisoformat(text))] = None


def test_a_date_is_taken_where_one_is_wanted(tmp_path: Path) -> None:
    text = "[prod]\nuntil = 2026-01-01\nat = 2026-01-01T07:32:00\ndaily = 07:32:00\nown = 2026-01-01\n"
    found = read(tmp_path, text, Dated)["prod"].settings
    assert found == Dated(date(2026, 1, 1), datetime(2026, 1, 1, 7, 32), time(7, 32), date(2026, 1, 1))
    assert refused(tmp_path, "[prod]\nuntil = 2026-01-01T07:32:00\n", Dated) == (
        "environments.toml:2: [prod]: until: 2026-01-01 07:32:00 is a date with a time; give a date"
    )
    sentence = "environments.toml:2: [prod]: until: 'soon': input should be a valid date in the format YYYY-MM-DD"
    assert refused(tmp_path, "[prod]\nuntil = 'soon'\n", Dated).startswith(sentence)


def test_a_class_may_refuse_values_itself(tmp_path: Path) -> None:
    sentence = "environments.toml:2: [prod]: servers: 3 is odd; give an even number"
    assert refused(tmp_path, "\n[prod]\nservers = 3\n", Even) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("servers = 2\n[prod]\n", "environments.toml:1: servers: it stands in no table; put it below [defaults], or "
         "below one environment"),
        ("[prod\n", "is no TOML: "),
        ('["feature/x"]\n', "environments.toml: [feature/x]: Terraform cannot carry the name 'feature/x': "),
        ('["pr-*"]\nservers = 1\nplain_names = true\n', "environments.toml:3: [pr-*]: plain_names: it may be several "
         "environments, whose names would meet; leave it out"),
        ('[defaults]\nservers = 1\nplain_names = true\n["pr-*"]\n', "environments.toml:3: [defaults]: plain_names: "
         "[pr-*] may be several environments, whose names would meet; leave it out"),
        ("[prod]\nplain_names = true\n[staging]\nplain_names = true\n", "environments.toml:4: [staging]: plain_names: "
         "what [prod] and [staging] make would be called alike; say it in one of the two alone"),
        ("[defaults]\nplain_names = true\n[prod]\n[staging]\n", "environments.toml:2: [defaults]: plain_names: what "
         "[prod] and [staging] make would be called alike; say it in one of the two alone"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, sentence: str
) -> None:
    if "pr-" in text:
        monkeypatch.setenv("IVC_ENVIRONMENT", "pr-7")
    assert sentence in refused(tmp_path, text)


def test_of_two_that_are_called_alike_none_is_read_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would have one state, and each deploy would make of one what the other is."""
    monkeypatch.setenv("IVC_ENVIRONMENT", "prod")
    text = "[defaults]\nplain_names = true\n[prod]\n[staging]\n"
    assert "what [prod] and [staging] make would be called alike" in refused(tmp_path, text)
    text += "plain_names = false\n"
    assert "servers: it is missing" in refused(tmp_path, text)


def test_without_a_file_it_says_which_one_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        DeclarationError, match=r"environments\.toml cannot be read \(No such file or directory\); write"
    ):
        Environment.read(App(folder=tmp_path), Settings)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (NoDataclass, "NoDataclass is no dataclass; make it one"),
        (NoCloud, "NoCloud.cloud: it is the environment's own already, environment.cloud; leave the field out"),
        (NoType, "NoType has a type that settings cannot have: "),
    ],
)
def test_a_class_that_cannot_be_read_is_refused(tmp_path: Path, kind: type[Any], sentence: str) -> None:
    assert f"Environment.read: settings: {sentence}" in refused(tmp_path, "[prod]\n", kind)


@pytest.mark.parametrize(
    ("asked", "text", "found"),
    [
        ("", '[prod]\n["pr-*"]\n[staging]\n', ["prod", "staging"]),
        ("staging", "[prod]\n[staging]\n", ["staging"]),
        ("pr-7", '[prod]\n["pr-*"]\n', ["pr-7"]),
        ("pr-7", '["pr-*"]\n[pr-7]\n', ["pr-7"]),
    ],
)
def test_the_environment_of_the_program_may_name_the_only_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, text: str, found: list[str]
) -> None:
    monkeypatch.setenv("IVC_ENVIRONMENT", asked)
    assert [*read(tmp_path, f'[defaults]\nservers = 1\nflavor = "x"\n{text}')] == found


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("prd", "IVC_ENVIRONMENT: environments.toml has no environment 'prd'; did you mean prod?"),
        ("x", "IVC_ENVIRONMENT: environments.toml has no environment 'x'; known: prod, pr-*, pr-7-*"),
        ("pr-7-x", "IVC_ENVIRONMENT: environments.toml has several tables for 'pr-7-x', pr-*, pr-7-*; leave one"),
        ("feature/x", "IVC_ENVIRONMENT: Terraform cannot carry the name 'feature/x': "),
    ],
)
def test_an_environment_that_there_is_not_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, sentence: str
) -> None:
    monkeypatch.setenv("IVC_ENVIRONMENT", asked)
    assert sentence in refused(tmp_path, '[prod]\n["pr-*"]\n["pr-7-*"]\n')


# For all files.

_TEXTS = st.text(max_size=20)
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
_DATABASES = st.fixed_dictionaries({"flavor": _TEXTS}, optional={"size": _NUMBERS})
_NEEDED = st.fixed_dictionaries({"servers": st.integers(), "flavor": _TEXTS})
_GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "servers": st.integers(),
        "backups": st.booleans(),
        "tier": st.sampled_from(["gold", "silver"]),
        "share": _NUMBERS,
        "cidr": _TEXTS,
        "addresses": st.lists(_TEXTS),
        "volumes": st.dictionaries(_TEXTS, _TEXTS),
        "replicas": st.lists(_DATABASES),
    },
)


def toml(value: Any) -> str:
    """A value as TOML has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        # Of what JSON escapes TOML knows all but the halves of a character, and wants DEL escaped, too.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, date) else json.dumps(value)


def table(name: str, given: dict[str, Any]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in given.items())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@given(needed=_NEEDED, under=_GIVEN, over=_GIVEN)
def test_what_is_said_is_what_is_there_and_the_rest_is_the_classs(
    folder: Path, needed: dict[str, Any], under: dict[str, Any], over: dict[str, Any]
) -> None:
    found = read(folder, table("defaults", needed | under) + table("prod", over))["prod"].settings
    said = needed | under | over
    if "volumes" in said:
        said["volumes"] = under.get("volumes", {}) | over.get("volumes", {})
    database = {"size": 20.0}
    said["replicas"] = tuple(database | one for one in said.get("replicas", []))
    assert asdict(found) == asdict(Settings(0, "")) | said


_ANY = st.recursive(
    st.one_of(st.booleans(), st.integers(), _NUMBERS, _TEXTS, st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=4,
)


def holds_date(value: Any) -> bool:
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return isinstance(value, date) or any(map(holds_date, inner))


# Python's own count of lines ends one at \x85, TOML's does not.
@example({"\x85": [], "servers": []})
@given(st.dictionaries(st.one_of(_TEXTS, st.sampled_from([*Settings.__dataclass_fields__])), _ANY, max_size=4))
def test_whatever_is_said_is_taken_or_refused_with_its_line(folder: Path, said: dict[str, Any]) -> None:
    text = "[prod]\n" + "".join(f"{toml(key)} = {toml(value)}\n" for key, value in said.items())
    (folder / "environments.toml").write_bytes(text.encode())
    ours = {*Settings.__dataclass_fields__, "cloud", "project", "region", "plain_names"}
    wrong = None
    try:
        (found,) = Environment.read(App(folder=folder), Settings)
    except DeclarationError as error:
        wrong = error
    if wrong is None:
        assert {"servers", "flavor"} <= {*said} <= ours
        assert type(found.settings.servers) is int
        assert not holds_date(said)
    else:
        assert str(wrong).startswith("[prod]: ")
        assert wrong.file == folder / "environments.toml"
        assert wrong.line in range(1, len(said) + 2)
