// PartiQL text cut into pieces without refusing any: for colours, for completion, and to find where statements end.

const ION = String.raw`[^\x60"'/]|"(?:[^"\\]|\\.)*"|'''(?:[^'\\]|\\.|'(?!''))*'''|''(?!')|'(?!')(?:[^'\\]|\\.)*'|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/|\/(?![/*])`;
const LEXEME = new RegExp(
  [
    String.raw`(?<blank>\s+)`,
    String.raw`(?<comment>--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_$]*)`,
    String.raw`(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)`,
    String.raw`(?<string>'(?:[^']|'')*')`,
    String.raw`(?<quoted>"(?:[^"]|"")*")`,
    `(?<ion>\\x60(?:${ION})*\\x60)`,
    String.raw`(?<open>\/\*[^]*|['"\x60][^]*)`,
    String.raw`(?<operator><<|>>|<>|!=|<=|>=|\|\||[^])`,
  ].join("|"),
  "yu",
);

const KEYWORDS = new Set(
  `ABORT AND AS ASC AT AVG BEGIN BETWEEN BY CASE CAST CHAR_LENGTH COALESCE COMMIT COUNT CREATE CROSS DATE_ADD DATE_DIFF DELETE
  DESC DISTINCT DROP ELSE END ESCAPE EXEC EXISTS EXTRACT FALSE FROM GROUP HAVING IN INDEX INNER INSERT INTO IS JOIN LEFT LIKE
  LIMIT LOWER MAX MIN MISSING NOT NULL NULLIF OFFSET ON OR ORDER PIVOT REMOVE SELECT SET SIZE SUBSTRING SUM TABLE THEN TO_STRING
  TO_TIMESTAMP TRIM TRUE TXID UNDROP UNPIVOT UPDATE UPPER UTCNOW VALUE VALUES WHEN WHERE WITH`.split(/\s+/),
);
export const COMPLETED = [...KEYWORDS];

/** Gives the pieces, {kind, text, start, end}; together they are the whole text. */
export function lexemes(text) {
  const found = [];
  for (LEXEME.lastIndex = 0; LEXEME.lastIndex < text.length;) {
    const start = LEXEME.lastIndex;
    const { groups } = LEXEME.exec(text);
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    const isKeyword = kind === "word" && KEYWORDS.has(groups.word.toUpperCase());
    found.push({ kind: isKeyword ? "keyword" : kind, text: groups[kind], start, end: LEXEME.lastIndex });
  }
  return found;
}

export const isSilent = ({ kind }) => kind === "blank" || kind === "comment";

/** Gives the statements of a text, {text, start, end}, without those that are blank. */
function statements(text) {
  const found = [];
  let start = 0;
  for (const lexeme of [...lexemes(text), { text: ";", start: text.length }]) {
    if (lexeme.text !== ";") continue;
    const piece = text.slice(start, lexeme.start);
    if (lexemes(piece).some((each) => !isSilent(each))) {
      const lead = piece.length - piece.trimStart().length;
      found.push({ text: piece.trim(), start: start + lead, end: lexeme.start });
    }
    start = lexeme.start + 1;
  }
  return found;
}

/** Gives the statement in which, or behind which, the cursor stands. */
export const statementAt = (text, cursor) =>
  statements(text).findLast(({ start }) => start <= cursor) ?? statements(text)[0];

/** Counts the question marks that stand for parameters. */
export const parameterCount = (text) => lexemes(text).filter(({ text: each }) => each === "?").length;
