"""The front end's files: small modules, nothing left over, and nothing that its security policy would forbid."""

import re

import pytest

from local import paths

STATIC = paths.ROOT / "ledger" / "console" / "static"
MODULES = {path.name: path.read_text() for path in sorted((STATIC / "js").glob("*.js"))}
PAGES = [path.read_text() for path in STATIC.glob("*.html")]
STYLES = re.sub(
    r"/\*.*?\*/", "", "\n".join(path.read_text() for path in (STATIC / "css").glob("*.css")), flags=re.DOTALL
)
EXPORT = re.compile(r"^export (?:async )?(?:function\*?|const|class) (\w+)", re.MULTILINE)
IMPORT = re.compile(r'^import \{([^}]*)\} from "(.+?)";', re.MULTILINE)


def names(imported):
    return [each.strip().split(" as ") for each in imported.split(",") if each.strip()]


def used(word, text):
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_small_says_what_it_is_and_uses_what_it_imports(module):
    text = MODULES[module]
    assert text.startswith("// ")
    assert len(text.splitlines()) <= 200
    body = IMPORT.sub("", text)
    for imported, _ in IMPORT.findall(text):
        for name in names(imported):
            assert used(name[-1], body), name


def test_what_is_exported_is_imported_somewhere():
    imported = {
        (place.removeprefix("./"), name[0])
        for text in MODULES.values()
        for words, place in IMPORT.findall(text)
        for name in names(words)
    }
    pages = set(re.findall(r'import\("\./(.+?)"\)', MODULES["router.js"]))
    exported = {(module, name) for module, text in MODULES.items() for name in EXPORT.findall(text)}
    assert {each for each in exported - imported if each[0] not in pages} == set()
    assert {place for place, _ in imported} | pages | {"main.js"} >= set(MODULES)


def test_every_style_is_used_and_every_icon():
    everything = "\n".join([*MODULES.values(), *PAGES])
    selectors = re.sub(r"\{[^{}]*\}", "{}", STYLES)
    classes = {name for name in re.findall(r"\.([a-zA-Z][\w-]*)", selectors) if not name.startswith("strand-")}
    assert {name for name in classes if not used(name, everything)} == set()
    icons = set(re.findall(r'^  (\w+): "M', MODULES["icons.js"], re.MULTILINE))
    others = "\n".join(text for name, text in MODULES.items() if name != "icons.js")
    assert {name for name in icons if not re.search(rf'[`"]{name}[`"]', others)} == set()
    variables = set(re.findall(r"(--[\w-]+):", STYLES))
    assert {name for name in variables if f"var({name})" not in STYLES} == set()


@pytest.mark.parametrize(
    "forbidden",
    [r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", r"\beval\(|new Function", r"https?://(?!www\.w3\.org/2000/svg)",
     r"\bstyle: ", r"console\.(log|debug)", r"\bdebugger\b", r"TODO|FIXME"],
)  # fmt: skip
def test_nothing_is_in_it_that_must_not_be(forbidden):
    for name, text in MODULES.items():
        assert not re.search(forbidden, text), name


def test_pages_and_styles_load_nothing_from_elsewhere_and_have_nothing_inline():
    for text in PAGES:
        assert re.findall(r'(?:src|href|action)="(?!/|#)[^"]*"', text) == []
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\bon\w+=|\bstyle=", text)
    assert "url(" not in STYLES
    assert "@import" not in STYLES
