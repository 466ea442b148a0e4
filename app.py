#!/usr/bin/env python3
"""The wallet's CDK app: the stacks of one deployment, as the context asks for them."""

import sys

from aws_cdk import App

from environments import ENVIRONMENTS
from infra.deployment import Deployment
from infra.errors import InfraError
from infra.settings import Settings
from infra.validation import synthesise

app = App(builtin_cloud_formation_validation=False)  # `synthesise` validates what is new
try:
    Deployment.define(app, Settings.from_context(app.node.get_all_context(), ENVIRONMENTS))
except InfraError as error:
    sys.exit(f"error: {error}")
synthesise(app)
