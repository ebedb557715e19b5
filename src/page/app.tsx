import type { VNode } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import { ask, follow } from "./data/api.ts"
import type { About, StatusDocument } from "./data/documents.ts"
import { readRoute } from "./data/route.ts"
import { TimelinePage } from "./session/timeline.tsx"
import { ExportsPage } from "./views/exports.tsx"
import { SearchPage } from "./views/search.tsx"
import { SessionsPage } from "./views/sessions.tsx"
import { UsagePage } from "./views/usage.tsx"

/** For a tab that has no key. */
export function Outside(): VNode {
  return (
    <main>
      <h1>session-rescue</h1>
      <p>This link was used already, or this tab never had one.</p>
      <p>
        Press Enter in the terminal where <code>session-rescue serve</code> runs, and open the link that it
        prints.
      </p>
    </main>
  )
}

const views = [
  ["#/sessions", "Sessions", "sessions"],
  ["#/search", "Search", "search"],
  ["#/usage", "Usage", "usage"],
  ["#/exports", "Exports", "exports"],
] as const

export function App(): VNode {
  const [route, setRoute] = useState(readRoute(location.hash))
  const [about, setAbout] = useState<About | null>(null)
  const [status, setStatus] = useState<StatusDocument | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const help = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const onHash = () => setRoute(readRoute(location.hash))
    addEventListener("hashchange", onHash)
    ask<About>("/api/about").then(setAbout, (error: Error) => setTrouble(error.message))
    const stop = follow<StatusDocument>("/api/sessions", { document: setStatus, state: setTrouble })
    return () => {
      removeEventListener("hashchange", onHash)
      stop()
    }
  }, [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea")
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === "?") help.current?.showModal()
      else if (event.key === "/") {
        event.preventDefault()
        const own = document.querySelector<HTMLInputElement>("input[type=search]")
        if (own !== null) own.focus()
        else location.hash = "#/search"
      }
    }
    addEventListener("keydown", onKey)
    return () => removeEventListener("keydown", onKey)
  }, [])
  return (
    <>
      <header class="top">
        <nav aria-label="Views">
          {views.map(([href, name, view]) => (
            <a key={href} href={href} aria-current={route.view === view ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <button type="button" onClick={() => help.current?.showModal()}>
          Keys
        </button>
      </header>
      <p class={trouble === null ? "hidden" : "trouble"} role="status">
        {trouble ?? ""}
      </p>
      {about === null ? <main>Loading …</main> : <View route={route} about={about} status={status} />}
      <Help help={help} />
    </>
  )
}

type ViewProps = { route: ReturnType<typeof readRoute>; about: About; status: StatusDocument | null }

function View({ route, about, status }: ViewProps): VNode {
  switch (route.view) {
    case "search":
      return <SearchPage home={about.home} query={route.query} />
    case "session": {
      const row = status?.sessions.find(({ id }) => id === route.id) ?? null
      return <TimelinePage key={route.id} route={route} about={about} row={row} />
    }
    case "usage":
      return <UsagePage home={about.home} />
    case "exports":
      return <ExportsPage home={about.home} status={status} />
    default:
      return <SessionsPage about={about} status={status} />
  }
}

const keys = [
  ["/", "search"],
  ["j, k", "next and previous message"],
  ["n, N", "next and previous hit in this session"],
  ["g, G", "the beginning, the end"],
  ["f", "fold or unfold all calls"],
  ["?", "this list"],
] as const

function Help({ help }: { help: { current: HTMLDialogElement | null } }): VNode {
  return (
    <dialog ref={help} aria-label="Keys">
      <h2>Keys</h2>
      <dl>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}
