import { AwsV4Signer } from "aws4fetch"
import { beforeStall, Patience, RescueError, type StoreContext } from "session-rescue"
import { answerError, isLater, retryAfterMs } from "./answers.ts"
import { hexOf, sha256Of } from "./checksums.ts"
import { type Credentials, findCredentials } from "./credentials.ts"

interface Sending {
  readonly name?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Of the body, where it is known. */
  readonly sum?: Uint8Array
  /** The statuses that are an answer; every other one is an error. */
  readonly accept?: readonly number[]
}

const maxStallMs = 60_000
const defaultPatienceMs = 60_000
const renewBeforeMs = 300_000
/** A body may take as long as at 50 KB/s. */
const slowestBytesPerMs = 50

/** Looked up once a run: a program may have to be asked, and a person with it. */
const known = new WeakMap<object, Credentials>()

/** Signed requests to one bucket. What time fixes is tried again, with growing and random delays, as long as patience lasts. */
export class S3Client {
  readonly #ctx: StoreContext
  readonly #base: string
  readonly #prefix: string
  readonly #patienceMs: number
  readonly #stallMs: number

  constructor(ctx: StoreContext) {
    this.#ctx = ctx
    const { endpoint, bucket, prefix = "" } = ctx.options as Readonly<Record<string, string | undefined>>
    if (endpoint === undefined || bucket === undefined)
      throw new RescueError(
        "STORE_REFUSED",
        "the team's store has no endpoint or no bucket",
        "set both under [team.store] in config.toml",
      )
    this.#base = `${checkedEndpoint(endpoint)}/${encodeURIComponent(bucket)}`
    this.#prefix = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`
    const seconds = ctx.options.patience as number | undefined
    this.#patienceMs = seconds === undefined ? defaultPatienceMs : seconds * 1000
    this.#stallMs = Math.max(1000, Math.min(maxStallMs, this.#patienceMs))
  }

  keyOf(name: string): string {
    return this.#prefix + name
  }

  nameOf(key: string): string | null {
    return key.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : null
  }

  now(): number {
    return this.#ctx.now()
  }

  patience(): Patience {
    return new Patience(this.#ctx, this.#patienceMs)
  }

  /** An answer that is accepted. Its body is read by the caller, or not at all. */
  async send(method: string, sending: Sending, patience = this.patience()): Promise<Response> {
    for (;;) {
      const { response, failure } = await this.#once(method, sending)
      if (response === null) {
        await patience.wait(failure)
        continue
      }
      if ((sending.accept ?? [200]).includes(response.status)) return response
      const text = method === "HEAD" ? "" : await this.#textOf(response)
      const now = this.#ctx.now()
      if (text !== null && !isLater(response.status, text))
        throw answerError(response, text, { method, now, name: sending.name ?? null })
      await patience.wait(`the store answered ${response.status}`, retryAfterMs(response, now))
    }
  }

  /** The whole body of a small answer; one that is cut off, or does not end with `ending`, is asked for again. */
  async text(method: string, sending: Sending, ending: string): Promise<string> {
    const patience = this.patience()
    for (;;) {
      const text = await this.#textOf(await this.send(method, sending, patience))
      if (text?.trimEnd().endsWith(ending)) return text
      await patience.wait("the answer was cut off, or is not one of S3")
    }
  }

  /** null: it was cut off. */
  async #textOf(response: Response): Promise<string | null> {
    try {
      return await beforeStall(response.text(), this.#stallMs)
    } catch {
      return null
    }
  }

  async *bodyOf(response: Response): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader()
    if (reader === undefined) return
    try {
      for (;;) {
        const piece = await beforeStall(reader.read(), this.#stallMs)
        if (piece.done) return
        yield piece.value
      }
    } finally {
      await reader.cancel().catch(() => {})
    }
  }

  async #once(
    method: string,
    { name, query = {}, headers = {}, body, sum }: Sending,
  ): Promise<{ readonly response: Response | null; readonly failure: string }> {
    const path = name === undefined ? "" : `/${this.keyOf(name).split("/").map(encodeURIComponent).join("/")}`
    const url = new URL(this.#base + path)
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
    const credentials = await this.#credentials()
    const bytes = body ?? new Uint8Array()
    const signed = await new AwsV4Signer({
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
      ...{ method, url: url.href, service: "s3", region: this.#region() },
      headers: { ...headers, "x-amz-content-sha256": hexOf(sum ?? (await sha256Of(bytes))) },
      datetime: new Date(this.#ctx.now()).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    }).sign()
    try {
      const timeout = AbortSignal.timeout(this.#stallMs + Math.ceil(bytes.length / slowestBytesPerMs))
      const request = new Request(signed.url.href, {
        method,
        headers: signed.headers,
        signal: AbortSignal.any([this.#ctx.signal, timeout]),
        ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
      })
      return { response: await this.#ctx.request(request), failure: "" }
    } catch (error) {
      const { code, message } = error as { readonly code?: unknown; readonly message: string }
      const why = typeof code === "string" ? code : message
      if (/CERT|SELF_SIGNED|ISSUER/.test(why))
        throw new RescueError(
          "STORE_REFUSED",
          `the certificate of the store is not trusted: ${why}`,
          "if the team has a CA of its own: NODE_EXTRA_CA_CERTS=/path/ca.pem",
        )
      return { response: null, failure: `the store does not answer (${why})` }
    }
  }

  #region(): string {
    const { AWS_REGION, AWS_DEFAULT_REGION } = this.#ctx.environment
    return (this.#ctx.options.region as string | undefined) ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? "us-east-1"
  }

  async #credentials(): Promise<Credentials> {
    const found = known.get(this.#ctx.options)
    if (
      found !== undefined &&
      (found.expiresAt === undefined || found.expiresAt - renewBeforeMs > this.#ctx.now())
    )
      return found
    const fresh = await findCredentials(this.#ctx)
    known.set(this.#ctx.options, fresh)
    return fresh
  }
}

function checkedEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  const isLoopback = url !== null && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)
  // safety: store-encrypted-way
  if (url === null || (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback)))
    throw new RescueError(
      "STORE_REFUSED",
      `endpoint ${JSON.stringify(endpoint)} is refused: everybody on the way could read what is sent`,
      "use https://…; http:// is for this machine only",
    )
  return url.href.replace(/\/+$/, "")
}
