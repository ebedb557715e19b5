import type { ActContext } from "session-rescue"

/**
 * The version of the client that `claude` starts here; null when there is none, or it cannot be determined.
 */
export function installedClient({ files: { quiet: files }, self }: ActContext): string | null {
  for (const folder of (self.environment.PATH ?? "").split(":")) {
    if (!folder.startsWith("/")) continue
    const path = `${folder}/claude`
    const kind = files.stat(path)?.kind
    const program = kind === "file" || kind === "link" ? files.real(path) : null
    if (program !== null) return nativeVersion(program) ?? packageVersion(program, files)
  }
  return null
}

/** The native installer names the file after the version (observed: 2.1.197). */
function nativeVersion(program: string): string | null {
  return /\/versions\/(\d+\.\d+\.\d+)$/.exec(program)?.[1] ?? null
}

/**
 * npm and similar installers use a package: `…/claude-code/cli.js`, `…/claude-code/bin/claude.exe`,
 * `…/claude-code-linux-x64/claude`.
 */
function packageVersion(program: string, files: ActContext["files"]): string | null {
  const parts = program.split("/")
  for (const folder of [parts.slice(0, -1).join("/"), parts.slice(0, -2).join("/")]) {
    try {
      const { name, version } = JSON.parse(files.text(`${folder}/package.json`, 1 << 20) ?? "{}") ?? {}
      if (typeof name !== "string" || !name.startsWith("@anthropic-ai/claude-code")) continue
      return typeof version === "string" && /^\d+\.\d+\.\d+/.test(version) ? version : null
    } catch {
      // damaged: version unknown
    }
  }
  return null
}

/** Compares versions numerically, part by part: `2.1.223` with `2.1.1000`. */
export function isAtLeast(version: string, least: string): boolean {
  const [mine, wanted] = [version, least].map((each) =>
    each.split(".").map((part) => Number.parseInt(part, 10)),
  )
  for (const [index, part] of (wanted ?? []).entries()) {
    const other = mine?.[index] ?? 0
    if (other !== part) return other > part
  }
  return true
}
