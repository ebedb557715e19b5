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
