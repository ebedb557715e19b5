/** Our MCP server in Codex's `config.toml`. */
import { isOurServer, type ServerEdit, serverName } from "./mcp-servers.ts"
import { markBlock, removeMarkedBlocks } from "./ownership-line.ts"

/** Parses TOML; throws for other text. */
export type ParseToml = (text: string) => object

interface ServersTable {
  readonly mcp_servers?: Readonly<Record<string, unknown>>
}

export interface TomlEntry {
  readonly command: string
  readonly args: readonly string[]
}

/** Adds a marked block at the end. What the file then means is compared: nothing else may have changed. */
export function registerServerInToml(text: string | null, entry: TomlEntry, parse: ParseToml): ServerEdit {
  const removed = unregisterServerInToml(text, parse)
  if ("why" in removed) return removed
  const before = removed.text ?? ""
  const now = parse(before) as ServersTable
  if (now.mcp_servers !== undefined && Object.hasOwn(now.mcp_servers, serverName))
    return { why: `another server is called ${serverName} in it` }
  const after = before + (before === "" || before.endsWith("\n") ? "" : "\n") + markBlock(tableText(entry))
  const wanted = { ...now, mcp_servers: { ...now.mcp_servers, [serverName]: entry } }
  return isSame(tryParse(after, parse), wanted)
    ? { text: after }
    : { why: "the server cannot be added to it" }
}

/** Removes our table, also where its markers are gone. */
export function unregisterServerInToml(text: string | null, parse: ParseToml): ServerEdit {
  if (text === null) return { text }
  const now = tryParse(text, parse) as ServersTable | null
  if (now === null) return { why: "it is not valid TOML" }
  const { mcp_servers: servers, ...rest } = now
  if (servers === undefined || !isOurServer(servers[serverName])) return { text }
  const { [serverName]: _, ...others } = servers
  const wanted = Object.keys(others).length === 0 ? rest : { ...now, mcp_servers: others }
  const after = [removeMarkedBlocks(text), removeTable(text)].find(
    (each) =>
      isSame(tryParse(each, parse), wanted) || isSame(tryParse(each, parse), { ...now, mcp_servers: others }),
  )
  return after === undefined
    ? { why: `the server cannot be removed from it without other changes` }
    : { text: after }
}

function tableText({ command, args }: TomlEntry): string {
  return `[mcp_servers.${serverName}]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n`
}

/** The lines from our table's head to the next head. */
function removeTable(text: string): string {
  const lines = text.split("\n")
  const from = lines.findIndex((line) => /^\s*\[\s*mcp_servers\s*\.\s*"?session-rescue"?\s*\]/.test(line))
  if (from === -1) return text
  const next = lines.findIndex((line, at) => at > from && /^\s*\[/.test(line))
  lines.splice(from, (next === -1 ? lines.length : next) - from)
  return lines.join("\n")
}

function tryParse(text: string, parse: ParseToml): object | null {
  try {
    return parse(text)
  } catch {
    return null
  }
}

function isSame(one: object | null, other: object): boolean {
  return one !== null && JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}
