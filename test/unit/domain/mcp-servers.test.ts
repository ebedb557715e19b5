/** Our server in agents' own configuration: every other byte stays, comments and trailing commas too. */
import { expect, test } from "bun:test"
import {
  isOurServer,
  registerServer,
  unregisterServer,
} from "../../../src/domain/client-config/mcp-servers.ts"
import {
  registerServerInToml,
  unregisterServerInToml,
} from "../../../src/domain/client-config/mcp-servers-toml.ts"

const ours = { command: "/usr/local/bin/session-rescue", args: ["mcp"] }
const where = { key: "mcpServers", comments: true }
const own = `"session-rescue": ${JSON.stringify(ours)}`
const textOf = (edit: { text: string | null } | { why: string }) => ("why" in edit ? edit : edit.text)
const added = (text: string) => textOf(registerServer(text, ours, where))
const removed = (text: string) => textOf(unregisterServer(text, where))
/** JSON with comments as its clients read it. */
const read = (text: unknown) =>
  Function(`return (${text})`)() as { mcpServers?: Record<string, unknown>; [key: string]: unknown }

test.each([
  "{}",
  "{ // nothing yet\n}\n",
  '{"a":1}',
  '{\n\t"a": 1, // one\n\t"b": "// no comment, /* either"\n}\n',
  '{\n  "mcpServers": {\n    /* none */\n  }\n}\n',
  '{\n  "mcpServers": {\n    "x": { "command": "y" }, // mine\n  },\n}\n',
  '{"mcpServers": {"x": {}}, "z": [1, 2,],}',
])("%j: added beside everything else, and taken away again", (text) => {
  const after = added(text)
  const { mcpServers, ...rest } = read(after)
  const { mcpServers: before = {}, ...others } = read(text)
  expect([mcpServers, rest]).toEqual([{ ...before, "session-rescue": ours }, others])
  expect(added(after as string)).toBe(after)
  for (const comment of text.match(/\/\/ \w+[^\n]*|\/\* none \*\//g) ?? []) expect(after).toContain(comment)
  const { mcpServers: left = {}, ...same } = read(removed(after as string))
  expect([left, same]).toEqual([before, others])
})

test.each([
  `{"mcpServers": {"a": {}, /* about a */ ${own}}}`,
  `{"mcpServers": {/* about us */ ${own}, "a": {}}}`,
  `{"mcpServers": {"a": {}, // about a\n ${own}, // about us\n }}`,
  `{"mcpServers": {${own}, // about us\n "a": {}, }}`,
])("%j: a comment beside it stays", (text) => {
  const after = removed(text) as string
  expect(read(after)).toEqual({ mcpServers: { a: {} } })
  for (const comment of text.match(/about \w+/g) ?? []) expect(after).toContain(comment)
})

test.each([
  ['{"a": ', "not valid JSON"],
  ["[]", "not a JSON object"],
  ['{"mcpServers": 1}', "not an object"],
  ['{"mcpServers": {}, "mcpServers": {}}', "twice"],
  ['{"mcpServers": {"session-rescue": {"url": "https://example.com"}}}', "another server"],
])("%s is refused: %s", (text, why) => {
  expect(registerServer(text, ours, where)).toEqual({ why: expect.stringContaining(why) })
})

test("comments are refused where the client knows none", () => {
  const strict = { key: "mcpServers", comments: false }
  expect(registerServer("{ /* x */ }", ours, strict)).toEqual({
    why: expect.stringContaining("with comments"),
  })
})

test("our entry is known by what it starts, under any path and in either shape", () => {
  expect(isOurServer({ type: "local", command: ["/x/session-rescue-linux-x64", "mcp"] })).toBe(true)
  for (const other of [null, {}, { command: "session-rescue" }, { command: "x", args: ["mcp"] }])
    expect([other, isOurServer(other)]).toEqual([other, false])
})

test.each([
  "",
  'model = "m" # no line end',
  '[mcp_servers.x]\ncommand = "y"\n',
  '[a]\nb = """\n[mcp_servers.session-rescue]\n"""\n\n[[list]]\nx = 1\n',
])("TOML %j: added at the end, and taken away again", (text) => {
  const after = textOf(registerServerInToml(text, ours, Bun.TOML.parse)) as string
  expect(after.startsWith(text)).toBe(true)
  const { mcp_servers: servers } = Bun.TOML.parse(after) as { mcp_servers: Record<string, unknown> }
  expect(servers["session-rescue"]).toEqual(ours)
  expect(textOf(registerServerInToml(after, ours, Bun.TOML.parse))).toBe(after)
  const left = textOf(unregisterServerInToml(after, Bun.TOML.parse)) as string
  expect(left.trimEnd()).toBe(text.trimEnd())
})

test("TOML without our markers, and TOML in which the table is written otherwise", () => {
  const bare = `a = 1\n[mcp_servers."session-rescue"]\ncommand = "${ours.command}"\nargs = ["mcp"]\n\n[b]\nc = 2\n`
  expect(Bun.TOML.parse(textOf(unregisterServerInToml(bare, Bun.TOML.parse)) as string)).toEqual({
    ...{ a: 1, b: { c: 2 } },
  })
  const inline = `mcp_servers = { session-rescue = { command = "${ours.command}", args = ["mcp"] } }\n`
  expect(unregisterServerInToml(inline, Bun.TOML.parse)).toEqual({ why: expect.stringContaining("cannot") })
  const others = `mcp_servers = { x = { command = "y" } }\n`
  expect(registerServerInToml(others, ours, Bun.TOML.parse)).toEqual({ why: expect.any(String) })
})
