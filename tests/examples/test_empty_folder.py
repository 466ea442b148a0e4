"""The wheel where nothing else is: an empty environment, which pip fills with what the wheel depends on."""

import shutil
import subprocess
import sys

import pytest

from local import paths
from tests.depth import DEEP
from tests.examples.example import EXAMPLES, Example, invoked


@pytest.mark.skipif(not DEEP, reason="downloads the CDK's library and builds the functions' layer: make deep runs it")
def test_the_wheel_and_ten_lines_are_enough(wheel, cloud, tmp_path):
    folder = shutil.copytree(EXAMPLES / "ledger_alone", tmp_path / "project")
    shutil.copy(wheel, folder)
    subprocess.run([sys.executable, "-m", "venv", ".venv"], cwd=folder, check=True)
    python = paths.python(folder / ".venv")
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", "requirements.txt"], cwd=folder, check=True)
    outputs = Example(folder, python).deployed(cloud)["ledger-alone"]
    assert invoked(cloud, outputs["Function"], {"author": "ana", "text": "buy milk"}) == ["buy milk"]
    assert [path.name for path in (folder / ".build").iterdir() if path.name.startswith("layer-")]
