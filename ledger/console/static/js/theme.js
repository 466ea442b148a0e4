// Light or dark: as the system has it, unless somebody chose.

import { announce, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { keep, load } from "./storage.js";

const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (load("theme", null) ?? (system.matches ? "dark" : "light")) === "dark";

export function themeButton() {
  const button = h("button", { class: "plain", type: "button", onclick: change });
  const show = () => {
    const chosen = load("theme", null);
    if (chosen) document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
    fill(button, icon(isDark() ? "sun" : "moon"), h("span", { class: "words" }, isDark() ? "Light" : "Dark"));
    button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
  };
  function change() {
    const wanted = isDark() ? "light" : "dark";
    keep("theme", wanted === (system.matches ? "dark" : "light") ? null : wanted);
    show();
    announce(`${wanted} colours`);
  }
  system.addEventListener("change", show);
  show();
  return button;
}
