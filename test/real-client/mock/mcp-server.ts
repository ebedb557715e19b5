/** The text of a program that answers what a client asks of an MCP server at first, and outlives it, as such servers do. */
export const mcpServer = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6)
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, params } = JSON.parse(line)
  const result = { protocolVersion: params?.protocolVersion, capabilities: {}, serverInfo: { name: "m", version: "1" } }
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }))
})
process.stdout.on("error", () => {})
`
