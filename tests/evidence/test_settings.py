"""What the notary's and the auditor's functions read of their environment."""

import pytest

from lambdas.evidence.settings import AuditSettings, EvidenceSettings, InvalidSettingError, read_retention
from lambdas.wallet.settings import MissingSettingError

ENVIRONMENT = {
    "LEDGER_NAME": "demo",
    "LEDGER_TABLE": "cells",
    "DIGEST_BUCKET": "digests",
    "DIGEST_BUCKET_OWNER": "111122223333",
    "SIGNING_KEY_ARNS": "arn:new, arn:old",
    "OBJECT_LOCK_MODE": "COMPLIANCE",
    "RETENTION_DAYS": "365",
    "AUDIT_BUCKET": "audits",
    "AUDIT_BUCKET_OWNER": "444455556666",
    "ROLLING_SECONDS": "30",
}


def test_everything_is_read():
    assert EvidenceSettings.read(ENVIRONMENT) == EvidenceSettings(
        "demo", "cells", "digests", "111122223333", ("arn:new", "arn:old")
    )
    assert read_retention(ENVIRONMENT) == ("COMPLIANCE", 365)
    assert AuditSettings.read(ENVIRONMENT) == AuditSettings("audits", "444455556666", 30)


@pytest.mark.parametrize("name", ["LEDGER_NAME", "LEDGER_TABLE", "DIGEST_BUCKET", "SIGNING_KEY_ARNS"])
def test_what_no_function_can_do_without_is_named(name):
    with pytest.raises(MissingSettingError, match=name):
        EvidenceSettings.read(ENVIRONMENT | {name: ""})


@pytest.mark.parametrize("name", ["OBJECT_LOCK_MODE", "RETENTION_DAYS"])
def test_a_notary_that_is_not_told_how_to_lock_does_not_write_unlocked(name):
    with pytest.raises(MissingSettingError, match=name):
        read_retention(ENVIRONMENT | {name: ""})


@pytest.mark.parametrize("value", ["none", "compliance", "COMPLIANCE "])
def test_a_lock_that_s3_does_not_know_is_refused_with_what_to_set(value):
    with pytest.raises(InvalidSettingError, match=f"OBJECT_LOCK_MODE is '{value}'; set it to COMPLIANCE or GOVERNANCE"):
        read_retention(ENVIRONMENT | {"OBJECT_LOCK_MODE": value})


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "a year", "१"])
def test_a_time_that_is_no_whole_number_is_refused_with_what_to_set(value):
    with pytest.raises(InvalidSettingError, match=r"RETENTION_DAYS is .*; set it to a whole number from 1 on"):
        read_retention(ENVIRONMENT | {"RETENTION_DAYS": value})
    with pytest.raises(InvalidSettingError, match="ROLLING_SECONDS is"):
        AuditSettings.read(ENVIRONMENT | {"ROLLING_SECONDS": value})


@pytest.mark.parametrize("left_out", [{"DIGEST_BUCKET_OWNER"}, {"AUDIT_BUCKET_OWNER"}, {"ROLLING_SECONDS"}])
def test_what_may_be_left_out_has_its_default(left_out):
    environment = {name: value for name, value in ENVIRONMENT.items() if name not in left_out}
    settings, audits = EvidenceSettings.read(environment), AuditSettings.read(environment)
    assert settings.bucket_owner == (None if "DIGEST_BUCKET_OWNER" in left_out else "111122223333")
    assert audits.bucket_owner == (None if "AUDIT_BUCKET_OWNER" in left_out else "444455556666")
    assert audits.rolling_seconds == (120 if "ROLLING_SECONDS" in left_out else 30)


def test_an_auditor_without_a_bucket_of_its_own_uses_that_of_the_digests_and_holds_to_its_owner():
    assert AuditSettings.read(ENVIRONMENT | {"AUDIT_BUCKET": ""}) == AuditSettings("digests", "111122223333", 30)


def test_fields_that_go_on_from_others_are_read_and_there_are_none_by_default():
    environment = ENVIRONMENT | {"CARRIED_FIELDS": "PreviousBalance=CurrentBalance,b=a"}
    assert AuditSettings.read(environment).carried == {"PreviousBalance": "CurrentBalance", "b": "a"}
    assert AuditSettings.read(ENVIRONMENT).carried == {}


@pytest.mark.parametrize("value", ["PreviousBalance", "=a", "a=", "a=b,,c"])
def test_fields_that_go_on_from_none_are_refused_with_what_to_set(value):
    with pytest.raises(InvalidSettingError, match=r"CARRIED_FIELDS is .*; set it to FIELD=FIELD_BEFORE"):
        AuditSettings.read(ENVIRONMENT | {"CARRIED_FIELDS": value})
