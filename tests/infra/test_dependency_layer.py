import hashlib
import subprocess
import sys

import pytest

from infra.dependency_layer import LOCK, compiled_files, installed
from infra.errors import PackagingError
from tests.infra.synthesis import resources, synthesised


@pytest.fixture(scope="module")
def layer():
    return installed()


def contents(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_layer_is_pure_python(layer):
    assert compiled_files(layer) == []
    assert not list(layer.rglob("*.pyc"))


def test_the_layer_has_the_driver_and_all_that_it_needs_but_the_sdk(layer):
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import amazon.ion.simpleion, ionhash, six, aws_lambda_powertools, jmespath\n"
        "for module in (amazon.ion.simpleion, ionhash, six, aws_lambda_powertools, jmespath):\n"
        "    assert module.__file__.startswith(sys.argv[1]), module.__file__\n"
    )
    subprocess.run([sys.executable, "-B", "-S", "-E", "-c", script, str(layer / "python")], check=True)
    assert not (layer / "python" / "boto3").exists()
    assert not (layer / "python" / "botocore").exists()


def test_the_same_lock_gives_the_same_bytes_on_a_second_install(layer, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_RETRIES", "8")  # which takes a minute: what is cached still has to be asked for
    assert contents(installed(LOCK, tmp_path)) == contents(layer)


def test_the_layer_is_installed_once(layer, tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "run", None)
    assert installed() == layer


def test_both_stacks_use_the_one_layer_that_is_keyed_by_the_lock():
    keys = {
        body["Properties"]["Content"]["S3Key"]
        for template in synthesised().templates()
        for body in resources(template, "AWS::Lambda::LayerVersion").values()
    }
    assert len(keys) == 1


def test_a_lock_that_pip_cannot_install_is_reported_in_one_line_and_leaves_nothing_behind(tmp_path):
    lock, build = tmp_path / "requirements.txt", tmp_path / "build"
    lock.write_text("six==1.17.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(PackagingError) as caught:
        installed(lock, build)
    assert str(caught.value).startswith(f"pip could not install {lock}: ")
    assert "\n" not in str(caught.value)
    assert list(build.iterdir()) == []


def test_an_environment_without_pip_is_told_how_to_get_it(tmp_path, monkeypatch):
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    monkeypatch.setattr(sys, "executable", str(bare / "bin" / "python"))
    with pytest.raises(PackagingError, match=r"bare/bin/python has no pip, .* add it: python -m ensurepip, or uv pip"):
        installed(LOCK, tmp_path / "build")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("fast.so", b""),
        ("lib.so.1.0.6", b""),
        ("fast.cpython-313-aarch64-linux-gnu.so", b""),
        ("fast.dylib", b""),
        ("tool", b"\x7fELF\x02\x01"),
        ("tool", b"\xcf\xfa\xed\xfe\x07"),
    ],
)
def test_compiled_code_is_found_by_its_name_or_its_first_bytes(tmp_path, name, content):
    (tmp_path / "module.py").write_text("x = 1\n")
    (tmp_path / name).write_bytes(content)
    assert compiled_files(tmp_path) == [tmp_path / name]
