"""The wallet's REST API: a method for each call, in front of the wallet's functions."""

from typing import TypedDict

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import wallet_models as models
from infra.findings import acknowledge
from infra.gateway_responses import add_gateway_responses
from infra.python_function import PythonFunction
from infra.wallet_functions import WalletFunctions

_EMAIL = "method.request.querystring.email"
_IDEMPOTENCY_KEY = {"method.request.header.Idempotency-Key": False}

_ACCESS_LOG = (
    '{"requestId":"$context.requestId","time":"$context.requestTime","method":"$context.httpMethod",'
    '"call":"$context.resourcePath","status":"$context.status","milliseconds":"$context.responseLatency",'
    '"functionMilliseconds":"$context.integrationLatency","bytes":"$context.responseLength",'
    '"refused":"$context.error.responseType","trace":"$context.xrayTraceId"}'
)
"""No address, caller, query or body: those are personal data."""


class _MethodSettings(TypedDict):
    throttling_rate_limit: float
    throttling_burst_limit: float
    logging_level: apigateway.MethodLoggingLevel
    data_trace_enabled: bool
    metrics_enabled: bool


class WalletApi(Construct):
    """POST /createaccount, /checkfunds, /addfunds, /withdrawfunds, /transferfunds, /history, /digest and /verify.

    And GET /checkfunds.

    A body over 10 MB is refused by API Gateway, one over 8 KB by the functions, both with 413. There is no CORS.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        functions: WalletFunctions,
        stage_name: str = "funds",
        authorizer: apigateway.IAuthorizer | None = None,
        throttle_rate: int = 100,
        throttle_burst: int = 200,
        cache_ttl: Duration | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
        cloud_watch_role: bool = True,
    ) -> None:
        """Define the API in front of `functions`.

        By default a caller signs with IAM credentials (SigV4) and needs `grant_invoke`; `authorizer` replaces that.
        The stage takes `throttle_rate` calls a second and bursts of `throttle_burst`. By default GET /checkfunds is
        answered from a cache, by e-mail address, for five seconds; a `cache_ttl` of zero does without the cache, which
        is billed by the hour. The access log is kept when the stack is deleted. `cloud_watch_role` sets the role by
        which API Gateway writes logs, a setting of the whole account and region that is kept when the stack is
        deleted; turn it off where something else sets it.
        """
        super().__init__(scope, id)
        self.functions = functions
        self.access_log = logs.LogGroup(self, "AccessLog", retention=log_retention)
        self.api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=f"{Stack.of(self).stack_name}-wallet",
            description="The wallet: accounts, balances and money calls over a verifiable ledger",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=cloud_watch_role,
            deploy_options=self._stage(stage_name, throttle_rate, throttle_burst, cache_ttl or Duration.seconds(5)),
            default_method_options=apigateway.MethodOptions(
                authorizer=authorizer, authorization_type=None if authorizer else apigateway.AuthorizationType.IAM
            ),
        )
        self.api.node.try_remove_child("Endpoint")  # an output with a generated name; the stack gives its own
        self._bound_execution_log(stage_name, log_retention)
        add_gateway_responses(self.api)
        self._validator = self.api.add_request_validator(
            "Validator", validate_request_body=True, validate_request_parameters=True
        )
        self._define_calls()
        self._acknowledge_findings(signed=authorizer is None)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` make every call of the stage, when callers sign with IAM credentials."""
        arn = self.api.arn_for_execute_api(stage=self.api.deployment_stage.stage_name)
        return iam.Grant.add_to_principal(grantee=grantee, actions=["execute-api:Invoke"], resource_arns=[arn])

    def url_for(self, call: str) -> str:
        """Return the full URL of a call, such as `createaccount`."""
        return self.api.url_for_path(f"/{call}")

    def metric_count(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the number of calls. The default period is five minutes."""
        return self.api.metric_count(period=period)

    def metric_client_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the number of calls answered with 4xx. The default period is five minutes."""
        return self.api.metric_client_error(period=period)

    def metric_server_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the number of calls answered with 5xx. The default period is five minutes."""
        return self.api.metric_server_error(period=period)

    def metric_latency(self, *, period: Duration | None = None, statistic: str = "p99") -> cloudwatch.Metric:
        """Return how long calls take, in milliseconds. By default the 99th percentile over five minutes."""
        return self.api.metric_latency(period=period, statistic=statistic)

    def _stage(self, name: str, rate: int, burst: int, cache_ttl: Duration) -> apigateway.StageOptions:
        common: _MethodSettings = {
            "throttling_rate_limit": rate,
            "throttling_burst_limit": burst,
            "logging_level": apigateway.MethodLoggingLevel.ERROR,
            "data_trace_enabled": False,
            "metrics_enabled": True,
        }
        caching = cache_ttl.to_seconds() > 0
        cached = apigateway.MethodDeploymentOptions(
            caching_enabled=True, cache_ttl=cache_ttl, cache_data_encrypted=True, **common
        )
        return apigateway.StageOptions(
            stage_name=name,
            tracing_enabled=True,
            access_log_destination=apigateway.LogGroupLogDestination(self.access_log),
            access_log_format=apigateway.AccessLogFormat.custom(_ACCESS_LOG),
            cache_cluster_enabled=caching,
            cache_cluster_size="0.5" if caching else None,
            caching_enabled=False,
            method_options={"/checkfunds/GET": cached} if caching else None,
            **common,
        )

    def _bound_execution_log(self, stage_name: str, retention: logs.RetentionDays) -> None:
        # API Gateway makes this group itself, to be kept for ever, unless it is there before the stage.
        self.execution_log = logs.LogGroup(
            self,
            "ExecutionLog",
            log_group_name=f"API-Gateway-Execution-Logs_{self.api.rest_api_id}/{stage_name}",
            retention=retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.api.deployment_stage.node.add_dependency(self.execution_log)

    def _define_calls(self) -> None:
        calls = self.functions
        self._post("createaccount", calls.create_account, models.CREATE_ACCOUNT, moves_money=True)
        checkfunds = self._post("checkfunds", calls.check_funds, models.CHECK_FUNDS)
        self._post("addfunds", calls.add_funds, models.ADD_FUNDS, moves_money=True)
        self._post("withdrawfunds", calls.withdraw_funds, models.WITHDRAW_FUNDS, moves_money=True)
        self._post("transferfunds", calls.transfer_funds, models.TRANSFER_FUNDS, moves_money=True)
        self._post("history", calls.history, models.HISTORY)
        self._post("digest", calls.digest, models.DIGEST)
        self._post("verify", calls.verify, models.VERIFY)
        checkfunds.add_method(
            "GET",
            _integration(calls.check_funds, cache_key_parameters=[_EMAIL]),
            request_parameters={_EMAIL: True},
            request_validator=self._validator,
        )

    def _post(
        self, call: str, function: PythonFunction, schema: apigateway.JsonSchema, *, moves_money: bool = False
    ) -> apigateway.Resource:
        resource = self.api.root.add_resource(call)
        model = self.api.add_model(f"{call.title()}Model", content_type="application/json", schema=schema)
        resource.add_method(
            "POST",
            _integration(function),
            request_models={"application/json": model},
            request_parameters=_IDEMPOTENCY_KEY if moves_money else None,
            request_validator=self._validator,
        )
        return resource

    def _acknowledge_findings(self, *, signed: bool) -> None:
        acknowledge(
            self.api.deployment_stage,
            "AwsSolutions-APIG3",
            "Callers are signed and throttled; a web ACL is the account's to choose, for the stage exposed here",
        )
        acknowledge(
            self.api,
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
            "AmazonAPIGatewayPushToCloudWatchLogs]",
            "The policy that AWS keeps for this very role: API Gateway names the log groups, so none can be listed",
        )
        if signed:
            acknowledge(self.api, "AwsSolutions-COG4", "Callers sign with IAM credentials: there is no user pool")


def _integration(
    function: PythonFunction, *, cache_key_parameters: list[str] | None = None
) -> apigateway.LambdaIntegration:
    return apigateway.LambdaIntegration(
        function.function, allow_test_invoke=False, cache_key_parameters=cache_key_parameters
    )
