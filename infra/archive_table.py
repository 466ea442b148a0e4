"""The archive as a table of the Glue catalog, whose partitions Athena works out by itself: no crawler."""

from aws_cdk import Aws, Names
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

PREFIX = "journal/"
"""Where in its bucket the archive is."""

PARTITIONS = {"ledger": "ledger", "table": "table_name", "hour": "hour"}
"""The keys that divide the archive into folders, and the columns that they are; `table` is a word of SQL's own."""

COLUMNS = {
    "recordtype": "string",
    "streamarn": "string",
    "documentid": "string",
    "version": "bigint",
    "transactionid": "string",
    "blockaddress": "struct<strandid:string,sequenceno:bigint>",
    "timestamp": "string",
    "hash": "string",
    "deleted": "boolean",
    "redacted": "boolean",
    "data": "string",
    "ion": "string",
}
"""What a line of the archive has besides its partition (`lambdas.stream.archive`); `data` is text of JSON.

Glue writes names in lower case; neither the reader of JSON nor SQL tells case apart, so `documentId` is found.
"""

_SERDE = "org.openx.data.jsonserde.JsonSerDe"
_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


class ArchiveTable(Construct):
    """A database and its table `journal` over `bucket`. A query names the `table_name` that it reads."""

    def __init__(self, scope: Construct, id: str, *, bucket: s3.IBucket, ledger_name: str) -> None:  # noqa: A002
        """Define the table of the ledger's archive; the database has a generated name."""
        super().__init__(scope, id)
        name = Names.unique_resource_name(self, max_length=100, separator="_").lower()
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=name, description="The ledger's journal"),
        )
        location = f"s3://{bucket.bucket_name}/{PREFIX}"
        self.table = glue.CfnTable(
            self,
            "Table",
            catalog_id=Aws.ACCOUNT_ID,
            database_name=self.database.ref,
            table_input=glue.CfnTable.TableInputProperty(
                name="journal",
                description="Every record of the journal's stream; one that came twice is there twice",
                table_type="EXTERNAL_TABLE",
                parameters=_parameters(location, ledger_name),
                partition_keys=_columns(dict.fromkeys(PARTITIONS.values(), "string")),
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=_columns(COLUMNS),
                    compressed=True,
                    input_format=_INPUT,
                    location=location,
                    output_format=_OUTPUT,
                    serde_info=glue.CfnTable.SerdeInfoProperty(serialization_library=_SERDE),
                ),
            ),
        )

    @property
    def database_name(self) -> str:
        """The name of the database."""
        return self.database.ref

    @property
    def table_name(self) -> str:
        """The name of the table."""
        return self.table.ref


def _parameters(location: str, ledger_name: str) -> dict[str, str]:
    """Return the rules by which Athena finds the folders that a query needs ("partition projection")."""
    folders = "".join(f"{key}=${{{column}}}/" for key, column in PARTITIONS.items())
    return {
        "classification": "json",
        "compressionType": "gzip",
        "projection.enabled": "true",
        "projection.ledger.type": "enum",
        "projection.ledger.values": ledger_name,
        "projection.table_name.type": "injected",
        "projection.hour.type": "date",
        "projection.hour.format": "yyyy-MM-dd-HH",
        "projection.hour.interval": "1",
        "projection.hour.interval.unit": "HOURS",
        "projection.hour.range": "2025-01-01-00,NOW",
        "storage.location.template": f"{location}{folders}",
    }


def _columns(types: dict[str, str]) -> list[glue.CfnTable.ColumnProperty]:
    return [glue.CfnTable.ColumnProperty(name=name, type=type_) for name, type_ in types.items()]
