"""The wallet's functions, one a call, each with a role that can do just what its call does."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .errors import PropError
from .ledger import LedgerBase
from .notarised_digests import DigestNotaryBase
from .python_function import PythonFunction
from .wallet_metrics import WalletMetrics


class WalletFunctions(WalletMetrics, Construct):
    """The wallet's functions, one a call, each with a role that can do just what its call does.

    `create_account`, `add_funds`, `withdraw_funds` and `transfer_funds` commit; `check_funds`, `history`, `digest`,
    `verify` and `proof` cannot.

    Those that commit may also put a profile, since each repairs one that was lost after its account was created.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger: LedgerBase,
        profile_table: dynamodb.ITable,
        notary: DigestNotaryBase | None = None,
        encryption_key: kms.IKey | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1024,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the functions over `ledger`, which keep profiles in `profile_table`.

        `notary` is the one of `ledger`: `digest` shows its digests, and `proof` proves receipts against them; without
        one, by default, `digest` shows the ledger's own only and `proof` refuses. `encryption_key` encrypts the logs;
        by default a key of CloudWatch Logs' own does.

        Raises PropError: the notary is that of another ledger.
        """
        super().__init__(scope, id)
        if notary and notary.ledger_name != ledger.ledger_name:
            raise PropError(f"notary is that of ledger {notary.ledger_name!r}; give that of {ledger.ledger_name!r}")
        self._ledger, self._profile_table, self._notary = ledger, profile_table, notary
        self._by_call: dict[str, PythonFunction] = {}
        self._architecture, self._memory_mb = architecture, memory_mb
        self._encryption_key, self._log_retention = encryption_key, log_retention
        self.create_account = self._writer("CreateAccount", "create_account", "Opens an account")
        self.check_funds = self._reader("CheckFunds", "check_funds", "Reads an account's balances")
        self.add_funds = self._writer("AddFunds", "add_funds", "Puts money into an account")
        self.withdraw_funds = self._writer("WithdrawFunds", "withdraw_funds", "Takes money out of an account")
        self.transfer_funds = self._writer("TransferFunds", "transfer_funds", "Moves money between two accounts")
        self.history = self._reader("History", "history", "Reads every revision of an account")
        self.digest = self._prover("Digest", "digest", "Reads the ledger's digest, and a notarised one")
        self.verify = self._reader("Verify", "verify", "Reads a revision of an account and its proof")
        self.proof = self._prover("Proof", "proof", "Proves a receipt against a notarised digest")

    @property
    def by_call(self) -> dict[str, PythonFunction]:
        """The functions by the ids of their constructs, such as `AddFunds`."""
        return dict(self._by_call)

    @property
    def measured_ledger(self) -> str:
        """The name of the ledger that the functions are for: the metrics' dimension `Ledger`."""
        return self._ledger.ledger_name

    def _reader(self, construct_id: str, handler: str, description: str) -> PythonFunction:
        function = self._function(construct_id, handler, description, self._ledger.environment)
        self._ledger.grant_read(function)
        return function

    def _prover(self, construct_id: str, handler: str, description: str) -> PythonFunction:
        function = self._reader(construct_id, handler, description)
        if self._notary:
            for name, value in self._notary.environment.items():
                function.function.add_environment(name, value)
            self._notary.grant_read_digests(function)
        return function

    def _writer(self, construct_id: str, handler: str, description: str) -> PythonFunction:
        environment = {**self._ledger.environment, "PROFILE_TABLE": self._profile_table.table_name}
        function = self._function(construct_id, handler, description, environment)
        self._ledger.grant_append(function)
        grant_put_profile(self._profile_table, function)
        return function

    def _function(
        self, construct_id: str, handler: str, description: str, environment: dict[str, str]
    ) -> PythonFunction:
        function = PythonFunction(
            self,
            construct_id,
            handler=f"lambdas.wallet.handlers.{handler}",
            description=description,
            environment=environment,
            architecture=self._architecture,
            memory_mb=self._memory_mb,
            encryption_key=self._encryption_key,
            log_retention=self._log_retention,
        )
        self._by_call[construct_id] = function
        return function


def grant_put_profile(table: dynamodb.ITable, grantee: iam.IGrantable) -> iam.Grant:
    """Let `grantee` put an item into the profile table, and neither read nor change nor delete any."""
    grant = iam.Grant.add_to_principal(grantee=grantee, actions=["dynamodb:PutItem"], resource_arns=[table.table_arn])
    key: kms.IKey | None = table.encryption_key
    actions = (
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    )
    return grant.combine(key.grant(grantee, *actions)) if key else grant
