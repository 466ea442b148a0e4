"""Compiles the parts of the CDK's library that the app uses, of which there are few among very many.

Run by the set-up, so that neither the first synthesis parses them, nor each of several at the same time, nor every one
where Python may not write beside its modules.
"""

import compileall
import os
import runpy
import sys
import tempfile
from pathlib import Path

from local import paths


def compile_used() -> int:
    """Synthesise the app, as far as it goes, compile what that has loaded of the CDK, and return how many modules."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"CDK_OUTDIR": scratch, "CDK_VALIDATION": "false"}
        try:
            runpy.run_path(str(paths.ROOT / "app.py"), run_name="__main__")
        except (Exception, SystemExit) as error:  # such as a setting that is not usable, for who deploys to be told of
            print(error)
    loaded = {str(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
    used = sorted(file for file in loaded if f"{os.sep}aws_cdk{os.sep}" in file and Path(file).suffix == ".py")
    for file in used:
        compileall.compile_file(file, quiet=2)
    return len(used)


if __name__ == "__main__":
    compile_used()
