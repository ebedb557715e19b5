import type { VNode } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"

/** What the server asks before it does something; it waits half a minute for the answer. */
export interface Question {
  readonly action: "restore" | "kill"
  readonly word: string
  readonly ticket: string
}

/** `onAnswer` gets what was typed; null for No. */
type Answering = { onAnswer: (typed: string | null) => void }

export function RestoreQuestion({ onAnswer }: Answering): VNode {
  const no = useRef<HTMLButtonElement>(null)
  useEffect(() => no.current?.focus(), [])
  return (
    <section class="ask" aria-label="Restore it?">
      <p>This is what a restore would do; nothing has been written. Restore it, within half a minute?</p>
      <button type="button" onClick={() => onAnswer("")}>
        Restore it
      </button>{" "}
      <button ref={no} type="button" onClick={() => onAnswer(null)}>
        No
      </button>
    </section>
  )
}

export function EndQuestion({ word, onAnswer }: Answering & { word: string }): VNode {
  const [typed, setTyped] = useState("")
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <form
      class="ask"
      aria-label="End it?"
      onSubmit={(event) => {
        event.preventDefault()
        if (typed === word) onAnswer(typed)
      }}
    >
      <p>
        It is saved and verified first, then ended. To end it, type <strong>{word}</strong> within half a
        minute.
      </p>
      <label>
        Terminal or pid{" "}
        <input
          ref={input}
          autocomplete="off"
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>{" "}
      <button type="submit" class="danger" disabled={typed !== word}>
        End it
      </button>{" "}
      <button type="button" onClick={() => onAnswer(null)}>
        No
      </button>
    </form>
  )
}
