// The editor: a plain text area, so that every key and every screen reader works, over the same text in colours.

import { fill, h } from "./dom.js";
import { lexemes, statementAt } from "./lexer.js";
import { Suggestions } from "./suggestions.js";

export class Editor {
  /** Makes an editor; `onrun` and `onchange` are called, `names` are completed. */
  constructor({ names, onrun, onchange }) {
    this.area = h("textarea", {
      "aria-label": "PartiQL statements",
      "aria-autocomplete": "list",
      "aria-describedby": "editor-help",
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      rows: "1",
      wrap: "soft",
      oninput: () => this.#changed(onchange),
      onkeydown: (event) => this.#pressed(event, onrun),
      onblur: () => this.suggestions.hide(),
      onclick: () => this.suggestions.hide(),
    });
    this.shown = h("pre", { class: "code", "aria-hidden": "true" });
    this.suggestions = new Suggestions(this, names);
    this.element = h(
      "div",
      { class: "editor" },
      h("div", { class: "editor-text" }, this.shown, this.area),
      this.suggestions.element,
    );
    this.mark = null;
  }

  get text() {
    return this.area.value;
  }

  set text(text) {
    this.area.value = text;
    this.unmark();
  }

  /** Gives what is to be run, {text, start}: the selection, or the statement at the cursor. */
  get chosen() {
    const { selectionStart: start, selectionEnd: end } = this.area;
    const selected = this.text.slice(start, end);
    if (selected.trim()) return { text: selected.trim(), start: start + selected.length - selected.trimStart().length };
    return statementAt(this.text, start);
  }

  focus() {
    this.area.focus();
  }

  /** Puts a text in the place of what stands from `start` to the cursor, in a way that can be undone. */
  insert(text, start = this.area.selectionStart) {
    this.area.focus();
    this.area.setSelectionRange(start, this.area.selectionEnd);
    // The one way that keeps the browser's own undo.
    if (!document.execCommand("insertText", false, text))
      this.area.setRangeText(text, start, this.area.selectionEnd, "end");
  }

  /** Marks the piece that begins at an offset as wrong, and puts the cursor there. */
  markAt(offset) {
    const piece = lexemes(this.text).find(({ end }) => end > offset) ?? { start: offset, end: offset };
    this.mark = { start: offset, end: Math.max(piece.end, offset + 1) };
    this.#draw();
    this.area.focus();
    this.area.setSelectionRange(offset, offset);
  }

  unmark() {
    this.mark = null;
    this.#draw();
  }

  /** Tells where the cursor is, in pixels from the editor's corner. */
  get cursorPlace() {
    const mirror = h(
      "pre",
      { class: "code measure" },
      this.text.slice(0, this.area.selectionStart),
      h("span", "\u200b"),
    );
    this.shown.after(mirror);
    const { offsetLeft: left, offsetTop: top, offsetHeight: height } = mirror.lastChild;
    mirror.remove();
    return { left, top: top + height };
  }

  #draw() {
    const pieces = lexemes(this.text).map(({ kind, text, start, end }) => {
      const isWrong = this.mark && start < this.mark.end && end > this.mark.start;
      return isWrong || kind !== "blank" ? h("span", { class: isWrong ? `${kind} wrong` : kind }, text) : text;
    });
    const isAtEnd = this.mark && this.mark.start >= this.text.length;
    fill(this.shown, pieces, isAtEnd ? h("span", { class: "wrong" }, " ") : null, "\n");
  }

  #changed(onchange) {
    this.unmark();
    this.suggestions.offer();
    onchange();
  }

  #pressed(event, onrun) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.suggestions.hide();
      onrun();
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      this.suggestions.offer(true);
    } else {
      this.suggestions.pressed(event);
    }
  }
}
