"""The environments that this project is deployed to: in what each differs from the defaults of `Settings`.

`cdk deploy --all -c environment=prod`, or `make deploy ENVIRONMENT=prod`. What the context gives besides, as `-c
memory_mb=2048`, replaces single settings; `-c deployment=dev-ana` makes a second one of the same environment. Set
`account` and `region` where an environment must not get into another one by mistake.
"""

from functools import partial

from infra.settings import Environments, Settings

ENVIRONMENTS: Environments = {
    # Cheap, and gone when it is destroyed, but for keys and buckets.
    "dev": partial(
        Settings,
        deployment="captable1-dev",
        keep_data=False,
        log_retention_days=7,
        cache_seconds=0,
        journal_archive=False,
        object_lock_mode="GOVERNANCE",
        object_lock_days=1,
        audit_minutes=480,
    ),
    # As prod, with shorter memories.
    "staging": partial(
        Settings,
        deployment="captable1-staging",
        log_retention_days=30,
        object_lock_mode="GOVERNANCE",
        object_lock_days=30,
        backup_days=7,
    ),
    # A lock of backups in COMPLIANCE mode can never be undone, so that is for you to decide.
    "prod": partial(
        Settings,
        deployment="captable1-prod",
        log_retention_days=365,
        kinesis_retention_hours=168,
        object_lock_mode="COMPLIANCE",
        object_lock_days=365,
        backup_days=35,
        backup_lock="GOVERNANCE",
    ),
}
"""Their names, and their settings, which are made and checked when they are asked for."""
