/** A machine on which somebody has worked: sessions of two agents with all that a page can show, some saved, one to be deleted. */
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { addRollout, threadId } from "../../fixtures/codex.ts"
import { assistant, record, type Talk, toolResult, user } from "../../fixtures/talk/conversation.ts"
import { calls, ran, spent, Talks } from "../../search/conversations.ts"

const day = 86_400_000
const picture =
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mP4TyJgGNUwqmFUw7DVAAD5nf4QQyF3YQAAAABJRU5ErkJggg=="

const answer = `The session cookie was set **after** the redirect, so that Safari dropped it. Two changes:

1. \`src/login.ts\` sets the cookie first
2. a test for the redirect

| browser | before | after |
|---|---|---|
| Firefox | works | works |
| Safari | signed out | works |

\`\`\`ts
response.cookies.set("session", token, { sameSite: "lax" })
return redirect("/orders")
\`\`\`

> Nothing else reads that cookie. See [the standard](https://example.com/cookies).`

const usage = (input: number) => ({
  input_tokens: input,
  cache_creation_input_tokens: 8200,
  cache_read_input_tokens: 61_400,
  output_tokens: 950,
})

export interface Story {
  readonly machine: Talks
  /** The one with everything in it. */
  readonly main: Talk
  readonly codex: string
}

export async function tellStory(): Promise<Story> {
  const machine = new Talks()
  const now = Date.now()
  const cwd = "/work/shop"
  const main = machine.talk(1, { cwd, at: new Date(now - 60_000) })
  machine.say(main, [
    { type: "summary", summary: "Sign-in that survives the redirect", leafUuid: "x" },
    user("Customers are signed out after the redirect. Find out why, and fix it."),
    spent("m1", "I look at the sign-in first.", usage(12)),
    ...ran("rg --line-number cookie src", "c1", 'src/login.ts:14: cookies.set("session", token)'),
    ...ran("bun test login", "c2", "error: expected 302, got 200", { failed: true }),
    calls("Task", "t1", { description: "read the middleware", prompt: "Which middleware touches cookies?" }),
    toolResult("t1", "Only src/session.ts does.\nagentId: d4 (for resuming)"),
    calls("Edit", "e1", {
      file_path: join(cwd, "src/login.ts"),
      old_string: 'redirect("/orders")\ncookies.set("session", token)',
      new_string: 'cookies.set("session", token)\nredirect("/orders")',
    }),
    toolResult("e1", "The file has been updated."),
    spent("m2", answer, usage(30)),
    user([
      { type: "text", text: "This is what I see now:" },
      { type: "image", source: { type: "base64", media_type: "image/png", data: picture } },
    ]),
    { type: "system", subtype: "compact_boundary", content: "Conversation compacted" },
    { ...user("Sign-in was fixed: the cookie is set before the redirect."), isCompactSummary: true },
    user("Good. Now the same for the sign-up page."),
    ...ran("bun test", "c3", "42 pass\n0 fail"),
    spent("m3", "Done: `src/signup.ts` had the same order. All 42 tests pass.", usage(45)),
  ])
  appendFileSync(
    machine.transcriptPath(main.id, cwd),
    `{"type":"user","message":{"role":"us\n${record(main, 30, user("Thank you."))}`,
  )
  machine.subagent(main, "d4", [
    user("Which middleware touches cookies?"),
    assistant("Only src/session.ts does."),
  ])
  const codex = threadId(7, now - 2 * 3_600_000)
  addRollout(machine, {
    id: codex,
    cwd: join(machine.home, "work/api"),
    age: 2 * 3_600_000,
    prompt: "Write the release notes",
  })
  for (const [number, days, prompt] of [
    [2, 1, "Why is the build slow on the server?"],
    [3, 2, "Rename the orders table"],
    [4, 27, "Plan the move to the new queue"],
  ] as const) {
    const talk = machine.talk(number, {
      cwd: join(machine.home, "work", number === 4 ? "queue" : "api"),
      at: new Date(now - days * day),
    })
    const said = [
      user(prompt),
      spent(
        `o${number}`,
        "Here is what I found.",
        usage(9000 * number),
        number === 3 ? "claude-small" : "claude-model",
      ),
    ]
    machine.transcript(talk.id, {
      cwd: talk.cwd,
      age: days * day,
      text: said.map((each, at) => record(talk, at, each)).join(""),
    })
  }
  const done = await machine.run(["export", machine.talk(2).id, machine.talk(3).id])
  if (done.code !== 0) throw new Error(done.stderr)
  await machine.read()
  return { machine, main, codex }
}
