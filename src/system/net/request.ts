import { lstatSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { isPrivateFolder } from "../fs/trust.ts"

export interface RequestTrust {
  /** A file with the authority to trust instead of the system's. */
  readonly ca?: string
}

/** The only door to the network: requests that the user has configured, to a place that the user has named. */
export function sendRequest(request: Request, { ca }: RequestTrust = {}): Promise<Response> {
  if (ca === undefined) return fetch(request, { redirect: "manual" })
  return fetch(request, { redirect: "manual", tls: { ca: readFileSync(ca, "utf8") } })
}

const maxSocketWaitMs = 3000

/** Asks what listens on a socket in a folder of its owner; null when nothing answers. */
export async function askSocket(path: string, method: "GET" | "POST"): Promise<unknown> {
  // safety: answer-of-ours
  if (!isPrivateFolder(dirname(path))) return null
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null
  try {
    const answer = await fetch("http://socket/", {
      unix: path,
      method,
      signal: AbortSignal.timeout(maxSocketWaitMs),
    })
    return answer.ok ? await answer.json() : null
  } catch {
    return null
  }
}
