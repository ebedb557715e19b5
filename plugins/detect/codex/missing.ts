/** Threads that Codex lists and whose rollouts are gone (public: openai/codex#38552, #35619). */
import { type Context, type MissingSession, parseUuid, readDatabase } from "session-rescue"
import { givenName } from "./records/title.ts"

interface Row {
  readonly id: string
  readonly path: string
  readonly title: string | null
  readonly cwd: string | null
  readonly updated: number | null
}

/** The number in the name of its database is the version of its schema (0.171.0, observed): the highest counts. */
export function missingThreads(ctx: Context, home: string): readonly MissingSession[] {
  const version = (name: string) => Number(/^state_(\d+)\.sqlite$/.exec(name)?.[1] ?? Number.NaN)
  const [name] = ctx.files
    .names(home)
    .filter((each): each is string => typeof each === "string" && !Number.isNaN(version(each)))
    .toSorted((a, b) => version(b) - version(a))
  const reader = name === undefined ? null : readDatabase(ctx, `${home}/${name}`)
  const columns = reader?.columns("threads") ?? []
  if (reader === null || !columns.includes("id") || !columns.includes("rollout_path")) return []
  const pick = (column: string) => (columns.includes(column) ? column : "null")
  const rows = reader.all<Row>(
    `select id, rollout_path as path, ${pick("title")} as title, ${pick("cwd")} as cwd, ${pick("updated_at")} as updated from threads`,
  )
  return rows.flatMap((row): readonly MissingSession[] => {
    const id = parseUuid(row.id)
    if (id === null || typeof row.path !== "string" || isThere(ctx, row.path)) return []
    return [{ id, home, title: givenName(ctx, home, id) ?? row.title, path: row.path }]
  })
}

/** Compressed, a rollout has another ending. */
function isThere(ctx: Context, path: string): boolean {
  return [path, `${path}.zst`, path.replace(/\.zst$/, "")].some((each) => ctx.files.stat(each) !== null)
}
