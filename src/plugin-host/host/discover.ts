import type { Stage } from "../../sdk/contracts.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import type { Distrust } from "../../system/fs/trust.ts"
import { reasonUntrusted } from "../../system/fs/trust.ts"

/** A file in the plugins folder, described by its name and location. */
export interface DiscoveredPlugin {
  readonly name: string
  readonly stage: Stage
  readonly path: string
  /** Why it is not loaded, and the command that fixes it. */
  readonly refused: { readonly reason: string; readonly fix: string | null } | null
}

const namePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/
/** Reserved for the program's own operations, whether or not a built-in plugin has the name. */
const reservedNames = new Set(["export", "kill", "resume"])

export function pluginFolder(config: string): string {
  return `${config}/plugins`
}

/**
 * The plugins in one stage's folder: `NAME.ts`, `NAME.js`, `NAME/index.ts`, `NAME/index.js`; other files are
 * ignored.
 */
export function discover(
  stage: Stage,
  config: string,
  home: string,
  builtIn: ReadonlySet<string>,
): readonly DiscoveredPlugin[] {
  const folder = `${pluginFolder(config)}/${stage}`
  const found = pluginFilesIn(folder).flatMap(({ name, path }) => {
    const distrust = (checkPluginName(name, path, builtIn) ?? checkTrust(path, home)) as Distrust | null
    const refused = distrust === null ? null : { reason: distrust.reason, fix: distrust.fix || null }
    return [{ name, stage, path, refused }]
  })
  return found.map((each) => {
    const twin = found.find((other) => other.name === each.name && other.path !== each.path)
    if (twin === undefined) return each
    const reason = `two plugins have this name: ${each.path} and ${twin.path}`
    return { ...each, refused: { reason, fix: "rename or remove one of them" } }
  })
}

/** A single file at any path; its folder need not be named after a stage. */
export function discoverFile(
  path: string,
  stage: Stage,
  home: string,
  builtIn: ReadonlySet<string>,
): DiscoveredPlugin {
  const parts = path.split("/")
  const last = parts.at(-1) ?? ""
  const name = /^index\.[jt]s$/.test(last) ? (parts.at(-2) ?? "") : last.replace(/\.[jt]s$/, "")
  const distrust = checkPluginName(name, path, builtIn) ?? checkTrust(path, home)
  return {
    name,
    stage,
    path,
    refused: distrust === null ? null : { reason: distrust.reason, fix: distrust.fix || null },
  }
}

function pluginFilesIn(folder: string): { name: string; path: string }[] {
  return listDirOrEmpty(folder)
    .toSorted()
    .flatMap((entry) => {
      const path = `${folder}/${entry}`
      const file = /^(.+)\.[jt]s$/.exec(entry)
      if (file !== null)
        return entry.endsWith(".d.ts") || entry.startsWith(".") ? [] : [{ name: file[1] ?? "", path }]
      if (entry.startsWith(".") || entry === "node_modules") return []
      return listDirOrEmpty(path).flatMap((inner) =>
        /^index\.[jt]s$/.test(inner) ? [{ name: entry, path: `${path}/${inner}` }] : [],
      )
    })
}

export function checkPluginName(name: string, path: string, builtIn: ReadonlySet<string>): Distrust | null {
  if (!namePattern.test(name)) {
    return {
      reason: `"${name}" is not a valid plugin name`,
      fix: "rename it, with lower-case letters, digits, - and _ only",
    }
  }
  if (builtIn.has(name) || reservedNames.has(name)) {
    return { reason: `the name "${name}" is used by a built-in plugin`, fix: "give it another name" }
  }
  // the runtime treats everything from ? or # as a query or fragment
  return /[?#]/.test(path) ? { reason: `a path with ? or # in it cannot be loaded: ${path}`, fix: "" } : null
}

function checkTrust(path: string, home: string): Distrust | null {
  try {
    return reasonUntrusted(path, home)
  } catch (error) {
    return { reason: `${path} cannot be examined: ${(error as Error).message}`, fix: "" }
  }
}
