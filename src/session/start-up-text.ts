/** The lines between which install.sh puts its line for PATH in a shell's start-up file. */
const begin = "# >>> session-rescue >>>"
const end = "# <<< session-rescue <<<"

/** The text without them and without what is between; the same text where they are not, or not both. */
export function withoutMarkedLines(text: string): string {
  const lines = text.split("\n")
  const [from, to] = [lines.indexOf(begin), lines.indexOf(end)]
  if (from === -1 || to < from) return text
  return lines.toSpliced(from, to - from + 1).join("\n")
}
