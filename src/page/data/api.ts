/** Questions to the server. The key is this tab's own: it is in no cookie, no address and no file. */

const keyName = "session-rescue-key"
const channel = new BroadcastChannel("session-rescue")

channel.onmessage = ({ data }) => {
  const key = sessionStorage.getItem(keyName)
  if (data === "key?" && key !== null) channel.postMessage({ key })
}

class NotAllowed extends Error {}

const link = /^#t=([\w-]+)$/

/** Whether the address is one that the server has printed. */
export function isLink(): boolean {
  return link.test(location.hash)
}

/** Swaps the token of the address for a key, or asks another tab of this page for its own. */
export async function enter(): Promise<boolean> {
  const token = link.exec(location.hash)?.[1]
  if (token !== undefined) {
    history.replaceState(null, "", location.pathname) // the token leaves the address, and the history with it
    const answer = await post("/api/enter", { token })
    if (answer.ok) {
      sessionStorage.setItem(keyName, ((await answer.json()) as { key: string }).key)
      return true
    }
  }
  if (sessionStorage.getItem(keyName) !== null) return true
  const key = await askOtherTabs()
  if (key === null) return false
  sessionStorage.setItem(keyName, key)
  return true
}

const otherTabMs = 400

function askOtherTabs(): Promise<string | null> {
  const asking = new BroadcastChannel("session-rescue")
  return new Promise<string | null>((resolve) => {
    asking.onmessage = ({ data }) => {
      if (typeof data?.key === "string") resolve(data.key)
    }
    asking.postMessage("key?")
    setTimeout(() => resolve(null), otherTabMs)
  }).finally(() => asking.close())
}

function headers(): Record<string, string> {
  return { "X-Session-Rescue-Key": sessionStorage.getItem(keyName) ?? "" }
}

function post(path: string, body: unknown): Promise<Response> {
  return fetch(path, {
    method: "POST",
    headers: { ...headers(), "Content-Type": "application/json" },
    body: JSON.stringify(body),
  })
}

/** The answer as JSON; throws with what the server said. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return await readAnswer(await fetch(path, { headers: headers(), ...(signal ? { signal } : {}) }))
}

/** Asks for something to be done. */
export async function act<T>(body: unknown): Promise<T> {
  return await readAnswer(await post("/api/act", body))
}

async function readAnswer<T>(answer: Response): Promise<T> {
  const said = (await answer.json()) as {
    readonly why?: string
    readonly says?: string
    readonly error?: { readonly message: string; readonly hint: string }
  }
  if (answer.ok) return said as T
  if (answer.status === 401) {
    sessionStorage.removeItem(keyName)
    throw new NotAllowed(
      "This tab may not ask any more: press Enter where session-rescue serves, and open the new link.",
    )
  }
  const { error, why, says } = said
  throw new Error(
    error === undefined
      ? (says ?? why ?? `the server said ${answer.status}`)
      : `${error.message}: ${error.hint}`,
  )
}

const retryMs = 2000

/** Reads one JSON document a line for as long as the page is open; opens the stream again when it ends. */
export function follow<T>(
  path: string,
  on: { readonly document: (value: T) => void; readonly state: (trouble: string | null) => void },
): () => void {
  const stop = new AbortController()
  const run = async () => {
    while (!stop.signal.aborted) {
      try {
        await readLines(path, stop.signal, (text) => {
          on.state(null)
          on.document(JSON.parse(text) as T)
        })
      } catch (error) {
        if (stop.signal.aborted) return
        if (error instanceof NotAllowed) return on.state(error.message)
      }
      if (stop.signal.aborted) return
      on.state("No answer from session-rescue: what is shown may be old.")
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
  void run()
  return () => stop.abort()
}

async function readLines(path: string, signal: AbortSignal, onLine: (text: string) => void): Promise<void> {
  const answer = await fetch(path, { headers: headers(), signal })
  if (!answer.ok || answer.body === null) return await readAnswer(answer)
  const decoder = new TextDecoder()
  let rest = ""
  const reader = answer.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) if (line !== "") onLine(line)
  }
}
