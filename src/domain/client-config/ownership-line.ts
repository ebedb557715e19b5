/** A file that setup wrote says so in one line, with the checksum of all its other lines. */
const mark = "session-rescue-sum"
const markLine = new RegExp(`^(?:# )?${mark}: ([0-9a-f]{64})\\n`, "m")

/** SHA-256 in hex. */
export type Sum = (text: string) => string

/** The line to put into `text`, as a line of its own. */
export function sumLine(text: string, sum: Sum): string {
  return `${mark}: ${sum(text)}\n`
}

/** Whose a file is: one that was changed since we wrote it counts as its owner's. */
export function ownerOf(text: string, sum: Sum): "ours" | "changed" | "theirs" {
  const found = markLine.exec(text)
  if (found === null) return "theirs"
  return sum(text.replace(markLine, "")) === found[1] ? "ours" : "changed"
}

/** The lines between which install.sh puts its line for PATH in a shell's start-up file. */
const begin = "# >>> session-rescue >>>"
const end = "# <<< session-rescue <<<"

/** The text without them and without what is between; a line that has lost its other one stays. */
export function withoutMarkedLines(text: string): string {
  const lines = text.split("\n")
  for (;;) {
    const to = lines.findIndex((line, at) => line === end && lines.lastIndexOf(begin, at) !== -1)
    if (to === -1) return lines.join("\n")
    const from = lines.lastIndexOf(begin, to)
    lines.splice(from, to - from + 1)
  }
}
