import { readFileSync } from "node:fs"

export interface RequestTrust {
  /** A file with the authority to trust instead of the system's. */
  readonly ca?: string
}

/** The only door to the network: requests that the user has configured, to a place that the user has named. */
export function sendRequest(request: Request, { ca }: RequestTrust = {}): Promise<Response> {
  if (ca === undefined) return fetch(request, { redirect: "manual" })
  return fetch(request, { redirect: "manual", tls: { ca: readFileSync(ca, "utf8") } })
}
