/** Who may ask the page's server for what. Another user of this machine, another page, another port: nobody else. */
import { randomBytes, timingSafeEqual } from "node:crypto"

const keyBytes = 32
const maxWrongKeys = 5
const wrongKeyWindowMs = 60_000
/** Tabs that may hold a key; the oldest gives way. */
const maxKeys = 32

/** `page`: holds no secret. `read`: needs a key. `act`: also a POST from our own page. */
export type RouteKind = "page" | "enter" | "read" | "act"

export interface Refused {
  readonly status: 400 | 401 | 403 | 404 | 405 | 415 | 429
  readonly why: string
}

export class Guard {
  readonly #hosts: ReadonlySet<string>
  readonly #origins: ReadonlySet<string>
  readonly #now: () => number
  #tokens: string[] = []
  #keys: string[] = []
  #wrong: number[] = []

  /** `origins`: those under which the page is reached, such as `http://127.0.0.1:4747`; compared as they are. */
  constructor(origins: readonly string[], now: () => number = Date.now) {
    this.#origins = new Set(origins)
    this.#hosts = new Set(origins.map((origin) => origin.replace(/^https?:\/\//, "")))
    this.#now = now
  }

  /** A new token for one launch; it opens the page once. */
  newToken(): string {
    const token = randomSecret()
    this.#tokens = [...this.#tokens.slice(-3), token]
    return token
  }

  /** The key that a token is worth, once; null for any other text. */
  enter(token: string): string | null {
    const found = this.#tokens.find((each) => isEqual(each, token))
    if (found === undefined) {
      this.#noteWrong()
      return null
    }
    this.#tokens = this.#tokens.filter((each) => each !== found) // safety: token-once
    const key = randomSecret()
    this.#keys = [...this.#keys.slice(1 - maxKeys), key]
    return key
  }

  /** Why a request is refused; null: it may pass. */
  check(request: Request, kind: RouteKind): Refused | null {
    const { headers, method } = request
    // safety: host-ours
    if (!this.#hosts.has(headers.get("host") ?? "")) return refuse(403, "unknown host")
    const site = headers.get("sec-fetch-site")
    const origin = headers.get("origin")
    if (kind === "page") return method === "GET" || method === "HEAD" ? null : refuse(405, "GET only")
    // safety: same-origin-fetch
    if (site !== null && site !== "same-origin") return refuse(403, "not from this page")
    // safety: origin-ours
    if (origin !== null && !this.#origins.has(origin)) return refuse(403, "unknown origin")
    if (kind === "read" && method !== "GET") return refuse(405, "GET only")
    if (kind !== "read") {
      if (method !== "POST") return refuse(405, "POST only")
      if (origin === null) return refuse(403, "no origin") // safety: origin-required
      if (headers.get("content-type") !== "application/json") return refuse(415, "JSON only") // safety: json-only
    }
    return kind === "enter" ? this.#lock() : this.#checkKey(headers.get("x-session-rescue-key") ?? "")
  }

  /** Wrong keys make their senders wait; a valid key passes at any time. */
  #checkKey(key: string): Refused | null {
    if (this.#keys.some((each) => isEqual(each, key))) return null
    if (key === "") return refuse(401, "no key") // safety: key-required
    const locked = this.#lock()
    this.#noteWrong()
    return locked ?? refuse(401, "no key") // safety: wrong-key
  }

  #lock(): Refused | null {
    return this.#isLocked() ? refuse(429, "too many wrong keys: wait a minute") : null // safety: wrong-keys
  }

  #noteWrong(): void {
    this.#wrong.push(this.#now())
  }

  #isLocked(): boolean {
    this.#wrong = this.#wrong.filter((at) => this.#now() - at < wrongKeyWindowMs)
    return this.#wrong.length >= maxWrongKeys
  }
}

function refuse(status: Refused["status"], why: string): Refused {
  return { status, why }
}

export function randomSecret(): string {
  return randomBytes(keyBytes).toString("base64url")
}

/** In a time that tells nothing of where two texts differ. */
export function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
