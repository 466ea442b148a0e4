"""An earlier version, deployed from its own templates, and the project of today deployed over it."""

import json
from dataclasses import replace

import boto3
import pytest

from ledger import driver as ledger_driver
from ledger.audit import audit
from ledger.store import DynamoDBStore
from local import calls, cdk
from tests.depth import DEEP
from tests.e2e.test_wallet_api import balance, open_account
from tests.infra.test_releases import RELEASES

NAME, LEDGER = "upgrade", "captable1"
CODE = {
    "AWS::Lambda::Function": ("Code", "Handler", "Runtime", "Architectures"),
    "AWS::Lambda::LayerVersion": ("Content", "CompatibleArchitectures", "CompatibleRuntimes"),
}


class Upgrade:
    """Both versions on the cloud. Of the earlier one only the templates are kept: it runs the code of today."""

    def __init__(self, deployed) -> None:
        self._deployed = deployed
        self._cloudformation = boto3.client("cloudformation", **deployed.cloud.client_options())

    def deploy_release(self, version):
        """Deploy what was kept of a version, and give it as something to call."""
        for stack in ("ledger", "wallet"):
            self._create(stack, (RELEASES / version / f"{stack}.json").read_text())
        return self._of({f"{NAME}-{stack}": self._outputs(stack) for stack in ("ledger", "wallet")})

    def _create(self, stack, text):
        template = json.loads(text.replace("captable1-", f"{NAME}-"))
        today = json.loads((self._deployed.target.assembly / f"captable1-{stack}.template.json").read_text())
        for name, body in template["Resources"].items():
            if body["Type"] in CODE:
                code = today["Resources"][name]["Properties"]
                body["Properties"] |= {key: code[key] for key in CODE[body["Type"]] if key in code}
        name = f"{NAME}-{stack}"
        self._cloudformation.create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        self._cloudformation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 600}
        )

    def _outputs(self, stack):
        found = self._cloudformation.describe_stacks(StackName=f"{NAME}-{stack}")["Stacks"][0]["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in found}

    def _of(self, outputs):
        local = calls.localised(outputs, self._deployed.cloud.endpoint_url)
        return replace(self._deployed, outputs=local, api_url=calls.api_url(local))

    def deploy_today(self):
        """Deploy the project of today over it, as its owner would."""
        target = self._deployed.target
        settings = {**target.settings, "deployment": NAME, "ledger_name": LEDGER}
        return self._of(cdk.deploy(replace(target, directory=target.directory / NAME, settings=settings)))


@pytest.mark.skipif(not DEEP, reason="deploys twice more: make deep runs it")
@pytest.mark.parametrize("version", sorted(path.name for path in RELEASES.iterdir()))
def test_an_upgrade_keeps_the_tables_the_url_and_the_money(deployed, version):
    upgrade = Upgrade(deployed)
    before = upgrade.deploy_release(version)
    ana = open_account(before, 250)
    after = upgrade.deploy_today()
    assert after.api_url == before.api_url
    for stack, name in (("ledger", "LedgerTableName"), ("wallet", "DynamoDBtableName")):
        assert after.outputs[f"{NAME}-{stack}"][name] == before.outputs[f"{NAME}-{stack}"][name]
    assert balance(after, ana) == 250
    assert after.call("POST", "/withdrawfunds", {"email": ana, "WithdrawFunds": 1}).status == 200
    table = after.outputs[f"{NAME}-ledger"]["LedgerTableName"]
    store = DynamoDBStore(table, namespace=LEDGER, client=boto3.client("dynamodb", **deployed.cloud.client_options()))
    assert list(audit(store, LEDGER)) == []
    with ledger_driver.connect(LEDGER, store) as driver:
        assert len(list(driver.list_tables())) == 2
