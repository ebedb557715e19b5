import { homedir } from "node:os"
import { resolve } from "node:path"

export const pendingFolderName = "sessions-export-pending-anthropic"
export const archiveFolderName = "sessions-export-archive-anthropic"

export interface Paths {
  readonly home: string
  readonly config: string
  /** The folder for exports. */
  readonly data: string
  readonly pending: string
  readonly archive: string
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
    pending: `${data}/${pendingFolderName}`,
    archive: `${data}/${archiveFolderName}`,
  }
}

/** The path of the index. The other databases in that folder belong to CODITECT and are never touched. */
export function indexPath(data: string): string {
  return `${data}/context-storage/session-rescue.db`
}

export function userHome(): string {
  return process.env.HOME || homedir()
}

function configFolder(home: string, configHome: string | undefined): string {
  return `${configHome?.startsWith("/") ? configHome : `${home}/.config`}/session-rescue`
}

function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? home + path.slice(1) : path
}

export function configFile(): string {
  return `${configFolder(userHome(), process.env.XDG_CONFIG_HOME)}/config.toml`
}
