"""A web ACL (AWS WAF) for regional APIs: a limit on each address, and the rules that AWS keeps."""

from collections.abc import Mapping, Sequence

from aws_cdk import ArnFormat, Aws, Duration, Names, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from .errors import PropError
from .log_group import log_group

_Acl = wafv2.CfnWebACL

MANAGED_RULES: Mapping[str, Sequence[str]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
}
"""Groups of rules that AWS keeps, each with those that only count: for a body that is too large there is a 413."""

_SECRET_HEADERS = ("authorization", "cookie", "x-api-key")


class WebAclBase(Construct):
    """A web ACL that an API can be given: one made here (`WebAcl`), or one made elsewhere."""

    web_acl_arn: str
    """The ARN of the web ACL, which is regional and in the API's region and account."""


class WebAcl(WebAclBase):
    """Blocks addresses that call too often and requests that the managed rules of AWS find bad.

    What it blocks or counts is logged, without query strings, credentials and cookies, since those hold personal data.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        rate_limit: int = 2000,
        managed_rules: Mapping[str, Sequence[str]] = MANAGED_RULES,
        encryption_key: kms.IKey | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the web ACL. By default an address has 2000 requests in five minutes.

        `managed_rules` names groups of AWS and, for each, its rules that shall only be counted, not block.
        `encryption_key` encrypts the log; by default a key of CloudWatch Logs' own does.

        Raises PropError if `rate_limit` is not one that WAF takes.
        """
        super().__init__(scope, id)
        if not 10 <= rate_limit <= 2_000_000_000:
            raise PropError(f"rate_limit is {rate_limit}; give 10 to 2000000000 requests in five minutes")
        rules = [_rate_rule(rate_limit), *(_managed_rule(*rule) for rule in enumerate(managed_rules.items(), start=1))]
        # The name is also what metrics are found by.
        self._name = name = Names.unique_resource_name(self, max_length=100)
        self.acl = _Acl(
            self,
            "Acl",
            name=name,
            scope="REGIONAL",
            default_action=_Acl.DefaultActionProperty(allow={}),
            rules=rules,
            visibility_config=_visibility(name),
        )
        self.web_acl_arn = self.acl.attr_arn
        self.log_group = self._log(f"aws-waf-logs-{name}", log_retention, encryption_key)

    @staticmethod
    def from_web_acl_arn(scope: Construct, id: str, web_acl_arn: str) -> WebAclBase:  # noqa: A002
        """Return a web ACL that exists already, such as one of the whole account."""
        imported = WebAclBase(scope, id)
        imported.web_acl_arn = web_acl_arn
        return imported

    def metric_blocked(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many requests were blocked (a sum). The default period is five minutes."""
        return cloudwatch.Metric(
            namespace="AWS/WAFV2",
            metric_name="BlockedRequests",
            dimensions_map={"WebACL": self._name, "Region": Aws.REGION, "Rule": "ALL"},
            statistic="Sum",
            period=period or Duration.minutes(5),
        )

    def _log(self, name: str, retention: logs.RetentionDays, encryption_key: kms.IKey | None) -> logs.LogGroup:
        """Keep what is blocked or counted in a log group, whose name WAF wants to begin as it does."""
        group = log_group(self, "Log", log_group_name=name, retention=retention, encryption_key=encryption_key)
        # WAF refuses the ARN that CloudFormation gives, which ends in ":*".
        arn = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=group.log_group_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        field = wafv2.CfnLoggingConfiguration.FieldToMatchProperty
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.web_acl_arn,
            log_destination_configs=[arn],
            redacted_fields=[
                field(query_string={}),
                *(field(single_header={"Name": name}) for name in _SECRET_HEADERS),
            ],
            logging_filter={"DefaultBehavior": "DROP", "Filters": [_kept("BLOCK"), _kept("COUNT")]},
        )
        return group


def _kept(action: str) -> dict[str, object]:
    return {
        "Behavior": "KEEP",
        "Requirement": "MEETS_ANY",
        "Conditions": [{"ActionCondition": {"Action": action}}],
    }


def _rate_rule(limit: int) -> _Acl.RuleProperty:
    return _Acl.RuleProperty(
        name="Rate",
        priority=0,
        action=_Acl.RuleActionProperty(block={}),
        statement=_Acl.StatementProperty(
            rate_based_statement=_Acl.RateBasedStatementProperty(
                limit=limit, aggregate_key_type="IP", evaluation_window_sec=300
            )
        ),
        visibility_config=_visibility("Rate"),
    )


def _managed_rule(priority: int, group: tuple[str, Sequence[str]]) -> _Acl.RuleProperty:
    name, counted = group
    count = _Acl.RuleActionProperty(count={})
    return _Acl.RuleProperty(
        name=name,
        priority=priority,
        override_action=_Acl.OverrideActionProperty(none={}),
        statement=_Acl.StatementProperty(
            managed_rule_group_statement=_Acl.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[
                    _Acl.RuleActionOverrideProperty(name=rule, action_to_use=count) for rule in counted
                ],
            )
        ),
        visibility_config=_visibility(name),
    )


def _visibility(metric_name: str) -> _Acl.VisibilityConfigProperty:
    # Samples show whole requests in the console: addresses and e-mail addresses.
    return _Acl.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric_name, sampled_requests_enabled=False
    )
