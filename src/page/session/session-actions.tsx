import type { VNode } from "preact"
import { useState } from "preact/hooks"
import { act } from "../data/api.ts"
import type { StatusRow } from "../data/documents.ts"
import { EndQuestion, type Question, RestoreQuestion } from "./questions.tsx"

interface Said {
  readonly says: string
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
  const [question, setQuestion] = useState<Question | null>(null)
  const line = `session-rescue resume ${id.slice(0, 8)}`
  const run: Run = (name, body, then) => {
    setQuestion(null)
    setSaid(`${name} …`)
    act<Said>({ ...body, id }).then(
      (answer) => {
        setSaid(answer.says)
        then?.(answer)
      },
      (error: Error) => setSaid(error.message),
    )
  }
  const answer = (name: string, typed: string | null) => {
    const { action, ticket } = question ?? { action: "", ticket: "" }
    if (typed === null) {
      setSaid("Nothing was done.")
      setQuestion(null)
    } else run(name, { action, ticket, typed })
  }
  return (
    <section aria-label="This session" class="actions">
      <p>
        <code>{line}</code> <CopyButton line={line} />{" "}
        {allowed ? <Buttons run={run} canEnd={row?.pid != null} onQuestion={setQuestion} /> : null}
      </p>
      <div class={said === null ? "hidden" : ""} role="status">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard has to be able to */}
        <pre tabIndex={0}>{said ?? ""}</pre>
      </div>
      {question?.action === "restore" ? (
        <RestoreQuestion onAnswer={(typed) => answer("Restoring", typed)} />
      ) : null}
      {question?.action === "kill" ? (
        <EndQuestion word={question.word} onAnswer={(typed) => answer("Saving, then ending", typed)} />
      ) : null}
    </section>
  )
}

function CopyButton({ line }: { line: string }): VNode {
  const [label, setLabel] = useState("Copy")
  const copy = () =>
    navigator.clipboard === undefined // only where the address counts as secure
      ? setLabel("Select it, then Ctrl-C")
      : navigator.clipboard.writeText(line).then(
          () => setLabel("Copied"),
          () => setLabel("Select it, then Ctrl-C"),
        )
  return (
    <button type="button" onClick={() => void copy()}>
      {label}
    </button>
  )
}

type Run = (name: string, body: Record<string, unknown>, then?: (answer: unknown) => void) => void
type ButtonsProps = { run: Run; canEnd: boolean; onQuestion: (question: Question) => void }

function Buttons({ run, canEnd, onQuestion }: ButtonsProps): VNode {
  const ask = (name: string, action: "restore" | "kill") =>
    run(name, { action: `${action}-ask` }, (answer) => onQuestion({ ...(answer as Question), action }))
  return (
    <>
      <button type="button" onClick={() => run("Saving and verifying", { action: "export" })}>
        Export
      </button>{" "}
      <button type="button" onClick={() => ask("Looking at what a restore would do", "restore")}>
        Restore …
      </button>{" "}
      {canEnd ? (
        <button type="button" class="danger" onClick={() => ask("Looking at what would end", "kill")}>
          End …
        </button>
      ) : null}
    </>
  )
}
