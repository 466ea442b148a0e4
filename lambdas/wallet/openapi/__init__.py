"""The wallet's API as an OpenAPI 3.1 document, made of the models that validate requests. No function imports it.

`python -m lambdas.wallet.openapi` writes the document to `lambdas/wallet/openapi.json`.
"""
