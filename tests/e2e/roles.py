"""The roles of the deployed functions, taken on as the functions take them on."""

from functools import cached_property

import boto3
from botocore.exceptions import ClientError

from tests.deployment import ONE_CALL, Deployed

STACK = "captable1"


class Roles:
    """Every function of the deployment by the beginning of its name, such as `wallet-FunctionsAddFunds`."""

    def __init__(self, deployed: Deployed) -> None:
        self._options = deployed.cloud.client_options()

    @cached_property
    def functions(self) -> dict[str, str]:
        """The role's ARN of each function, by the function's name without that of the deployment."""
        pages = boto3.client("lambda", **self._options).get_paginator("list_functions").paginate()
        found = {each["FunctionName"]: each["Role"] for page in pages for each in page["Functions"]}
        return {name.removeprefix(f"{STACK}-"): role for name, role in found.items() if name.startswith(f"{STACK}-")}

    def client(self, service: str, function: str | None) -> boto3.client:
        """Give a client with the credentials of the one function whose name begins so; None: the account's own."""
        options = dict(self._options)
        if function:
            (arn,) = [role for name, role in self.functions.items() if name.startswith(function)]
            sts = boto3.client("sts", **options)
            found = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
            options |= {
                "aws_access_key_id": found["AccessKeyId"],
                "aws_secret_access_key": found["SecretAccessKey"],
                "aws_session_token": found["SessionToken"],
            }
        return boto3.client(service, config=ONE_CALL, **options)


def is_refused(call, *arguments, **options):
    """Tell whether IAM refuses a call; every other error is one."""
    try:
        call(*arguments, **options)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        return True
    return False
