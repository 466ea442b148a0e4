"""What docs/streams.md shows is what happens."""

import re
from decimal import Decimal
from pathlib import Path

from aws_cdk import aws_lambda as lambda_

import infra
from tests.e2e.journal_stream import Consumer, journal_of
from tests.e2e.test_wallet_api import open_account
from tests.infra.synthesis import resources, scratch_stack, template_of

PAGE = (Path(__file__).parents[2] / "docs" / "streams.md").read_text()
CONSTRUCTS, READING = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_each_construct_of_the_page_is_one_line():
    stack = scratch_stack()
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): return {}"),
    )
    given = {"stack": stack, "ledger": infra.Ledger(stack, "Ledger"), "function": function, "Decimal": Decimal}
    exec(CONSTRUCTS, {**{name: getattr(infra, name) for name in infra.__all__}, **given})
    template = template_of(stack)
    assert len(resources(template, "AWS::Kinesis::Stream")) == 1
    assert len(resources(template, "AWS::Lambda::EventSourceMapping")) == 4


def test_the_page_reads_the_deployed_stream(deployed, monkeypatch, capsys):
    open_account(deployed)
    Consumer(deployed).wait_for(set(journal_of(deployed)))
    for name, value in deployed.cloud.environment().items():
        monkeypatch.setenv(name, value)
    exec(READING, {})
    kinds = {line.split()[1] for line in capsys.readouterr().out.splitlines()}
    assert {"CONTROL", "BLOCK_SUMMARY"} <= kinds
