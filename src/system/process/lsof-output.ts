import { type Pid, parsePid } from "../../domain/session/pid.ts"

/** The working directory and executable of a process, if lsof could read them. */
export interface OpenFiles {
  cwd: string | null
  executable: string | null
}

/**
 * Reads the output of `lsof -d cwd,txt -F fn`: a line `p` starts a process, `f` a file, and `n` is that file's name.
 * The first mapped file (`txt`) is the executable.
 */
export function readOpenFiles(output: string): Map<Pid, OpenFiles> {
  const found = new Map<Pid, OpenFiles>()
  let files: OpenFiles | null = null
  let descriptor = ""
  for (const line of output.split("\n")) {
    const value = line.slice(1)
    if (line.startsWith("p")) {
      const pid = parsePid(value)
      files = pid === null ? null : { cwd: null, executable: null }
      if (pid !== null && files !== null) found.set(pid, files)
    }
    if (line.startsWith("f")) descriptor = value
    if (!line.startsWith("n") || files === null) continue
    if (descriptor === "cwd") files.cwd ??= readPath(value)
    if (descriptor === "txt") files.executable ??= readPath(value)
  }
  return found
}

/** On Linux, lsof appends its error message to a path that it could not read. */
const complaint = / \((?:readlink|stat|opendir|statx?)\b[^)]*\)$/

function readPath(name: string): string | null {
  if (!name.startsWith("/") || complaint.test(name)) return null
  return unescaped(name.replace(/ \(deleted\)$/, ""))
}

const letters: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", "\\": "\\" }

/** lsof escapes unprintable characters as `\n`, or byte by byte as `\xc3\xa9`, and doubles backslashes. */
function unescaped(name: string): string {
  return name.replace(/(?:\\x[0-9a-f]{2})+|\\[bfnrt\\]/g, (found) =>
    found.startsWith("\\x")
      ? Buffer.from(found.replaceAll("\\x", ""), "hex").toString("utf8")
      : (letters[found.slice(1)] ?? found),
  )
}
