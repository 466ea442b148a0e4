import pytest

from local import node


def _program(folder, name, script):
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize("version", ["v20.0.0", "v24.19.0", "v100.1.2"])
def test_machine_with_a_new_enough_node_uses_it(tmp_path, version):
    program = _program(tmp_path, "node", f"echo {version}")
    npm = _program(tmp_path, "npm", "")
    assert node.of_machine(str(tmp_path)) == node.Node(program, (str(npm),))


@pytest.mark.parametrize(
    "script",
    ["echo v18.20.4", "echo v8.0.0", "echo no node is chosen in this folder >&2; exit 1", "echo 24", "exit 0"],
    ids=["too old", "much too old", "broken shim", "not a version", "silent"],
)
def test_machine_whose_node_will_not_do_has_none(tmp_path, script):
    _program(tmp_path, "node", script)
    _program(tmp_path, "npm", "")
    assert node.of_machine(str(tmp_path)) is None


def test_machine_with_node_but_without_npm_has_none(tmp_path):
    _program(tmp_path, "node", "echo v24.0.0")
    assert node.of_machine(str(tmp_path)) is None


def test_machine_without_node_has_none(tmp_path):
    assert node.of_machine(str(tmp_path)) is None


def test_file_that_cannot_be_run_has_no_version(tmp_path):
    file = tmp_path / "node"
    file.write_bytes(b"\x7fELF but not really")
    file.chmod(0o755)
    assert node.major_version(file) == 0


def test_programs_find_the_projects_python_and_node_before_all_others(tmp_path):
    first, second, *rest = node.on_path(node.Node(tmp_path / "node", ()), "/usr/bin:/bin").split(":")
    assert first.endswith("/.venv/bin")
    assert second == str(tmp_path)
    assert rest == ["/usr/bin", "/bin"]
