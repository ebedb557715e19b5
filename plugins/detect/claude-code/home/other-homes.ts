import type { Context } from "session-rescue"

/** Where the desktop app keeps a home for each of its local agents, by system (public). */
const desktopFolders = [".config/Claude", "Library/Application Support/Claude"].map(
  (each) => `${each}/local-agent-mode-sessions`,
)
const maxNames = 1000

/**
 * Folders that look like client homes: `~/.config/claude`, homes set by an alias (`~/.claude-work`), and
 * those of the desktop app. They are searched only when named explicitly.
 */
export function otherHomes(ctx: Context): readonly string[] {
  const { home } = ctx.paths
  const config = foldersIn(ctx, `${home}/.config`).filter((path) => /\/claude[^/]*$/.test(path))
  const named = foldersIn(ctx, home).filter((path) => /\/\.claude[-_.][^/]*$/.test(path))
  const profiles = named.flatMap((path) => foldersIn(ctx, path))
  const agents = desktopFolders
    .flatMap((path) => foldersIn(ctx, `${home}/${path}`))
    .flatMap((account) => foldersIn(ctx, account))
    .flatMap((group) => foldersIn(ctx, group))
    .map((agent) => `${agent}/.claude`)
  return [...config, ...named, ...profiles, ...agents].filter(
    (path) => foldersIn(ctx, `${path}/projects`).length > 0,
  )
}

function foldersIn(ctx: Context, folder: string): readonly string[] {
  const names = ctx.files.stat(folder) === null ? [] : ctx.files.names(folder)
  return names.slice(0, maxNames).flatMap((name) => {
    const path = `${folder}/${typeof name === "string" ? name : ""}`
    const look = typeof name === "string" ? ctx.files.stat(path) : null
    return look?.kind === "folder" && [look.owner, 0].includes(ctx.self.uid) ? [path] : []
  })
}
