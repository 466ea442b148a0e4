"""What the wheel holds, and what its user is not told twice."""

import re
import subprocess
import tomllib
import zipfile
from email.parser import Parser

import pytest

from local import paths
from tests.console.processes import running
from tests.examples.example import EXAMPLES

PROJECT = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())["project"]
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def run(python, script, folder):
    answer = subprocess.run([python, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_one_name_is_installed_and_no_other(files):
    roots = {name.partition("/")[0] for name in files}
    assert roots == {"verifiable_wallet", f"verifiable_wallet-{PROJECT['version']}.dist-info"}


def test_it_has_the_functions_code_their_lock_the_licence_and_its_types(files):
    held = set(files)
    assert held >= {
        "verifiable_wallet/py.typed",
        "verifiable_wallet/project/ledger/driver.py",
        "verifiable_wallet/project/lambdas/wallet/handlers.py",
        "verifiable_wallet/project/lambdas/requirements.txt",
        "verifiable_wallet/project/local/build-constraints.txt",
        "verifiable_wallet/project/custom_resources/ledger_tables/handler.py",
    }
    (licence,) = [body for name, body in files.items() if name.endswith("licenses/LICENSE")]
    assert licence == (paths.ROOT / "LICENSE").read_bytes()


def test_it_says_its_version_and_depends_on_the_cdk_alone(files):
    (metadata,) = [body.decode() for name, body in files.items() if name.endswith("METADATA")]
    fields = Parser().parsestr(metadata)
    assert (fields["Name"], fields["Version"]) == ("verifiable-wallet", PROJECT["version"])
    always = [text for text in fields.get_all("Requires-Dist") if "extra ==" not in text]
    assert sorted(re.match(r"[a-z-]+", text)[0] for text in always) == ["aws-cdk-lib", "constructs"]


def test_nothing_in_it_imports_the_package_by_the_name_that_it_has_in_a_checkout(files):
    for name, body in files.items():
        if name.endswith(".py"):
            assert not re.search(rb"^\s*(from|import) infra\b", body, re.MULTILINE), name


def test_every_construct_can_be_imported_from_it(python, tmp_path):
    script = (
        "import verifiable_wallet as package\n"
        "for name in package.__all__: getattr(package, name)\n"
        "print(len(package.__all__), package.__file__)"
    )
    count, place = run(python, script, tmp_path).split()
    assert int(count) > 20
    assert "site-packages/verifiable_wallet" in place


def test_the_ledger_is_importable_where_a_function_is_tested_and_nowhere_else(python, tmp_path):
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "mine.py").write_text("from ledger.store import SQLiteStore\n")
    script = (
        "import importlib.util, sys\n"
        "from verifiable_wallet import staged_code\n"
        "assert importlib.util.find_spec('ledger') is None\n"
        "sys.path.insert(0, str(staged_code('functions')))\n"
        "import mine; print(mine.SQLiteStore.__module__)"
    )
    assert run(python, script, tmp_path).startswith("ledger.store")


def test_the_console_runs_from_it_with_all_its_files(python, tmp_path):
    (project,) = python.parents[1].glob("lib/python*/site-packages/verifiable_wallet/project")
    static = paths.ROOT / "ledger" / "console" / "static"
    files = {path.relative_to(static).as_posix(): path for path in static.rglob("*.*")}
    files["verify.js"] = paths.ROOT / "verifier" / "verify.js"
    options = {"environment": {"PYTHONPATH": str(project)}, "python": python, "folder": tmp_path}
    with running("--data", str(tmp_path), **options) as console:
        for name, path in files.items():
            if path.suffix != ".html":
                assert console.send("GET", f"/static/{name}").body == path.read_bytes(), name
        assert console.send("GET", "/").body == (static / "index.html").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_an_example_installs_the_wheel_of_this_version(wheel, name):
    assert (EXAMPLES / name / "requirements.txt").read_text().strip() == f"./{wheel.name}"


@pytest.mark.parametrize("name", NAMES)
def test_a_readme_says_how_to_run_the_example(name):
    text = (EXAMPLES / name / "README.md").read_text()
    for words in (f"cp -r examples/{name} ", "pip install -r requirements.txt", "npx aws-cdk@2 deploy"):
        assert words in text
