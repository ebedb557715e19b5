import { RescueError, type SinkContext, type SqlConnection, type SqlPlace } from "session-rescue"

const open = new WeakMap<object, SqlConnection>()
const maxPassBytes = 1 << 20

/** One connection a run. */
function connectionOf(ctx: SinkContext): SqlConnection {
  const known = open.get(ctx.options)
  if (known !== undefined) return known
  const made = ctx.sql(placeOf(ctx))
  open.set(ctx.options, made)
  return made
}

export async function closeConnection(ctx: SinkContext): Promise<void> {
  await open.get(ctx.options)?.close()
  open.delete(ctx.options)
}

function placeOf(ctx: SinkContext): SqlPlace {
  const { url, ca = null } = ctx.options as { readonly url?: string; readonly ca?: string }
  const { environment } = ctx
  const parsed = url !== undefined && URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw refused(
      "the team's index has no valid url",
      'set url = "postgres://host/database" under [team.sink] in config.toml',
    )
  if (parsed.password !== "")
    throw refused(
      "the url under [team.sink] holds a password",
      "remove it there: set PGPASSWORD, or put it into ~/.pgpass (chmod 600)",
    )
  if (ca !== null && ctx.files.real(ca) === null)
    throw refused(`ca under [team.sink] names no file: ${ca}`, "set it to the file of your team's authority")
  const host = decodeURIComponent(parsed.hostname).replace(/^\[|\]$/g, "")
  const port = Number(parsed.port || 5432)
  const database = decodeURIComponent(parsed.pathname.slice(1)) || "postgres"
  const user = decodeURIComponent(parsed.username) || environment.PGUSER || environment.USER || "postgres"
  const mode = parsed.searchParams.get("sslmode")
  const isVerified = mode === "verify-full"
  const password = environment.PGPASSWORD ?? passwordOf(ctx, [host, `${port}`, database, user])
  // safety: sink-encrypted-way
  const tls = isVerified || !["localhost", "127.0.0.1", "::1"].includes(host)
  if (tls && mode !== null && !isVerified)
    throw refused(
      `sslmode=${mode} is refused: somebody on the way could read what is sent`,
      "use sslmode=verify-full, or leave it out: it means the same for another machine",
    )
  return { host, port, database, user, password, tls, ca }
}

/** The last field of the first line of ~/.pgpass whose others match. */
function passwordOf(ctx: SinkContext, wanted: readonly string[]): string | null {
  const named = ctx.environment.PGPASSFILE ?? `${ctx.paths.home}/.pgpass`
  const path = ctx.files.real(named)
  if (path === null) return null
  if (!ctx.isPrivate(path)) throw refused(`${named} holds secrets that others may read`, `chmod 600 ${named}`)
  for (const line of (ctx.files.text(path, maxPassBytes) ?? "").split("\n")) {
    if (line.startsWith("#")) continue
    const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)].map(([, field = ""]) =>
      field.replace(/\\(.)/g, "$1"),
    )
    if (wanted.every((each, n) => fields[n] === "*" || fields[n] === each)) return fields[4] ?? null
  }
  return null
}

/** Asks the server; its errors become ones that say whether time or a person fixes them. */
export async function ask(
  ctx: SinkContext,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  try {
    return await connectionOf(ctx).query(text, values)
  } catch (error) {
    throw sinkError(error)
  }
}

/** Classes of SQLSTATE that a person has to fix: no right, no such role or database, no valid password. */
const refusedStates = /^(28|42501|3D000|3F000|0L|0P)/
/** Connection, resources, shutdown, a lock, a change of another writer. */
const laterStates = /^(08|53|57|55|40)/

function sinkError(error: unknown): unknown {
  if (error instanceof RescueError) return error
  const { errno, code, message } = error as {
    readonly errno?: unknown
    readonly code?: unknown
    readonly message: string
  }
  const state = [errno, code].map(String).find((each) => /^[0-9A-Z]{5}$/.test(each)) ?? ""
  if (refusedStates.test(state))
    return refused(
      `the team's index refuses it: ${message}`,
      "ask who owns the database for the right; see PGUSER, PGPASSWORD, ~/.pgpass and [team.sink]",
    )
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|TLS/i.test(String(code)))
    return refused(
      `the team's index has no connection that can be trusted: ${message}`,
      "turn on TLS there, and set ca under [team.sink] if the team has a CA of its own",
    )
  if (state === "" || laterStates.test(state))
    return new RescueError(
      "STORE_UNAVAILABLE",
      `the team's index does not answer now: ${message}`,
      "nothing is lost; run it again later",
    )
  return new RescueError("PLUGIN_FAILED", `the team's index: ${message} (${state})`, "nothing is lost here")
}

export function refused(message: string, hint: string): RescueError {
  return new RescueError("STORE_REFUSED", message, hint)
}
