import pytest
from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb

from infra.errors import PropError
from infra.table_backup import TableBackup, VaultLock
from tests.infra.synthesis import only, resources, scratch_stack, synthesised, template_of


def backed_up(**props):
    stack = scratch_stack()
    table = dynamodb.Table.from_table_name(stack, "Cells", "cells")
    made = TableBackup(stack, "Backup", **{"sources": [table], **props})
    return made, template_of(stack)


def rule(template):
    (found,) = only(template, "AWS::Backup::BackupPlan")["Properties"]["BackupPlan"]["BackupPlanRule"]
    return found


def lock(template):
    return only(template, "AWS::Backup::BackupVault")["Properties"].get("LockConfiguration")


def test_by_default_a_copy_is_made_each_night_and_kept_for_35_days_in_a_vault_that_stays_and_has_a_key_of_its_own():
    _, template = backed_up()
    assert rule(template)["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert rule(template)["Lifecycle"] == {"DeleteAfterDays": 35}
    vault = only(template, "AWS::Backup::BackupVault")
    assert (vault["DeletionPolicy"], vault["UpdateReplacePolicy"]) == ("Retain", "Retain")
    (key,) = resources(template, "AWS::KMS::Key")
    assert vault["Properties"]["EncryptionKeyArn"] == {"Fn::GetAtt": [key, "Arn"]}
    assert lock(template) is None


def test_the_tables_and_nothing_else_are_backed_up():
    _, template = backed_up()
    (resource,) = only(template, "AWS::Backup::BackupSelection")["Properties"]["BackupSelection"]["Resources"]
    assert resource["Fn::Join"][1][-1] == ":table/cells"


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (VaultLock.GOVERNANCE, {"MinRetentionDays": 90}),
        (VaultLock.COMPLIANCE, {"MinRetentionDays": 90, "ChangeableForDays": 3}),
    ],
)
def test_a_lock_holds_copies_for_as_long_as_they_are_kept_and_only_in_compliance_mode_for_good(chosen, expected):
    _, template = backed_up(vault_lock=chosen, retention=Duration.days(90), hour=23)
    assert lock(template) == expected
    assert rule(template)["Lifecycle"] == {"DeleteAfterDays": 90}
    assert rule(template)["ScheduleExpression"] == "cron(0 23 * * ? *)"


def test_a_backup_that_fails_rings():
    made, template = backed_up()
    alarm = only(template, "AWS::CloudWatch::Alarm")["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Backup", "NumberOfBackupJobsFailed")
    assert len(made.alarms) == 1


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"sources": []}, "sources is empty"),
        ({"retention": Duration.days(6)}, "retention is 6 days; give 7 days or more"),
        ({"hour": 24}, "hour is 24; give one of a day"),
    ],
)
def test_a_prop_that_cannot_work_is_named(props, message):
    with pytest.raises(PropError, match=message):
        backed_up(**props)


def test_a_deployment_is_backed_up_only_if_asked_for_and_then_all_that_no_journal_can_make_again():
    assert not resources(synthesised().stacks["operations"], "AWS::Backup::BackupPlan")
    template = synthesised(deployment="one", search_index=True, backup_days=35).stacks["operations"]
    selection = only(template, "AWS::Backup::BackupSelection")["Properties"]["BackupSelection"]
    named = [resource["Fn::GetStackOutput"]["OutputName"] for resource in selection["Resources"]]
    for part in ("LedgerTable", "Profiles", "AlertsTable"):
        assert any(part in name for name in named), part
    assert len(named) == 3


def test_without_a_dashboard_and_without_backups_there_is_no_stack_for_them():
    assert "operations" not in synthesised(deployment="bare", dashboard=False).stacks
