from functools import partial

import pytest

from environments import ENVIRONMENTS
from infra.errors import SettingsError
from infra.settings import Settings
from tests.infra.synthesis import resources, synthesised
from tests.infra.test_stacks import physical_names

BAD = {"bad": partial(Settings, memory_mb=1), "good": partial(Settings, memory_mb=512, strands=4)}


def settings_of(environment, **context):
    return Settings.from_context({"environment": environment, **context}, ENVIRONMENTS)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_each_environment_can_be_used_as_it_is(name):
    assert settings_of(name).deployment.endswith(name)


def test_the_environments_are_those_that_teams_have():
    assert set(ENVIRONMENTS) == {"dev", "staging", "prod"}


@pytest.mark.parametrize("what", ["deployment", "ledger", "kinesis_stream"])
def test_no_two_environments_share_a_name_in_their_account(what):
    named = [getattr(settings_of(name), what) for name in ENVIRONMENTS] + [getattr(Settings(), what)]
    assert len(set(named)) == len(named)


def test_production_keeps_what_development_throws_away():
    dev, prod = settings_of("dev"), settings_of("prod")
    assert (dev.keep_data, prod.keep_data) == (False, True)
    assert (dev.backup_days, prod.backup_days) == (0, 35)
    assert dev.log_retention_days < prod.log_retention_days


def test_no_environment_makes_a_lock_of_backups_that_can_never_be_undone_unasked():
    assert all(settings_of(name).backup_lock != "COMPLIANCE" for name in ENVIRONMENTS)


def test_the_context_replaces_single_settings_of_an_environment():
    settings = settings_of("dev", deployment="dev-ana", memory_mb="2048")
    assert (settings.deployment, settings.ledger, settings.memory_mb) == ("dev-ana", "dev-ana", 2048)
    assert settings.log_retention_days == settings_of("dev").log_retention_days


def test_without_an_environment_there_are_the_defaults():
    assert Settings.from_context({}, ENVIRONMENTS) == Settings()


@pytest.mark.parametrize("name", ["production", "", 1])
def test_an_environment_that_is_not_there_is_refused_and_those_there_are_named(name):
    with pytest.raises(SettingsError, match=f"setting 'environment' is {name!r}; it must be one of dev, prod, staging"):
        settings_of(name)


def test_a_bad_field_of_an_environment_is_named_with_the_environment():
    with pytest.raises(SettingsError, match=r"^environment 'bad': setting 'memory_mb' is 1; it must be a whole number"):
        Settings.from_context({"environment": "bad"}, BAD)


def test_a_bad_environment_harms_no_other_one():
    assert Settings.from_context({"environment": "good"}, BAD).strands == 4


def test_a_bad_field_of_the_context_is_not_blamed_on_the_environment():
    with pytest.raises(SettingsError, match=r"^setting 'strands' is '0'"):
        Settings.from_context({"environment": "good", "strands": "0"}, BAD)


def test_a_misspelt_environment_key_is_refused():
    with pytest.raises(SettingsError, match="did you mean 'environment'"):
        Settings.from_context({"enviroment": "prod"}, ENVIRONMENTS)


def test_a_lock_without_backups_is_refused():
    with pytest.raises(SettingsError, match="'backup_lock' locks backups; give 'backup_days' too"):
        Settings(backup_lock="GOVERNANCE")


@pytest.mark.parametrize(
    ("deployment", "ledger"),
    [("captable1", "captable1"), ("dev--ana", "dev-ana"), ("a" * 31 + "-b", "a" * 31), ("x-", "x")],
)
def test_the_ledger_is_called_after_the_deployment_as_far_as_a_ledger_can_be(deployment, ledger):
    assert Settings(deployment=deployment).ledger == ledger
    assert Settings(ledger_name=ledger).ledger == ledger


def test_environments_side_by_side_share_no_physical_name():
    dev, prod = (set(physical_names(*synthesised(environment=name).templates())) for name in ("dev", "prod"))
    assert ("AWS::CloudWatch::Dashboard", "captable1-dev") in dev
    assert {kind for kind, _ in prod} >= {"AWS::Backup::BackupVault", "AWS::Kinesis::Stream", "export"}
    assert not dev & prod


@pytest.mark.parametrize(("name", "policy", "protected"), [("dev", "Delete", False), ("prod", "Retain", True)])
def test_the_tables_of_an_environment_are_kept_or_thrown_away_as_it_says(name, policy, protected):
    templates = synthesised(environment=name).templates()
    tables = [table for template in templates for table in resources(template, "AWS::DynamoDB::Table").items()]
    kept = {key: table for key, table in tables if not key.startswith("ViewTable")}
    assert len(kept) == 3
    for key, table in kept.items():
        assert table["DeletionPolicy"] == policy, key
        assert table["Properties"].get("DeletionProtectionEnabled", False) is protected, key


def test_a_deployment_with_an_account_and_a_region_can_be_made_nowhere_else():
    made = synthesised(deployment="pinned", account="111122223333", region="eu-west-1")
    manifest = (made.directory / "manifest.json").read_text()
    assert manifest.count('"aws://111122223333/eu-west-1"') == len(made.stacks)
