// What the browser keeps for this console: the theme, tabs, saved and recent statements. It never leaves the browser.

export function load(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`console.${name}`)) ?? otherwise;
  } catch {
    return otherwise; // somebody changed it, or storage is forbidden
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(`console.${name}`, JSON.stringify(value));
  } catch {
    // full or forbidden: the console works without
  }
}
