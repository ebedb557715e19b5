import { RescueError } from "session-rescue"
import type { S3Client } from "./client.ts"

/** The object's bytes from `from` on. Where the connection is cut, the rest of the same object is asked for. */
export async function* readObject(client: S3Client, name: string, from: number): AsyncGenerator<Uint8Array> {
  const patience = client.patience()
  let at = from
  let tag: string | null = null
  for (;;) {
    const headers = {
      ...(at > 0 ? { range: `bytes=${at}-` } : {}),
      ...(tag === null ? {} : { "if-match": tag }),
    }
    const response = await client.send("GET", { name, headers, accept: [200, 206, 404, 412, 416] }, patience)
    if (response.status === 404) throw damaged(`${name} is not there`)
    if (response.status === 412) throw damaged(`${name} changed while it was read`)
    if (response.status === 416) return
    tag ??= response.headers.get("etag")
    // a server that knows no ranges sends all of it
    let skip = response.status === 200 ? at : 0
    const expected = Number(response.headers.get("content-length") ?? Number.NaN)
    let received = 0
    try {
      for await (const bytes of client.bodyOf(response)) {
        received += bytes.length
        const wanted = bytes.subarray(Math.min(skip, bytes.length))
        skip -= bytes.length - wanted.length
        if (wanted.length === 0) continue
        at += wanted.length
        patience.progress()
        yield wanted
      }
      if (Number.isNaN(expected) || received >= expected) return
    } catch (error) {
      if (error instanceof RescueError) throw error
    }
    await patience.wait(`${name} was cut off`)
  }
}

function damaged(message: string): RescueError {
  return new RescueError("DAMAGED", message, "nothing here was changed; run it again")
}
