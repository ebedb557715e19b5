import type { VNode } from "preact"
import { useState } from "preact/hooks"
import { act } from "../data/api.ts"
import type { StatusRow } from "../data/documents.ts"

interface Asked {
  readonly word: string
  readonly ticket: string
  readonly would: unknown
}

/** The line that resumes a session; with `allowed`, what can be done with it from here. */
export function SessionActions({
  id,
  row,
  allowed,
}: {
  id: string
  row: StatusRow | null
  allowed: boolean
}): VNode {
  const [said, setSaid] = useState<string | null>(null)
  const [asked, setAsked] = useState<Asked | null>(null)
  const line = `session-rescue resume ${id.slice(0, 8)}`
  const run: Run = (name, body, then) => {
    setSaid(`${name} …`)
    act<unknown>({ ...body, id }).then(
      (answer) => {
        setSaid(then === undefined ? `${name}: ${JSON.stringify(answer, null, 2)}` : null)
        then?.(answer)
      },
      (error: Error) => setSaid(`${name}: ${error.message}`),
    )
  }
  const buttons = { run, canEnd: row?.pid != null, onAsked: setAsked }
  const end = (typed: string) => {
    if (typed !== "" && asked !== null) run("End", { action: "kill", ticket: asked.ticket, typed })
    setAsked(null)
  }
  return (
    <section aria-label="This session" class="actions">
      <p>
        <code>{line}</code>{" "}
        <button
          type="button"
          onClick={() => void navigator.clipboard?.writeText(line).then(() => setSaid("copied"))}
        >
          Copy
        </button>{" "}
        {allowed ? <Buttons {...buttons} /> : null}
      </p>
      {asked === null ? null : <EndQuestion word={asked.word} onAnswer={end} />}
      <pre class={said === null ? "hidden" : ""} role="status">
        {said ?? ""}
      </pre>
    </section>
  )
}

type Run = (name: string, body: Record<string, unknown>, then?: (answer: unknown) => void) => void
type ButtonsProps = { run: Run; canEnd: boolean; onAsked: (asked: Asked) => void }

function Buttons({ run, canEnd, onAsked }: ButtonsProps): VNode {
  const all = [
    ["Export", "export"],
    ["Restore: look first", "restore-dry-run"],
    ["Restore", "restore"],
  ] as const
  const ask = () => run("End", { action: "kill-ask" }, (answer) => onAsked(answer as Asked))
  return (
    <>
      {all.map(([name, action]) => (
        <>
          <button type="button" onClick={() => run(name, { action })}>
            {name}
          </button>{" "}
        </>
      ))}
      {canEnd ? (
        <button type="button" class="danger" onClick={ask}>
          End …
        </button>
      ) : null}
    </>
  )
}

/** `onAnswer` gets what was typed; "" for No. */
function EndQuestion({ word, onAnswer }: { word: string; onAnswer: (typed: string) => void }): VNode {
  const [typed, setTyped] = useState("")
  return (
    <form
      class="ask"
      onSubmit={(event) => {
        event.preventDefault()
        onAnswer(typed)
      }}
    >
      <p>It is saved and verified first, then ended. To end it, type {word} within half a minute.</p>
      <label>
        Terminal or pid <input value={typed} onInput={({ currentTarget }) => setTyped(currentTarget.value)} />
      </label>{" "}
      <button type="submit" class="danger" disabled={typed !== word}>
        End it
      </button>{" "}
      <button type="button" onClick={() => onAnswer("")}>
        No
      </button>
    </form>
  )
}
