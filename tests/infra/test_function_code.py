import pytest

from infra.errors import PackagingError
from infra.function_code import FOLDERS, replace_directory, staged_code


@pytest.fixture
def project(tmp_path):
    for path in ("ledger/journal/block.py", "lambdas/wallet/handlers.py", "custom_resources/tables/handler.py"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(f"# {path}\n")
    return tmp_path


def staged(project):
    return staged_code(root=project, build=project / ".build")


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_code_is_every_python_file_of_the_folders_with_its_contents(project):
    folder = staged(project)
    assert names(folder) == {
        "ledger/journal/block.py",
        "lambdas/wallet/handlers.py",
        "custom_resources/tables/handler.py",
    }
    assert (folder / "ledger/journal/block.py").read_text() == "# ledger/journal/block.py\n"


@pytest.mark.parametrize(
    "path",
    [
        "ledger/__pycache__/block.cpython-313.pyc",
        "ledger/tests/test_block.py",
        "lambdas/requirements.txt",
        "ledger/notes.md",
        "infra/ledger.py",
        "tests/test_app.py",
    ],
)
def test_caches_tests_locks_and_other_folders_are_left_out(project, path):
    before = staged(project)
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text("x = 1\n")
    assert staged(project) == before


def test_the_same_code_is_staged_once(project):
    assert staged(project) == staged(project)
    assert len(list((project / ".build").iterdir())) == 1


@pytest.mark.parametrize("change", ["edit", "add", "rename"])
def test_changed_code_is_staged_anew(project, change):
    before, file = staged(project), project / "ledger/journal/block.py"
    if change == "edit":
        file.write_text("# other\n")
    elif change == "add":
        (file.parent / "tree.py").write_text("")
    else:
        file.rename(file.with_name("blocks.py"))
    assert staged(project) != before


def test_a_missing_folder_is_named(project):
    with pytest.raises(PackagingError, match=f"no folder {project / 'nowhere'}"):
        staged_code(root=project, folders=["nowhere"], build=project / ".build")


def test_a_run_that_was_overtaken_keeps_the_other_runs_result(tmp_path):
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file.py").write_text(name)
    replace_directory(tmp_path / "mine", tmp_path / "theirs")
    assert (tmp_path / "theirs" / "file.py").read_text() == "theirs"
    assert not (tmp_path / "mine").exists()


def test_the_project_has_the_folders_that_functions_import():
    assert {path.name for path in staged_code().iterdir()} == set(FOLDERS)


def test_a_function_of_ones_own_is_laid_beside_the_projects_folders(project, tmp_path):
    own = tmp_path / "functions"
    (own / "cars").mkdir(parents=True)
    (own / "register.py").write_text("# register\n")
    (own / "cars" / "makes.json").write_text("[]")
    folder = staged_code(own, root=project, build=project / ".build")
    assert names(folder) > {"register.py", "cars/makes.json", "ledger/journal/block.py"}
    assert folder != staged(project)


def test_a_module_that_would_hide_the_ledger_is_refused_by_its_name(project, tmp_path):
    own = tmp_path / "functions"
    own.mkdir()
    (own / "ledger.py").write_text("")
    with pytest.raises(
        PackagingError, match=r"ledger\.py is named like a package that the functions import; rename it"
    ):
        staged_code(own, root=project, build=project / ".build")


def test_a_folder_of_ones_own_that_is_missing_is_named(project, tmp_path):
    with pytest.raises(PackagingError, match=r"no folder .*nowhere"):
        staged_code(tmp_path / "nowhere", root=project, build=project / ".build")
