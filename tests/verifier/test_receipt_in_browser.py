"""The small verifier as a page of somebody's own imports it: in Chromium, with nothing but that file."""

import functools
import http.server
import json
import threading

import pytest

from tests.cli.test_receipt import answer
from tests.console.browsers import launched
from tests.verifier.receipts import SCRIPT, in_python

_STEPS = """
async (texts) => {
  const { steps } = await import("/receipt.mjs");
  const named = [];
  try {
    for await (const step of steps(...texts)) named.push(step);
  } catch (error) {
    named.push(error.message);
  }
  return named;
}
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def page():
    """A page on loopback, from which the verifier can be imported."""
    handler = functools.partial(Quiet, directory=SCRIPT.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, launched() as browser:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        opened = browser.new_page()
        opened.goto(f"http://127.0.0.1:{server.server_port}/package.json")
        yield opened
        browser.close()
        server.shutdown()
        thread.join()


def test_a_page_finds_what_the_python_verifier_finds_and_a_changed_character_too(page):
    proof, digest = answer("/proof"), answer("/digest")
    texts = [json.dumps(proof), json.dumps(digest), digest["notarised"]["publicKey"]]
    assert page.evaluate(_STEPS, texts) == in_python(*texts)
    assert in_python(*texts)[-1].startswith("PROVEN")
    texts[0] = texts[0].replace("CurrentBalance:250.00", "CurrentBalance:950.00")
    assert page.evaluate(_STEPS, texts) == [*in_python(*texts), "given is another"]
