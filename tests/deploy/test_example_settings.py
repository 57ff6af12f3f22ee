"""The example configuration is one the service accepts, and leaves no setting out."""

import shutil
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from ttp.config import SETTINGS_FILE, Settings, load_settings

EXAMPLE = Path(__file__).parents[2] / "deploy" / "ttp.example.toml"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copy(EXAMPLE, tmp_path / SETTINGS_FILE)
    return load_settings(tmp_path, environment={})


def test_the_example_is_accepted(settings: Settings) -> None:
    assert settings.name == "nord"
    assert not settings.embedded_database
    assert settings.four_eyes == "required"


def test_the_example_shows_every_setting() -> None:
    shown = set(tomllib.loads(EXAMPLE.read_text()))
    assert shown == {field.name for field in fields(Settings)} - {"home"}
