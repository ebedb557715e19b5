/** Our MCP server in the configuration files of agents that keep theirs as JSON. */

import { member } from "./hooks-in-settings.ts"
import { addMember, removePart } from "./json-edit.ts"
import { blankComments, type JsonObject, readJsonText } from "./json-parse.ts"

/** The name under which agents know this program's server. */
export const serverName = "session-rescue"

/** `text`: the file afterwards, null for no file. `why`: it cannot be changed safely. */
export type ServerEdit = { readonly text: string | null } | { readonly why: string }

export interface JsonServers {
  /** The member that holds the servers by name. */
  readonly key: string
  /** The client reads comments and trailing commas in this file. */
  readonly comments: boolean
}

/** Adds our server to the text of a file, or replaces our older entry, and keeps every other byte. */
export function registerServer(text: string | null, entry: object, where: JsonServers): ServerEdit {
  const before = text ?? "{}\n"
  const found = serversIn(before, where)
  if ("why" in found) return found
  const { root, servers } = found
  if (servers === null) return { text: addMember(before, root, where.key, { [serverName]: entry }) }
  const own = member(servers, serverName)
  if (own === null) return { text: addMember(before, servers, serverName, entry) }
  const known: unknown = JSON.parse(plainText(before, where).slice(own.from, own.to))
  if (JSON.stringify(known) === JSON.stringify(entry)) return { text }
  if (!isOurServer(known)) return { why: `another server is called ${serverName} in it` }
  const without = unregisterServer(before, where)
  return "why" in without || without.text === null ? without : registerServer(without.text, entry, where)
}

/** Removes our server, and the member that held it when nothing is left in it. */
export function unregisterServer(text: string | null, where: JsonServers): ServerEdit {
  if (text === null || !text.includes(serverName)) return { text }
  const found = serversIn(text, where)
  if ("why" in found) return found
  const { root, servers } = found
  const at = servers?.parts.findIndex(({ key }) => key === serverName) ?? -1
  const own = servers?.parts[at]
  if (servers === null || own === undefined) return { text }
  if (!isOurServer(JSON.parse(plainText(text, where).slice(own.value.from, own.value.to)))) return { text }
  if (servers.parts.length > 1) return { text: removePart(text, servers, at) }
  return {
    text: removePart(
      text,
      root,
      root.parts.findIndex(({ key }) => key === where.key),
    ),
  }
}

/** Whether an entry starts this program as a server, wherever it is or was installed. */
export function isOurServer(entry: unknown): boolean {
  const { command, args } = (entry ?? {}) as { command?: unknown; args?: unknown }
  const words = [command, args].flat()
  const [program, verb] = words
  return typeof program === "string" && /(?:^|\/)session-rescue[^/]*$/.test(program) && verb === "mcp"
}

function serversIn(
  text: string,
  { key, comments }: JsonServers,
): { readonly root: JsonObject; readonly servers: JsonObject | null } | { readonly why: string } {
  const root = readJsonText(plainText(text, { key, comments }))
  if (root === null) return { why: `it is not valid JSON (damaged${comments ? "" : ", or with comments"})` }
  if (root.kind !== "object") return { why: "it is not a JSON object" }
  if (root.parts.filter((part) => part.key === key).length > 1) return { why: `it has "${key}" twice` }
  const servers = member(root, key)
  if (servers === null) return { root, servers }
  if (servers.kind !== "object") return { why: `"${key}" in it is not an object` }
  if (servers.parts.filter((part) => part.key === serverName).length > 1)
    return { why: `it has "${serverName}" twice` }
  return { root, servers }
}

function plainText(text: string, { comments }: JsonServers): string {
  return comments ? blankComments(text) : text
}
