/** What views write for the eye, and below it what stands for it where a terminal shows no Unicode. */
const ornament = "·—–…→─│├┌┐└┘█░↑↓•◆◇■▲●○◻◼❯═«»"
const standIn = "---~>-|+++++#.^v-*ox!>.-x>=<>" // one column each, so that what is aligned stays so
const ornaments = new RegExp(`[${ornament}]`, "g")

export function asciiOnly(text: string): string {
  return text.replace(ornaments, (found) => standIn[ornament.indexOf(found)] ?? "?")
}

/**
 * Whether a terminal can be expected to show Unicode: the locale says so (POSIX: LC_ALL, then LC_CTYPE, then LANG)
 * and the terminal is neither dumb nor the kernel's own console.
 */
export function showsUnicode(environment: Readonly<Record<string, string | undefined>>): boolean {
  const { LC_ALL, LC_CTYPE, LANG, TERM } = environment
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "") && TERM !== "dumb" && TERM !== "linux"
}

/** How many lines of a list are shown at once. */
export function listLines(rows: number): number {
  return Math.max(5, Math.floor(rows / 3))
}
