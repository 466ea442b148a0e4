from decimal import Decimal

import pytest

from infra.errors import SettingsError
from infra.settings import Settings
from tests.infra.streams import KEY_ARN
from tests.infra.synthesis import CONTEXT


def test_cdk_json_sets_nothing_so_that_environments_decide():
    assert Settings.from_context(CONTEXT) == Settings()
    assert not set(Settings.__dataclass_fields__) & set(CONTEXT)


def test_an_empty_context_gives_the_defaults():
    assert Settings.from_context({}) == Settings()


def test_values_from_the_command_line_are_text_and_become_numbers():
    settings = Settings.from_context({"strands": "4", "cache_seconds": "0"})
    assert (settings.strands, settings.cache_seconds) == (4, 0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("deployment", ""),
        ("deployment", "1st"),
        ("deployment", "a" * 41),
        ("deployment", 7),
        ("ledger_name", "a--b"),
        ("ledger_name", "123"),
        ("ledger_name", "-a"),
        ("ledger_name", "a-"),
        ("ledger_name", "a" * 33),
        ("strands", 0),
        ("strands", "17"),
        ("strands", True),
        ("strands", 1.5),
        ("strands", "two"),
        ("strands", None),
        ("stage", "a-b"),
        ("architecture", "arm"),
        ("architecture", "ARM64"),
        ("memory_mb", 128),
        ("log_retention_days", 31),
        ("log_retention_days", True),
        ("throttle_rate", -1),
        ("throttle_burst", "5001"),
        ("cache_seconds", 3601),
        ("ledger_table_name", "ab"),
        ("profile_table_name", "a b c"),
        ("journal_stream_name", "a--b"),
        ("kinesis_stream_name", "a b"),
        ("kinesis_retention_hours", 23),
        ("aggregation", "yes"),
        ("journal_archive", 1),
        ("archive_buffering_seconds", 59),
        ("archive_cold_days", 0),
        ("archive_deep_days", 119),
        ("transaction_view", None),
        ("balance_alerts", ""),
        ("default_balance_threshold", "-1"),
        ("default_balance_threshold", "0.001"),
        ("default_balance_threshold", "1e12"),
        ("default_balance_threshold", "NaN"),
        ("default_balance_threshold", True),
        ("search_index", "on"),
        ("notary_minutes", -1),
        ("notary_minutes", 481),
        ("notary_minutes", False),
        ("notary_minutes", None),
        ("object_lock_mode", "compliance"),
        ("object_lock_days", 0),
        ("object_lock_days", 36501),
        ("signing_key_arns", []),
        ("signing_key_arns", "alias/notary"),
        ("signing_key_arns", [KEY_ARN, "other"]),
        ("digest_bucket", "Has-Capitals"),
        ("digest_bucket_owner", 111122223333),
        ("digest_bucket_key_arn", "arn:aws:kms:eu-west-1:111122223333:alias/digests"),
        ("audit_minutes", 14),
        ("keep_data", "no"),
        ("backup_days", 6),
        ("backup_lock", "compliance"),
        ("dashboard", 1),
        ("alarm_topic_arn", "alarms"),
        ("runbook_url", "docs/runbook.md"),
        ("runbook_url", "https://wiki.example.com/#runbook"),
        ("account", 111122223333),
        ("region", "Ireland"),
        ("audit_minutes", "1.5"),
    ],
)
def test_a_bad_value_is_refused_with_its_key_the_value_and_the_fix(key, value):
    with pytest.raises(SettingsError) as caught:
        Settings.from_context({key: value})
    assert str(caught.value).startswith(f"setting {key!r} is {value!r}; it must be ")


@pytest.mark.parametrize("value", [f"{KEY_ARN},{KEY_ARN[:-1]}9", [KEY_ARN, f"{KEY_ARN[:-1]}9"]])
def test_signing_keys_are_a_list_or_from_the_command_line_text_with_commas(value):
    assert Settings.from_context({"signing_key_arns": value}).signing_key_arns == (KEY_ARN, f"{KEY_ARN[:-1]}9")


def test_the_notary_and_the_auditor_are_turned_off_with_0():
    off = Settings.from_context({"notary_minutes": "0", "audit_minutes": 0})
    assert (off.notary_minutes, off.audit_minutes) == (0, 0)


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"notary_minutes": 0}, "'audit_minutes' must be 0 if 'notary_minutes' is"),
        ({"digest_bucket": "digests"}, "'digest_bucket' and 'digest_bucket_owner' must be given both or neither"),
        ({"digest_bucket_owner": "111122223333"}, "must be given both or neither"),
        ({"digest_bucket_key_arn": KEY_ARN}, "'digest_bucket_key_arn' is that of 'digest_bucket'; give both"),
    ],
)
def test_settings_of_evidence_that_need_each_other_are_refused_alone(context, message):
    with pytest.raises(SettingsError, match=message):
        Settings.from_context(context)


def test_switches_and_amounts_from_the_command_line_are_text_and_become_what_they_mean():
    settings = Settings.from_context(
        {"search_index": "true", "journal_archive": "False", "default_balance_threshold": "9.5"}
    )
    assert (settings.search_index, settings.journal_archive) == (True, False)
    assert settings.default_balance_threshold == Decimal("9.5")


def test_an_amount_in_json_is_taken_as_it_is_written():
    assert Settings.from_context({"default_balance_threshold": 9.99}).default_balance_threshold == Decimal("9.99")


@pytest.mark.parametrize("key", ["default_balance_threshold", "journal_stream_name", "kinesis_stream_name"])
def test_null_leaves_a_name_to_be_generated_and_a_threshold_out(key):
    assert getattr(Settings.from_context({key: None}), key) is None


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "captable1-kinesis-stream"),
        ({"deployment": "trial"}, "trial-kinesis-stream"),
        ({"deployment": "trial", "kinesis_stream_name": "events"}, "events"),
    ],
)
def test_the_kinesis_stream_is_called_after_the_deployment_unless_named(settings, name):
    assert Settings.from_context(settings).kinesis_stream == name


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("strand", "strands"),
        ("ledger-name", "ledger_name"),
        ("Architecture", "architecture"),
        ("logRetentionDays", "log_retention_days"),
    ],
)
def test_a_misspelt_setting_is_refused_and_the_right_one_named(key, meant):
    with pytest.raises(SettingsError, match=f"unknown setting '{key}'.*did you mean '{meant}'"):
        Settings.from_context({key: "x"})


def test_context_of_other_tools_is_let_through():
    assert (
        Settings.from_context({"@aws-cdk/core:target-partitions": ["aws"], "aws:cdk:bundling-stacks": []}) == Settings()
    )
