"""Findings of the packs for NIST 800-53 R5 and PCI DSS that are accepted, each with its reason (docs/controls.md)."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

PACKS = ("NIST.800.53.R5", "PCI.DSS.321")

REASONS = {
    "APIGWAssociatedWithWAF": "Callers are known and throttled; `web_acl` puts a web ACL before them",
    "APIGWCacheEnabledAndEncrypted": (
        "Only GET /checkfunds may be cached, encrypted: every other answer is for one caller, or of one moment"
    ),
    "APIGWSSLEnabled": "Behind the API are functions, called by IAM: there is no server to show a certificate to",
    "CloudWatchLogGroupEncrypted": (
        "Encrypted with a key of CloudWatch Logs' own; no name, address or body is logged, and `encryption_key` gives "
        "another key"
    ),
    "DynamoDBInBackupPlan": (
        "Point-in-time recovery keeps every second of 35 days; copies in a locked vault are for a deployment to ask for"
    ),
    "IAMNoInlinePolicy": "A policy for one role only, which no other may come to share, goes with that role",
    "LambdaConcurrency": (
        "The stage and the streams bound how many run at once; to reserve some would take them from all others"
    ),
    "LambdaDLQ": (
        "Who calls it waits for the answer; or it reads a stream, whose records go to a queue when they fail; or it is "
        "called again by schedule, and an alarm rings"
    ),
    "LambdaInsideVPC": "It calls AWS services only, by TLS and signed, and nothing calls it but by IAM",
    "S3BucketLoggingEnabled": (
        "Who reads is in CloudTrail's data events, where the account keeps those; `access_logs` takes the server's own"
    ),
    "S3BucketReplicationEnabled": (
        "What it holds is made from the journal, or kept by Object Lock; a second region is for the account's owner"
    ),
}
"""Why a rule of these packs, by its name without the pack's, may be broken."""

FUNCTION_RULES = ("IAMNoInlinePolicy", "LambdaConcurrency", "LambdaDLQ", "LambdaInsideVPC")


def accept(construct: IConstruct, *rules: str) -> None:
    """Accept these findings at `construct` and below it, for the reasons that stand in `REASONS`."""
    named = (Acknowledgment(id=f"{pack}-{rule}", reason=REASONS[rule]) for rule in rules for pack in PACKS)
    Validations.of(construct).acknowledge(*named)
