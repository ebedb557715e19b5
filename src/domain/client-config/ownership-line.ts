/** Files written by setup contain a line with the checksum of all other lines. */
const checksumLabel = "session-rescue-sum"
const checksumPattern = new RegExp(`^(?:# )?${checksumLabel}: ([0-9a-f]{64})\\n`, "m")

/** SHA-256 in hex. */
export type Sha256 = (text: string) => string

/** The checksum line to insert into `text`. */
export function checksumLine(text: string, sum: Sha256): string {
  return `${checksumLabel}: ${sum(text)}\n`
}

/** Whose file it is; a file that was changed since we wrote it belongs to its owner. */
export function ownershipOf(text: string, sum: Sha256): "ours" | "changed" | "theirs" {
  const found = checksumPattern.exec(text)
  if (found === null) return "theirs"
  return sum(text.replace(checksumPattern, "")) === found[1] ? "ours" : "changed"
}

/** Markers around the PATH line that install.sh adds to a shell's start-up file. */
const blockBegin = "# >>> session-rescue >>>"
const blockEnd = "# <<< session-rescue <<<"
/** In a block that install.sh wrote into a file which was not there before. */
const fileMadeLine = "# install.sh made this file"

/** Whether install.sh made the file, and nothing but its block is in it. */
export function isOnlyOwnBlock(text: string): boolean {
  return text.split("\n").includes(fileMadeLine) && removeMarkedBlocks(text).trim() === ""
}

/** Text between the markers, as a block of lines of its own. */
export function markBlock(text: string): string {
  return `${blockBegin}\n${text}${blockEnd}\n`
}

/** Removes the marked blocks; a marker without its counterpart stays. */
export function removeMarkedBlocks(text: string): string {
  const lines = text.split("\n")
  for (;;) {
    const to = lines.findIndex((line, at) => line === blockEnd && lines.lastIndexOf(blockBegin, at) !== -1)
    if (to === -1) return lines.join("\n")
    const from = lines.lastIndexOf(blockBegin, to)
    lines.splice(from, to - from + 1)
  }
}
