/** A file that setup wrote says so in one line, with the checksum of all its other lines. */
const checksumLabel = "session-rescue-sum"
const checksumPattern = new RegExp(`^(?:# )?${checksumLabel}: ([0-9a-f]{64})\\n`, "m")

/** SHA-256 in hex. */
export type Sha256 = (text: string) => string

/** The line to put into `text`, as a line of its own. */
export function checksumLine(text: string, sum: Sha256): string {
  return `${checksumLabel}: ${sum(text)}\n`
}

/** Whose a file is: one that was changed since we wrote it counts as its owner's. */
export function ownershipOf(text: string, sum: Sha256): "ours" | "changed" | "theirs" {
  const found = checksumPattern.exec(text)
  if (found === null) return "theirs"
  return sum(text.replace(checksumPattern, "")) === found[1] ? "ours" : "changed"
}

/** The lines between which install.sh puts its line for PATH in a shell's start-up file. */
const blockBegin = "# >>> session-rescue >>>"
const blockEnd = "# <<< session-rescue <<<"

/** The text without them and without what is between; a line that has lost its other one stays. */
export function removeMarkedBlocks(text: string): string {
  const lines = text.split("\n")
  for (;;) {
    const to = lines.findIndex((line, at) => line === blockEnd && lines.lastIndexOf(blockBegin, at) !== -1)
    if (to === -1) return lines.join("\n")
    const from = lines.lastIndexOf(blockBegin, to)
    lines.splice(from, to - from + 1)
  }
}
