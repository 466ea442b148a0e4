"""Keys that encrypt what is kept, and what users of a table need of its key."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from constructs import Construct

KEY_ACTIONS_TO_READ = ("kms:Decrypt", "kms:DescribeKey")
"""What reading an encrypted table needs."""

KEY_ACTIONS_TO_WRITE = (
    *KEY_ACTIONS_TO_READ,
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What writing to an encrypted table needs."""


def new_key(scope: Construct, description: str) -> kms.Key:
    """Return a key of its own for `scope`, which rotates each year and is kept when the stack is deleted."""
    return kms.Key(scope, "Key", description=description, enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN)


def key_for(scope: Construct, given: kms.IKey | None, stream: kinesis.IStream) -> kms.IKey:
    """Return the `given` key, else the key of the stream that the data comes from, else a new one."""
    return given or stream.encryption_key or new_key(scope, "Encrypts what is made from a journal stream")
