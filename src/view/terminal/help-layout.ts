/** Columns that an explanation needs beside its term, or the length of its longest word; with fewer it is printed below. */
const minColumns = 24

/** Help as wide as its terminal: words stay whole, and an explanation goes on under itself. */
export function layOutHelp(text: string, columns: number | null): string {
  const lines = text.split("\n").map((line) => line.trimEnd())
  return (columns === null ? lines : lines.flatMap((line) => layOutLine(line, columns))).join("\n")
}

function layOutLine(line: string, columns: number): string[] {
  if (Bun.stringWidth(line) <= columns) return [line]
  const [, name = "", gap = "", explained = line] = /^(.*?\S)( {4,})(\S.*)$/.exec(line) ?? []
  const beside = Bun.stringWidth(name + gap)
  const needed = Math.max(minColumns, ...explained.split(" ").map((word) => Bun.stringWidth(word)))
  const margin = name === "" || columns - beside >= needed ? beside : 6
  const wrapped = Bun.wrapAnsi(explained, columns - margin).split("\n")
  const [first = "", ...rest] = wrapped.map((part) => " ".repeat(margin) + part)
  return margin === beside ? [name + gap + first.slice(margin), ...rest] : [name, first, ...rest]
}
