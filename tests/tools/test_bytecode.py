import compileall

from tools import bytecode


def compiled(monkeypatch, tmp_path, app):
    """Give the modules of the CDK that are compiled for an app with this text."""
    (tmp_path / "app.py").write_text(app)
    monkeypatch.setattr(bytecode.paths, "ROOT", tmp_path)
    files = []
    monkeypatch.setattr(compileall, "compile_file", lambda file, quiet: files.append(file))
    monkeypatch.setattr(bytecode.os, "environ", {})
    assert bytecode.compile_used() == len(files)
    return files


def test_what_the_app_loads_of_the_cdk_is_compiled(monkeypatch, tmp_path):
    app = "from aws_cdk import aws_ssmquicksetup\naws_ssmquicksetup.CfnConfigurationManager\n"
    files = compiled(monkeypatch, tmp_path, app)
    assert [file for file in files if file.endswith("/aws_cdk/aws_ssmquicksetup/__init__.py")]
    assert not [file for file in files if "/aws_cdk/aws_gamelift/" in file or "/pytest/" in file]


def test_an_app_that_cannot_be_synthesised_does_not_stop_the_set_up(monkeypatch, tmp_path, capsys):
    assert compiled(monkeypatch, tmp_path, "import sys, aws_cdk\nsys.exit('error: a bad setting')\n")
    assert "a bad setting" in capsys.readouterr().out
