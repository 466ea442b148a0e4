"""The functions' settings."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lambdas.stream.settings import AlertSettings, InvalidSettingError, RebuildSettings, ViewSettings
from lambdas.wallet.settings import MissingSettingError

VIEW = {"VIEW_TABLE": "view", "JOURNAL_TABLE_NAME": "wallettable", "DEAD_LETTER_QUEUE_URL": "https://queue"}
REBUILD = {
    "VIEW_TABLE": "view",
    "JOURNAL_TABLE_NAME": "wallettable",
    "LEDGER_NAME": "captable1",
    "LEDGER_TABLE": "cells",
}
ALERTS = {
    "ALERTS_TABLE": "alerts",
    "JOURNAL_TABLE_NAME": "wallettable",
    "EVENT_BUS_NAME": "bus",
    "DEAD_LETTER_QUEUE_URL": "https://queue",
}


def test_settings_are_read_from_the_environment():
    assert ViewSettings.read(VIEW) == ViewSettings("view", "wallettable", "https://queue")
    assert RebuildSettings.read(REBUILD) == RebuildSettings("view", "wallettable", "captable1", "cells")
    age, memory = timedelta(days=14), timedelta(days=90)
    assert AlertSettings.read(ALERTS) == AlertSettings(
        "alerts", "wallettable", "bus", "https://queue", None, age, memory
    )


def test_optional_settings_of_alerts_go_before_their_defaults():
    more = {"DEFAULT_THRESHOLD": "99.95", "MAXIMUM_ALERT_AGE_HOURS": "1.5", "ALERT_MEMORY_DAYS": "2"}
    found = AlertSettings.read(ALERTS | more)
    assert (found.default_threshold, found.maximum_age, found.memory) == (
        Decimal("99.95"),
        timedelta(minutes=90),
        timedelta(days=2),
    )


@pytest.mark.parametrize(
    ("settings", "environment", "name"),
    [(ViewSettings, VIEW, name) for name in VIEW]
    + [(RebuildSettings, REBUILD, name) for name in REBUILD]
    + [(AlertSettings, ALERTS, name) for name in ALERTS],
)
@pytest.mark.parametrize("value", [None, ""])
def test_setting_that_is_missing_is_named(settings, environment, name, value):
    rest = {key: each for key, each in environment.items() if key != name}
    with pytest.raises(MissingSettingError, match=name):
        settings.read(rest if value is None else rest | {name: value})


@pytest.mark.parametrize("name", ["DEFAULT_THRESHOLD", "MAXIMUM_ALERT_AGE_HOURS", "ALERT_MEMORY_DAYS"])
@pytest.mark.parametrize("value", ["much", "NaN", "-1", "1e400", "Infinity"])
def test_setting_that_is_no_number_is_named_with_its_value(name, value):
    with pytest.raises(InvalidSettingError, match=rf"{name} is '{value}'; set it to a number"):
        AlertSettings.read(ALERTS | {name: value})


def test_crossings_must_be_remembered_for_longer_than_revisions_are_alerted():
    with pytest.raises(InvalidSettingError, match="ALERT_MEMORY_DAYS"):
        AlertSettings.read(ALERTS | {"MAXIMUM_ALERT_AGE_HOURS": "48", "ALERT_MEMORY_DAYS": "2"})
