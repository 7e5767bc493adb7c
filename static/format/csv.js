// Numbers as a table that every program reads: comma-separated, quoted where need be (RFC 4180).

/** @param {unknown} value */
const cell = (value) => {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  const words = String(value);
  return /[",\r\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
};

/** @param {{columns: string[], rows: unknown[][]}} table */
export function csv({ columns, rows }) {
  return [columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
