/** The contents of every element of that name, in order. S3 answers hold no attributes on those that are read here. */
export function valuesIn(text: string, element: string): readonly string[] {
  return [...text.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, "g"))].map(([, value = ""]) =>
    decoded(value),
  )
}

function decoded(text: string): string {
  if (text.includes("<")) return text
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" }
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(lt|gt|quot|apos|amp));/gi, (_, ten, sixteen, name) =>
    name !== undefined
      ? (named[name] ?? "")
      : String.fromCodePoint(Number.parseInt(ten ?? sixteen, ten === undefined ? 16 : 10)),
  )
}

export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
}

export function toHex(base64: string): string {
  try {
    return Array.from(atob(base64), (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("")
  } catch {
    return ""
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

export function base64Of(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

export async function sha256Of(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>))
}
