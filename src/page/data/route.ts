/** Where the page is: in the part of its address that no server sees. */
export interface PageRoute {
  readonly view: "sessions" | "search" | "session" | "usage" | "exports"
  readonly id: string
  /** The short name of the file; "": the transcript. */
  readonly file: string
  readonly place: string
  readonly query: URLSearchParams
}

export function readRoute(hash: string): PageRoute {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?")
  const [view = "", id = "", ...rest] = path.split("/")
  const [file = "", place = ""] = rest
  const known = (["sessions", "search", "session", "usage", "exports"] as const).find((each) => each === view)
  return { view: known ?? "sessions", id, file, place, query: new URLSearchParams(query) }
}

export function sessionHref(id: string, file = "", place = ""): string {
  return `#/session/${id}${file === "" && place === "" ? "" : `/${file}/${place}`}`
}
