// Icons, drawn on 24 by 24.

import { h } from "./dom.js";

const PATHS = {
  query: "M4 6h16M4 12h9M4 18h6M15 15l3 3-3 3",
  documents: "M7 3h7l5 5v13H7zM14 3v5h5M10 13h6M10 17h6",
  journal: "M3 4h7v7H3zM14 13h7v7h-7zM10 7.5h5.5a2 2 0 0 1 2 2V13",
  verification: "M12 3l8 3v6c0 4.5-3.4 7.8-8 9-4.6-1.2-8-4.5-8-9V6zM8.5 12l2.5 2.5 4.5-5",
  audit: "M5 4h14v16H5zM8.5 9.5l1.2 1.2 2-2.4M14 10h2M8.5 15.5l1.2 1.2 2-2.4M14 16h2",
  run: "M8 5l11 7-11 7z",
  stop: "M7 7h10v10H7z",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  save: "M6 4h12v17l-6-4-6 4z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  table: "M4 5h16v14H4zM4 10h16M10 10v9",
  index: "M14 4l-8 9h5l-1 7 8-9h-5z",
  history: "M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4M12 8v4l3 2",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M19 5l-1.4 1.4M6.4 17.6L5 19",
  help: "M9 9a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 1.8M12 17.5v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  good: "M5 12.5l4.5 4.5L19 7",
  bad: "M7 7l10 10M17 7L7 17",
  wait: "M12 6v6l4 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  open: "M6 12h12",
  left: "M14 6l-6 6 6 6",
  right: "M10 6l6 6-6 6",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  live: "M12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM7.5 7.5a6.4 6.4 0 0 0 0 9M16.5 7.5a6.4 6.4 0 0 1 0 9M4.7 4.7a10.3 10.3 0 0 0 0 14.6M19.3 4.7a10.3 10.3 0 0 1 0 14.6",
  pencil: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  redact: "M4 8h16v8H4zM7 12h10",
};

/** Makes an icon. It says nothing to a screen reader: the words beside it do. */
export const icon = (name) =>
  h("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, h("path", { d: PATHS[name] }));
