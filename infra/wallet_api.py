"""The wallet's REST API: a method for each call, in front of the wallet's functions."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from . import wallet_models as models
from .compliance import accept
from .cors import Cors
from .custom_domain import CustomDomain, add_custom_domain
from .deployed_api import CALLERS_THROTTLED, WalletApiBase
from .errors import PropError
from .findings import acknowledge
from .gateway_responses import add_gateway_responses
from .log_group import log_group
from .private_endpoint import endpoint
from .published_journal import METRICS
from .python_function import PythonFunction
from .usage_plan import UsagePlan, add_usage_plan
from .wallet_authorization import IamAuthorization, WalletAuthorization
from .wallet_functions import WalletFunctions
from .wallet_stage import stage_options
from .web_acl import WebAclBase

_EMAIL = "method.request.querystring.email"
_ORIGIN = "method.request.header.Origin"
_OF_CHANGES = {"method.request.header.Idempotency-Key": False, "method.request.querystring.receipt": False}


class WalletApi(WalletApiBase):
    """The wallet's REST API: a method for each call, in front of the wallet's functions.

    POST /createaccount, /checkfunds, /addfunds, /withdrawfunds, /transferfunds, /history, /digest, /verify and /proof,
    and GET /checkfunds.

    A body over 10 MB is refused by API Gateway, one over 8 KB by the functions, both with 413.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        functions: WalletFunctions,
        stage_name: str = "funds",
        authorization: WalletAuthorization | None = None,
        usage_plan: UsagePlan | None = None,
        web_acl: WebAclBase | None = None,
        vpc_endpoint: ec2.IVpcEndpoint | None = None,
        domain: CustomDomain | None = None,
        cors: Cors | None = None,
        throttle_rate: int = 100,
        throttle_burst: int = 200,
        cache_ttl: Duration | None = None,
        cloud_watch_role: bool = True,
        encryption_key: kms.IKey | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the API in front of `functions`, which serve this API only.

        By default a caller signs with IAM credentials (SigV4) and needs `grant_invoke`; `authorization` replaces that.
        `usage_plan` asks for an API key besides. `web_acl` filters requests before they are looked at. By default the
        API is in the internet, under a name of API Gateway's; with `vpc_endpoint` it is private, and takes calls
        through that endpoint only; with `domain` it takes calls under that name only. By default pages of other origins
        cannot call it; `cors` names those that can.

        The stage, `stage_name`, takes `throttle_rate` calls a second and bursts of `throttle_burst`. By default GET
        /checkfunds is answered from a cache, by e-mail address, for five seconds; a `cache_ttl` of zero does without
        the cache, which is billed by the hour. There is none where callers may use only their own wallets: a cache does
        not know them.

        The access log is kept when the stack is deleted. `cloud_watch_role` sets the role by which API Gateway writes
        logs, a setting of the whole account and region that is kept when the stack is deleted; turn it off where
        something else sets it. `encryption_key` encrypts the logs; by default a key of CloudWatch Logs' own does.

        Raises PropError naming the prop that cannot work.
        """
        super().__init__(scope, id)
        authorization = authorization or IamAuthorization()
        if vpc_endpoint and domain:
            raise PropError("domain cannot be given with vpc_endpoint: such names are for APIs in the internet only")
        self.functions, self._cors = functions, cors
        self._environment = _environment(authorization, cors)
        self.access_log = log_group(
            self,
            "AccessLog",
            retention=log_retention,
            encryption_key=encryption_key,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=f"{Stack.of(self).stack_name}-wallet",
            description="The wallet: accounts, balances and money calls over a verifiable ledger",
            disable_execute_api_endpoint=True if domain else None,
            **endpoint(vpc_endpoint, signed=isinstance(authorization, IamAuthorization), preflight=bool(cors)),
            cloud_watch_role=cloud_watch_role,
            deploy_options=stage_options(
                stage_name,
                rate=throttle_rate,
                burst=throttle_burst,
                cache_ttl=cache_ttl,
                own_wallet_only=authorization.caller_email_from is not None,
                access_log=self.access_log,
            ),
            default_method_options=apigateway.MethodOptions(
                **authorization.bind(self), api_key_required=True if usage_plan else None
            ),
        )
        acknowledge(
            self.api,
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
            "AmazonAPIGatewayPushToCloudWatchLogs]",
            "The policy that AWS keeps for this very role: API Gateway names the log groups, so none can be listed",
        )
        self.rest_api_id, self.rest_api_name = self.api.rest_api_id, self.api.rest_api_name
        self.stage_name = self.api.deployment_stage.stage_name
        self.api.node.try_remove_child("Endpoint")  # an output with a generated name; the stack gives its own
        self._count_throttled()
        self._bound_execution_log(stage_name, log_retention, encryption_key)
        add_gateway_responses(self.api, cors.gateway_headers() if cors else None)
        self._validator = self.api.add_request_validator(
            "Validator", validate_request_body=True, validate_request_parameters=True
        )
        self._define_calls()
        self.api_keys = add_usage_plan(self.api, usage_plan) if usage_plan else {}
        self.domain = add_custom_domain(self, self.api, domain) if domain else None
        self.url = f"https://{self.domain.domain_name}/" if self.domain else self.api.url
        self._add_web_acl(web_acl)

    @staticmethod
    def from_wallet_api_attributes(
        scope: Construct,
        id: str,  # noqa: A002
        *,
        rest_api_id: str,
        rest_api_name: str,
        url: str,
        stage_name: str = "funds",
    ) -> WalletApiBase:
        """Return an API made elsewhere, which calls reach at `url` (the output `ApiUrl`, or a domain name of its own).

        `rest_api_name` is for the metrics, which API Gateway keeps by name.
        """
        api = WalletApiBase(scope, id)
        api.rest_api_id, api.rest_api_name = rest_api_id, rest_api_name
        api.stage_name, api.url = stage_name, f"{url.rstrip('/')}/"
        return api

    def _count_throttled(self) -> None:
        # API Gateway counts them among all 4xx only.
        logs.MetricFilter(
            self,
            "Throttled",
            log_group=self.access_log,
            filter_pattern=logs.FilterPattern.string_value("$.status", "=", "429"),
            metric_namespace=METRICS,
            metric_name=CALLERS_THROTTLED,
            metric_value="1",
            dimensions={"Api": "$.api"},
        )

    def _bound_execution_log(
        self, stage_name: str, retention: logs.RetentionDays, encryption_key: kms.IKey | None
    ) -> None:
        # API Gateway makes this group itself, to be kept for ever, unless it is there before the stage.
        self.execution_log = log_group(
            self,
            "ExecutionLog",
            log_group_name=f"API-Gateway-Execution-Logs_{self.api.rest_api_id}/{stage_name}",
            retention=retention,
            encryption_key=encryption_key,
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
        self._post("proof", calls.proof, models.PROOF)
        # An answer says which origin's pages may read it, so one for another origin is another answer.
        parameters = {_EMAIL: True, **({_ORIGIN: False} if self._cors else {})}
        checkfunds.add_method(
            "GET",
            _integration(calls.check_funds, cache_key_parameters=list(parameters)),
            request_parameters=parameters,
            request_validator=self._validator,
        )

    def _post(
        self, call: str, function: PythonFunction, schema: apigateway.JsonSchema, *, moves_money: bool = False
    ) -> apigateway.Resource:
        for name, value in self._environment.items():
            function.function.add_environment(name, value)
        preflight = self._cors.preflight() if self._cors else None
        resource = self.api.root.add_resource(call, default_cors_preflight_options=preflight)
        model = self.api.add_model(f"{call.title()}Model", content_type="application/json", schema=schema)
        resource.add_method(
            "POST",
            _integration(function),
            request_models={"application/json": model},
            request_parameters=_OF_CHANGES if moves_money else None,
            request_validator=self._validator,
        )
        return resource

    def _add_web_acl(self, web_acl: WebAclBase | None) -> None:
        stage = self.api.deployment_stage
        accept(stage, "APIGWCacheEnabledAndEncrypted", "APIGWSSLEnabled")
        if web_acl:
            wafv2.CfnWebACLAssociation(self, "WebAcl", resource_arn=stage.stage_arn, web_acl_arn=web_acl.web_acl_arn)
        else:
            accept(stage, "APIGWAssociatedWithWAF")
            acknowledge(
                stage, "AwsSolutions-APIG3", "Callers are known and throttled; `web_acl` puts a web ACL before them"
            )


def _environment(authorization: WalletAuthorization, cors: Cors | None) -> dict[str, str]:
    source = authorization.caller_email_from
    return {**({"CALLER_EMAIL_FROM": source} if source else {}), **(cors.environment if cors else {})}


def _integration(
    function: PythonFunction, *, cache_key_parameters: list[str] | None = None
) -> apigateway.LambdaIntegration:
    return apigateway.LambdaIntegration(
        function.function, allow_test_invoke=False, cache_key_parameters=cache_key_parameters
    )
