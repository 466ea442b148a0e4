"""What can be wrong before anything is deployed."""


class InfraError(Exception):
    """The app cannot be synthesised; the message says what is wrong and what to do."""


class SettingsError(InfraError):
    """A setting in the CDK context is not usable."""


class PackagingError(InfraError):
    """The functions' code or their dependencies cannot be packaged."""


class PropError(InfraError):
    """A construct was given a value that it cannot work with; the message begins with the prop's name."""
