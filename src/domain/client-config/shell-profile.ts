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
