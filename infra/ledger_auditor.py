"""The auditor: on a schedule it computes the ledger anew from its data, and holds it against the notarised digests."""

from collections.abc import Mapping

from aws_cdk import Duration, Size, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .alarms import MINUTE, alarm
from .encryption import KEY_ACTIONS_TO_READ, new_key
from .errors import PropError
from .findings import acknowledge, quoted_bucket
from .ledger import LedgerBase
from .notarised_digests import DigestNotaryBase
from .private_bucket import PrivateBucket
from .published_journal import METRICS
from .python_function import PythonFunction
from .schedule import call_every, checked_interval, checked_max_age, silence_alarm

_TIMEOUT = Duration.minutes(15)
_MOST_ROLLING_SECONDS = 780
_CENTURY = "2"
"""What the years begin with that reports are under."""


class LedgerAuditor(Construct):
    """Audits a ledger: every block that is new, everything that it changed, and a part of all the rest each time.

    What it learned is kept in a bucket of its own, and so are its reports. A run that does not come to its end goes on
    with the next one.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger: LedgerBase,
        notary: DigestNotaryBase,
        interval: Duration | None = None,
        rolling: Duration | None = None,
        carried_fields: Mapping[str, str] | None = None,
        max_age: Duration | None = None,
        keep_reports: Duration | None = None,
        access_logs: s3.IBucket | None = None,
        encryption_key: kms.IKey | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1769,
        ephemeral_storage: Size | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the auditor of `ledger`, whose digests are those of `notary`.

        By default it runs every hour (`interval`, 15 minutes, which a run may take, to 8 hours), spends two minutes of
        each run on checking again what was checked before (`rolling`, up to 13 minutes), and an alarm rings when no run
        has come to its end for three intervals (`max_age`). Reports are kept for two years (`keep_reports`). It has the
        memory at which Lambda gives a whole processor (`memory_mb`), and 10 GiB of disk (`ephemeral_storage`) for what
        it knows of the ledger. The bucket is encrypted with a key of its own; `encryption_key` gives one, for the log
        as well.

        `carried_fields` names fields of documents that must have the value which another one, the value here, had in
        the revision before, such as `{"PreviousBalance": "CurrentBalance"}`: so is found what somebody changed and
        others then built upon. By default there are none.

        Raises PropError naming the prop that cannot work.
        """
        super().__init__(scope, id)
        if notary.ledger_name != ledger.ledger_name:
            raise PropError(f"notary is that of ledger {notary.ledger_name!r}; give the one of {ledger.ledger_name!r}")
        self.ledger = ledger
        self.interval = checked_interval(interval or Duration.hours(1), least_minutes=15)
        self.max_age = checked_max_age(max_age, self.interval)
        self.encryption_key = encryption_key or new_key(self, f"Encrypts audits of ledger {ledger.ledger_name}")
        self.bucket = PrivateBucket(
            self,
            "Bucket",
            encryption_key=self.encryption_key,
            lifecycle_rules=_lifecycle(ledger.ledger_name, keep_reports or Duration.days(730)),
            access_logs=access_logs,
        )
        self.auditor = PythonFunction(
            self,
            "Auditor",
            handler="lambdas.evidence.auditor.handler",
            description="Computes the ledger's hashes anew and holds it against its notarised digests",
            environment={
                **ledger.environment,
                **notary.environment,
                "AUDIT_BUCKET": self.bucket.bucket_name,
                "AUDIT_BUCKET_OWNER": Stack.of(self).account,
                "ROLLING_SECONDS": str(_rolling_seconds(rolling or Duration.minutes(2))),
                **_carried(carried_fields or {}),
            },
            architecture=architecture,
            memory_mb=memory_mb,
            ephemeral_storage=ephemeral_storage or Size.gibibytes(10),
            timeout=_TIMEOUT,
            encryption_key=encryption_key,
            log_retention=log_retention,
        )
        ledger.grant_read(self.auditor)
        notary.grant_read_digests(self.auditor)
        self._grant_files()
        self.schedule = call_every(self, self.auditor.function, self.interval, f"Audits ledger {ledger.ledger_name}")
        self.alarms = self._alarms()

    def grant_read_reports(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` find and read the reports."""
        return self._grant(grantee, ("s3:GetObject",), KEY_ACTIONS_TO_READ)

    def metric_findings(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many things were not in order. By default the most in a minute."""
        return self._metric("AuditFindings", "Maximum", period)

    def metric_blocks(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many blocks were read (a sum). By default in a minute."""
        return self._metric("AuditedBlocks", "Sum", period)

    def metric_audit_age(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return for how many seconds no run has come to its end. The most in a minute."""
        return self._metric("AuditAge", "Maximum", period)

    def metric_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how often the auditor failed (a sum). By default in a minute."""
        return self.auditor.function.metric_errors(period=period or MINUTE)

    def _metric(self, name: str, statistic: str, period: Duration | None) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=METRICS,
            metric_name=name,
            dimensions_map={"Ledger": self.ledger.ledger_name},
            statistic=statistic,
            period=period or MINUTE,
        )

    def _grant_files(self) -> None:
        self._grant(self.auditor, ("s3:GetObject", "s3:PutObject"), (*KEY_ACTIONS_TO_READ, "kms:GenerateDataKey"))

    def _grant(self, grantee: iam.IGrantable, actions: tuple[str, ...], key_actions: tuple[str, ...]) -> iam.Grant:
        audits = f"{self.ledger.ledger_name}/audits/*"
        objects = iam.Grant.add_to_principal(
            grantee=grantee, actions=list(actions), resource_arns=[self.bucket.arn_for_objects(audits)]
        )
        listing = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["s3:ListBucket"],
            resource_arns=[self.bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": audits}},
        )
        if isinstance(grantee, Construct):
            acknowledge(
                grantee,
                f"AwsSolutions-IAM5[Resource::{quoted_bucket(grantee, self.bucket)}/{audits}]",
                "The audits of this one ledger: there is a new report for each",
            )
        return objects.combine(listing).combine(self.encryption_key.grant(grantee, *key_actions))

    def _alarms(self) -> list[cloudwatch.Alarm]:
        return [
            alarm(
                self,
                "Findings",
                self.metric_findings(),
                above=0,
                description="The ledger is not what its journal or its notarised digests say: the newest report in the "
                "auditor's bucket names what, where and since when",
                entry="audit-findings",
            ),
            alarm(
                self,
                "Errors",
                self.metric_errors(period=self.interval),
                above=0,
                minutes=2,
                description="The auditor fails each time it is called: its log says why",
                entry="auditor-fails",
            ),
            alarm(
                self,
                "TooOld",
                self.metric_audit_age(period=self.max_age),
                above=self.max_age.to_seconds(),
                description="No audit has come to its end: look at its log, and whether the ledger outgrows it",
                entry="audit-too-old",
                silence_is_bad=True,
            ),
            silence_alarm(
                self,
                "Silent",
                self.auditor.function,
                self.interval,
                description="The auditor is not called any more: see whether its schedule is there and enabled",
                entry="auditor-silent",
            ),
        ]


def _carried(fields: Mapping[str, str]) -> dict[str, str]:
    for name in (*fields, *fields.values()):
        if not name or set(name) & {",", "="}:
            raise PropError(f"carried_fields has the field {name!r}; give names without commas and equals signs")
    text = ",".join(f"{field}={before}" for field, before in fields.items())
    return {"CARRIED_FIELDS": text} if text else {}


def _rolling_seconds(rolling: Duration) -> int:
    seconds = rolling.to_seconds()
    if not 1 <= seconds <= _MOST_ROLLING_SECONDS:
        raise PropError(
            f"rolling is {rolling.to_human_string()}; a run has 15 minutes in all, so give 1 second to 13 minutes"
        )
    return int(seconds)


def _lifecycle(ledger_name: str, keep_reports: Duration) -> tuple[s3.LifecycleRule, ...]:
    """Return the rules for reports, and for the state of every run: of those only the newest is of use."""
    audits = f"{ledger_name}/audits"
    return (
        s3.LifecycleRule(
            prefix=f"{audits}/{_CENTURY}",
            expiration=keep_reports,
            noncurrent_version_expiration=Duration.days(30),
        ),
        s3.LifecycleRule(
            prefix=f"{audits}/state.db",
            noncurrent_version_expiration=Duration.days(1),
            noncurrent_versions_to_retain=3,
        ),
    )
