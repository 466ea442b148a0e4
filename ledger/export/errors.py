"""The errors of exports, with the names and members that AWS gives them (QLDB API reference).

A request that cannot be carried out is an `InvalidParameterException`, as elsewhere.
"""

from ledger.errors import ApiError

_TYPE = "JournalS3Export"


class ExportError(ApiError):
    """The root of what can go wrong with an export."""


class ExportNotFoundError(ExportError):
    """There is no such export, or it ended more than seven days ago."""

    status = 404
    name = "ResourceNotFoundException"

    def __init__(self, export_id: str) -> None:
        self.export_id = export_id
        what = f"no export {export_id!r} of this ledger; an export vanishes seven days after its end"
        super().__init__(what, ResourceType=_TYPE, ResourceName=export_id)


class TooManyExportsError(ExportError):
    """As many exports of the ledger are running as may."""

    name = "LimitExceededException"

    def __init__(self, most: int) -> None:
        what = f"{most} exports of this ledger are running, the most that may: wait for one to end"
        super().__init__(what, ResourceType=_TYPE)


class ExportFailedError(ExportError):
    """S3 refuses the export for good (no such bucket, no right); it is cancelled."""
