// The page "Query": statements in tabs, and what they give.

import { fill, h } from "./dom.js";
import { Editor } from "./editor.js";
import { COMMAND } from "./help.js";
import { icon } from "./icons.js";
import { parameterCount } from "./lexer.js";
import { Names } from "./names.js";
import { Library } from "./library.js";
import { Result } from "./result.js";
import { head } from "./router.js";
import { Tabs } from "./tabs.js";

export async function show(main, { ledger, search, signal, session }) {
  const names = new Names(ledger);
  const results = new Map(); // of each tab, as long as the page is shown
  const place = h("div");
  const parameters = h("fieldset", { class: "parameters row", hidden: true });
  const editor = new Editor({
    names,
    onrun: run,
    onchange: () => {
      tabs.note(editor.text);
      showParameters();
    },
  });
  const tabs = new Tabs(ledger, (text, id) => {
    editor.text = text;
    showParameters();
    fill(place, resultOf(id).element);
  });
  const library = new Library(ledger, names, {
    open: (text) => tabs.open(text),
    insert: (text) => editor.insert(text),
  });
  const runButton = h("button", { class: "primary", type: "button", onclick: run }, icon("run"), "Run");
  const stopButton = h(
    "button",
    { type: "button", hidden: true, onclick: () => resultOf(tabs.current.id).stop() },
    icon("stop"),
    "Stop",
  );

  function resultOf(id) {
    if (!results.has(id)) results.set(id, new Result(ledger, names));
    return results.get(id);
  }

  function showParameters() {
    const count = parameterCount(editor.chosen?.text ?? "");
    const values = [...parameters.querySelectorAll("input")].map(({ value }) => value);
    parameters.hidden = !count;
    if (count === values.length) return;
    const inputs = Array.from({ length: count }, (_, at) =>
      h(
        "label",
        { class: "field" },
        `Parameter ${at + 1}`,
        h("input", {
          class: "mono",
          value: values[at] ?? "",
          placeholder: '"text", 7, or other Ion',
          spellcheck: "false",
        }),
      ),
    );
    fill(parameters, h("legend", { class: "unseen" }, "Parameters"), inputs);
  }

  async function run() {
    const chosen = editor.chosen;
    const result = resultOf(tabs.current.id);
    if (!chosen || result.isRunning) return;
    editor.unmark();
    showParameters();
    [runButton.disabled, stopButton.hidden] = [true, false];
    const error = await result.run(
      chosen.text,
      [...parameters.querySelectorAll("input")].map(({ value }) => value),
    );
    [runButton.disabled, stopButton.hidden] = [false, true];
    library.ran(chosen.text, !error);
    if (error?.line) editor.markAt(chosen.start + offsetOf(chosen.text, error));
    if (!error && /^\s*(create|drop|undrop)\b/i.test(chosen.text)) library.refresh(signal);
  }

  fill(
    main,
    head(
      "Query",
      session.isWritable
        ? "PartiQL on the ledger. Each statement is a transaction of its own."
        : "PartiQL on the ledger. This console only reads: start it with --writable to change anything.",
    ),
    h(
      "div",
      { class: "columns side-first" },
      library.element,
      h(
        "div",
        { class: "stack" },
        h(
          "section",
          { class: "card", "aria-label": "Editor" },
          tabs.element,
          editor.element,
          parameters,
          h(
            "div",
            { class: "run-bar" },
            runButton,
            stopButton,
            h(
              "button",
              { class: "plain", type: "button", onclick: () => library.save(editor.chosen?.text) },
              icon("save"),
              "Save",
            ),
            h(
              "p",
              { class: "muted fine end", id: "editor-help" },
              h("kbd", COMMAND),
              " ",
              h("kbd", "Enter"),
              " runs the statement at the cursor",
            ),
          ),
        ),
        place,
      ),
    ),
  );
  signal.addEventListener("abort", () => results.forEach((result) => result.leave()));
  tabs.start(search.get("statement"));
  library.refresh(signal);
}

function offsetOf(text, { line, column }) {
  return (
    text
      .split("\n")
      .slice(0, line - 1)
      .reduce((sum, each) => sum + each.length + 1, 0) +
    column -
    1
  );
}
