"""A journal that is archived in S3, wherever its archive was made: who may read it."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .archive_table import PREFIX
from .encryption import KEY_ACTIONS_TO_READ


class JournalArchiveBase(Construct):
    """An archive that readers can be given access to: one made here (`JournalArchive`), or one made elsewhere."""

    bucket: s3.IBucket
    """The bucket that holds the archive."""

    database_name: str
    """The database in the Glue catalog that has its table."""

    table_name: str
    """The table in that database, which Athena reads."""

    encryption_key: kms.IKey | None
    """The customer-managed key of the bucket, if it has one."""

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read and list the archived objects, and find the table, as a query of Athena does."""
        read = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"],
            resource_arns=[self.bucket.bucket_arn, self.bucket.arn_for_objects(f"{PREFIX}*")],
        )
        read = read.combine(self._grant_find(grantee))
        return read.combine(self.encryption_key.grant(grantee, *KEY_ACTIONS_TO_READ)) if self.encryption_key else read

    def _grant_find(self, grantee: iam.IGrantable) -> iam.Grant:
        resources = ("catalog", f"database/{self.database_name}", f"table/{self.database_name}/{self.table_name}")
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["glue:GetDatabase", "glue:GetTable"],
            resource_arns=[Stack.of(self).format_arn(service="glue", resource=resource) for resource in resources],
        )
