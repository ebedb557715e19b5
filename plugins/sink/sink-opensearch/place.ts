import { RescueError, type SinkContext } from "session-rescue"

const maxNetrcBytes = 1 << 20

/** Where the index is, and what proves who asks. */
interface IndexPlace {
  /** Without a slash at its end. */
  readonly base: string
  /** The value of `Authorization`; null: the server asks nobody who they are. */
  readonly authorization: string | null
  readonly ca: string | null
}

export function placeOf(ctx: SinkContext): IndexPlace {
  const { url: given, ca = null } = ctx.options as { readonly url?: string; readonly ca?: string }
  const url = given !== undefined && URL.canParse(given) ? new URL(given) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw refused(
      "the team's index has no valid url",
      'set url = "https://host:9200" under [team.sink] in config.toml',
    )
  if (url.password !== "")
    throw refused(
      "the url under [team.sink] holds a password",
      "remove it there: set OPENSEARCH_PASSWORD or OPENSEARCH_API_KEY, or put it into ~/.netrc (chmod 600)",
    )
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)
  // safety: sink-no-plain-http
  if (url.protocol === "http:" && !isLoopback)
    throw refused(
      `url ${JSON.stringify(given)} is refused: everybody on the way could read what is sent`,
      "use https://…; http:// is for this machine only",
    )
  if (ca !== null && ctx.files.real(ca) === null)
    throw refused(`ca under [team.sink] names no file: ${ca}`, "set it to the file of your team's authority")
  return {
    base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    authorization: authorizationFor(url, ctx),
    ca,
  }
}

function authorizationFor(url: URL, ctx: SinkContext): string | null {
  const { OPENSEARCH_API_KEY, OPENSEARCH_USERNAME, OPENSEARCH_PASSWORD } = ctx.environment
  if (OPENSEARCH_API_KEY) return `ApiKey ${OPENSEARCH_API_KEY}`
  const named = decodeURIComponent(url.username) || OPENSEARCH_USERNAME || null
  const found =
    named !== null && OPENSEARCH_PASSWORD
      ? { login: named, password: OPENSEARCH_PASSWORD }
      : loginFromNetrc(ctx, url.hostname.replace(/^\[|\]$/g, ""), named)
  if (found !== null) return `Basic ${Buffer.from(`${found.login}:${found.password}`).toString("base64")}`
  if (named === null) return null
  throw refused(
    `no password was found for ${named} at the team's index`,
    "set OPENSEARCH_PASSWORD, or put it into ~/.netrc (chmod 600): machine HOST login NAME password …",
  )
}

/** The first entry of ~/.netrc for the host, and for the user where one is named; `default` is for any host. */
function loginFromNetrc(
  ctx: SinkContext,
  host: string,
  user: string | null,
): { readonly login: string; readonly password: string } | null {
  const named = ctx.environment.NETRC ?? `${ctx.paths.home}/.netrc`
  const path = ctx.files.real(named)
  if (path === null) return null
  const words = (ctx.files.text(path, maxNetrcBytes) ?? "").split(/\s+/)
  const starts = words.flatMap((word, at) => (word === "machine" || word === "default" ? [at] : []))
  for (const [n, start] of starts.entries()) {
    if (words[start] === "machine" && words[start + 1] !== host) continue
    const entry = words.slice(start, starts[n + 1])
    const after = (key: string) => {
      const at = entry.indexOf(key, words[start] === "machine" ? 2 : 1)
      return at < 0 ? undefined : entry[at + 1]
    }
    const login = after("login")
    const password = after("password")
    if (login === undefined || password === undefined || (user !== null && login !== user)) continue
    // safety: sink-secret-private
    if (!ctx.isPrivate(path))
      throw refused(`${named} holds secrets that others may read`, `chmod 600 ${named}`)
    return { login, password }
  }
  return null
}

export function refused(message: string, hint: string): RescueError {
  return new RescueError("STORE_REFUSED", message, hint)
}
