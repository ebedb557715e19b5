/** Images in messages, measured by their first bytes. */
import type { JsonRecord } from "session-rescue"

/** The API's limits for one image [public]: bytes of its base64 text, and pixels a side. */
const maxEncodedBytes = 5 * 1024 * 1024
const maxPixels = 8000
const headChars = 262_144

export interface ImageTrouble {
  readonly why: string
  /** What it really is, where only the declared type is wrong. */
  readonly kind: string | null
  /** Whether its data is an image. */
  readonly isImage: boolean
}

/** Why the API refuses this image; null when it takes it, or when that is unknown. */
export function imageTrouble({ source }: JsonRecord): ImageTrouble | null {
  const { type, data, media_type: given } = (source ?? {}) as Record<string, unknown>
  if (type !== "base64") return null
  if (typeof data !== "string" || data === "") return useless("it holds no data", false)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return useless("its data is not base64", false)
  if (data.length > maxEncodedBytes) return useless(`${data.length} bytes are more than the API takes`)
  const head = Buffer.from(data.slice(0, headChars), "base64")
  const kind = kindOf(head)
  if (kind === null) return useless("its data is no image of a kind that the API takes", false)
  const size = sizeOf(head, kind)
  if (size !== null && (size.width > maxPixels || size.height > maxPixels))
    return useless(`${size.width} × ${size.height} pixels are more than the API takes`)
  return kind === given
    ? null
    : { why: `it is ${kind} and declared as ${String(given)}`, kind, isImage: true }
}

function useless(why: string, isImage = true): ImageTrouble {
  return { why, kind: null, isImage }
}

function kindOf(head: Buffer): string | null {
  if (head.toString("latin1", 1, 4) === "PNG") return "image/png"
  if (head[0] === 0xff && head[1] === 0xd8) return "image/jpeg"
  if (head.toString("latin1", 0, 4) === "GIF8") return "image/gif"
  return head.toString("latin1", 0, 4) === "RIFF" && head.toString("latin1", 8, 12) === "WEBP"
    ? "image/webp"
    : null
}

function sizeOf(head: Buffer, kind: string): { width: number; height: number } | null {
  if (kind === "image/png" && head.length >= 24)
    return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) }
  if (kind === "image/gif" && head.length >= 10)
    return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) }
  return kind === "image/jpeg" ? jpegSize(head) : null
}

/** From the frame header, behind the segments before it. */
function jpegSize(head: Buffer): { width: number; height: number } | null {
  for (let at = 2; at + 9 < head.length && head[at] === 0xff; ) {
    const marker = head[at + 1] ?? 0
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { height: head.readUInt16BE(at + 5), width: head.readUInt16BE(at + 7) }
    at += 2 + head.readUInt16BE(at + 2)
  }
  return null
}
