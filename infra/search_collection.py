"""An OpenSearch Serverless collection, closed to all but those it is opened to."""

from aws_cdk import Names, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_opensearchserverless as serverless
from constructs import Construct, IConstruct

_READ = ("aoss:DescribeIndex", "aoss:ReadDocument")
_WRITE = ("aoss:CreateIndex", "aoss:DescribeIndex", "aoss:UpdateIndex", "aoss:WriteDocument")


class SearchCollection(Construct):
    """A collection for searching, encrypted with a key. It answers on the Internet, but only roles that were let in."""

    def __init__(self, scope: Construct, id: str, *, encryption_key: kms.IKey) -> None:  # noqa: A002
        """Define the collection, encrypted with `encryption_key`; its name is generated."""
        super().__init__(scope, id)
        self.name = _name(self)
        rule = {"ResourceType": "collection", "Resource": [f"collection/{self.name}"]}
        policies = {
            "encryption": {"Rules": [rule], "AWSOwnedKey": False, "KmsARN": encryption_key.key_arn},
            "network": [{"Rules": [rule], "AllowFromPublic": True}],
        }
        self.collection = serverless.CfnCollection(self, "Collection", name=self.name, type="SEARCH")
        for kind, policy in policies.items():
            document = serverless.CfnSecurityPolicy(
                self, kind.title(), name=self.name, type=kind, policy=Stack.of(self).to_json_string(policy)
            )
            self.collection.node.add_dependency(document)

    def grant_write(self, role: iam.IRole, index: str, *, before: IConstruct | None = None) -> iam.Grant:
        """Let `role` make the `index` and put documents into it; `before` is made only when that holds."""
        return self._let_in(role, f"Write-{index}", index, _WRITE, before)

    def grant_read(self, role: iam.IRole, index: str) -> iam.Grant:
        """Let `role` search the `index`."""
        return self._let_in(role, f"Read-{index}", index, _READ, None)

    def _let_in(
        self, role: iam.IRole, name: str, index: str, permissions: tuple[str, ...], before: IConstruct | None
    ) -> iam.Grant:
        scope = Construct(self, f"Access{Names.node_unique_id(role.node)}-{name}")
        rule = {"ResourceType": "index", "Resource": [f"index/{self.name}/{index}"], "Permission": list(permissions)}
        document = Stack.of(self).to_json_string([{"Rules": [rule], "Principal": [role.role_arn]}])
        policy = serverless.CfnAccessPolicy(scope, "Policy", name=_name(scope), type="data", policy=document)
        if before:
            before.node.add_dependency(policy)
        return iam.Grant.add_to_principal(
            grantee=role, actions=["aoss:APIAccessAll"], resource_arns=[self.collection.attr_arn]
        )


def _name(scope: Construct) -> str:
    return Names.unique_resource_name(scope, max_length=32, separator="-").lower()
