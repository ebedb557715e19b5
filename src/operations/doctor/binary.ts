import { realpathSync } from "node:fs"
import { dirname } from "node:path"
import { findHooks } from "../../domain/client-config/hooks-in-settings.ts"
import { commandNames } from "../../domain/client-config/slash-commands.ts"
import { readTextFile } from "../../system/fs/config-files.ts"
import { isExecutable } from "../../system/fs/list-dir.ts"
import { listNamesakes, locateSelf } from "../../system/process/self-path.ts"
import { advice, broken, type Finding, ok } from "./finding.ts"

/** The program itself, how a shell finds it, and what the clients were told to call. */
export function inspectBinary(version: string, homes: readonly string[]): readonly Finding[] {
  const { path, isBinary } = locateSelf()
  const kind = isBinary ? `${process.platform} ${process.arch}` : "run from its source"
  return [
    ok("binary", `${version}, ${kind}, Bun ${Bun.version}: ${path}`),
    inspectPath(path),
    ...homes.flatMap(inspectSetup),
  ]
}

function inspectPath(path: string): Finding {
  const [first] = listNamesakes()
  if (first === undefined) {
    const line = `export PATH="${dirname(path)}:$PATH"`
    return advice(
      "path",
      "session-rescue is not on PATH",
      `add this line to your shell's start-up file: ${line}`,
    )
  }
  if (realpathSync(first) === realpathSync(path)) return ok("path", `a shell finds it as ${first}`)
  return advice(
    "path",
    `another session-rescue comes first on PATH: ${first}`,
    `remove that one, or call ${path}`,
  )
}

/** What setup wrote calls a program by its path: it may have moved since. */
function inspectSetup(home: string): readonly Finding[] {
  const commands = commandNames.flatMap((name) => {
    const text = readOrNull(`${home}/commands/${name}.md`)
    const program = /^allowed-tools: Bash\((\S+) /m.exec(text ?? "")?.[1]
    return text?.includes("\nsession-rescue-sum: ") && program !== undefined
      ? [{ what: `/${name}`, program }]
      : []
  })
  const hooks = findHooks(readOrNull(`${home}/settings.json`)).map(({ event, command }) => {
    const program = command
      .replace(/ hook [A-Za-z]+\b.*$/, "")
      .replace(/^\{ /, "")
      .replace(/^'(.*)'$/, "$1")
      .replaceAll("'\\''", "'")
    return { what: event, program }
  })
  const all = [...commands, ...hooks]
  const gone = all.filter(({ program }) => !isExecutable(program))
  const [first] = gone
  if (first !== undefined) {
    const names = gone.map(({ what }) => what).join(", ")
    const redo = "session-rescue setup --commands --hooks, or setup --remove"
    return [
      broken("setup", `${names} in ${home}: the program they call no longer exists: ${first.program}`, redo),
    ]
  }
  const names = all.map(({ what }) => what).join(", ")
  return all.length === 0
    ? [ok("setup", `nothing set up in ${home} (see session-rescue setup)`)]
    : [ok("setup", `${names} in ${home}`)]
}

function readOrNull(path: string): string | null {
  try {
    return readTextFile(path)
  } catch {
    return null
  }
}
