import { homedir } from "node:os"
import { resolve } from "node:path"

/** Where the exports of one agent's sessions are. */
export interface ExportFolders {
  readonly pending: string
  readonly archive: string
}

export interface Paths extends ExportFolders {
  readonly home: string
  readonly config: string
  /** The folder for exports. */
  readonly data: string
}

/** The name CODITECT gives the folders of the agent whose exports it reads; another agent's are called after it. */
const folderNames: Readonly<Record<string, string>> = { "claude-code": "anthropic" }
const defaultAgent = "claude-code"

export function exportFolders(data: string, agent = defaultAgent): ExportFolders {
  const name = folderNames[agent] ?? agent
  return {
    pending: `${data}/sessions-export-pending-${name}`,
    archive: `${data}/sessions-export-archive-${name}`,
  }
}

/** The same, with the folders for the exports of that agent. */
export function pathsOf(paths: Paths, agent: string): Paths {
  return { ...paths, ...exportFolders(paths.data, agent) }
}

const folderPattern = /^sessions-export-(?:pending|archive)-([a-z0-9][a-z0-9-]*)$/

/** From the names in a data folder: the folders of each agent that has exports. The default agent's come first, always. */
export function exportFoldersAmong(names: readonly string[], data: string): readonly ExportFolders[] {
  const found = names.flatMap((name) => folderPattern.exec(name)?.[1] ?? [])
  const others = [...new Set(found)].filter((name) => !Object.values(folderNames).includes(name))
  return [exportFolders(data), ...others.toSorted().map((agent) => exportFolders(data, agent))]
}

/** Precedence: the flag, then the environment, then the config file. */
export function systemPaths(flag: string | null, configured: string | null): Paths {
  const home = userHome()
  const configHome = process.env.XDG_CONFIG_HOME
  const named = flag ?? (process.env.SESSION_RESCUE_DATA || null) ?? configured
  const data = named === null ? `${home}/PROJECTS/.coditect-data` : resolve(expandHome(named, home))
  return {
    home,
    config: configFolder(home, configHome),
    data,
    ...exportFolders(data),
  }
}

/** The path of the index. The other databases in that folder belong to CODITECT and are never touched. */
export function indexPath(data: string): string {
  return `${data}/context-storage/session-rescue.db`
}

/** Where the watcher keeps its state and its locks. */
export function watchFolder({ data }: Pick<Paths, "data">): string {
  return `${data}/watch`
}

export function userHome(): string {
  return process.env.HOME || homedir()
}

function configFolder(home: string, configHome: string | undefined): string {
  return `${configHome?.startsWith("/") ? configHome : `${home}/.config`}/session-rescue`
}

/** A folder as it was typed, absolute. */
export function absolutePath(typed: string, home: string): string {
  return resolve(expandHome(typed, home))
}

function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? home + path.slice(1) : path
}

export function configFile(): string {
  return `${configFolder(userHome(), process.env.XDG_CONFIG_HOME)}/config.toml`
}
