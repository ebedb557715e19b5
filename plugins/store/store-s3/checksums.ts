/** SHA-256 sums, which S3 writes in base64 and a manifest in hexadecimal. */

/** "" for what is not base64. */
export function toHex(base64: string): string {
  try {
    return Buffer.from(atob(base64), "latin1").toString("hex")
  } catch {
    return ""
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64")
}

/** In a thread of the runtime's: a part has 8 MB. */
export async function sha256Of(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>))
}
