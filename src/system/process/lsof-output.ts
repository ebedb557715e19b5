import { type Pid, parsePid } from "../../domain/session/pid.ts"

/** The working directory and executable of a process, if lsof could read them. */
interface Places {
  cwd: string | null
  executable: string | null
}

/** Reads the output of `lsof -d cwd,txt -F fn`. The first mapped file (`txt`) is the executable. */
export function readPlaces(output: string): Map<Pid, Places> {
  const found = new Map<Pid, Places>()
  for (const [pid, files] of eachProcess(output)) {
    const first = (descriptor: string) => files.find((file) => file.descriptor === descriptor)?.path ?? null
    found.set(pid, { cwd: first("cwd"), executable: first("txt") })
  }
  return found
}

/** Reads the output of `lsof -d 0-65535 -F fn`: the paths that each process has open, each once. */
export function readOpenFiles(output: string): Map<Pid, readonly string[]> {
  const paths = [...eachProcess(output)].map(
    ([pid, files]) =>
      [pid, [...new Set(files.flatMap((file) => (file.isDeleted ? [] : [file.path])))]] as const,
  )
  return new Map(paths)
}

interface NamedFile {
  readonly descriptor: string
  readonly path: string
  /** On Linux, lsof says so behind the name. */
  readonly isDeleted: boolean
}

/** A line `p` starts a process, `f` a file, and `n` is that file's name. */
function eachProcess(output: string): ReadonlyMap<Pid, readonly NamedFile[]> {
  const found = new Map<Pid, NamedFile[]>()
  let files: NamedFile[] = []
  let descriptor = ""
  for (const line of output.split("\n")) {
    const value = line.slice(1)
    if (line.startsWith("p")) {
      const pid = parsePid(value)
      files = []
      if (pid !== null) found.set(pid, files)
    }
    if (line.startsWith("f")) descriptor = value
    const path = line.startsWith("n") ? readPath(value) : null
    if (path !== null) files.push({ descriptor, path, isDeleted: value.endsWith(deleted) })
  }
  return found
}

const deleted = " (deleted)"

/** On Linux, lsof appends its error message to a path that it could not read. */
const complaint = / \((?:readlink|stat|opendir|statx?)\b[^)]*\)$/

function readPath(name: string): string | null {
  if (!name.startsWith("/") || complaint.test(name)) return null
  return unescaped(name.endsWith(deleted) ? name.slice(0, -deleted.length) : name)
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
