/** One word for each place where something said can stand: all are found, each in its own session. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { assistant, record, sessionId, toolResult, user } from "../fixtures/talk/conversation.ts"
import { calls, failed, ran, Talks } from "./conversations.ts"

let machine: Talks
const [main, second, capital, purged, listed] = [1, 2, 3, 4, 5].map((number) => sessionId(number)) as [
  string,
  string,
  string,
  string,
  string,
]

const attached = (attachment: object) => ({ type: "attachment", attachment })
const meanwhile = (operation: string, content?: string) => ({ type: "queue-operation", operation, content })

/** What each word stands in, and the session it has to be found in. */
const needles: Readonly<Record<string, readonly [where: string, session: string]>> = {
  aardwolf: ["a prompt", main],
  bandicoot: ["an answer", main],
  capybara: ["a thought", main],
  dugong: ["a command", main],
  echidna: ["a command's output", main],
  fossa: ["a command that failed", main],
  gerenuk: ["the path of a file that was read", main],
  hoatzin: ["the text of an edit", main],
  ibisbill: ["a tool's output, kept as text", main],
  jerboa: ["an MCP answer, kept as JSON", main],
  kakapo: ["a subagent's task", main],
  lemming: ["a subagent's answer", main],
  markhor: ["a prompt typed meanwhile, never delivered", main],
  numbat: ["a prompt typed meanwhile, and delivered", main],
  okapi: ["the name given by /rename", main],
  pangolin: ["a file that was mentioned", main],
  quokka: ["lines selected in the editor", main],
  rhebok: ["a language server's diagnostics", main],
  saiga: ["a document's title", main],
  tamandua: ["a document's text", main],
  uakari: ["a text deep inside an MCP answer", main],
  vicuna: ["the second text under one uuid", main],
  wombat: ["what was said before a compaction", main],
  xerus: ["the summary of a compaction", main],
  yapok: ["a command typed behind an exclamation mark", main],
  zorilla: ["a name in a file of its own", second],
  axolotl: ["a session whose file is named in capitals", capital],
  blobfish: ["a prompt of a purged session, in the history", purged],
  caracal: ["a purged session's first prompt, in the client's index", listed],
}

beforeAll(async () => {
  machine = new Talks()
  const talk = machine.talk(1)
  const { cwd } = talk
  const document = {
    type: "document",
    title: "saiga",
    source: { type: "text", media_type: "text/plain", data: "tamandua" },
  }
  const deep = [
    { type: "tool_result", tool_use_id: "t9", content: [{ type: "resource", resource: { text: "uakari" } }] },
  ]
  machine.say(talk, [
    user("wombat first"),
    { type: "system", subtype: "compact_boundary", compactMetadata: { trigger: "manual" } },
    { ...user("xerus in short"), isCompactSummary: true },
    user("aardwolf please"),
    {
      type: "assistant",
      message: { role: "assistant", content: [{ type: "thinking", thinking: "capybara" }] },
    },
    ...ran("ls dugong", "t1", "echidna"),
    calls("Bash", "t2", { command: "false" }),
    failed("t2", "fossa"),
    calls("Read", "t3", { file_path: "/work/gerenuk.ts" }),
    toolResult("t3", "…"),
    calls("Edit", "t4", { file_path: "/work/a.ts", old_string: "a", new_string: "hoatzin" }),
    toolResult("t4", "done"),
    calls("mcp__shop__ask", "t9", {}),
    user(deep),
    meanwhile("enqueue", "markhor"),
    meanwhile("enqueue", "numbat"),
    meanwhile("remove", "numbat"),
    user("numbat"),
    attached({
      type: "file",
      filename: "/work/notes.md",
      content: { type: "text", file: { content: "pangolin" } },
    }),
    attached({ type: "selected_lines_in_ide", filename: "/work/a.ts", content: "quokka" }),
    attached({
      type: "diagnostics",
      files: [{ uri: "file:///work/a.ts", diagnostics: [{ message: "rhebok" }] }],
    }),
    user([document]),
    user("<bash-input>yapok --all</bash-input>"),
    { ...assistant("bandicoot"), uuid: "00000000-0000-4000-8000-0000000000aa" },
    { ...assistant("bandicoot, and vicuna"), uuid: "00000000-0000-4000-8000-0000000000aa" },
    { type: "custom-title", customTitle: "okapi" },
  ])
  machine.write(machine.beside(talk, "tool-results/t7.txt"), "ibisbill")
  machine.write(
    machine.beside(talk, "tool-results/t8.json"),
    JSON.stringify([{ type: "text", text: "jerboa" }]),
  )
  machine.subagent(talk, "a1", [user("kakapo"), assistant("lemming")])
  machine.say(machine.talk(2), [user("hello")])
  machine.write(
    machine.beside(machine.talk(2), "custom-title.json"),
    JSON.stringify({ customTitle: "zorilla" }),
  )
  const upper = capital.toUpperCase()
  const text = record({ ...machine.talk(3), id: upper }, 0, user("axolotl"))
  machine.write(machine.transcriptPath(upper, cwd), text)
  const typed = { display: "blobfish", timestamp: Date.parse("2026-02-01"), project: cwd, sessionId: purged }
  machine.write(join(machine.claude, "history.jsonl"), `${JSON.stringify(typed)}\n`)
  const entries = [
    { sessionId: listed, firstPrompt: "caracal", projectPath: cwd, modified: "2026-02-01T10:00:00Z" },
  ]
  machine.write(
    machine.transcriptPath("sessions-index", cwd).replace(/jsonl$/, "json"),
    JSON.stringify({ version: 1, entries }),
  )
  await machine.read()
})
afterAll(() => machine.dispose())

test.each(Object.entries(needles).map(([word, [where, session]]) => [where, word, session] as const))(
  "%s (%s)",
  async (_, word, session) => {
    const { json } = await machine.ask(word)
    const found = (json.hits ?? []).map((hit: { session: string }) => hit.session.toLowerCase())
    expect([...new Set(found)]).toEqual([session])
  },
)

test("a prompt that was delivered is found once", async () => {
  expect((await machine.ask("numbat")).json.hits).toHaveLength(1)
})
