// Requests to the console's own server.

/** What the server refused, or could not do: with `status`, and perhaps line, column, reason and hint. */
class ApiError extends Error {
  constructor(status, told) {
    super(told.message);
    Object.assign(this, told, { name: told.error, status });
  }
}

export const get = (path, signal) => send(path, { signal });

export const post = (path, body, signal) =>
  send(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });

/** Gives the path of a ledger's part of the API. */
export const pathOf = (ledger, ...parts) =>
  ["/api/ledgers", ledger, ...parts].map((part, at) => (at ? encodeURIComponent(part) : part)).join("/");

/** Gives a query, without what is null. */
export function query(members) {
  const kept = Object.entries(members).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return kept.length ? `?${new URLSearchParams(kept)}` : "";
}

let pending = 0;

/** Notes on the page that requests are under way, or that none is any more. */
function count(change) {
  pending += change;
  document.documentElement.toggleAttribute("data-busy", pending > 0);
}

async function send(path, options) {
  count(+1);
  try {
    return await answered(await fetched(path, options));
  } finally {
    count(-1); // only once the answer is read as a whole
  }
}

async function fetched(path, options) {
  try {
    return await fetch(path, { ...options, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { error: "Unreachable", message: "the console does not answer: is it still running?" });
  }
}

async function answered(response) {
  if (response.status === 401) location.reload(); // the console was started anew: its page says how to sign in
  const told = await response.json();
  if (!response.ok) throw new ApiError(response.status, told);
  return told;
}
