/** The folders in which the client is started, and the names under which it files their sessions. */
import { type Context, sha256Of } from "session-rescue"

export interface Project {
  /** The name of its folder below `tmp`. */
  readonly slug: string
  /** Where the client was started; null when nothing tells. */
  readonly cwd: string | null
}

const maxFileBytes = 16 << 20
const sumPattern = /^[0-9a-f]{64}$/

/**
 * Every folder below `tmp`. Its file `.project_root` names the client's folder, else `projects.json` does (0.61.0, observed);
 * versions before named it after the SHA-256 of that folder [public], which a folder known otherwise explains.
 */
export function readProjects(ctx: Context, home: string, folders: readonly string[]): readonly Project[] {
  const listed = listedFolders(ctx, home)
  const slugs = ctx.files.names(`${home}/tmp`).filter((name) => typeof name === "string")
  const named = slugs.map((slug) => ({ slug, cwd: rootOf(ctx, home, slug) ?? listed.get(slug) ?? null }))
  if (!slugs.some((slug) => sumPattern.test(slug))) return named
  const known = [
    ...named.flatMap(({ cwd }) => cwd ?? []),
    ...listed.values(),
    ...trustedFolders(ctx, home),
    ...folders,
  ]
  const bySum = new Map(known.map((folder) => [sha256Of(folder), folder]))
  return named.map(({ slug, cwd }) => ({ slug, cwd: cwd ?? bySum.get(slug) ?? null }))
}

function rootOf(ctx: Context, home: string, slug: string): string | null {
  const text = ctx.files.text(`${home}/tmp/${slug}/.project_root`, maxFileBytes)?.trim() ?? ""
  return text.startsWith("/") ? text : null
}

/** The client's folders, by the name that each has below `tmp`. */
function listedFolders(ctx: Context, home: string): ReadonlyMap<string, string> {
  const { projects } = readObject(ctx, `${home}/projects.json`)
  const entries = Object.entries(typeof projects === "object" && projects !== null ? projects : {})
  return new Map(entries.flatMap(([folder, slug]) => (typeof slug === "string" ? [[slug, folder]] : [])))
}

function trustedFolders(ctx: Context, home: string): readonly string[] {
  return Object.keys(readObject(ctx, `${home}/trustedFolders.json`))
}

export function readObject(ctx: Context, path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(withoutComments(ctx.files.text(path, maxFileBytes) ?? "{}"))
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {} // damaged, or being written
  }
}

/** The client accepts comments in its settings. */
function withoutComments(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string) => string ?? " ")
}
